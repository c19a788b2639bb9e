package paylink

import (
	"cmp"
	"time"
)

// RefundOutcome is a word about a refund that has been checked and is believed.
type RefundOutcome struct {
	Status           RefundStatus
	GatewayReference string
	BankReference    string
	Code, Message    string // of one that failed
	Fee, Tax         int64
}

// BeginRefund reserves a refund's amount on its payment, and returns the type of the event that this is. The
// caller has seen that so much can be given back; the store's guard decides it.
func BeginRefund(p *Payment, r *Refund, now time.Time) EventType {
	r.CreatedAt = now
	r.Touch(now)
	p.AmountRefunding += r.Amount.Minor
	p.Touch(now)
	return EventRefundCreated
}

// AdvanceRefund applies an outcome to a refund, its payment and its link, and returns the type of the event
// that this is, empty when there is none to tell. It reports false, having changed nothing, when the refund's
// machine does not allow the move: the word is late, repeated or out of order.
//
// What failed is free to be given back again, also when it had succeeded before.
func AdvanceRefund(l *Link, p *Payment, r *Refund, o RefundOutcome, now time.Time) (EventType, bool) {
	before := r.Status
	if !RefundMachine.Can(before, o.Status) {
		return "", false
	}
	r.Status = o.Status
	r.Touch(now)
	r.learn(o)
	n := r.Amount.Minor
	switch o.Status {
	case RefundSucceeded:
		p.AmountRefunding, p.AmountRefunded, l.AmountRefunded = p.AmountRefunding-n, p.AmountRefunded+n, l.AmountRefunded+n
	case RefundFailed, RefundCancelled:
		if before == RefundSucceeded {
			p.AmountRefunded, l.AmountRefunded = p.AmountRefunded-n, l.AmountRefunded-n
		} else {
			p.AmountRefunding -= n
		}
	default:
		return "", true
	}
	r.EndedAt = r.UpdatedAt
	p.Touch(now)
	return map[RefundStatus]EventType{
		RefundSucceeded: EventRefundSucceeded, RefundFailed: EventRefundFailed, RefundCancelled: EventRefundCancelled,
	}[o.Status], true
}

// learn takes over what the outcome tells about the refund; what it does not tell stays.
func (r *Refund) learn(o RefundOutcome) {
	r.GatewayReference = cmp.Or(o.GatewayReference, r.GatewayReference)
	r.BankReference = cmp.Or(o.BankReference, r.BankReference)
	r.Fee, r.Tax = cmp.Or(o.Fee, r.Fee), cmp.Or(o.Tax, r.Tax)
	r.Code, r.Message = o.Code, o.Message
}

// Tiding is what the customer is told of a refund that moved: the money is on its way. False: nothing. Of one that
// comes back after that only the merchant is told, who gives it back another way: then the customer hears of that.
func (r Refund) Tiding() (Tiding, bool) {
	return Tiding{
		Kind: TemplateRefund, About: string(r.ID), Unasked: true,
		Telling: Telling{Amount: r.Amount.Minor, Reference: cmp.Or(r.BankReference, r.Reference, r.GatewayReference), At: r.UpdatedAt},
	}, r.Status == RefundSucceeded
}

// RefundSnapshot is a refund as it was at one moment: for an event and for the API.
type RefundSnapshot struct {
	ID               RefundID       `json:"id" doc:"rfnd_…"`
	Object           string         `json:"object" enum:"refund"`
	Livemode         bool           `json:"livemode"`
	LinkID           LinkID         `json:"link_id"`
	PaymentID        PaymentID      `json:"payment_id" doc:"the payment that it is taken from"`
	Status           RefundStatus   `json:"status" enum:"awaiting_approval,created,pending,unknown,succeeded,failed,cancelled"`
	Amount           int64          `json:"amount" doc:"minor units"`
	Currency         Currency       `json:"currency"`
	Reason           RefundReason   `json:"reason" enum:"requested_by_customer,duplicate,fraudulent,abnormal"`
	Origin           RefundOrigin   `json:"origin" enum:"merchant,policy,gateway" doc:"who began it: you, your policy for money that came otherwise than asked, or somebody at the gateway"`
	Speed            RefundSpeed    `json:"speed" enum:"normal,instant"`
	Reference        string         `json:"reference" doc:"ours, by which the gateway knows it; empty: it was begun at the gateway"`
	GatewayReference string         `json:"gateway_reference"`
	BankReference    string         `json:"bank_reference" doc:"ARN, RRN or UTR, by which the customer's bank finds it"`
	Failure          *RefundFailure `json:"failure" doc:"why the customer does not get it; null: it has not failed"`
	Fee              int64          `json:"fee" doc:"what the gateway takes for it; minor units"`
	Tax              int64          `json:"tax"`
	RequestedBy      string         `json:"requested_by"`
	ApprovedBy       string         `json:"approved_by" doc:"the second person, where there had to be one"`
	Batch            RefundBatchID  `json:"batch,omitempty" doc:"of refunds that were asked for in one list, rfnb_…"`
	SendAfter        time.Time      `json:"send_after" doc:"until then it can be called off"`
	CreatedAt        time.Time      `json:"created_at"`
	UpdatedAt        time.Time      `json:"updated_at"`
	SentAt           *time.Time     `json:"sent_at" doc:"when the gateway began to be told"`
	EndedAt          *time.Time     `json:"ended_at" doc:"when it succeeded, failed or was cancelled"`
}

// RefundFailure is why a refund failed.
type RefundFailure struct {
	Code    string `json:"code" doc:"the gateway's, or not_supported: the gateway gives nothing back"`
	Message string `json:"message,omitempty"`
}

// Snapshot is the refund for an event and for the API: it holds no personal data.
func (r Refund) Snapshot() *RefundSnapshot {
	s := &RefundSnapshot{
		ID: r.ID, Object: "refund", Livemode: r.Live, LinkID: r.Link, PaymentID: r.Payment, Status: r.Status,
		Amount: r.Amount.Minor, Currency: r.Amount.Currency, Reason: r.Reason, Origin: r.Origin, Speed: RefundNormal,
		Reference: r.Reference, GatewayReference: r.GatewayReference, BankReference: r.BankReference, Fee: r.Fee, Tax: r.Tax,
		RequestedBy: r.RequestedBy, ApprovedBy: r.ApprovedBy, Batch: r.Batch, SendAfter: r.SendAfter,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, SentAt: timeOrNil(r.SentAt), EndedAt: timeOrNil(r.EndedAt),
	}
	if r.Instant {
		s.Speed = RefundInstant
	}
	if r.Status == RefundFailed {
		s.Failure = &RefundFailure{r.Code, r.Message}
	}
	return s
}
