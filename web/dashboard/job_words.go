package dashboard

import (
	"paylink"
	"paylink/queue"
	"paylink/store"
)

// jobsWords name what waits, by kind, for a merchant who knows nothing of queues.
var jobsWords = map[string]string{
	paylink.JobStart:    "Payments to start",
	paylink.JobNotice:   "Gateways’ notices to read",
	paylink.JobAsk:      "Payments to look up",
	paylink.JobRefund:   "Refunds to make or look up",
	paylink.JobCapture:  "Reserved money to take or give back",
	paylink.JobLapse:    "Reserved money whose time runs out",
	paylink.JobAnswer:   "Answers to disputes to hand over",
	paylink.JobDue:      "Reminders of disputes",
	paylink.JobDisputes: "Gateways’ disputes to read",
	paylink.JobSend:     "Messages to send",
	paylink.JobStep:     "Delivery plans to go on with",
	paylink.JobInform:   "Receipts to write",
	paylink.JobPush:     "Devices to notify",
	paylink.JobReceipt:  "Carriers’ receipts to read",
	paylink.JobDeliver:  "Webhooks to deliver",
	paylink.JobNews:     "News for your people’s devices",
	paylink.JobTell:     "Your people’s devices to notify",
	paylink.JobExpire:   "Links to expire",
	paylink.JobRemind:   "Reminders to send",
	paylink.JobRunBulk:  "Uploaded files to go on with",
	paylink.JobErase:    "Customers to erase",
}

// jobWords name one job.
var jobWords = map[string]string{
	paylink.JobStart:    "Start a payment",
	paylink.JobNotice:   "Read a gateway’s notice",
	paylink.JobAsk:      "Look a payment up",
	paylink.JobRefund:   "Make a refund, or look it up",
	paylink.JobCapture:  "Take reserved money, or give it back",
	paylink.JobLapse:    "Look after reserved money",
	paylink.JobAnswer:   "Hand over the answer to a dispute",
	paylink.JobDue:      "Remind you of a dispute",
	paylink.JobDisputes: "Read a gateway’s disputes",
	paylink.JobSend:     "Send a message",
	paylink.JobStep:     "Go on with a link’s delivery plan",
	paylink.JobInform:   "Write a receipt",
	paylink.JobPush:     "Notify a device",
	paylink.JobReceipt:  "Read a carrier’s receipt",
	paylink.JobDeliver:  "Deliver a webhook",
	paylink.JobNews:     "Find your people’s devices",
	paylink.JobTell:     "Notify a device of your people",
	paylink.JobExpire:   "Expire a link",
	paylink.JobRemind:   "Send a link’s reminders",
	paylink.JobRunBulk:  "Go on with an uploaded file",
	paylink.JobErase:    "Erase a customer",
}

// discardSentences say what does not happen when a job is discarded.
var discardSentences = map[string]string{
	paylink.JobStart:    "The gateway is not asked for this payment. The customer has to try again.",
	paylink.JobNotice:   "What the gateway told stays unread. The payment may still be found out by looking it up.",
	paylink.JobAsk:      "The gateway is not asked about this payment any more. Only a notice from it can still tell.",
	paylink.JobRefund:   "The gateway is neither told nor asked about this refund any more. Only a notice from it can still tell.",
	paylink.JobCapture:  "The gateway is not asked to take this money or to give it back. It stays reserved until the bank lets go of it.",
	paylink.JobLapse:    "Nothing tells that the time of this reserved money is over. The bank gives it back by itself.",
	paylink.JobAnswer:   "The gateway does not get your answer. After the date in the dispute, the customer keeps the money.",
	paylink.JobDue:      "You are not reminded that the time to answer runs out. The dispute stands in the list of disputes all the same.",
	paylink.JobDisputes: "The gateway’s list of disputes is not read this time. Only its notices tell of them until the next time.",
	paylink.JobSend:     "The message is not sent. You can send the link again from its own page.",
	paylink.JobInform:   "The customer gets no receipt by message. The link’s page still shows that it is paid.",
	paylink.JobStep:     "The steps that are still planned do not go out. You can send the link again from its own page.",
	paylink.JobPush:     "The device shows no notification. The message stays in the customer’s inbox.",
	paylink.JobReceipt:  "What the carrier told stays unread. The message keeps the state it has now.",
	paylink.JobDeliver:  "This call is not made. The event stays in the event list, and the delivery can be sent again through the API.",
	paylink.JobNews:     "None of your people’s devices shows a notification of this. It stands in the dashboard all the same.",
	paylink.JobTell:     "The device shows no notification of this. It stands in the dashboard all the same.",
	paylink.JobExpire:   "The link is not marked as expired on time. It takes no payment after its time all the same.",
	paylink.JobRemind:   "The link’s reminders are not sent any more. You can remind the customer from the link’s own page.",
	paylink.JobRunBulk:  "The file stays where it is. Pausing and resuming it on its own page makes it go on.",
	paylink.JobErase:    "The customer’s name and addresses are gone already. What older links and messages kept of them stays where it is.",
}

// reasonLabels are for why a job is parked.
var reasonLabels = map[string]label{
	queue.ReasonGaveUp: {"Gave up", "cross", "bad"},
	queue.ReasonPanic:  {"Fault in paylink", "cross", "bad"},
	queue.ReasonLost:   {"Broken off", "stop", "bad"},
}

// reasonSentences say more about the reasons that the queue itself has.
var reasonSentences = map[string]string{
	queue.ReasonGaveUp: "It failed at every try for about half a day, so it is not tried any more by itself.",
	queue.ReasonPanic:  "A fault in the program stopped it each time. The operator’s log says where.",
	queue.ReasonLost:   "The server stopped each time while it was at work on this. It is set aside so that it cannot stop the server again.",
}

// pastLabels are for how a job of the history ended.
var pastLabels = map[string]label{
	store.JobDone:      {"Done", "tick", "good"},
	store.JobDiscarded: {"Discarded", "stop", "calm"},
	store.JobReplaced:  {"Done by another job", "ticks", "calm"},
	"given_up":         {"Gave up", "cross", "bad"}, // by an older build, which parked nothing
}
