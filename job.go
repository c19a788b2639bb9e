package paylink

import "time"

// Job is work that a transaction made necessary, to be done after its commit.
type Job struct {
	ID       JobID
	Kind     string // "dispatch.send": the room and the verb
	Key      string // unique among waiting and running jobs of the kind; empty: none
	Merchant MerchantID
	Live     bool
	World    bool // its RunAt follows the merchant's sandbox clock
	Payload  JobPayload
	RunAt    time.Time
	Priority JobPriority

	Attempts  int64  // how often it was claimed
	Fence     int64  // raised at each claim; a late worker's result carries an old one and is refused
	LastError string // why the try before this one failed; empty at the first
}

// JobPriority says where a job that is due now stands among the others of its kind. It stands in the
// database as a number.
type JobPriority int64

// The priorities. None of them starves: a job's turn comes, whatever is queued after it.
const (
	JobUrgent JobPriority = -1 // at its due time, however much its merchant has queued
	JobNormal JobPriority = 0  // at its due time, and behind the same merchant's others
	JobBulk   JobPriority = 1  // ten minutes behind, unless there is room now
)

// The kinds of jobs: the room that does the work, and its verb. Steps hand over to each other by
// these names and never by a call.
const (
	JobExpire   = "issue.expire"     // {"link"}: look whether the link's time is up; in world time
	JobSend     = "dispatch.send"    // {"link","message"}: hand one message to its provider
	JobInform   = "dispatch.inform"  // {"link","tiding"}: tell the customer what became of money
	JobStep     = "dispatch.step"    // {"link"}: look whether steps of its delivery plan are due or not needed; in world time
	JobReceipt  = "dispatch.receipt" // {"notice"}: understand a carrier's receipt
	JobPush     = "dispatch.push"    // {"link","message","device"}: tell one device of a message in the inbox
	JobStart    = "checkout.start"   // {"payment"}: ask the gateway for the payment
	JobNotice   = "confirm.notice"   // {"notice"}: understand a gateway's notice
	JobAsk      = "confirm.ask"      // {"payment"}: look the payment up at the gateway
	JobDeliver  = "notify.deliver"   // {"delivery"}: call a webhook endpoint
	JobNews     = "notify.news"      // {"event"}: find the devices of the merchant's people that are told of an event
	JobTell     = "notify.tell"      // {"event","device"}: tell one of these devices
	JobRemind   = "issue.remind"     // {"link"}: look whether a reminder is due; in world time
	JobRefund   = "refund.send"      // {"refund"}: tell the gateway, or ask it what became of the refund
	JobCapture  = "refund.capture"   // {"payment"}: capture reserved money, or give it back, as was asked
	JobLapse    = "refund.lapse"     // {"payment"}: look whether the time of reserved money is over; in world time
	JobAnswer   = "refund.answer"    // {"dispute"}: hand the merchant's answer over
	JobDue      = "refund.due"       // {"dispute"}: tell that the time to answer is nearly over
	JobDisputes = "confirm.disputes" // {"account"}: look through the gateway's list of disputes
	JobRunBulk  = "bulk.run"         // {"bulk"}: go on with an uploaded file of links
	JobErase    = "customer.erase"   // {"customer"}: empty what was kept of an erased person beside the person itself
)

// JobKinds are all kinds, the most urgent first: somebody stands at a payment page, then somebody
// waits for a message, then a merchant's server for news; a link may expire a moment late, and a file of links
// goes on behind everything.
var JobKinds = []string{JobStart, JobNotice, JobAsk, JobCapture, JobRefund, JobAnswer, JobSend, JobInform, JobStep, JobPush, JobReceipt, JobDeliver, JobNews, JobTell, JobExpire, JobLapse, JobRemind, JobDue, JobDisputes, JobRunBulk, JobErase}

// JobPayload is what a job carries: ids only.
type JobPayload struct {
	Link     LinkID     `json:"link,omitempty"`
	Message  MessageID  `json:"message,omitempty"`
	Payment  PaymentID  `json:"payment,omitempty"`
	Notice   NoticeID   `json:"notice,omitempty"`
	Delivery DeliveryID `json:"delivery,omitempty"`
	Bulk     BulkID     `json:"bulk,omitempty"`
	Refund   RefundID   `json:"refund,omitempty"`
	Dispute  DisputeID  `json:"dispute,omitempty"`
	Account  AccountID  `json:"account,omitempty"`
	Customer CustomerID `json:"customer,omitempty"`
	Device   DeviceID   `json:"device,omitempty"`
	Event    EventID    `json:"event,omitempty"`
	Staff    StaffID    `json:"staff,omitempty"`
	Called   bool       `json:"called,omitempty"`  // the device or the gateway was told, or about to be, and nobody knows whether it heard
	Tries    int64      `json:"tries,omitempty"`   // how often the gateway was asked about the payment, or told in vain
	Once     bool       `json:"once,omitempty"`    // somebody asked just now: beside the regular asking
	Offered  *time.Time `json:"offered,omitempty"` // since when the message waits for a provider that answers nobody
	Proof    bool       `json:"proof,omitempty"`   // the message is the code that proves a visitor, not the request
	Tiding   *Tiding    `json:"tiding,omitempty"`  // what the customer is told
	Trace    string     `json:"trace,omitempty"`   // traceparent of the work that made it necessary; empty: nobody traces
}
