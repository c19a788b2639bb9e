package client

import (
	"context"
	"net/http"
)

// SendPaymentLink says where a link is sent again.
type SendPaymentLink struct {
	Channels []string          `json:"channels,omitempty"` // at least one, unless Delivery says it
	Delivery *DeliveryPlan     `json:"delivery,omitempty"` // in steps, instead of Channels
	To       map[string]string `json:"to,omitempty"`       // corrected addresses by channel, for this sending only
	Purpose  string            `json:"purpose,omitempty"`  // reminder: in the words of one, at most once an hour; empty: the request again
}

// SentPaymentLink is what a second sending comes to.
type SentPaymentLink struct {
	ID         string    `json:"id"`     // plink_…
	Object     string    `json:"object"` // payment_link
	URL        string    `json:"url"`
	Code       string    `json:"code"`
	Deliveries []Message `json:"deliveries"` // the new messages, queued
}

// NewExpiry is a new lifetime of a link, in seconds from now.
type NewExpiry struct {
	ExpiresIn int64 `json:"expires_in,omitempty"`
}

// SendPaymentLink sends a link again: same URL, any channel.
func (c *Client) SendPaymentLink(ctx context.Context, id string, to SendPaymentLink, options ...Option) (SentPaymentLink, error) {
	return post[SentPaymentLink](ctx, c, path("payment_links", id, "send"), to, options)
}

// CancelPaymentLink withdraws a link at once. A payment that is under way may still succeed.
func (c *Client) CancelPaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "cancel"), nil, options)
}

// ReactivatePaymentLink takes a cancellation back.
func (c *Client) ReactivatePaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "reactivate"), nil, options)
}

// ExtendPaymentLink moves the expiry of a link that has not expired.
func (c *Client) ExtendPaymentLink(ctx context.Context, id string, by NewExpiry, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "extend"), by, options)
}

// RefreshPaymentLink revives an expired link on the same URL, without ExpiresIn for as long as its policy or
// the merchant's default says. It also says yes to a customer who asked for new time.
func (c *Client) RefreshPaymentLink(ctx context.Context, id string, by NewExpiry, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "refresh"), by, options)
}

// DeclineRefreshPaymentLink says no to a customer who asked for new time.
func (c *Client) DeclineRefreshPaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "decline_refresh"), nil, options)
}

// GetPaymentLinkTimeline reads the events of a link in the order in which they happened, at most 500.
func (c *Client) GetPaymentLinkTimeline(ctx context.Context, id string, options ...Option) ([]Event, error) {
	found, err := get[struct {
		Data []Event `json:"data"`
	}](ctx, c, path("payment_links", id, "timeline"), nil, options)
	return found.Data, err
}

// GetPaymentLinkQRPNG is the link's QR code as a PNG picture, as secret as the URL in it.
func (c *Client) GetPaymentLinkQRPNG(ctx context.Context, id string, options ...Option) ([]byte, error) {
	return c.do(ctx, c.call(http.MethodGet, path("payment_links", id, "qr.png"), options))
}

// GetPaymentLinkQRSVG is the link's QR code as an SVG picture, as secret as the URL in it.
func (c *Client) GetPaymentLinkQRSVG(ctx context.Context, id string, options ...Option) ([]byte, error) {
	return c.do(ctx, c.call(http.MethodGet, path("payment_links", id, "qr.svg"), options))
}
