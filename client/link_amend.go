package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// PaymentLinkAmendment is what is to be different about a link. What is nil or nothing stays as it is.
type PaymentLinkAmendment struct {
	Amount      *int64              `json:"amount,omitempty"` // minor units; never less than is paid, and not while a payment is under way
	Description *string             `json:"description,omitempty"`
	LineItems   []LineItem          `json:"line_items,omitempty"` // all of them anew, of a link that is made of lines
	ExpiresIn   Nullable[int64]     `json:"expires_in,omitzero"`  // seconds from now; null: never
	ExpiresAt   Nullable[time.Time] `json:"expires_at,omitzero"`  // instead of ExpiresIn
	DueAt       Nullable[time.Time] `json:"due_at,omitzero"`      // when the money is due; null: no day is named
	Reminders   []Reminder          `json:"reminders,omitzero"`   // all of them anew; empty: none
	Metadata    map[string]string   `json:"metadata,omitzero"`    // all of them anew; empty: none
	Notes       *string             `json:"notes,omitempty"`

	ReturnURL          *string  `json:"return_url,omitempty"`          // where the receipt leads back to; empty: nowhere
	AllowDiscountCodes []string `json:"allow_discount_codes,omitzero"` // all of them anew, or *; empty: none

	Restrict Nullable[NewRestriction] `json:"restrict,omitzero"` // for whom it opens, anew; null: for whoever has it
}

// OutsidePayment is money that was taken outside.
type OutsidePayment struct {
	Amount        int64      `json:"amount,omitempty"`         // minor units; 0: what is due
	Method        string     `json:"method,omitempty"`         // cash, cheque, bank_transfer, other
	BankReference string     `json:"bank_reference,omitempty"` // of a cheque or a transfer
	TakenAt       *time.Time `json:"taken_at,omitempty"`       // nil: now
}

// PaymentLinkCopy is what is different about a link that is made like another.
type PaymentLinkCopy struct {
	Reference string   `json:"reference,omitempty"`
	ExpiresIn int64    `json:"expires_in,omitempty"` // seconds from now; 0: the merchant's default
	Channels  []string `json:"channels,omitempty"`   // none: it is not sent
}

// IfRevision lets an amendment happen only to the revision of a link that was read: another one is a
// *Problem "wrong_revision" with the status 412. Such a call is not repeated when a connection breaks.
func IfRevision(revision int64) Option {
	return func(c *call) { c.ifMatch = strconv.Quote(strconv.FormatInt(revision, 10)) }
}

// AmendPaymentLink changes a link's terms on the same URL.
func (c *Client) AmendPaymentLink(ctx context.Context, id string, to PaymentLinkAmendment, options ...Option) (PaymentLink, error) {
	k := c.call(http.MethodPatch, path("payment_links", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[PaymentLink](ctx, c, k)
}

// PausePaymentLink stops a link from taking payments for now.
func (c *Client) PausePaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "pause"), nil, options)
}

// ResumePaymentLink ends a pause.
func (c *Client) ResumePaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "resume"), nil, options)
}

// ArchivePaymentLink takes a link that is done with out of the lists.
func (c *Client) ArchivePaymentLink(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "archive"), nil, options)
}

// RecordPayment notes a payment that was taken outside; the answer's Payments hold it.
func (c *Client) RecordPayment(ctx context.Context, id string, taken OutsidePayment, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "record_payment"), taken, options)
}

// DuplicatePaymentLink makes a new link with the same terms and customer, on a URL of its own.
func (c *Client) DuplicatePaymentLink(ctx context.Context, id string, like PaymentLinkCopy, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "duplicate"), like, options)
}
