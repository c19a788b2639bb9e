package client

import (
	"context"
	"time"
)

// Merchant is who the key acts for.
type Merchant struct {
	ID               string    `json:"id"`       // mer_…
	Object           string    `json:"object"`   // merchant
	Livemode         bool      `json:"livemode"` // the world that the key opens
	Name             string    `json:"name"`     // as customers know it
	LegalName        string    `json:"legal_name"`
	Country          string    `json:"country"` // ISO 3166
	Currency         string    `json:"currency"`
	Locale           string    `json:"locale"`
	TimeZone         string    `json:"time_zone"`          // IANA
	Header           string    `json:"header"`             // the sender header for SMS in India; empty: none
	DefaultExpiresIn *int64    `json:"default_expires_in"` // seconds that a link lives if it does not say; nil: for ever
	Now              time.Time `json:"now"`                // the time by which links are judged: in test mode the sandbox clock's
	CreatedAt        time.Time `json:"created_at"`
}

// GetMerchant says who the key acts for, and so whether it is good.
func (c *Client) GetMerchant(ctx context.Context, options ...Option) (Merchant, error) {
	return get[Merchant](ctx, c, path("merchant"), nil, options)
}

// TokenToVerify is a link token as somebody showed it.
type TokenToVerify struct {
	Token string `json:"token,omitempty"`
}

// VerifiedToken says what a link token is worth.
type VerifiedToken struct {
	Genuine bool         `json:"genuine"`           // the server signed it, for a link of yours in this mode
	Current bool         `json:"current,omitempty"` // it is of the link's present revision
	Claims  *TokenClaims `json:"claims,omitempty"`
}

// TokenClaims are the terms that a token signs.
type TokenClaims struct {
	LinkID     string     `json:"link_id"` // plink_…
	MerchantID string     `json:"merchant_id"`
	Livemode   bool       `json:"livemode"`
	Usage      string     `json:"usage"`  // single, multi
	Amount     int64      `json:"amount"` // minor units
	Currency   string     `json:"currency"`
	ExpiresAt  *time.Time `json:"expires_at"`
	Revision   int64      `json:"revision"`
}

// VerifyToken asks whether a link token is genuine and current.
func (c *Client) VerifyToken(ctx context.Context, token TokenToVerify, options ...Option) (VerifiedToken, error) {
	return post[VerifiedToken](ctx, c, path("tokens", "verify"), token, options)
}
