package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// NewSuppression is an address that is to get no more messages.
type NewSuppression struct {
	Channel string `json:"channel,omitempty"` // sms, whatsapp, email or in_app; other channels are not concerned
	Address string `json:"address,omitempty"` // phone number, e-mail address, or for in_app the customer's id
}

// Suppression is an address that gets no more messages on one channel.
type Suppression struct {
	ID        string    `json:"id"`     // supp_…
	Object    string    `json:"object"` // suppression
	Livemode  bool      `json:"livemode"`
	Channel   string    `json:"channel"`
	Address   string    `json:"address"`    // empty: it is not known any more
	Reason    string    `json:"reason"`     // bounce, complaint, unsubscribe, stop, manual or withdrawn
	MessageID *string   `json:"message_id"` // that it came of; nil: none
	CreatedAt time.Time `json:"created_at"`
}

// CreateSuppression sends no more messages to an address. One that is on the list already is answered as it is.
func (c *Client) CreateSuppression(ctx context.Context, s NewSuppression, options ...Option) (Suppression, error) {
	return post[Suppression](ctx, c, path("suppressions"), s, options)
}

// ListSuppressions yields the addresses that get no more messages, newest first.
func (c *Client) ListSuppressions(ctx context.Context, from Page, options ...Option) iter.Seq2[Suppression, error] {
	return list[Suppression](ctx, c, path("suppressions"), from, options)
}

// GetSuppression reads an address that gets no more messages.
func (c *Client) GetSuppression(ctx context.Context, id string, options ...Option) (Suppression, error) {
	return get[Suppression](ctx, c, path("suppressions", id), nil, options)
}

// Lift is why messages go to an address again. The event suppression.lifted tells it.
type Lift struct {
	Reason string `query:"reason"` // asked (the customer wants messages again), works (the mailbox or number works again), mistake; empty: not said
}

// SuppressionSnapshot is an entry that was taken off the list, in an event.
type SuppressionSnapshot struct {
	ID            string    `json:"id"`
	Object        string    `json:"object"`
	Livemode      bool      `json:"livemode"`
	Channel       string    `json:"channel"`
	Reason        string    `json:"reason"`                   // why it had got no messages
	LiftedBecause string    `json:"lifted_because,omitempty"` // empty: nothing was said
	CreatedAt     time.Time `json:"created_at"`
}

// DeleteSuppression sends messages to an address again. Where the customer said no, have the customer's word
// first.
func (c *Client) DeleteSuppression(ctx context.Context, id string, why Lift, options ...Option) error {
	k := c.call(http.MethodDelete, path("suppressions", id), options)
	k.query = values(why)
	_, err := c.do(ctx, k)
	return err
}
