package client

import "context"

// Replan is the plan that takes the place of an earlier one. Its instalments come to what is still due.
type Replan struct {
	Instalments []Instalment `json:"instalments"`
	GraceDays   int64        `json:"grace_days,omitempty"`
}

// NewPromise is what a customer said about when the money will come.
type NewPromise struct {
	Date   string `json:"date"`             // 2026-12-01, in the merchant's time zone
	Amount int64  `json:"amount,omitempty"` // minor units; 0: the next instalment, or all that is due
	Note   string `json:"note,omitempty"`
}

// ReplanPaymentLink divides what is still due into instalments anew.
func (c *Client) ReplanPaymentLink(ctx context.Context, id string, to Replan, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "replan"), to, options)
}

// PromisePaymentLink notes on which day the customer will pay.
func (c *Client) PromisePaymentLink(ctx context.Context, id string, said NewPromise, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "promise"), said, options)
}

// WithdrawPromise takes the open promise of a link back.
func (c *Client) WithdrawPromise(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "withdraw_promise"), nil, options)
}
