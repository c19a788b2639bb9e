package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
)

type replanIn struct {
	LinkPath
	Body replanBody
}

// replanBody is the plan that takes the place of the earlier one.
type replanBody struct {
	Instalments []paylink.Instalment `json:"instalments,omitempty" minItems:"1" maxItems:"36" doc:"in the order of their dates; they come to what is still due"`
	GraceDays   int64                `json:"grace_days,omitempty" minimum:"0" maximum:"30" doc:"an instalment is missed when it is not paid so many days after its date; 0 when absent"`
}

type promiseIn struct {
	LinkPath
	Body promiseBody
}

// promiseBody is what a customer said about when the money will come.
type promiseBody struct {
	Date   string `json:"date,omitempty" format:"date" doc:"required; the promised day, in your time zone; not over yet, and within 365 days" example:"2026-12-11"`
	Amount *int64 `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units that are to come by then; absent: the next instalment, or all that is due"`
	Note   string `json:"note,omitempty" maxLength:"500" doc:"internal; the customer never sees it"`
}

func (a *API) linkPlans() {
	add(a, huma.Operation{
		OperationID: "replan_payment_link", Method: http.MethodPost, Path: "/v1/payment_links/{id}/replan", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusOK, Summary: "Divide what is still due into instalments anew",
		Description: "A new revision on the same URL, also of a link that had no plan or was paid in parts. Not while a payment is under way.",
	}, a.replan)
	add(a, huma.Operation{
		OperationID: "promise_payment_link", Method: http.MethodPost, Path: "/v1/payment_links/{id}/promise", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusOK, Summary: "Note on which day the customer will pay",
		Description: "It holds until the end of that day in your time zone, and gives way to a later promise. No reminder goes out meanwhile. " +
			"You are told when it is kept, or broken.",
	}, a.promise)
	add(a, huma.Operation{
		OperationID: "withdraw_promise", Method: http.MethodPost, Path: "/v1/payment_links/{id}/withdraw_promise", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusOK, Summary: "Take the open promise of a link back", Description: "Reminders go on.",
	}, func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
		return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
			return a.Issuer.WithdrawPromise(ctx, by, paylink.LinkID(in.ID), c.claim)
		})
	})
}

func (a *API) replan(ctx context.Context, c *call, in *replanIn) (*linkAnswer, error) {
	return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
		p := paylink.Plan{Instalments: in.Body.Instalments, GraceDays: in.Body.GraceDays}
		return a.Issuer.Replan(ctx, by, paylink.LinkID(in.ID), p, c.claim)
	})
}

func (a *API) promise(ctx context.Context, c *call, in *promiseIn) (*linkAnswer, error) {
	return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
		return a.Issuer.Promise(ctx, by, paylink.LinkID(in.ID), issue.Promise{Date: in.Body.Date, Amount: in.Body.Amount, Note: in.Body.Note}, c.claim)
	})
}
