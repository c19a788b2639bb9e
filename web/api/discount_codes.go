package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
)

// discountBody is what a merchant may say about a new discount code.
type discountBody struct {
	Code            string     `json:"code,omitempty" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9-]{3,32}$" doc:"what the customer types; capitals or not" example:"DIWALI10"`
	Percent         string     `json:"percent,omitempty" maxLength:"8" pattern:"^[0-9]{1,2}(\\.[0-9]{1,4})?$" doc:"off what is asked, more than 0 and less than 100; exactly one of percent and amount" example:"10"`
	Amount          *int64     `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units off what is asked"`
	Currency        string     `json:"currency,omitempty" minLength:"3" maxLength:"3" doc:"of the amounts; with none of them the code applies to every currency" example:"INR"`
	MaximumDiscount *int64     `json:"maximum_discount,omitempty" minimum:"1" maximum:"1000000000000" doc:"the most that a percentage takes off, in minor units"`
	MinimumAmount   *int64     `json:"minimum_amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"the least that must be asked, in minor units"`
	MaxUses         *int64     `json:"max_uses,omitempty" minimum:"1" maximum:"1000000" doc:"how many payments; absent: without end"`
	StartsAt        *time.Time `json:"starts_at,omitempty" doc:"absent: at once"`
	EndsAt          *time.Time `json:"ends_at,omitempty" doc:"from then on it does not apply; absent: never"`
}

// discountChange is what may change in a discount code. What is absent stays as it is.
type discountChange struct {
	MaxUses nullable[int64]     `json:"max_uses,omitempty" doc:"how many payments; null: without end"`
	EndsAt  nullable[time.Time] `json:"ends_at,omitempty" doc:"null: never"`
	Active  *bool               `json:"active,omitempty" doc:"false: nobody can use it for now"`
}

// DiscountPath is the id in a path; exported for the same reason as Page.
type DiscountPath struct {
	ID string `path:"id" doc:"disc_…"`
}

type discountView = paylink.DiscountCodeSnapshot

type discountAnswer struct{ Body discountView }

type discountCreated struct {
	Location string `header:"Location" doc:"path of the new discount code"`
	Body     discountView
}

func (a *API) discountOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/discount_codes" + path, Tags: []string{"Discount codes"}, DefaultStatus: status, Summary: summary,
		}
	}
	add(a, about("create_discount_code", http.MethodPost, "", "Make a discount code", http.StatusCreated), a.createDiscount)
	add(a, about("list_discount_codes", http.MethodGet, "", "List discount codes, newest first", http.StatusOK), a.listDiscounts)
	add(a, about("get_discount_code", http.MethodGet, "/{id}", "Read a discount code", http.StatusOK), a.getDiscount)
	add(a, about("update_discount_code", http.MethodPatch, "/{id}", "Change how long and how often a discount code applies", http.StatusOK), a.updateDiscount)
}

func (a *API) createDiscount(ctx context.Context, c *call, in *struct{ Body discountBody }) (*discountCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	made, err := a.Issuer.CreateDiscountCode(ctx, by, issue.DiscountDraft{
		Code: b.Code, Percent: b.Percent, Amount: b.Amount, Currency: paylink.Currency(b.Currency), Maximum: b.MaximumDiscount, Minimum: b.MinimumAmount,
		MaxUses: b.MaxUses, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
	}, c.claim)
	if err != nil {
		return nil, err
	}
	return &discountCreated{"/v1/discount_codes/" + string(made.ID), *made}, nil
}

func (a *API) listDiscounts(ctx context.Context, c *call, in *Page) (*listAnswer[discountView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).DiscountCodes(c.Merchant, c.Live, paylink.DiscountCodeID(before), in.size())
	if err != nil {
		return nil, err
	}
	views := each(all, func(d paylink.DiscountCode) discountView { return *d.Snapshot() })
	return answer(c, *in, views, func(d discountView) string { return string(d.ID) }), nil
}

func (a *API) getDiscount(ctx context.Context, c *call, in *DiscountPath) (*discountAnswer, error) {
	d, err := a.Store.Read(ctx).DiscountCode(c.Merchant, c.Live, paylink.DiscountCodeID(in.ID))
	return &discountAnswer{*d.Snapshot()}, err
}

func (a *API) updateDiscount(ctx context.Context, c *call, in *struct {
	DiscountPath
	Body discountChange
}) (*discountAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	change := issue.DiscountChange{MaxUses: in.Body.MaxUses.Value, NoLimit: in.Body.MaxUses.Null, EndsAt: in.Body.EndsAt.Value, NoEnd: in.Body.EndsAt.Null, Active: in.Body.Active}
	made, err := a.Issuer.ChangeDiscountCode(ctx, by, paylink.DiscountCodeID(in.ID), change)
	if err != nil {
		return nil, err
	}
	return &discountAnswer{*made}, nil
}

func sampleDiscountAnswer(operation string, one func(any) any) any {
	v := *paylink.DiscountCode{
		ID: sampleDiscount, Merchant: sampleMerchant, Code: "DIWALI10", Percent: "10", Currency: "INR", Maximum: 50000, MaxUses: 500, Uses: 17,
		Active: operation != "update_discount_code", CreatedAt: sampleMade, UpdatedAt: samplePaid,
	}.Snapshot()
	switch operation {
	case "list_discount_codes":
		return one(v)
	case "create_discount_code":
		v.Uses, v.UpdatedAt = 0, v.CreatedAt
	}
	return v
}
