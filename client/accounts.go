package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Provider is what carries messages, and what it asks for.
type Provider struct {
	Name          string          `json:"name"`
	Object        string          `json:"object"` // provider
	Kind          string          `json:"kind"`   // channel or gateway
	Methods       []string        `json:"methods"`
	Currencies    []string        `json:"currencies"` // nothing: any, for a gateway
	Abilities     []string        `json:"abilities"`  // what a gateway can do beside taking a payment
	Title         string          `json:"title"`
	Channels      []string        `json:"channels"`
	Reads         []string        `json:"reads"`          // of those, where it can know that a message was read
	Receipts      bool            `json:"receipts"`       // whether it tells what became of a message
	Idempotent    bool            `json:"idempotent"`     // whether it sends once what it is asked twice
	TemplatesOnly bool            `json:"templates_only"` // whether it carries registered templates only
	Testable      bool            `json:"testable"`       // whether TestAccount can ask it
	JudgedBy      *string         `json:"judged_by"`      // nil: unverified
	Schemes       []string        `json:"schemes"`        // of a base URL where it speaks no HTTP: an account then needs one
	Fields        []ProviderField `json:"fields"`
}

// ProviderField is one thing that an account with a provider needs.
type ProviderField struct {
	Name      string   `json:"name"` // in the fields of an account
	Label     string   `json:"label"`
	Help      string   `json:"help"`
	Example   string   `json:"example"`
	Pattern   string   `json:"pattern"` // RE2, of the whole value
	MaxLength int      `json:"max_length"`
	Secret    bool     `json:"secret"`
	Required  bool     `json:"required"`
	Options   []string `json:"options"` // the only values; empty: any
}

// NewAccount is your own account with a provider, to be connected.
type NewAccount struct {
	Provider    string            `json:"provider,omitempty"`
	Channel     string            `json:"channel,omitempty"` // empty: each that the provider carries
	Name        string            `json:"name,omitempty"`
	BaseURL     string            `json:"base_url,omitempty"` // empty: the provider's own
	Fields      map[string]string `json:"fields,omitempty"`   // secrets among them
	Rank        *int64            `json:"rank,omitempty"`     // nil: after all others
	SwitchedOff bool              `json:"switched_off,omitempty"`
}

// Account is your own account with a provider. Its secrets never come back.
type Account struct {
	ID          string            `json:"id"`     // acct_…
	Object      string            `json:"object"` // account
	Kind        string            `json:"kind"`   // channel or gateway
	Livemode    bool              `json:"livemode"`
	Provider    string            `json:"provider"`
	Title       string            `json:"title"`
	Channels    []string          `json:"channels"`
	Methods     []string          `json:"methods"` // that its gateway takes
	Name        string            `json:"name"`
	BaseURL     *string           `json:"base_url"` // nil: the provider's own
	Fields      map[string]string `json:"fields"`
	SecretsSet  []string          `json:"secrets_set"`
	Rank        int64             `json:"rank"`
	SwitchedOff bool              `json:"switched_off"`
	ReceiptURL  *string           `json:"receipt_url"` // to be pasted into the provider's console; nil: it posts none
	Sandbox     bool              `json:"sandbox"`     // the server's own

	PreviousSecretsUntil *time.Time `json:"previous_secrets_until"` // what is signed with them is believed; nil: it is not
}

// AccountChange is what is to be different about an account. What is nil or nothing stays.
type AccountChange struct {
	Channel     Nullable[string]  `json:"channel,omitzero"` // null: each that the provider carries
	Name        *string           `json:"name,omitempty"`
	BaseURL     Nullable[string]  `json:"base_url,omitzero"` // null: the provider's own
	Fields      map[string]string `json:"fields,omitempty"`  // an empty text takes one away
	Rank        *int64            `json:"rank,omitempty"`
	SwitchedOff *bool             `json:"switched_off,omitempty"`

	PreviousSecretsFor *int64 `json:"previous_secrets_for,omitempty"` // seconds; nil: a day
}

// AccountTest is what a provider says of credentials.
type AccountTest struct {
	Works      bool    `json:"works"`
	Reason     string  `json:"reason,omitempty"`
	Detail     string  `json:"detail"` // a sentence
	Code       string  `json:"code,omitempty"`
	Words      string  `json:"words,omitempty"` // the provider's own
	ReceiptURL *string `json:"receipt_url"`
}

// AccountSnapshot is an account as it was at an event.
type AccountSnapshot struct {
	ID          string   `json:"id"`
	Object      string   `json:"object"`
	Livemode    bool     `json:"livemode"`
	Provider    string   `json:"provider"`
	Channel     string   `json:"channel,omitempty"`
	Rank        int64    `json:"rank"`
	SwitchedOff bool     `json:"switched_off"`
	Fields      []string `json:"fields"` // the names of those that are set
	Changed     []string `json:"changed,omitempty"`
}

// ListProviders yields the providers that can be connected, by their titles.
func (c *Client) ListProviders(ctx context.Context, from Page, options ...Option) iter.Seq2[Provider, error] {
	return list[Provider](ctx, c, path("providers"), from, options)
}

// ConnectAccount connects an account with a provider.
func (c *Client) ConnectAccount(ctx context.Context, account NewAccount, options ...Option) (Account, error) {
	return post[Account](ctx, c, path("accounts"), account, options)
}

// ListAccounts yields accounts, the preferred first.
func (c *Client) ListAccounts(ctx context.Context, from Page, options ...Option) iter.Seq2[Account, error] {
	return list[Account](ctx, c, path("accounts"), from, options)
}

// GetAccount reads an account.
func (c *Client) GetAccount(ctx context.Context, id string, options ...Option) (Account, error) {
	return get[Account](ctx, c, path("accounts", id), nil, options)
}

// UpdateAccount changes an account from now on. A secret that is not sent stays.
func (c *Client) UpdateAccount(ctx context.Context, id string, to AccountChange, options ...Option) (Account, error) {
	k := c.call(http.MethodPatch, path("accounts", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[Account](ctx, c, k)
}

// DisconnectAccount disconnects an account; its secrets are forgotten.
func (c *Client) DisconnectAccount(ctx context.Context, id string, options ...Option) error {
	_, err := c.do(ctx, c.call(http.MethodDelete, path("accounts", id), options))
	return err
}

// TestAccount asks the provider whether an account's credentials are good, without a message.
func (c *Client) TestAccount(ctx context.Context, id string, options ...Option) (AccountTest, error) {
	return post[AccountTest](ctx, c, path("accounts", id, "test"), nil, options)
}
