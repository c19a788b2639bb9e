package client

import (
	"context"
	"iter"
	"time"
)

// Capture says how much of reserved money is taken.
type Capture struct {
	Amount int64 `json:"amount,omitempty"` // minor units; 0: all that is reserved
}

// CapturePayment takes money that is reserved. The payment may still be authorised, with an intent: then the gateway
// has not answered yet.
func (c *Client) CapturePayment(ctx context.Context, id string, capture Capture, options ...Option) (Payment, error) {
	return post[Payment](ctx, c, path("payments", id, "capture"), capture, options)
}

// VoidPayment gives money back that is reserved.
func (c *Client) VoidPayment(ctx context.Context, id string, options ...Option) (Payment, error) {
	return post[Payment](ctx, c, path("payments", id, "void"), nil, options)
}

// Dispute is a customer's objection to a payment with what speaks against it.
type Dispute struct {
	DisputeSnapshot
	Evidence *Evidence `json:"evidence,omitempty"` // nil in lists
}

// DisputeSnapshot is a dispute as events tell it. Amounts are minor units of Currency.
type DisputeSnapshot struct {
	ID               string     `json:"id"`     // dspt_…
	Object           string     `json:"object"` // dispute
	Livemode         bool       `json:"livemode"`
	LinkID           string     `json:"link_id"`
	PaymentID        string     `json:"payment_id"`
	Status           string     `json:"status"` // needs_response, under_review, won, lost, accepted
	Amount           int64      `json:"amount"`
	Currency         string     `json:"currency"`
	Reason           string     `json:"reason"`    // fraudulent, not_received, not_as_described, duplicate, credit_not_processed, cancelled, other
	Code             string     `json:"code"`      // the gateway's or scheme's own
	Withdrawn        bool       `json:"withdrawn"` // the bank has taken the money back
	Fee              int64      `json:"fee"`
	Gateway          string     `json:"gateway"`
	GatewayReference string     `json:"gateway_reference"`
	Answer           string     `json:"answer"`            // contest or accept; empty: none yet
	Refusal          string     `json:"refusal,omitempty"` // the gateway's code, when it did not take the latest answer
	AnsweredBy       string     `json:"answered_by,omitempty"`
	AnsweredAt       *time.Time `json:"answered_at"`
	DueAt            *time.Time `json:"due_at"` // until when it can be answered
	CreatedAt        time.Time  `json:"created_at"`
	UpdatedAt        time.Time  `json:"updated_at"`
	ClosedAt         *time.Time `json:"closed_at"`
}

// Evidence is what speaks for the merchant in a dispute.
type Evidence struct {
	Answerable   bool            `json:"answerable"`
	Checklist    []EvidencePoint `json:"checklist"`
	Text         string          `json:"text"`
	DeliveredAt  *time.Time      `json:"delivered_at"`
	AttachmentID string          `json:"attachment_id"`
	Summary      string          `json:"summary"` // all of it, as it goes to the bank
}

// EvidencePoint is one line of the evidence.
type EvidencePoint struct {
	Kind  string     `json:"kind"`
	Known bool       `json:"known"`
	Says  string     `json:"says"`
	At    *time.Time `json:"at,omitempty"`
}

// NewEvidence is what a merchant adds to what is known.
type NewEvidence struct {
	Text         string     `json:"text,omitempty"`
	DeliveredAt  *time.Time `json:"delivered_at,omitempty"`
	AttachmentID string     `json:"attachment_id,omitempty"` // att_…
}

// DisputeFilter chooses disputes.
type DisputeFilter struct {
	Page
	Status    string `query:"status"`     // see Dispute
	PaymentID string `query:"payment_id"` // pay_…
}

// ListDisputes yields disputes, newest first, without their evidence.
func (c *Client) ListDisputes(ctx context.Context, filter DisputeFilter, options ...Option) iter.Seq2[Dispute, error] {
	return list[Dispute](ctx, c, path("disputes"), filter, options)
}

// GetDispute reads a dispute with its evidence.
func (c *Client) GetDispute(ctx context.Context, id string, options ...Option) (Dispute, error) {
	return get[Dispute](ctx, c, path("disputes", id), nil, options)
}

// ContestDispute sends the evidence, once.
func (c *Client) ContestDispute(ctx context.Context, id string, evidence NewEvidence, options ...Option) (Dispute, error) {
	return post[Dispute](ctx, c, path("disputes", id, "evidence"), evidence, options)
}

// AcceptDispute lets the customer have the money.
func (c *Client) AcceptDispute(ctx context.Context, id string, options ...Option) (Dispute, error) {
	return post[Dispute](ctx, c, path("disputes", id, "accept"), nil, options)
}
