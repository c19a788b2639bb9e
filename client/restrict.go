package client

import (
	"context"
	"time"
)

// NewRestriction says for whom a link opens.
type NewRestriction struct {
	Proof     string   `json:"proof,omitempty"`     // phone_digits, code, pin; empty: none
	PIN       string   `json:"pin,omitempty"`       // with the proof pin: 4 to 8 digits; it is never answered
	Countries []string `json:"countries,omitempty"` // ISO 3166-1 codes; none: everywhere
}

// Restriction is for whom a link opens.
type Restriction struct {
	Proof     string   `json:"proof,omitempty"`
	PINSet    bool     `json:"pin_set,omitempty"` // there is a PIN
	Countries []string `json:"countries,omitempty"`
}

// RiskSnapshot is what was stopped because somebody did it too often, and for how long.
type RiskSnapshot struct {
	Reason    string    `json:"reason"` // wrong_proofs
	Until     time.Time `json:"until"`
	Everybody bool      `json:"everybody"` // for all browsers, not only for the one that did it
}

// ResetPaymentLinkProof lets those try again who are locked out by wrong proofs.
func (c *Client) ResetPaymentLinkProof(ctx context.Context, id string, options ...Option) (PaymentLink, error) {
	return post[PaymentLink](ctx, c, path("payment_links", id, "reset_proof"), nil, options)
}
