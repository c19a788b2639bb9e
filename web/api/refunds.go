package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/confirm"
	"paylink/refund"
	"paylink/store"
	"paylink/web/respond"
)

// refundView is a refund: it holds nothing personal, so that an event's snapshot says all.
type refundView = paylink.RefundSnapshot

// refundBody asks for a refund.
type refundBody struct {
	Amount *int64               `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"in the payment's currency; absent: all that is left"`
	Reason paylink.RefundReason `json:"reason,omitempty" enum:"requested_by_customer,duplicate,fraudulent,abnormal" doc:"absent: requested_by_customer"`
	Speed  paylink.RefundSpeed  `json:"speed,omitempty" enum:"normal,instant" doc:"instant: as fast as the gateway can, at its price, which the refund then tells; absent: normal"`
}

// refundItem is one refund of a list.
type refundItem struct {
	Payment string               `json:"payment" minLength:"1" maxLength:"40" doc:"pay_…"`
	Amount  *int64               `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"in the payment's currency; absent: all that is left"`
	Reason  paylink.RefundReason `json:"reason,omitempty" enum:"requested_by_customer,duplicate,fraudulent,abnormal" doc:"absent: requested_by_customer"`
	Speed   paylink.RefundSpeed  `json:"speed,omitempty" enum:"normal,instant" doc:"absent: normal"`
}

type refundListBody struct {
	Refunds []refundItem `json:"refunds" minItems:"1" maxItems:"100"`
}

// refundResults is what became of a list of refunds, each by itself.
type refundResults struct {
	Object  string         `json:"object" enum:"refund_results"`
	Batch   string         `json:"batch" doc:"rfnb_…, by which the list can be called off"`
	Created int64          `json:"created"`
	Failed  int64          `json:"failed"`
	Results []refundResult `json:"results" doc:"in the order of the list"`
}

type refundResult struct {
	Index  int              `json:"index" doc:"in the list, from 0"`
	Status int              `json:"status" doc:"as the request for this refund alone would have been answered" example:"201"`
	Refund *refundView      `json:"refund" doc:"null when none was made"`
	Error  *respond.Problem `json:"error" doc:"null when nothing is wrong"`
}

// refundBatch is a list of refunds after somebody called it off.
type refundBatch struct {
	Object    string       `json:"object" enum:"refund_batch"`
	Batch     string       `json:"batch" doc:"rfnb_…"`
	Cancelled int64        `json:"cancelled" doc:"how many of its refunds are called off"`
	Refunds   []refundView `json:"refunds" doc:"those that were made, in the order of the list"`
}

type resolveBody struct {
	Outcome paylink.Policy `json:"outcome" enum:"accept,refund,credit" doc:"accept: it counts after all; refund: it goes back; credit: the customer may use it later"`
}

// RefundPath is the id in a path; exported for the same reason as Page.
type RefundPath struct {
	ID string `path:"id" doc:"rfnd_…"`
}

// RefundBatchPath is the id in a path; exported for the same reason as Page.
type RefundBatchPath struct {
	ID string `path:"id" doc:"rfnb_…"`
}

// PaymentPath is the id in a path; exported for the same reason as Page.
type PaymentPath struct {
	ID string `path:"id" doc:"pay_…"`
}

type refundFilter struct {
	Page
	Status  string `query:"status" enum:"awaiting_approval,created,pending,unknown,succeeded,failed,cancelled"`
	Payment string `query:"payment" doc:"of this payment only, pay_…"`
	Batch   string `query:"batch" doc:"of this list only, rfnb_…"`
}

type refundAnswer struct{ Body refundView }

type refundCreated struct {
	Location string `header:"Location" doc:"path of the refund"`
	Body     refundView
}

func (a *API) refundOperations() {
	about := func(id, method, path, summary, description string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: path, Tags: []string{"Refunds"}, DefaultStatus: status, Summary: summary, Description: description,
		}
	}
	add(a, about("create_refund", http.MethodPost, "/v1/payments/{id}/refunds", "Give a payment back, whole or in part",
		"The amount is reserved at once: all refunds of a payment together are never more than was captured. Above your threshold it waits for a second person; else the gateway is told when the time in which it can be called off is over.", http.StatusCreated), a.createRefund)
	add(a, about("list_refunds", http.MethodGet, "/v1/refunds", "List refunds, newest first", "", http.StatusOK), a.listRefunds)
	add(a, about("get_refund", http.MethodGet, "/v1/refunds/{id}", "Read a refund", "", http.StatusOK), a.getRefund)
	second := about("approve_refund", http.MethodPost, "/v1/refunds/{id}/approve", "Approve a refund that waits for a second person", "Whoever asked for it cannot approve it.", http.StatusOK)
	second.Metadata = map[string]any{metaSecond: true}
	add(a, second, a.refundChange(a.Refunds.Approve))
	add(a, about("cancel_refund", http.MethodPost, "/v1/refunds/{id}/cancel", "Call a refund off before the gateway is told", "It also turns down one that waits for a second person.", http.StatusOK), a.refundChange(a.Refunds.Cancel))
	add(a, about("create_refunds_in_bulk", http.MethodPost, "/v1/refunds/bulk", "Give many payments back",
		"Each by itself: one that cannot be stands in no other's way. For some minutes (settings.refunds.bulk_cancel_within) the gateway is not told, and all of it can be called off.", http.StatusOK), a.refundList)
	add(a, about("cancel_refunds_in_bulk", http.MethodPost, "/v1/refunds/bulk/{id}/cancel", "Call a list of refunds off", "What the gateway has been told stays. A second call finds nothing more to call off, so that an Idempotency-Key has nothing to do.", http.StatusOK), a.cancelRefundList)
	add(a, huma.Operation{
		OperationID: "resolve_payment", Method: http.MethodPost, Path: "/v1/payments/{id}/resolve", Tags: []string{"Payments"}, DefaultStatus: http.StatusOK,
		Summary: "Say what becomes of money on hold", Description: "Of a payment whose disposition is hold: it came late, twice, or otherwise than asked.",
	}, a.resolvePayment)
}

func (b refundBody) wish(payment string) refund.Wish {
	return refund.Wish{Payment: paylink.PaymentID(payment), Amount: b.Amount, Reason: b.Reason, Speed: b.Speed}
}

func (a *API) createRefund(ctx context.Context, c *call, in *struct {
	PaymentPath
	Body *refundBody
}) (*refundCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	var body refundBody
	if in.Body != nil {
		body = *in.Body
	}
	done, err := a.Refunds.Create(ctx, refund.Actor(by), body.wish(in.ID), c.claim)
	if err != nil {
		return nil, err
	}
	return &refundCreated{Location: "/v1/refunds/" + string(done.Refund.ID), Body: *done.Snapshot}, nil
}

func (a *API) listRefunds(ctx context.Context, c *call, in *refundFilter) (*listAnswer[refundView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	f := store.RefundFilter{Payment: paylink.PaymentID(in.Payment), Batch: paylink.RefundBatchID(in.Batch), Status: paylink.RefundStatus(in.Status)}
	all, err := a.Store.Read(ctx).Refunds(c.Merchant, c.Live, f, paylink.RefundID(before), in.size())
	if err != nil {
		return nil, err
	}
	return answer(c, in.Page, each(all, viewRefund), func(v refundView) string { return string(v.ID) }), nil
}

func viewRefund(r paylink.Refund) refundView { return *r.Snapshot() }

func (a *API) getRefund(ctx context.Context, c *call, in *RefundPath) (*refundAnswer, error) {
	r, err := a.Store.Read(ctx).Refund(c.Merchant, c.Live, paylink.RefundID(in.ID))
	return &refundAnswer{viewRefund(r)}, err
}

// refundChange is an operation that changes one refund.
func (a *API) refundChange(run func(context.Context, refund.Actor, paylink.RefundID, *store.Claim) (refund.Done, error)) func(context.Context, *call, *RefundPath) (*refundAnswer, error) {
	return func(ctx context.Context, c *call, in *RefundPath) (*refundAnswer, error) {
		by, err := a.actor(ctx, c)
		if err != nil {
			return nil, err
		}
		done, err := run(ctx, refund.Actor(by), paylink.RefundID(in.ID), c.claim)
		if err != nil {
			return nil, err
		}
		return &refundAnswer{*done.Snapshot}, nil
	}
}

func (a *API) refundList(ctx context.Context, c *call, in *struct{ Body refundListBody }) (*struct{ Body refundResults }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	wishes := make([]refund.Wish, len(in.Body.Refunds))
	for i, item := range in.Body.Refunds {
		wishes[i] = refundBody{item.Amount, item.Reason, item.Speed}.wish(item.Payment)
	}
	batch, all, err := a.Refunds.Bulk(ctx, refund.Actor(by), wishes, c.claim)
	if err != nil {
		return nil, err
	}
	out := refundResults{Object: "refund_results", Batch: string(batch), Results: make([]refundResult, len(all))}
	for i, one := range all {
		r := refundResult{Index: i, Status: http.StatusCreated, Refund: one.Done.Snapshot}
		if out.Created++; one.Err != nil {
			out.Created, out.Failed = out.Created-1, out.Failed+1
			r.Error = respond.ProblemOf(one.Err)
			r.Error.Instance = "urn:paylink:request:" + respond.LineOf(ctx).ID
			r.Status = r.Error.Status
		}
		out.Results[i] = r
	}
	return &struct{ Body refundResults }{out}, nil
}

func (a *API) cancelRefundList(ctx context.Context, c *call, in *RefundBatchPath) (*struct{ Body refundBatch }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	all, err := a.Refunds.CancelBulk(ctx, refund.Actor(by), paylink.RefundBatchID(in.ID))
	if err != nil {
		return nil, err
	}
	out := refundBatch{Object: "refund_batch", Batch: in.ID, Refunds: each(all, viewRefund)}
	for _, r := range out.Refunds {
		if r.Status == paylink.RefundCancelled {
			out.Cancelled++
		}
	}
	return &struct{ Body refundBatch }{out}, nil
}

func (a *API) resolvePayment(ctx context.Context, c *call, in *struct {
	PaymentPath
	Body resolveBody
}) (*struct{ Body paymentView }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	done, err := a.Confirm.Resolve(ctx, confirm.Resolution{
		Merchant: by.Merchant, Live: by.Live, By: by.ID, Payment: paylink.PaymentID(in.ID), Outcome: in.Body.Outcome,
	}, c.claim)
	if err != nil {
		return nil, err
	}
	return &struct{ Body paymentView }{*done.Snapshot}, nil
}
