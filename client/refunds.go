package client

import (
	"context"
	"iter"
	"time"
)

// NewRefund is what of a payment is to go back.
type NewRefund struct {
	Amount int64  `json:"amount,omitempty"` // minor units; 0: all that is left
	Reason string `json:"reason,omitempty"` // requested_by_customer, duplicate, fraudulent, abnormal; empty: the first
	Speed  string `json:"speed,omitempty"`  // normal or instant; empty: normal
}

// Refund is money of a payment that goes back to the customer. Amounts are minor units of Currency.
type Refund struct {
	ID               string         `json:"id"`     // rfnd_…
	Object           string         `json:"object"` // refund
	Livemode         bool           `json:"livemode"`
	LinkID           string         `json:"link_id"`
	PaymentID        string         `json:"payment_id"`
	Status           string         `json:"status"` // awaiting_approval, created, pending, unknown, succeeded, failed, cancelled
	Amount           int64          `json:"amount"`
	Currency         string         `json:"currency"`
	Reason           string         `json:"reason"`
	Origin           string         `json:"origin"` // merchant, policy, gateway
	Speed            string         `json:"speed"`
	Reference        string         `json:"reference"` // ours, as the gateway knows it; empty: it was begun there
	GatewayReference string         `json:"gateway_reference"`
	BankReference    string         `json:"bank_reference"` // ARN, RRN or UTR
	Failure          *RefundFailure `json:"failure"`        // nil: it has not failed
	Fee              int64          `json:"fee"`
	Tax              int64          `json:"tax"`
	RequestedBy      string         `json:"requested_by"`
	ApprovedBy       string         `json:"approved_by"`     // the second person, where there had to be one
	Batch            string         `json:"batch,omitempty"` // rfnb_…, of a list
	SendAfter        time.Time      `json:"send_after"`      // until then it can be called off
	CreatedAt        time.Time      `json:"created_at"`
	UpdatedAt        time.Time      `json:"updated_at"`
	SentAt           *time.Time     `json:"sent_at"`  // when the gateway began to be told
	EndedAt          *time.Time     `json:"ended_at"` // when it succeeded, failed or was cancelled
}

// RefundFailure is why the customer does not get the money.
type RefundFailure struct {
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
}

// CreateRefund gives a payment back, whole or in part.
func (c *Client) CreateRefund(ctx context.Context, payment string, r NewRefund, options ...Option) (Refund, error) {
	return post[Refund](ctx, c, path("payments", payment, "refunds"), r, options)
}

// RefundFilter chooses refunds.
type RefundFilter struct {
	Page
	Status  string `query:"status"`  // see Refund
	Payment string `query:"payment"` // pay_…
	Batch   string `query:"batch"`   // rfnb_…
}

// ListRefunds yields refunds, newest first.
func (c *Client) ListRefunds(ctx context.Context, filter RefundFilter, options ...Option) iter.Seq2[Refund, error] {
	return list[Refund](ctx, c, path("refunds"), filter, options)
}

// GetRefund reads a refund.
func (c *Client) GetRefund(ctx context.Context, id string, options ...Option) (Refund, error) {
	return get[Refund](ctx, c, path("refunds", id), nil, options)
}

// ApproveRefund lets a refund go on that waits for a second person.
func (c *Client) ApproveRefund(ctx context.Context, id string, options ...Option) (Refund, error) {
	return post[Refund](ctx, c, path("refunds", id, "approve"), nil, options)
}

// CancelRefund calls a refund off before the gateway is told.
func (c *Client) CancelRefund(ctx context.Context, id string, options ...Option) (Refund, error) {
	return post[Refund](ctx, c, path("refunds", id, "cancel"), nil, options)
}

// ListedRefund is one refund of a list.
type ListedRefund struct {
	Payment string `json:"payment"` // pay_…
	Amount  int64  `json:"amount,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Speed   string `json:"speed,omitempty"`
}

// NewRefundList is at most 100 refunds.
type NewRefundList struct {
	Refunds []ListedRefund `json:"refunds"`
}

// RefundResults is what became of a list of refunds, each by itself.
type RefundResults struct {
	Object  string         `json:"object"` // refund_results
	Batch   string         `json:"batch"`  // rfnb_…
	Created int64          `json:"created"`
	Failed  int64          `json:"failed"`
	Results []RefundResult `json:"results"` // in the order of the list
}

// RefundResult is what became of one refund of a list.
type RefundResult struct {
	Index  int      `json:"index"`
	Status int      `json:"status"` // as if it had been asked for alone
	Refund *Refund  `json:"refund"`
	Error  *Problem `json:"error"`
}

// CreateRefundsInBulk gives many payments back. For some minutes all of it can be called off.
func (c *Client) CreateRefundsInBulk(ctx context.Context, refunds NewRefundList, options ...Option) (RefundResults, error) {
	return post[RefundResults](ctx, c, path("refunds", "bulk"), refunds, options)
}

// RefundBatch is a list of refunds after somebody called it off.
type RefundBatch struct {
	Object    string   `json:"object"` // refund_batch
	Batch     string   `json:"batch"`  // rfnb_…
	Cancelled int64    `json:"cancelled"`
	Refunds   []Refund `json:"refunds"` // in the order of the list
}

// CancelRefundsInBulk calls off what the gateway has not been told of a list, and answers all of it.
func (c *Client) CancelRefundsInBulk(ctx context.Context, batch string, options ...Option) (RefundBatch, error) {
	return post[RefundBatch](ctx, c, path("refunds", "bulk", batch, "cancel"), nil, options)
}

// PaymentResolution is what becomes of money on hold.
type PaymentResolution struct {
	Outcome string `json:"outcome,omitempty"` // accept, refund, credit
}

// ResolvePayment says what becomes of money on hold.
func (c *Client) ResolvePayment(ctx context.Context, payment string, r PaymentResolution, options ...Option) (Payment, error) {
	return post[Payment](ctx, c, path("payments", payment, "resolve"), r, options)
}

// RefundRules is who decides about refunds, and how long they can be called off.
type RefundRules struct {
	ApproveAbove     *int64 `json:"approve_above,omitempty"`      // minor units; nil: nobody has to
	CancelWithin     int64  `json:"cancel_within,omitempty"`      // seconds
	BulkCancelWithin *int64 `json:"bulk_cancel_within,omitempty"` // seconds; nil: ten minutes
	OnDisputed       string `json:"on_disputed,omitempty"`        // refuse, allow; empty: refuse
}
