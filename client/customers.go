package client

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"time"
)

// CustomerDetails are whom you want to keep as a customer. One of name, phone and e-mail address is needed.
type CustomerDetails struct {
	Name     string            `json:"name,omitempty"`
	Phone    string            `json:"phone,omitempty"` // with its country, or as it is written in yours
	Email    string            `json:"email,omitempty"`
	Locale   string            `json:"locale,omitempty"` // BCP 47
	TaxID    string            `json:"tax_id,omitempty"`
	Notes    string            `json:"notes,omitempty"` // internal
	Metadata map[string]string `json:"metadata,omitempty"`
}

// CustomerChange is what is to be different about a customer. What is nil stays; an empty text removes it.
type CustomerChange struct {
	Name     *string           `json:"name,omitempty"`
	Phone    *string           `json:"phone,omitempty"`
	Email    *string           `json:"email,omitempty"`
	Locale   *string           `json:"locale,omitempty"`
	TaxID    *string           `json:"tax_id,omitempty"`
	Notes    *string           `json:"notes,omitempty"`
	Metadata map[string]string `json:"metadata,omitzero"` // all of them anew; empty: none
}

// Customer is a person whom you ask for money, however many links were made for it.
type Customer struct {
	ID        string            `json:"id"`     // cust_…
	Object    string            `json:"object"` // customer
	Livemode  bool              `json:"livemode"`
	Name      string            `json:"name"`
	Phone     string            `json:"phone"` // E.164
	Email     string            `json:"email"`
	Locale    string            `json:"locale"`
	TaxID     string            `json:"tax_id"`
	Notes     string            `json:"notes"`
	Metadata  map[string]string `json:"metadata"`
	Revision  int64             `json:"revision"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	ErasedAt  *time.Time        `json:"erased_at"` // since when nothing personal is known; nil: not erased

	Standing *CustomerStanding `json:"standing,omitempty"` // of a single one that was read
}

// CustomerStanding is how you stand with a customer.
type CustomerStanding struct {
	Links         int64      `json:"links"`
	CountedInPart bool       `json:"counted_in_part"` // there are more than a thousand links
	OpenBalance   []Sum      `json:"open_balance"`
	Paid          []Sum      `json:"paid"`
	LastContactAt *time.Time `json:"last_contact_at"`
	BestChannel   *string    `json:"best_channel"` // on which most messages arrived; nil: none did
	OptedOut      []string   `json:"opted_out"`    // channels on which the customer said no
}

// Sum is money in one currency, in minor units.
type Sum struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// NewConsent is what a customer allowed or took back.
type NewConsent struct {
	Channel string `json:"channel,omitempty"` // sms, whatsapp, email or in_app
	Purpose string `json:"purpose,omitempty"` // transactional, promotional, or, only to withdraw, all
	State   string `json:"state,omitempty"`   // granted or withdrawn
	Source  string `json:"source,omitempty"`  // how you know, in your words
}

// CustomerConsent is one line of what a customer allowed and took back.
type CustomerConsent struct {
	ConsentSnapshot
	Object     string `json:"object"` // consent
	Livemode   bool   `json:"livemode"`
	CustomerID string `json:"customer_id"`
}

// ConsentSnapshot is what a customer allowed or took back.
type ConsentSnapshot struct {
	ID      string    `json:"id"` // cons_…
	Channel string    `json:"channel"`
	Purpose string    `json:"purpose"`
	State   string    `json:"state"`
	Source  string    `json:"source"` // in your words; stop, start, unsubscribe, complaint: the customer's own act
	Actor   string    `json:"actor"`  // key_…, usr_… or customer
	At      time.Time `json:"at"`
}

// PersonSnapshot is a customer as it was at an event, masked.
type PersonSnapshot struct {
	ID         string           `json:"id"`
	Object     string           `json:"object"` // customer
	Livemode   bool             `json:"livemode"`
	Name       string           `json:"name"`
	Phone      string           `json:"phone"`
	Email      string           `json:"email"`
	Locale     string           `json:"locale"`
	Revision   int64            `json:"revision"`
	MergedFrom string           `json:"merged_from,omitempty"`
	CreatedAt  time.Time        `json:"created_at"`
	UpdatedAt  time.Time        `json:"updated_at"`
	ErasedAt   *time.Time       `json:"erased_at"`
	Consent    *ConsentSnapshot `json:"consent,omitempty"`
}

// CustomerFilter narrows a list of customers.
type CustomerFilter struct {
	Page
	Phone string `query:"phone"`
	Email string `query:"email"`
	Q     string `query:"q"` // a phone number, an e-mail address, or a part of a name
}

// CustomerMerge names the customer that turned out to be the same person.
type CustomerMerge struct {
	From string `json:"from,omitempty"` // cust_…
}

// CustomerErasure is what may be done for a customer to be forgotten.
type CustomerErasure struct {
	CancelLinks bool `json:"cancel_links,omitempty"` // that can still be paid
}

// CreateCustomer adds a customer.
func (c *Client) CreateCustomer(ctx context.Context, details CustomerDetails, options ...Option) (Customer, error) {
	return post[Customer](ctx, c, path("customers"), details, options)
}

// ListCustomers yields customers, newest first.
func (c *Client) ListCustomers(ctx context.Context, filter CustomerFilter, options ...Option) iter.Seq2[Customer, error] {
	return list[Customer](ctx, c, path("customers"), filter, options)
}

// GetCustomer reads a customer, and how you stand with it.
func (c *Client) GetCustomer(ctx context.Context, id string, options ...Option) (Customer, error) {
	return get[Customer](ctx, c, path("customers", id), nil, options)
}

// UpdateCustomer changes a customer.
func (c *Client) UpdateCustomer(ctx context.Context, id string, to CustomerChange, options ...Option) (Customer, error) {
	k := c.call(http.MethodPatch, path("customers", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[Customer](ctx, c, k)
}

// MergeCustomer makes another customer one with this one, which cannot be taken back.
func (c *Client) MergeCustomer(ctx context.Context, id string, merge CustomerMerge, options ...Option) (Customer, error) {
	return post[Customer](ctx, c, path("customers", id, "merge"), merge, options)
}

// EraseCustomer forgets a customer, for good.
func (c *Client) EraseCustomer(ctx context.Context, id string, how CustomerErasure, options ...Option) (Customer, error) {
	return post[Customer](ctx, c, path("customers", id, "erase"), how, options)
}

// ExportCustomer writes everything that is held about a customer, as one JSON document.
func (c *Client) ExportCustomer(ctx context.Context, id string, to io.Writer, options ...Option) error {
	return c.download(ctx, c.call(http.MethodGet, path("customers", id, "export"), options), to)
}

// ListCustomerConsents yields what a customer allowed and took back, newest first.
func (c *Client) ListCustomerConsents(ctx context.Context, id string, from Page, options ...Option) iter.Seq2[CustomerConsent, error] {
	return list[CustomerConsent](ctx, c, path("customers", id, "consents"), from, options)
}

// RecordCustomerConsent writes down what a customer allowed or took back.
func (c *Client) RecordCustomerConsent(ctx context.Context, id string, said NewConsent, options ...Option) (CustomerConsent, error) {
	return post[CustomerConsent](ctx, c, path("customers", id, "consents"), said, options)
}
