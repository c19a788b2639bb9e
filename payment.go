package paylink

import "time"

// PaymentStatus is where one attempt to pay stands.
type PaymentStatus string

const (
	PaymentCreated        PaymentStatus = "created"
	PaymentActionRequired PaymentStatus = "action_required"
	PaymentPending        PaymentStatus = "pending"
	PaymentAuthorised     PaymentStatus = "authorised"
	PaymentCaptured       PaymentStatus = "captured"
	PaymentFailed         PaymentStatus = "failed"
	PaymentAbandoned      PaymentStatus = "abandoned"
	PaymentVoided         PaymentStatus = "voided"
	PaymentUnknown        PaymentStatus = "unknown"
)

// PaymentMachine is the life of a payment. A bank's yes is always heard: unknown, failed and
// abandoned payments may still become captured. Money that is reserved for one that came to nothing is given
// back, which makes it voided.
var PaymentMachine = Machine[PaymentStatus]{
	Name: "Payment", Start: PaymentCreated,
	Moves: map[PaymentStatus][]PaymentStatus{
		PaymentCreated:        {PaymentActionRequired, PaymentPending, PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentAbandoned, PaymentUnknown},
		PaymentActionRequired: {PaymentPending, PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentAbandoned, PaymentUnknown},
		PaymentPending:        {PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentUnknown},
		PaymentUnknown:        {PaymentActionRequired, PaymentPending, PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentAbandoned},
		PaymentAuthorised:     {PaymentCaptured, PaymentVoided, PaymentFailed},
		PaymentFailed:         {PaymentCaptured, PaymentVoided},
		PaymentAbandoned:      {PaymentCaptured, PaymentVoided},
	},
	Says: map[PaymentStatus]string{
		PaymentCreated:        "the customer chose to pay; the gateway has not been told yet",
		PaymentActionRequired: "the gateway waits for the customer: a bank page, a 3-D Secure challenge, an approval in a UPI app",
		PaymentPending:        "the customer has done everything; the bank has not answered",
		PaymentUnknown:        "we are asking the bank; do not pay again",
		PaymentAuthorised:     "the bank reserves the money; it is not captured yet",
		PaymentCaptured:       "the money is the merchant's",
		PaymentFailed:         "the bank declined; a late success may still arrive",
		PaymentAbandoned:      "the customer left or chose another method; a late success may still arrive",
		PaymentVoided:         "an authorisation was given back",
	},
}

// Live tells whether the payment's outcome is still open, so that it guards its link against a
// second try.
func (s PaymentStatus) Live() bool {
	switch s {
	case PaymentCreated, PaymentActionRequired, PaymentPending, PaymentAuthorised, PaymentUnknown:
		return true
	}
	return false
}

// Method is a way to pay.
type Method string

const (
	MethodCard       Method = "card"
	MethodUPI        Method = "upi"
	MethodNetbanking Method = "netbanking"
)

// Methods lists the methods that a link may offer, in the order in which pages show them.
var Methods = []Method{MethodUPI, MethodCard, MethodNetbanking}

// How money comes that was taken outside, as its merchant records it.
const (
	MethodCash         Method = "cash"
	MethodCheque       Method = "cheque"
	MethodBankTransfer Method = "bank_transfer"
	MethodOther        Method = "other"
)

// RecordedMethods lists the methods of money that was taken outside.
var RecordedMethods = []Method{MethodCash, MethodCheque, MethodBankTransfer, MethodOther}

// MethodDetails is what the gateway tells about how the money came; only masks, never a full number.
type MethodDetails struct {
	Network string `json:"network,omitempty"` // card scheme: "visa"
	Last4   string `json:"last4,omitempty"`   // the card's last four digits
	Bank    string `json:"bank,omitempty"`    // the bank's name
	App     string `json:"app,omitempty"`     // the UPI app
}

// Decline is why a bank said no. Group is ours and stable (insufficient_funds, expired_card,
// wrong_code, not_approved, authentication_failed, upi_declined, timeout, provider_down); Code and
// Message are the gateway's own words, for staff.
type Decline struct {
	Group   string `json:"group"`
	Message string `json:"message,omitempty"`
	Code    string `json:"code,omitempty"`
}

// Abnormal says what is unusual about captured money.
type Abnormal string

const (
	AbnormalLate      Abnormal = "late"      // it came after the link expired or was cancelled
	AbnormalDuplicate Abnormal = "duplicate" // nothing was due any more
	AbnormalOverpaid  Abnormal = "overpaid"  // more than was asked, or than was still due
	AbnormalUnderpaid Abnormal = "underpaid" // less than was asked
)

// ActionKind says what the customer has to do next.
type ActionKind string

const (
	ActionRedirect ActionKind = "redirect" // go to URL: a bank page, a hosted card page
	ActionApprove  ActionKind = "approve"  // approve in a UPI app: open Intent on a phone, scan QR on a desktop
	ActionSubmit   ActionKind = "submit"   // post the form to the gateway's page that the gateway makes for each showing
)

// Action is what the gateway asks of the customer. It is kept while it is of use.
type Action struct {
	Kind      ActionKind `json:"kind"`
	URL       string     `json:"url,omitempty"`    // redirect: where to; approve: the app's page, for a phone
	Intent    string     `json:"intent,omitempty"` // approve: the upi:// text, also what the QR code says
	ExpiresAt time.Time  `json:"expires_at"`
}

// AttemptLife is how long an attempt may wait for the customer before it is given up.
const AttemptLife = 30 * time.Minute

// Payment is one attempt to pay a link.
type Payment struct {
	ID       PaymentID
	Merchant MerchantID
	Live     bool
	Link     LinkID
	Status   PaymentStatus
	Amount   Money      // what was asked
	Items    []LineItem // as the customer chose them; nil for a payment that is not one of lines
	Extras   Extras     // what of the amount does not settle the link

	AmountCaptured  int64
	AmountExcess    int64 // the part of what was captured that does not count, although the rest does
	AmountRefunded  int64 // what customers have got back
	AmountRefunding int64 // what refunds that have not ended are to give back
	AmountReversed  int64
	Fee, Tax        int64

	Manual        bool      // the customer's bank only reserves the money, and the merchant captures it later
	CaptureBefore time.Time // until when the bank reserves it, in the time of its world; zero: nobody said
	Intent        Intent    // what was asked to become of the reserved money; empty: nothing
	IntentAmount  int64     // how much is to be captured

	Dispute        DisputeStatus // where the customer's latest objection stands; empty: there is none
	AmountDisputed int64         // what the bank took back for disputes and has not returned

	Method           Method
	MethodDetails    MethodDetails
	Gateway          string    // provider: "sandbox"
	Account          AccountID // the merchant's account there
	Reference        string    // ours: 20 characters, the gateway's order id
	GatewayOrder     string    // theirs for the order, by which it is looked up; empty: not told yet
	GatewayReference string    // theirs for the payment
	BankReference    string    // RRN, UTR or ARN
	Decline          Decline
	Action           Action
	Abnormal         Abnormal
	Disposition      Policy    // what was decided about abnormal money; empty otherwise
	TermsAccepted    time.Time // when the customer accepted the link's terms_url; zero: it has none
	Answers          []Answer  // to the link's questions, sealed; nil: it asked none
	Device           string    // the browser that started it: who may see its details

	CreatedAt  time.Time
	UpdatedAt  time.Time
	ExpiresAt  time.Time // when an attempt that waits for the customer is given up
	CapturedAt time.Time
}

// Counts tells whether captured money counts towards its link: money that is held, refunded or
// credited does not. Of a payment that is too large what was asked counts, whatever becomes of the rest.
func (p Payment) Counts() bool {
	return p.Status == PaymentCaptured && (p.Disposition == "" || p.Disposition == PolicyAccept || p.Abnormal == AbnormalOverpaid)
}

// Counted is how much of the captured money counts towards its link, in minor units.
func (p Payment) Counted() int64 {
	if !p.Counts() {
		return 0
	}
	return p.AmountCaptured - p.AmountExcess
}

// Refundable is how much of the captured money can still be given back, in minor units.
func (p Payment) Refundable() int64 {
	if p.Status != PaymentCaptured {
		return 0
	}
	return max(0, p.AmountCaptured-p.AmountReversed-p.AmountDisputed-p.AmountRefunded-p.AmountRefunding)
}

// Unwanted is how much of the captured money goes back because its merchant said so before it came.
func (p Payment) Unwanted() int64 {
	switch {
	case p.Status != PaymentCaptured || p.Disposition != PolicyRefund:
		return 0
	case p.Abnormal == AbnormalOverpaid:
		return p.AmountExcess
	}
	return p.AmountCaptured
}

// Touch dates a change, always later than the one before it.
func (p *Payment) Touch(now time.Time) time.Time {
	p.UpdatedAt = later(now, p.UpdatedAt)
	return p.UpdatedAt
}

// AskAfter is the pause before the nth regular question to the gateway about a payment that is still
// open, for the notice that never comes: every few seconds while somebody waits, then ever more
// seldom, for five days.
func AskAfter(asked int64) time.Duration {
	schedule := []time.Duration{
		10 * time.Second, 20 * time.Second, 30 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
		5 * time.Minute, 10 * time.Minute, 12 * time.Minute,
	}
	if asked < int64(len(schedule)) {
		return schedule[asked]
	}
	return time.Hour
}

// AskNow gives the job that has the gateway asked about the payment at once, beside the regular questions. An
// attempt that is no longer wanted is closed there by the same question.
func (p Payment) AskNow(now time.Time) Job {
	return Job{
		ID: NewJobID(now), Kind: JobAsk, Key: string(p.ID) + "/once", Merchant: p.Merchant, Live: p.Live,
		Payload: JobPayload{Payment: p.ID, Once: true}, RunAt: now, Priority: JobUrgent,
	}
}

// AskFor is how long an open payment is asked about after it began.
const AskFor = 5 * 24 * time.Hour
