package client

import (
	"context"
	"iter"
	"time"
)

// Payment is one attempt to pay a link. Amounts are minor units of Currency.
type Payment struct {
	paymentTerms
	ID               string        `json:"id"`     // pay_…
	Object           string        `json:"object"` // payment
	Livemode         bool          `json:"livemode"`
	LinkID           string        `json:"link_id"`
	Status           string        `json:"status"` // created, action_required, pending, authorised, captured, failed, abandoned, voided, unknown
	Amount           int64         `json:"amount"`
	Currency         string        `json:"currency"`
	AmountCaptured   int64         `json:"amount_captured"`
	AmountRefunded   int64         `json:"amount_refunded"`
	AmountRefunding  int64         `json:"amount_refunding,omitempty"` // what refunds that have not ended are to give back
	AmountReversed   int64         `json:"amount_reversed"`
	Method           string        `json:"method"` // card, upi, netbanking
	MethodDetails    MethodDetails `json:"method_details"`
	Gateway          string        `json:"gateway"`
	AccountID        string        `json:"account_id,omitempty"` // acct_…: your account there; empty: the money was taken outside
	Reference        string        `json:"reference"`            // ours, as the gateway knows it
	GatewayReference string        `json:"gateway_reference"`
	BankReference    string        `json:"bank_reference"` // RRN, UTR or ARN
	Fee              int64         `json:"fee"`
	Tax              int64         `json:"tax"`
	Net              int64         `json:"net"` // captured less fee and tax
	Decline          *Decline      `json:"decline"`
	CaptureBefore    *time.Time    `json:"capture_before,omitempty"`  // of reserved money: until when the bank reserves it
	Intent           string        `json:"intent,omitempty"`          // of reserved money: capture or void, while the gateway is told
	IntentAmount     int64         `json:"intent_amount,omitempty"`   // how much is being captured
	Dispute          string        `json:"dispute,omitempty"`         // see Dispute.Status; empty: nobody objects
	AmountDisputed   int64         `json:"amount_disputed,omitempty"` // what the bank took back for disputes and has not returned
	Abnormal         string        `json:"abnormal"`                  // late or duplicate, else empty
	Disposition      string        `json:"disposition"`               // what was decided about abnormal money
	CreatedAt        time.Time     `json:"created_at"`
	UpdatedAt        time.Time     `json:"updated_at"`
	CapturedAt       *time.Time    `json:"captured_at"`
}

// MethodDetails is what is known of how it was paid.
type MethodDetails struct {
	App     string `json:"app,omitempty"`
	Bank    string `json:"bank,omitempty"`
	Last4   string `json:"last4,omitempty"`
	Network string `json:"network,omitempty"`
}

// Decline is why a bank said no.
type Decline struct {
	Group   string `json:"group"` // the same for every gateway
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// PaymentFilter chooses payments.
type PaymentFilter struct {
	Page
	Status string `query:"status"` // see Payment
}

// ListPayments yields payments, newest first.
func (c *Client) ListPayments(ctx context.Context, filter PaymentFilter, options ...Option) iter.Seq2[Payment, error] {
	return list[Payment](ctx, c, path("payments"), filter, options)
}

// GetPayment reads a payment.
func (c *Client) GetPayment(ctx context.Context, id string, options ...Option) (Payment, error) {
	return get[Payment](ctx, c, path("payments", id), nil, options)
}

// GatewayNotice is one word that a gateway sent us, and what became of it.
type GatewayNotice struct {
	ID         string     `json:"id"`     // ntc_…
	Object     string     `json:"object"` // gateway_notice
	Livemode   bool       `json:"livemode"`
	Gateway    string     `json:"gateway"`
	AccountID  string     `json:"account_id"` // acct_…
	Verdict    string     `json:"verdict"`    // received, applied, stale, replayed, refused, quarantined
	Reason     string     `json:"reason"`     // why it changed nothing; empty when it did
	PaymentID  *string    `json:"payment_id"` // once it is known
	ReceivedAt time.Time  `json:"received_at"`
	JudgedAt   *time.Time `json:"judged_at"`
}

// ListGatewayNotices yields what gateways said, newest first.
func (c *Client) ListGatewayNotices(ctx context.Context, from Page, options ...Option) iter.Seq2[GatewayNotice, error] {
	return list[GatewayNotice](ctx, c, path("gateway_notices"), from, options)
}
