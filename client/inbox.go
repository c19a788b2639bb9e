package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// NewInboxToken asks for a token. A customer's own app uses the token in the place of an API key.
type NewInboxToken struct {
	ExpiresIn *int64 `json:"expires_in,omitempty"` // seconds, from a minute to thirty days; nil: a day
}

// InboxToken opens one customer's inbox.
type InboxToken struct {
	Object     string    `json:"object"` // inbox_token
	Livemode   bool      `json:"livemode"`
	CustomerID string    `json:"customer_id"`
	Token      string    `json:"token"` // itok_…: a secret of the customer
	ExpiresAt  time.Time `json:"expires_at"`
}

// InboxItem is a message in a customer's inbox.
type InboxItem struct {
	ID          string     `json:"id"`     // item_…
	Object      string     `json:"object"` // inbox_item
	Livemode    bool       `json:"livemode"`
	MessageID   string     `json:"message_id"`
	LinkID      string     `json:"link_id"`
	Title       string     `json:"title"`
	Text        string     `json:"text"`
	Language    string     `json:"language"`     // of title and text
	ButtonLabel *string    `json:"button_label"` // nil: there is nothing left to do
	URL         *string    `json:"url"`          // nil: there is nothing left to do
	Amount      int64      `json:"amount"`
	Currency    string     `json:"currency"`
	AmountDue   int64      `json:"amount_due"`
	Status      string     `json:"status"` // of the payment link
	ExpiresAt   *time.Time `json:"expires_at"`
	CreatedAt   time.Time  `json:"created_at"`
	ReadAt      *time.Time `json:"read_at"` // nil: not opened yet
}

// NewDevice is a browser or an app that wants notifications.
type NewDevice struct {
	Kind  string `json:"kind,omitempty"`  // webpush, fcm or apns
	Token string `json:"token,omitempty"` // the browser's subscription in JSON, or the token that FCM or APNs gave the app
}

// Device is a browser or an app that is told of what is new in an inbox.
type Device struct {
	ID         string    `json:"id"`     // dev_…
	Object     string    `json:"object"` // device
	Livemode   bool      `json:"livemode"`
	CustomerID string    `json:"customer_id"`
	Kind       string    `json:"kind"`
	CreatedAt  time.Time `json:"created_at"`
	SeenAt     time.Time `json:"seen_at"` // when it last registered
}

// CreateInboxToken makes a token for a customer's inbox.
func (c *Client) CreateInboxToken(ctx context.Context, customer string, t NewInboxToken, options ...Option) (InboxToken, error) {
	return post[InboxToken](ctx, c, path("customers", customer, "inbox_token"), t, options)
}

// EndInboxTokens ends every token for a customer's inbox.
func (c *Client) EndInboxTokens(ctx context.Context, customer string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("customers", customer, "inbox_token"), options))
	return err
}

// RegisterDevice registers a customer's device for notifications. One that is registered already is the same.
func (c *Client) RegisterDevice(ctx context.Context, customer string, d NewDevice, options ...Option) (Device, error) {
	return post[Device](ctx, c, path("customers", customer, "devices"), d, options)
}

// ListDevices yields a customer's devices.
func (c *Client) ListDevices(ctx context.Context, customer string, options ...Option) iter.Seq2[Device, error] {
	return list[Device](ctx, c, path("customers", customer, "devices"), nil, options)
}

// RemoveDevice sends no more notifications to a customer's device.
func (c *Client) RemoveDevice(ctx context.Context, customer, device string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("customers", customer, "devices", device), options))
	return err
}

// RegisterOwnDevice is RegisterDevice for a client whose key is an inbox token.
func (c *Client) RegisterOwnDevice(ctx context.Context, d NewDevice, options ...Option) (Device, error) {
	return post[Device](ctx, c, path("inbox", "devices"), d, options)
}

// ListOwnDevices is ListDevices for a client whose key is an inbox token.
func (c *Client) ListOwnDevices(ctx context.Context, options ...Option) iter.Seq2[Device, error] {
	return list[Device](ctx, c, path("inbox", "devices"), nil, options)
}

// RemoveOwnDevice is RemoveDevice for a client whose key is an inbox token.
func (c *Client) RemoveOwnDevice(ctx context.Context, device string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("inbox", "devices", device), options))
	return err
}

// ListInbox yields what stands in the inbox, newest first, for a client whose key is an inbox token. What is
// listed is noted as delivered.
func (c *Client) ListInbox(ctx context.Context, from Page, options ...Option) iter.Seq2[InboxItem, error] {
	return list[InboxItem](ctx, c, path("inbox"), from, options)
}

// ReadInboxItem marks an item as read.
func (c *Client) ReadInboxItem(ctx context.Context, id string, options ...Option) (InboxItem, error) {
	return post[InboxItem](ctx, c, path("inbox", "items", id, "read"), nil, options)
}

// InboxNews is one message of an inbox's stream.
type InboxNews struct {
	Item   *InboxItem `json:"item"`   // that is new or has changed; nil: the stream begins, or too much was missed: list again
	Unread int64      `json:"unread"` // items that are not opened and can still be paid, up to 100
	Place  string     `json:"-"`      // with which StreamInbox goes on after this
}

// StreamInbox yields what happens in the inbox, for a client whose key is an inbox token, after the place of an
// earlier one; empty: from now on. It ends with the connection, without an error when the server ends it; come
// back with the last place.
func (c *Client) StreamInbox(ctx context.Context, after string, options ...Option) iter.Seq2[InboxNews, error] {
	return func(yield func(InboxNews, error) bool) {
		k, on := c.call(http.MethodGet, path("inbox", "stream"), options), true
		var news InboxNews
		k.place = func(id string) { news.Place = id }
		err := c.listen(ctx, k, after, func(string) {}, func(data []byte) (bool, error) {
			news.Item = nil
			if err := json.Unmarshal(data, &news); err != nil {
				return true, fmt.Errorf("read a message of the inbox: %w", err)
			}
			on = yield(news, nil)
			return on, nil
		})
		if on && err != nil {
			yield(InboxNews{}, err)
		}
	}
}
