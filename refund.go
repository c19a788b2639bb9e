package paylink

import "time"

// RefundStatus is where money that goes back to a customer stands.
type RefundStatus string

const (
	RefundAwaiting  RefundStatus = "awaiting_approval"
	RefundCreated   RefundStatus = "created"
	RefundPending   RefundStatus = "pending"
	RefundUnknown   RefundStatus = "unknown"
	RefundSucceeded RefundStatus = "succeeded"
	RefundFailed    RefundStatus = "failed"
	RefundCancelled RefundStatus = "cancelled"
)

// RefundMachine is the life of a refund. A bank may send the money back days after it said that all went
// well: a succeeded one may still fail.
var RefundMachine = Machine[RefundStatus]{
	Name: "Refund", Start: RefundCreated,
	Moves: map[RefundStatus][]RefundStatus{
		RefundAwaiting:  {RefundCreated, RefundCancelled},
		RefundCreated:   {RefundPending, RefundUnknown, RefundSucceeded, RefundFailed, RefundCancelled},
		RefundPending:   {RefundUnknown, RefundSucceeded, RefundFailed},
		RefundUnknown:   {RefundPending, RefundSucceeded, RefundFailed},
		RefundSucceeded: {RefundFailed},
	},
	Says: map[RefundStatus]string{
		RefundAwaiting:  "a second person has to say yes; the gateway has not been told",
		RefundCreated:   "decided; the gateway has not been told yet",
		RefundPending:   "the gateway has taken it, the bank has not answered",
		RefundUnknown:   "the gateway may have it; it is asked before anything is tried again",
		RefundSucceeded: "the bank has the money on its way to the customer; it may still be sent back",
		RefundFailed:    "the customer does not get it: the gateway or the bank refused it, or sent it back",
		RefundCancelled: "called off before the gateway was told",
	},
}

// RefundReason is why money goes back. Gateways are told.
type RefundReason string

const (
	ReasonRequested  RefundReason = "requested_by_customer"
	ReasonDuplicate  RefundReason = "duplicate"
	ReasonFraudulent RefundReason = "fraudulent"
	ReasonAbnormal   RefundReason = "abnormal" // it came late, or otherwise than asked
)

// RefundReasons lists them in the order in which pages offer them.
var RefundReasons = []RefundReason{ReasonRequested, ReasonDuplicate, ReasonFraudulent, ReasonAbnormal}

// RefundSpeed is how fast the gateway is asked to be.
type RefundSpeed string

const (
	RefundNormal  RefundSpeed = "normal"
	RefundInstant RefundSpeed = "instant" // at the gateway's price, which the refund tells then
)

// RefundOrigin is who began a refund.
type RefundOrigin string

const (
	RefundAsked     RefundOrigin = "merchant" // somebody asked for it here
	RefundAutomatic RefundOrigin = "policy"   // the link's policy for money that came otherwise than asked; at most one for a payment
	RefundElsewhere RefundOrigin = "gateway"  // somebody began it at the gateway itself
)

// Refund is money of one payment that goes back to the customer. Its amount is reserved on the payment from
// its beginning until it ends, so that all refunds of a payment together are never more than was captured.
type Refund struct {
	ID       RefundID
	Merchant MerchantID
	Live     bool
	Link     LinkID
	Payment  PaymentID
	Account  AccountID // at the gateway, as the payment's
	Batch    RefundBatchID
	Place    int64 // in the batch, from 0
	Status   RefundStatus
	Amount   Money
	Reason   RefundReason
	Origin   RefundOrigin
	Instant  bool // as fast as the gateway can, at its price
	Held     bool // it gives back money that never counted towards its link

	Reference        string // ours, 20 characters; empty of one that was begun at the gateway
	GatewayReference string // empty until the gateway has told
	BankReference    string // ARN, RRN or UTR, by which the customer's bank finds it
	Code, Message    string // why it failed, in the gateway's words
	Fee, Tax         int64  // minor units, as the gateway told

	RequestedBy string    // key_…, usr_…, "system" or "gateway"
	ApprovedBy  string    // the second person, where there had to be one
	SendAfter   time.Time // so long it can be called off
	SentAt      time.Time // when the gateway began to be told; zero: it has not heard of it
	CreatedAt   time.Time
	UpdatedAt   time.Time
	EndedAt     time.Time // when it succeeded, failed or was cancelled
}

// Open tells whether the refund's amount is reserved: it has not ended.
func (s RefundStatus) Open() bool {
	switch s {
	case RefundAwaiting, RefundCreated, RefundPending, RefundUnknown:
		return true
	}
	return false
}

// Cancellable tells whether the refund can be called off: nobody has begun to tell the gateway.
func (r Refund) Cancellable() bool {
	return r.Status == RefundAwaiting || r.Status == RefundCreated && r.SentAt.IsZero()
}

// Refund makes one of the payment that nothing stands against; the caller says who asked for it and when the
// gateway may be told.
func (p Payment) Refund(id RefundID, minor int64, reason RefundReason, origin RefundOrigin) Refund {
	r := Refund{
		ID: id, Merchant: p.Merchant, Live: p.Live, Link: p.Link, Payment: p.ID, Account: p.Account, Status: RefundMachine.Start,
		Amount: Money{Minor: minor, Currency: p.Amount.Currency}, Reason: reason, Origin: origin,
		Held: !p.Counts() || origin == RefundAutomatic,
	}
	if origin != RefundElsewhere {
		r.Reference = NewPaymentReference()
	}
	return r
}

// Unasked is the refund of what came otherwise than asked, where its merchant has said that it goes back; false
// when nothing does.
func (p Payment) Unasked(id RefundID, by string, now time.Time) (Refund, bool) {
	reason := ReasonAbnormal
	if p.Abnormal == AbnormalDuplicate {
		reason = ReasonDuplicate
	}
	r := p.Refund(id, min(p.Unwanted(), p.Refundable()), reason, RefundAutomatic)
	r.RequestedBy, r.SendAfter = by, now
	return r, r.Amount.Minor > 0
}

// Touch dates a change, always later than the one before it.
func (r *Refund) Touch(now time.Time) time.Time {
	r.UpdatedAt = later(now, r.UpdatedAt)
	return r.UpdatedAt
}

// Job is what tells the gateway, when the time to call the refund off is over.
func (r Refund) Job(id JobID) Job {
	return Job{ID: id, Kind: JobRefund, Key: string(r.ID), Merchant: r.Merchant, Live: r.Live, Payload: JobPayload{Refund: r.ID}, RunAt: r.SendAfter}
}

// RefundRules is who decides about a merchant's refunds.
type RefundRules struct {
	ApproveAbove     *int64 `json:"approve_above,omitempty" minimum:"0" maximum:"1000000000000" doc:"refunds that bring a payment's above this, in minor units of whatever currency, wait for a second person; absent: none does"`
	CancelWithin     int64  `json:"cancel_within,omitempty" minimum:"0" maximum:"86400" doc:"seconds in which a refund can be called off before the gateway is told; absent: at once"`
	BulkCancelWithin *int64 `json:"bulk_cancel_within,omitempty" minimum:"0" maximum:"86400" doc:"the same for refunds of a list; absent: ten minutes"`
	OnDisputed       string `json:"on_disputed,omitempty" enum:"refuse,allow" doc:"refunds of a payment whose customer disputes it, so that the money could go back twice; absent: refuse"`
}

// bulkCancelWithin is how long a list of refunds can be called off by default.
const bulkCancelWithin = 10 * time.Minute

// Window is how long a refund can be called off.
func (r *RefundRules) Window(bulk bool) time.Duration {
	switch {
	case bulk && (r == nil || r.BulkCancelWithin == nil):
		return bulkCancelWithin
	case r == nil:
		return 0
	case bulk:
		return time.Duration(*r.BulkCancelWithin) * time.Second
	}
	return time.Duration(r.CancelWithin) * time.Second
}

// Disputed tells whether a payment may be refunded whose customer disputes it.
func (r *RefundRules) Disputed() bool { return r != nil && r.OnDisputed == "allow" }

// Second tells whether a second person has to approve of giving back so much in all.
func (r *RefundRules) Second(minor int64) bool {
	return r != nil && r.ApproveAbove != nil && minor > *r.ApproveAbove
}
