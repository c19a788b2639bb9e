package client

import (
	"context"
	"iter"
	"time"
)

// NewPaymentLink is what can be said about a new link. Amount is required.
type NewPaymentLink struct {
	Amount        int64               `json:"amount,omitempty"`          // minor units: 245000 INR is ₹2,450.00
	Currency      string              `json:"currency,omitempty"`        // ISO 4217; empty: the merchant's
	Description   string              `json:"description,omitempty"`     // what the customer pays for
	Reference     string              `json:"reference,omitempty"`       // yours; unique among the links that are neither cancelled nor expired
	Customer      *NewCustomer        `json:"customer,omitempty"`        //
	Usage         *NewUsage           `json:"usage,omitempty"`           // nil: paid once
	ExpiresIn     Nullable[int64]     `json:"expires_in,omitzero"`       // seconds from now; null: never; nothing: the merchant's default
	ExpiresAt     Nullable[time.Time] `json:"expires_at,omitzero"`       // instead of ExpiresIn
	Channels      []string            `json:"channels,omitempty"`        // sms, whatsapp, email, in_app; none: send nothing
	Methods       []string            `json:"methods,omitempty"`         // card, upi, netbanking; none: every one there is
	ReturnURL     string              `json:"return_url,omitempty"`      // https; where the receipt leads back to
	Metadata      map[string]string   `json:"metadata,omitempty"`        // up to 50 texts of your own
	Notes         string              `json:"notes,omitempty"`           // internal; the customer never sees them
	OnLatePayment string              `json:"on_late_payment,omitempty"` // accept, hold, refund, credit; empty: accept
	OnDuplicate   string              `json:"on_duplicate,omitempty"`    // likewise; empty: refund
	linkTerms
	Plan     *NewPlan        `json:"plan,omitempty"`     // instead of Partial
	Restrict *NewRestriction `json:"restrict,omitempty"` // for whom it opens; nil: for whoever has it
	Replaces string          `json:"replaces,omitempty"` // a link for which this one stands in: that one is cancelled, and its page leads here

	NotifyExpiry *bool `json:"notify_expiry,omitempty"` // a reminder before it expires; nil: as the merchant has decided
}

// NewCustomer is whom a link asks.
type NewCustomer struct {
	ID     string `json:"id,omitempty"` // a customer that you have; empty: a new one
	Name   string `json:"name,omitempty"`
	Phone  string `json:"phone,omitempty"` // with its country, or as it is written in yours
	Email  string `json:"email,omitempty"`
	Locale string `json:"locale,omitempty"` // BCP 47; the language of page and messages
	TaxID  string `json:"tax_id,omitempty"`
}

// NewUsage is how often a link may be paid.
type NewUsage struct {
	Mode           string `json:"mode,omitempty"`             // single or multi
	MaxPayments    int64  `json:"max_payments,omitempty"`     // for multi; 0: without end
	MaxTotal       int64  `json:"max_total,omitempty"`        // for multi: of all payments together, in minor units
	MaxPerCustomer int64  `json:"max_per_customer,omitempty"` // for multi: payments of one browser
}

// PaymentLink is a link as its merchant sees it.
type PaymentLink struct {
	LinkSnapshot
	URL        string    `json:"url"`                  // opens the payment page: as secret as the code in it
	Code       string    `json:"code"`                 // whoever has it can open the page
	Token      string    `json:"token,omitempty"`      // at creation and when it was asked for: the signed terms
	Deliveries []Message `json:"deliveries,omitempty"` // the messages that carry the link; none after a change
	Payments   []Payment `json:"payments,omitempty"`   // the last 10, newest first; none in lists and after a change

	Timeline         []Event    `json:"timeline,omitempty"`           // when it was asked for: what happened, in its order
	ProofLockedUntil *time.Time `json:"proof_locked_until,omitempty"` // of one restricted link: until when wrong proofs keep it, or one browser, locked

	Reminders []PlannedReminder `json:"reminders,omitempty"` // in the place of the snapshot's bare rules
	Delivery  *DeliveryState    `json:"delivery,omitempty"`  // likewise of its plan; nil: on all channels at once
}

// LinkSnapshot is a link as it was at some time. Amounts are minor units of Currency.
type LinkSnapshot struct {
	linkTerms
	Plan             *Plan               `json:"plan,omitempty"`
	Totals           *Totals             `json:"totals,omitempty"`   // of line items
	Restrict         *Restriction        `json:"restrict,omitempty"` // for whom it opens; nil: for whoever has it
	ID               string              `json:"id"`                 // plink_…
	Object           string              `json:"object"`             // payment_link
	Livemode         bool                `json:"livemode"`
	Status           string              `json:"status"`   // pending, failed, partially_paid, paid, expired, cancelled
	Revision         int64               `json:"revision"` // of the terms
	Amount           int64               `json:"amount"`
	Currency         string              `json:"currency"`
	AmountPaid       int64               `json:"amount_paid"`
	AmountAdded      int64               `json:"amount_added,omitempty"`      // the part of AmountPaid that is tips and the like
	AmountDiscounted int64               `json:"amount_discounted,omitempty"` // what discount codes took off
	AmountDue        int64               `json:"amount_due"`
	AmountRefunded   int64               `json:"amount_refunded"`
	PaymentsCount    int64               `json:"payments_count"`
	Description      string              `json:"description"`
	Reference        string              `json:"reference"`
	Customer         *CustomerSnapshot   `json:"customer"`
	Usage            UsageSnapshot       `json:"usage"`
	Channels         []string            `json:"channels"`
	Methods          []string            `json:"methods"`
	OnLatePayment    string              `json:"on_late_payment"`
	OnDuplicate      string              `json:"on_duplicate"`
	ReturnURL        string              `json:"return_url"`
	Metadata         map[string]string   `json:"metadata"`
	Notes            string              `json:"notes"`
	Hold             *HoldSnapshot       `json:"hold"`
	ArchivedAt       *time.Time          `json:"archived_at"`
	ReplacedBy       *string             `json:"replaced_by"`
	NextInstalment   *InstalmentStanding `json:"next_instalment,omitempty"` // of a plan
	Promise          *Promise            `json:"promise,omitempty"`
	OpenedAt         *time.Time          `json:"opened_at"`
	PaidAt           *time.Time          `json:"paid_at"`
	ExpiresAt        *time.Time          `json:"expires_at"`
	CreatedAt        time.Time           `json:"created_at"`
	UpdatedAt        time.Time           `json:"updated_at"`
	CreatedBy        string              `json:"created_by"` // key_… or usr_…

	Refreshes          int64      `json:"refreshes,omitempty"`            // how often it was given new time
	RefreshRequestedAt *time.Time `json:"refresh_requested_at,omitempty"` // since when the customer waits for an answer
	RefreshDeclinedAt  *time.Time `json:"refresh_declined_at,omitempty"`
}

// CustomerSnapshot is the customer of a link; in events with masks in the place of personal data.
type CustomerSnapshot struct {
	ID     string `json:"id"` // cust_…
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Email  string `json:"email"`
	Locale string `json:"locale"`
	TaxID  string `json:"tax_id,omitempty"` // absent in events
}

// UsageSnapshot is how often a link may be paid.
type UsageSnapshot struct {
	Mode           string `json:"mode"`         // single, multi
	MaxPayments    *int64 `json:"max_payments"` // nil: without end
	MaxTotal       int64  `json:"max_total,omitempty"`
	MaxPerCustomer int64  `json:"max_per_customer,omitempty"`
}

// HoldSnapshot is why a link cannot be paid for the time being.
type HoldSnapshot struct {
	Reason string    `json:"reason"` // tampered, paused, takedown, risk
	Since  time.Time `json:"since"`
}

// Message is one message on its way to the customer.
type Message struct {
	messageFacts
	Attempts []MessageAttempt `json:"attempts,omitempty"` // when they were asked for: each call to a provider
}

type messageFacts struct {
	ID          string     `json:"id"`              // msg_…
	Channel     string     `json:"channel"`         // sms, whatsapp, email, in_app
	Purpose     string     `json:"purpose"`         // transactional: the request itself; reminder: once more, later
	Kind        string     `json:"kind"`            // request, reminder, expiring, overdue, receipt, refund, code: in which words it is
	About       string     `json:"about,omitempty"` // of a receipt or refund notice: the payment or refund that it tells of
	Provider    string     `json:"provider"`        // who carries it; empty until it is handed over
	To          string     `json:"to"`              // the address; for in_app the customer's id
	Status      string     `json:"status"`          // scheduled, queued, sent, delivered, read, failed, blocked, skipped, unknown
	SentAt      *time.Time `json:"sent_at"`
	DeliveredAt *time.Time `json:"delivered_at"`
	ReadAt      *time.Time `json:"read_at"`
	FailedAt    *time.Time `json:"failed_at"`
	Error       string     `json:"error"`  // the provider's code, or ours
	Reason      string     `json:"reason"` // the same in our words; empty: there is no more to say

	// Of a delivery plan.
	Step   int64      `json:"step,omitempty"`   // its place, from 1
	DueAt  *time.Time `json:"due_at,omitempty"` // when it goes out or went out, or would have
	Unless string     `json:"unless,omitempty"` // sent, delivered, read, opened: then it is not needed
}

// LinkFilter chooses links. What is zero does not filter.
type LinkFilter struct {
	Page
	Status        string    `query:"status"` // pending, failed, partially_paid, paid, expired, cancelled
	Reference     string    `query:"reference"`
	Customer      string    `query:"customer"` // cust_…
	Phone         string    `query:"phone"`    // in any writing, such as +919812345642
	Email         string    `query:"email"`
	Channel       string    `query:"channel"` // one that the link was made for
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
	AmountMin     int64     `query:"amount_min"` // minor units
	AmountMax     int64     `query:"amount_max"`
	DueAfter      time.Time `query:"due_after"` // money is due next after this
	DueBefore     time.Time `query:"due_before"`
	Overdue       bool      `query:"overdue"`           // only those of which money should have come by now
	Promised      bool      `query:"promised"`          // only those with an open promise to pay
	Asking        bool      `query:"refresh_requested"` // only those whose customer asked for more time and waits
	Archived      bool      `query:"archived"`          // only what was archived; otherwise only what was not
	Include       string    `query:"include"`           // token, attempts, payments: as well; none: only what is named; several with commas
	Text          string    `query:"q"`                 // what identifies a link, such as its id, code, URL, phone, e-mail or amount; or part of its reference or description
}

// CreatePaymentLink makes a link and sends it on its channels.
func (c *Client) CreatePaymentLink(ctx context.Context, link NewPaymentLink, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links"), link, options)
}

// ListPaymentLinks yields links, newest first.
func (c *Client) ListPaymentLinks(ctx context.Context, filter LinkFilter, options ...Option) iter.Seq2[PaymentLink, error] {
	return list[PaymentLink](ctx, c, path("payment_links"), filter, options)
}

// Shown is what an answer about one link shows besides the link.
type Shown struct {
	Include string `query:"include"` // token: the signed terms, attempts: each call to a provider, timeline: what happened, as well; none: only what is named; several with commas
}

// GetPaymentLink reads a link with its messages and last payments.
func (c *Client) GetPaymentLink(ctx context.Context, id string, shown Shown, options ...Option) (PaymentLink, error) {
	return get[PaymentLink](ctx, c, path("payment_links", id), shown, options)
}
