package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// NewDiscountCode is a discount code to be made: exactly one of Percent and Amount.
type NewDiscountCode struct {
	Code            string     `json:"code,omitempty"`
	Percent         string     `json:"percent,omitempty"`          // off what is asked, as a decimal text: "10"
	Amount          int64      `json:"amount,omitempty"`           // minor units off what is asked
	Currency        string     `json:"currency,omitempty"`         // of the amounts; none of them: any currency
	MaximumDiscount int64      `json:"maximum_discount,omitempty"` // the most that a percentage takes off
	MinimumAmount   int64      `json:"minimum_amount,omitempty"`   // the least that must be asked
	MaxUses         int64      `json:"max_uses,omitempty"`         // 0: without end
	StartsAt        *time.Time `json:"starts_at,omitempty"`        // nil: at once
	EndsAt          *time.Time `json:"ends_at,omitempty"`          // nil: never
}

// DiscountCode lowers the amount of links that take it.
type DiscountCode struct {
	ID              string     `json:"id"`     // disc_…
	Object          string     `json:"object"` // discount_code
	Livemode        bool       `json:"livemode"`
	Code            string     `json:"code"`
	Percent         string     `json:"percent,omitempty"`
	Amount          int64      `json:"amount,omitempty"`
	Currency        string     `json:"currency,omitempty"`
	MaximumDiscount int64      `json:"maximum_discount,omitempty"`
	MinimumAmount   int64      `json:"minimum_amount,omitempty"`
	MaxUses         int64      `json:"max_uses,omitempty"`
	Uses            int64      `json:"uses"` // payments under way and captured with it
	StartsAt        *time.Time `json:"starts_at"`
	EndsAt          *time.Time `json:"ends_at"`
	Active          bool       `json:"active"`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`
}

// DiscountCodeChange is what is to be different about a discount code. What is nil or nothing stays.
type DiscountCodeChange struct {
	MaxUses Nullable[int64]     `json:"max_uses,omitzero"` // null: without end
	EndsAt  Nullable[time.Time] `json:"ends_at,omitzero"`  // null: never
	Active  *bool               `json:"active,omitempty"`
}

// CreateDiscountCode makes a discount code.
func (c *Client) CreateDiscountCode(ctx context.Context, code NewDiscountCode, options ...Option) (DiscountCode, error) {
	return post[DiscountCode](ctx, c, path("discount_codes"), code, options)
}

// ListDiscountCodes yields discount codes, newest first.
func (c *Client) ListDiscountCodes(ctx context.Context, from Page, options ...Option) iter.Seq2[DiscountCode, error] {
	return list[DiscountCode](ctx, c, path("discount_codes"), from, options)
}

// GetDiscountCode reads a discount code.
func (c *Client) GetDiscountCode(ctx context.Context, id string, options ...Option) (DiscountCode, error) {
	return get[DiscountCode](ctx, c, path("discount_codes", id), nil, options)
}

// UpdateDiscountCode changes how long and how often a discount code applies.
func (c *Client) UpdateDiscountCode(ctx context.Context, id string, to DiscountCodeChange, options ...Option) (DiscountCode, error) {
	k := c.call(http.MethodPatch, path("discount_codes", id), options)
	if k.wrong == nil {
		k.body, k.wrong = json.Marshal(to)
	}
	return answered[DiscountCode](ctx, c, k)
}
