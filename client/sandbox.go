package client

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// ClockAdvance is how far the test world's clock moves: 24h, 90m, at most 366 days.
type ClockAdvance struct {
	Advance string `json:"advance,omitempty"`
}

// Clock is the test world's time.
type Clock struct {
	Now time.Time `json:"now"`
}

// ReadSandboxClock reads the clock by which links of the test world are judged.
func (c *Client) ReadSandboxClock(ctx context.Context, options ...Option) (Clock, error) {
	return get[Clock](ctx, c, []string{"sandbox", "clock"}, nil, options)
}

// AdvanceSandboxClock moves that clock forward, for all links of the merchant's test world.
func (c *Client) AdvanceSandboxClock(ctx context.Context, by ClockAdvance, options ...Option) (Clock, error) {
	return post[Clock](ctx, c, []string{"sandbox", "clock"}, by, options)
}

// SandboxPayment is a customer whom the pretend world lets pay a link.
type SandboxPayment struct {
	URL     string `json:"url"`              // of the link
	Method  string `json:"method"`           // card, upi, netbanking
	Outcome string `json:"outcome"`          // success, decline, pending, late, unknown, duplicate
	Amount  int64  `json:"amount,omitempty"` // minor units, where the page lets the customer choose
}

// SandboxPaid is what the pretend bank answered and what the link's page made of it.
type SandboxPaid struct {
	Reference  string `json:"reference"`
	Payment    string `json:"payment"`
	Outcome    string `json:"outcome"`
	Status     string `json:"status"` // of the payment, by the bank's first answer
	LinkStatus string `json:"link_status"`
}

// PayInSandbox walks the customer's page as a browser would and answers when the pretend bank has. It is a
// call of the sandbox and no part of the API's contract, and is made once: a second walk would be a second
// payment.
func (c *Client) PayInSandbox(ctx context.Context, payment SandboxPayment, options ...Option) (SandboxPaid, error) {
	k := c.call(http.MethodPost, nil, append(slices.Clip(options), IdempotencyKey("")))
	k.at, k.foreign = c.sandbox.JoinPath("pay"), c.foreign
	k.body, k.wrong = json.Marshal(payment)
	return answered[SandboxPaid](ctx, c, k)
}
