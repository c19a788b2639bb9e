package paylink

import "time"

// Channel is a way to reach a customer.
type Channel string

const (
	ChannelSMS      Channel = "sms"
	ChannelWhatsApp Channel = "whatsapp"
	ChannelEmail    Channel = "email"
	ChannelInApp    Channel = "in_app"
)

// Channels lists every channel, in the order in which pages show them.
var Channels = []Channel{ChannelSMS, ChannelWhatsApp, ChannelEmail, ChannelInApp}

// MessageStatus is how far a message has come.
type MessageStatus string

const (
	MessageScheduled MessageStatus = "scheduled"
	MessageQueued    MessageStatus = "queued"
	MessageSent      MessageStatus = "sent"
	MessageDelivered MessageStatus = "delivered"
	MessageRead      MessageStatus = "read"
	MessageFailed    MessageStatus = "failed"
	MessageBlocked   MessageStatus = "blocked"
	MessageSkipped   MessageStatus = "skipped"
	MessageUnknown   MessageStatus = "unknown"
)

// MessageMachine is monotone, whatever the order in which receipts come in: delivered outranks
// failed, and nothing goes back, but what one provider took and gave up is queued for the next.
var MessageMachine = Machine[MessageStatus]{
	Name: "Message", Start: MessageQueued,
	Moves: map[MessageStatus][]MessageStatus{
		MessageScheduled: {MessageQueued, MessageSkipped},
		MessageQueued:    {MessageSent, MessageDelivered, MessageRead, MessageFailed, MessageBlocked, MessageSkipped, MessageUnknown},
		MessageUnknown:   {MessageQueued, MessageSent, MessageDelivered, MessageRead, MessageFailed, MessageBlocked},
		MessageSent:      {MessageQueued, MessageDelivered, MessageRead, MessageFailed, MessageBlocked},
		MessageFailed:    {MessageDelivered, MessageRead},
		MessageBlocked:   {MessageDelivered, MessageRead},
		MessageDelivered: {MessageRead},
	},
	Says: map[MessageStatus]string{
		MessageScheduled: "waits for its time",
		MessageQueued:    "on its way to a provider, the first or the one after it",
		MessageUnknown:   "the provider may have it; it is not sent again until we know",
		MessageSent:      "the provider has taken it",
		MessageDelivered: "it reached the device or the mailbox",
		MessageRead:      "the customer has seen it, where the channel can know",
		MessageFailed:    "it could not be delivered",
		MessageBlocked:   "an operator or the customer's opt-out stopped it",
		MessageSkipped:   "not sent, because it is no longer of use",
	},
}

// Purpose is why a message is sent. Empty, as in what was sent before there was more, is transactional.
type Purpose string

const (
	PurposeRequested     Purpose = "requested"     // the customer asked for it just now
	PurposeTransactional Purpose = "transactional" // the request itself
	PurposeReminder      Purpose = "reminder"      // once more, later
	PurposeRecovery      Purpose = "recovery"      // of a debt that is overdue, under the law of recovery
	PurposePromotional   Purpose = "promotional"   // it sells
)

// Purposes lists every purpose.
var Purposes = []Purpose{PurposeRequested, PurposeTransactional, PurposeReminder, PurposeRecovery, PurposePromotional}

// LinkPurposes are those that a link as a whole can have.
var LinkPurposes = []Purpose{PurposeRequested, PurposeTransactional, PurposeRecovery, PurposePromotional}

// Message is one text to one address on one channel.
type Message struct {
	ID       MessageID
	Merchant MerchantID
	Live     bool
	Link     LinkID
	Channel  Channel
	Purpose  Purpose
	Kind     TemplateKind // in which words it is; empty: the request, or a reminder that is not written yet

	About string // the payment or the refund that it tells of, once on each channel; empty: none
	Tells Telling

	// Of a delivery plan; zero for any other message.
	Step      int64     // its place in the plan, from 1
	Plan      MessageID // the first message of the plan, by which its messages are known
	DueAt     time.Time // when it is taken up or was, in the time of the link's world
	Unless    Unless
	Heedless  bool   // it goes out also when the link was opened
	Hasty     bool   // it does not wait when nobody knows what became of the step before
	Providers string // names of providers or ids of accounts, by commas, tried in this order; empty: any

	Provider          string // "sandbox"
	Account           AccountID
	To                string // the address itself: personal, never in events or logs
	Status            MessageStatus
	ProviderReference string
	ErrorCode         string // the provider's code, or ours: no_provider, expired, opted_out
	Reason            string // the same in our words, where a provider refused: a provider.Reason; empty: not understood
	Attempts          int64  // how many calls were made for it
	CreatedAt         time.Time
	UpdatedAt         time.Time
	SentAt            time.Time
	DeliveredAt       time.Time
	ReadAt            time.Time
	FailedAt          time.Time
}

// Touch dates a change, always later than the one before it.
func (m *Message) Touch(now time.Time) time.Time {
	m.UpdatedAt = later(now, m.UpdatedAt)
	return m.UpdatedAt
}

// VisitKind is how much a visit to a payment page proves.
type VisitKind string

const (
	VisitFetched VisitKind = "fetched" // something asked for the page: a person, a preview bot, a scanner
	VisitOpened  VisitKind = "opened"  // a person, proven by a beacon or a form from the rendered page
	VisitStarted VisitKind = "started" // a payment was started
)

// VisitMachine orders what a visit proves.
var VisitMachine = Machine[VisitKind]{
	Name: "Visit", Start: VisitFetched,
	Moves: map[VisitKind][]VisitKind{VisitFetched: {VisitOpened, VisitStarted}, VisitOpened: {VisitStarted}},
	Says: map[VisitKind]string{
		VisitFetched: "any GET; it may be a link-preview bot",
		VisitOpened:  "a person opened the page",
		VisitStarted: "the person chose a method and pressed pay",
	},
}
