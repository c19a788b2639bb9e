package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/web/respond"
)

type amendIn struct {
	LinkPath
	IfMatch string `header:"If-Match" doc:"the ETag of the link as you read it; another revision answers 412"`
	Body    amendBody
}

// amendBody is what may change in a link. What is absent stays as it is.
type amendBody struct {
	Amount      *int64              `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units; never less than is paid, and not while a payment is under way" example:"198000"`
	Description *string             `json:"description,omitempty" maxLength:"500" doc:"what the customer pays for"`
	LineItems   []paylink.LineItem  `json:"line_items,omitempty" maxItems:"50" doc:"all lines anew, of a link that is made of lines; never less than is paid, and not while a payment is under way"`
	ExpiresIn   nullable[int64]     `json:"expires_in,omitempty" doc:"seconds from now; null: never"`
	ExpiresAt   nullable[time.Time] `json:"expires_at,omitempty" doc:"instead of expires_in; null: never"`
	DueAt       nullable[time.Time] `json:"due_at,omitempty" doc:"when the money is due; null: no day is named"`
	Reminders   []paylink.Reminder  `json:"reminders,omitempty" maxItems:"10" doc:"all of the reminders anew; an empty list removes them"`
	Metadata    map[string]string   `json:"metadata,omitempty" doc:"all of your texts anew; an empty object removes them"`
	Notes       *string             `json:"notes,omitempty" maxLength:"2000" doc:"internal; the customer never sees them"`

	ReturnURL     *string  `json:"return_url,omitempty" maxLength:"2048" doc:"https; where the receipt leads back to, an address of a registered origin; an empty text: nowhere"`
	DiscountCodes []string `json:"allow_discount_codes,omitempty" maxItems:"20" doc:"all of the codes that a payment may use anew, or * for all that you have; an empty list: none"`

	Restrict nullable[restrictBody] `json:"restrict,omitempty" doc:"for whom the link opens, anew; the PIN that it has stays unless there is another; null: for whoever has it"`
}

type recordIn struct {
	LinkPath
	Body recordBody
}

// recordBody is money that was taken outside.
type recordBody struct {
	Amount        *int64         `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"minor units; what is due when absent, and never more"`
	Method        paylink.Method `json:"method,omitempty" enum:"cash,cheque,bank_transfer,other" doc:"required" example:"cash"`
	BankReference string         `json:"bank_reference,omitempty" maxLength:"100" doc:"of a cheque or a transfer"`
	TakenAt       *time.Time     `json:"taken_at,omitempty" doc:"when it was taken, within the last 366 days; now when absent"`
}

func (a *API) linkAmendments() {
	add(a, huma.Operation{
		OperationID: "amend_payment_link", Method: http.MethodPatch, Path: "/v1/payment_links/{id}", Tags: []string{"Payment links"},
		Summary: "Change a link's terms on the same URL",
		Description: "What the customer sees becomes a new revision, and a page that was opened before does not pay by the old one. " +
			"Notes and metadata are yours alone: changing only them is no new revision.",
	}, a.amendLink)
	add(a, huma.Operation{
		OperationID: "duplicate_payment_link", Method: http.MethodPost, Path: "/v1/payment_links/{id}/duplicate", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusCreated, Summary: "Make a new link like this one",
		Description: "The same terms and customer, on a URL of its own; a reference only if you give one.",
	}, a.duplicateLink)
	add(a, huma.Operation{
		OperationID: "record_payment", Method: http.MethodPost, Path: "/v1/payment_links/{id}/record_payment", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusOK, Summary: "Record a payment that was taken outside",
		Description: "Cash, a cheque, a bank transfer. It counts at once, also on a link that has expired or was cancelled. The answer's payments hold the new one.",
	}, a.recordPayment)
}

type copyIn struct {
	LinkPath
	Body *copyBody
}

// copyBody is what is different about a link that is made like another.
type copyBody struct {
	Reference string            `json:"reference,omitempty" maxLength:"100" doc:"the new link's; absent: none"`
	ExpiresIn *int64            `json:"expires_in,omitempty" minimum:"1" maximum:"31536000" doc:"seconds from now; absent: your default"`
	Channels  []paylink.Channel `json:"channels,omitempty" doc:"sent on all of them at once; none: not sent"`
}

func (a *API) duplicateLink(ctx context.Context, c *call, in *copyIn) (*linkCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	var like issue.Copy
	if in.Body != nil {
		like = issue.Copy(*in.Body)
	}
	made, err := a.Issuer.Duplicate(ctx, by, paylink.LinkID(in.ID), like, c.claim)
	return a.created(ctx, c, made, err)
}

func (a *API) amendLink(ctx context.Context, c *call, in *amendIn) (*linkAnswer, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	b := in.Body
	answer, err := a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
		to := issue.Amendment{
			Amount: b.Amount, Items: b.LineItems, Description: b.Description, Notes: b.Notes, Metadata: b.Metadata, IfRevision: revision,
			ExpiresIn: b.ExpiresIn.Value, ExpiresAt: b.ExpiresAt.Value, NoExpiry: b.ExpiresIn.Null || b.ExpiresAt.Null,
			DueAt: b.DueAt.Value, NoDueAt: b.DueAt.Null, Reminders: b.Reminders, ReturnURL: b.ReturnURL, Codes: b.DiscountCodes,
			Restrict: b.Restrict.Value.restriction(), Unrestrict: b.Restrict.Null,
		}
		if b.Restrict.Value != nil {
			to.PIN = b.Restrict.Value.PIN
		}
		return a.Issuer.Amend(ctx, by, paylink.LinkID(in.ID), to)
	})
	var refused *paylink.Conflict
	if errors.As(err, &refused) && refused.Code == "wrong_revision" {
		return nil, respond.NewProblem(http.StatusPreconditionFailed, refused.Code, refused.Detail)
	}
	return answer, err
}

// ifMatch reads the revision that a caller wants to change: nil for any.
func ifMatch(header string) (*int64, error) {
	text := strings.TrimSpace(header)
	if text == "" || text == "*" {
		return nil, nil
	}
	inner, opened := strings.CutPrefix(text, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	revision, err := strconv.ParseInt(inner, 10, 64)
	if !opened || !closed || err != nil || etag(revision) != text {
		return nil, respond.NewProblem(http.StatusBadRequest, "bad_if_match", `If-Match holds one ETag as it was answered, such as "3".`)
	}
	return &revision, nil
}

func (a *API) recordPayment(ctx context.Context, c *call, in *recordIn) (*linkAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	done, err := a.Issuer.Record(ctx, by, paylink.LinkID(in.ID), issue.Recording{
		Amount: b.Amount, Method: b.Method, BankReference: b.BankReference, TakenAt: b.TakenAt,
	}, c.claim)
	if err != nil {
		return nil, err
	}
	v, err := a.viewWhole(ctx, done.Link, done.Customer)
	if err != nil {
		return nil, err
	}
	v.Payments = &[]paymentView{*done.Payment.Snapshot()} // taken by the merchant: nothing was asked
	return &linkAnswer{ETag: etag(v.Revision), Body: v}, nil
}
