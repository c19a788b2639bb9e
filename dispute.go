package paylink

import (
	"cmp"
	"time"
)

// DisputeStatus is where a customer's objection to a payment, which its bank carries, stands.
type DisputeStatus string

const (
	DisputeNeedsResponse DisputeStatus = "needs_response"
	DisputeUnderReview   DisputeStatus = "under_review"
	DisputeWon           DisputeStatus = "won"
	DisputeLost          DisputeStatus = "lost"
	DisputeAccepted      DisputeStatus = "accepted"
)

// DisputeReasons are the words to which every gateway's own reasons are mapped.
var DisputeReasons = []string{
	"fraudulent", "not_received", "not_as_described", "duplicate", "credit_not_processed", "cancelled", "other",
}

// DisputeMachine is the life of a dispute. A scheme may open a decided one again, so that only what the
// merchant accepted is over.
var DisputeMachine = Machine[DisputeStatus]{
	Name: "Dispute", Start: DisputeNeedsResponse,
	Moves: map[DisputeStatus][]DisputeStatus{
		DisputeNeedsResponse: {DisputeUnderReview, DisputeWon, DisputeLost, DisputeAccepted},
		DisputeUnderReview:   {DisputeNeedsResponse, DisputeWon, DisputeLost},
		DisputeWon:           {DisputeNeedsResponse, DisputeLost},
		DisputeLost:          {DisputeWon},
	},
	Says: map[DisputeStatus]string{
		DisputeNeedsResponse: "the merchant can send evidence, or accept, until it is due",
		DisputeUnderReview:   "the bank looks at the evidence",
		DisputeWon:           "the bank gave the merchant right; money that was withdrawn comes back",
		DisputeLost:          "the bank gave the customer right; the money is gone",
		DisputeAccepted:      "the merchant let the customer have the money",
	},
}

// Open tells whether a decision is still to come.
func (s DisputeStatus) Open() bool { return s == DisputeNeedsResponse || s == DisputeUnderReview }

// DisputeAnswer is what the merchant does about a dispute.
type DisputeAnswer string

const (
	AnswerContest DisputeAnswer = "contest"
	AnswerAccept  DisputeAnswer = "accept"
)

// Dispute is a customer's objection to a payment, as its gateway tells it, with the merchant's answer.
type Dispute struct {
	ID       DisputeID
	Merchant MerchantID
	Live     bool
	Link     LinkID
	Payment  PaymentID
	Account  AccountID // at the gateway
	Gateway  string    // provider: "sandbox"

	GatewayReference string // the gateway's for the dispute
	Amount           Money
	Status           DisputeStatus
	Reason           string    // one of DisputeReasons
	Code             string    // the gateway's or scheme's
	Withdrawn        bool      // the bank has taken the money back
	Fee              int64     // minor units of the amount's currency
	DueAt            time.Time // until when it can be answered; zero: not told
	ToldAt           time.Time // the gateway's time of its latest word
	Turn             int64     // how often its money began to move, for the books

	Answer     DisputeAnswer // that is on its way, or was given; empty: none
	Evidence   []byte        // what it says, sealed
	Attachment AttachmentID  // handed over with it
	Refusal    string        // the gateway's code, when it did not take the latest answer
	AnsweredBy string
	AnsweredAt time.Time

	CreatedAt time.Time
	UpdatedAt time.Time
	ClosedAt  time.Time
}

// DisputeTold is a word about a dispute that has been checked and is believed.
type DisputeTold struct {
	Status    DisputeStatus
	Reason    string
	Code      string
	Withdrawn bool
	Fee       int64
	DueAt     time.Time
	At        time.Time // by the gateway's clock
}

// DueSoon is how long before its due date an unanswered dispute is told once more.
const DueSoon = 48 * time.Hour

// Hear applies a word to a dispute and its payment, and returns the types of the events that this is. It reports
// false, having changed nothing, when the word is older than one that was heard, repeats it, or says what the
// machine does not allow. A dispute without a status is new.
func (d *Dispute) Hear(p *Payment, w DisputeTold, now time.Time) ([]EventType, bool) {
	w.At, w.DueAt = w.At.UTC().Truncate(time.Microsecond), w.DueAt.UTC().Truncate(time.Microsecond)
	first, moved := d.Status == "", d.Status != w.Status
	switch {
	case first:
		d.CreatedAt = now
	case w.At.Before(d.ToldAt) || moved && !DisputeMachine.Can(d.Status, w.Status):
		return nil, false
	case !moved && w.Withdrawn == d.Withdrawn && w.Fee == d.Fee && (w.DueAt.IsZero() || w.DueAt.Equal(d.DueAt)):
		return nil, false
	}
	if moved && w.Status == DisputeNeedsResponse {
		d.Answer, d.Refusal = "", "" // the bank asks once more
	}
	if w.Withdrawn && !d.Withdrawn || d.Status == DisputeLost && moved {
		d.Turn++
	}
	if w.Withdrawn != d.Withdrawn {
		p.AmountDisputed += map[bool]int64{true: d.Amount.Minor, false: -d.Amount.Minor}[w.Withdrawn]
	}
	d.Status, d.Withdrawn, d.Fee, d.ToldAt = w.Status, w.Withdrawn, w.Fee, w.At
	d.Reason, d.Code = cmp.Or(w.Reason, d.Reason, "other"), cmp.Or(w.Code, d.Code)
	if !w.DueAt.IsZero() {
		d.DueAt = w.DueAt
	}
	d.UpdatedAt = later(now, d.UpdatedAt)
	if d.ClosedAt = (time.Time{}); !d.Status.Open() {
		d.ClosedAt = d.UpdatedAt
	}
	p.Dispute = d.Status
	p.Touch(now)
	var told []EventType
	switch {
	case first && d.Status.Open():
		told = []EventType{EventDisputeOpened}
	case first:
		told = []EventType{EventDisputeOpened, EventDisputeClosed}
	case moved && !d.Status.Open():
		told = []EventType{EventDisputeClosed}
	default:
		told = []EventType{EventDisputeUpdated}
	}
	return told, true
}

// Answerable tells whether the merchant may answer now: the bank waits, and no answer is on its way.
func (d Dispute) Answerable() bool { return d.Status == DisputeNeedsResponse && d.Answer == "" }

// Warn gives the job that tells that the time to answer is nearly over; false when there is no such time.
func (d Dispute) Warn(id JobID, now time.Time) (Job, bool) {
	if d.Status != DisputeNeedsResponse || d.DueAt.IsZero() || !d.DueAt.After(now) {
		return Job{}, false
	}
	return Job{
		ID: id, Kind: JobDue, Key: string(d.ID), Merchant: d.Merchant, Live: d.Live, Payload: JobPayload{Dispute: d.ID},
		RunAt: latest(d.DueAt.Add(-DueSoon), now.Add(d.DueAt.Sub(now)/2)),
	}, true
}

// TellDispute makes the events of a change of a dispute, in the order of its link's other events: write the link
// after telling.
func (l *Link) TellDispute(now time.Time, actor string, customer *Customer, p Payment, d Dispute, types ...EventType) []Event {
	events := l.Tell(now, actor, customer, &p, types...)
	for i := range events {
		events[i].Data.Dispute = d.Snapshot()
	}
	return events
}

// DisputeSnapshot is a dispute as it was at one moment: for an event and for the API. What was answered is not in it.
type DisputeSnapshot struct {
	ID               DisputeID     `json:"id" doc:"dspt_…"`
	Object           string        `json:"object" enum:"dispute"`
	Livemode         bool          `json:"livemode"`
	LinkID           LinkID        `json:"link_id"`
	PaymentID        PaymentID     `json:"payment_id"`
	Status           DisputeStatus `json:"status" enum:"needs_response,under_review,won,lost,accepted"`
	Amount           int64         `json:"amount" doc:"minor units"`
	Currency         Currency      `json:"currency"`
	Reason           string        `json:"reason" enum:"fraudulent,not_received,not_as_described,duplicate,credit_not_processed,cancelled,other"`
	Code             string        `json:"code" doc:"the gateway's or scheme's own; empty: not told"`
	Withdrawn        bool          `json:"withdrawn" doc:"the bank has taken the money back from you; it returns when you win"`
	Fee              int64         `json:"fee" doc:"what the gateway takes for it; minor units"`
	Gateway          string        `json:"gateway"`
	GatewayReference string        `json:"gateway_reference"`
	Answer           DisputeAnswer `json:"answer" enum:",contest,accept" doc:"what you did about it; empty: nothing yet"`
	Refusal          string        `json:"refusal,omitempty" doc:"the gateway's code, when it did not take your latest answer"`
	AnsweredBy       string        `json:"answered_by,omitempty"`
	AnsweredAt       *time.Time    `json:"answered_at"`
	DueAt            *time.Time    `json:"due_at" doc:"until when it can be answered; null: the gateway does not tell"`
	CreatedAt        time.Time     `json:"created_at"`
	UpdatedAt        time.Time     `json:"updated_at"`
	ClosedAt         *time.Time    `json:"closed_at"`
}

// Snapshot is the dispute for an event and for the API: it holds no personal data.
func (d Dispute) Snapshot() *DisputeSnapshot {
	return &DisputeSnapshot{
		ID: d.ID, Object: "dispute", Livemode: d.Live, LinkID: d.Link, PaymentID: d.Payment, Status: d.Status,
		Amount: d.Amount.Minor, Currency: d.Amount.Currency, Reason: d.Reason, Code: d.Code, Withdrawn: d.Withdrawn, Fee: d.Fee,
		Gateway: d.Gateway, GatewayReference: d.GatewayReference, Answer: d.Answer, Refusal: d.Refusal,
		AnsweredBy: d.AnsweredBy, AnsweredAt: timeOrNil(d.AnsweredAt), DueAt: timeOrNil(d.DueAt),
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, ClosedAt: timeOrNil(d.ClosedAt),
	}
}
