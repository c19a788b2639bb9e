package client

import (
	"context"
	"iter"
	"time"
)

// Event is one thing that happened.
type Event struct {
	ID         string    `json:"id"`     // evt_…
	Object     string    `json:"object"` // event
	Type       string    `json:"type"`   // payment_link.paid and so on
	Timestamp  time.Time `json:"timestamp"`
	Livemode   bool      `json:"livemode"`
	MerchantID string    `json:"merchant_id"`
	Sequence   int64     `json:"sequence"` // its place among your events of this mode, without gaps; 0 for the moment until it has one
	APIVersion string    `json:"api_version"`
	Hash       string    `json:"hash"`  // binds it to the event before it
	Actor      string    `json:"actor"` // key_…, usr_…, customer, gateway, carrier or system
	Data       EventData `json:"data"`
}

// EventData names each object that an event is about, as it was, with masks in the place of personal data.
type EventData struct {
	PaymentLink     *LinkSnapshot       `json:"payment_link,omitempty"`
	Instalment      *InstalmentStanding `json:"instalment,omitempty"`
	Refund          *Refund             `json:"refund,omitempty"`
	Payment         *Payment            `json:"payment,omitempty"`
	Dispute         *DisputeSnapshot    `json:"dispute,omitempty"`
	Message         *MessageSnapshot    `json:"message,omitempty"`
	WebhookEndpoint *EndpointSnapshot   `json:"webhook_endpoint,omitempty"`
	Bulk            *BulkSnapshot       `json:"bulk,omitempty"`
	Risk            *RiskSnapshot       `json:"risk,omitempty"`
	Merchant        *MerchantSnapshot   `json:"merchant,omitempty"`

	DiscountCode *DiscountCode    `json:"discount_code,omitempty"`
	Account      *AccountSnapshot `json:"account,omitempty"`

	Suppression *SuppressionSnapshot `json:"suppression,omitempty"`
	Customer    *PersonSnapshot      `json:"customer,omitempty"`
}

// MessageSnapshot is a message as it was at an event.
type MessageSnapshot struct {
	messageFacts
	LinkID string `json:"link_id"`
}

// ListEvents yields events, newest first.
func (c *Client) ListEvents(ctx context.Context, from Page, options ...Option) iter.Seq2[Event, error] {
	return list[Event](ctx, c, path("events"), from, options)
}
