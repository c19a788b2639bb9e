package gateway

import (
	"context"
	"time"

	"paylink"
)

// What a gateway may do with a payment after it began. Errors of all of these are those of Start: *[Rejected],
// or *[Broken] that is NotSent or Unknown. References of ours are the gateway's key against doing a thing
// twice, wherever it has one.

// Canceller is a Gateway that can close an order which waits for its customer: what is no longer wanted cannot
// be paid.
type Canceller interface {
	// Cancel answers how the order stands then: failed when nobody paid it, with the group timeout unless a bank
	// had declined before; else what it had come to, because the customer was faster. An order that does not
	// wait for its customer is left as it is. The error is a *paylink.NotFound when the gateway never heard of it.
	Cancel(ctx context.Context, a Account, k Known) (Word, error)
}

// Capturer takes money that an order with Manual has reserved.
type Capturer interface {
	// Capture takes amount, which is at most what was reserved; what is left is given back by the gateway.
	// The word tells how the payment stands now: captured, or still authorised where a notice will tell.
	Capture(ctx context.Context, a Account, k Known, amount paylink.Money) (Word, error)
}

// Voider gives a reservation back.
type Voider interface {
	// Void answers a word that is voided, or still authorised where a notice will tell.
	Void(ctx context.Context, a Account, k Known) (Word, error)
}

// Refunder gives captured money back to the customer.
type Refunder interface {
	// Refund begins one. The same reference again gives the same refund and no second one where the gateway
	// is so; elsewhere an Unknown end has to be looked up before it is tried again.
	Refund(ctx context.Context, a Account, r Refund) (RefundWord, error)

	// LookupRefund asks what became of one. The error is a *paylink.NotFound when the gateway never heard
	// of it.
	LookupRefund(ctx context.Context, a Account, r Refund) (RefundWord, error)
}

// Refund is money that is to go back.
type Refund struct {
	Reference string // ours: 20 characters of A–Z and 0–9
	Order     string // as the first word about it named it; empty: none has come
	Of        Known  // the payment that it is taken from
	Amount    paylink.Money
	Reason    string // ours: requested_by_customer, duplicate, fraudulent, abnormal; empty: not told
	Instant   bool   // as fast as the gateway can, at its price
	Began     time.Time
}

// RefundWord is what the gateway says about one refund.
type RefundWord struct {
	Reference        string // ours for the refund; empty: somebody began it at the gateway itself
	GatewayReference string // the gateway's for the refund
	Of               string // our reference of the payment; empty: not told, then Payment is
	Payment          string // the gateway's name for the payment; empty: not told
	BankReference    string // ARN, RRN or UTR, by which the customer's bank finds it
	Account          string // as in a Word
	Amount           paylink.Money
	Status           paylink.RefundStatus // pending, succeeded or failed
	Code, Message    string               // why it failed, in the gateway's words
	Fee, Tax         int64                // minor units of Amount's currency
	At               time.Time
}

// Disputer lists objections.
type Disputer interface {
	// Disputes lists those that changed since a time, the oldest first, at most 100, and the cursor of the
	// page after; empty: there is none.
	Disputes(ctx context.Context, a Account, since time.Time, cursor string) ([]DisputeWord, string, error)
}

// Contester is a Disputer that takes the merchant's answer.
type Contester interface {
	// Contest hands the evidence over; Accept lets the customer have the money.
	Contest(ctx context.Context, a Account, dispute string, e Evidence) (DisputeWord, error)
	Accept(ctx context.Context, a Account, dispute string) (DisputeWord, error)
}

// Evidence is what the merchant says for itself, in plain text.
type Evidence struct {
	Summary       string // of all of it, at most 20,000 characters
	Description   string // of what was sold
	CustomerName  string
	CustomerEmail string
	CustomerIP    string
	DeliveredAt   time.Time
	Receipt       []byte // a PDF or a picture; empty: none
	ReceiptType   string // its media type
}

// DisputeWord is what the gateway says about one dispute.
type DisputeWord struct {
	GatewayReference string // the gateway's for the dispute
	Of               string // our reference of the payment; empty: not told, then Payment is
	Payment          string // the gateway's name for the payment; empty: not told
	Account          string // as in a Word
	Amount           paylink.Money
	Status           paylink.DisputeStatus
	Reason           string    // fraudulent, not_received, not_as_described, duplicate, credit_not_processed, cancelled, other
	Code             string    // the gateway's or scheme's
	Withdrawn        bool      // the money is taken from the merchant as this is told
	Fee              int64     // minor units of Amount's currency
	DueAt            time.Time // until when evidence is taken; zero: not told
	At               time.Time
}

// Settler lists what the gateway paid out to the merchant's bank.
type Settler interface {
	// Settlements lists those between two times, the oldest first, at most 100, and the cursor of the page
	// after; empty: there is none.
	Settlements(ctx context.Context, a Account, from, until time.Time, cursor string) ([]Settlement, string, error)
}

// Settlement is one payout.
type Settlement struct {
	GatewayReference string
	BankReference    string        // UTR, or what stands on the bank's statement; empty: not told yet
	Amount           paylink.Money // what arrives; below zero: what the gateway takes
	Fee, Tax         int64
	Status           SettlementStatus
	At               time.Time // when it was made
}

// SettlementStatus is how a payout stands at the gateway.
type SettlementStatus string

const (
	SettlementPending SettlementStatus = "pending"
	SettlementPaid    SettlementStatus = "paid"
	SettlementFailed  SettlementStatus = "failed"
)
