package payu

import (
	"context"
	"fmt"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// Refund gives money back, under our reference as PayU's token. Whether the token is there already is asked
// first: a repeated call finds the refund that a lost answer was about.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refund(ctx, a, r)
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("refund %s of payment %s: %w", r.Reference, r.Of.Reference, err)
	}
	return w, nil
}

func (g *Gateway) refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	d, err := g.find(ctx, a, r.Of.Reference)
	if paylink.IsNotFound(err) {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "payu_no_payment", Words: "PayU knows no such payment."}
	}
	if err != nil {
		return gateway.RefundWord{}, err
	}
	if there, err := g.findRefund(ctx, a, d, r); err == nil || !paylink.IsNotFound(err) {
		return there, err
	}
	var made struct {
		Status  httpwire.Word `json:"status"`
		Message string        `json:"msg"`
		Code    httpwire.Word `json:"error_code"`
		Request httpwire.Word `json:"request_id"`
		Payment httpwire.Word `json:"mihpayid"`
	}
	err = g.command(ctx, a, "cancel_refund_transaction", &made, string(d.ID), r.Reference, r.Amount.Decimal())
	switch {
	case err != nil:
		return gateway.RefundWord{}, err
	case made.Status == "0" && made.Message != "":
		return gateway.RefundWord{}, refused(string(made.Code), made.Message)
	case made.Status != "1" || !paywire.IsID(string(made.Request)) || made.Payment != "" && made.Payment != d.ID:
		return gateway.RefundWord{}, httpwire.Unclear("the answer is about another payment")
	}
	return action{Request: made.Request, Status: "queued", Amount: httpwire.Word(r.Amount.Decimal())}.word(r)
}

// LookupRefund asks what became of a refund, among all that was done with the payment.
func (g *Gateway) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	d, err := g.find(ctx, a, r.Of.Reference)
	if err == nil {
		var w gateway.RefundWord
		if w, err = g.findRefund(ctx, a, d, r); err == nil {
			return w, nil
		}
	}
	if paylink.IsNotFound(err) {
		return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
	}
	return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", r.Reference, err)
}

// action is one thing that was done with a payment.
type action struct {
	Request       httpwire.Word `json:"request_id"`
	Amount        httpwire.Word `json:"amt"`
	Action        string        `json:"action"` // capture, refund, cancel
	Ours          string        `json:"token"`
	Status        string        `json:"status"`
	ARN           httpwire.Word `json:"bank_arn"`
	BankReference httpwire.Word `json:"bank_ref_num"`
}

func (g *Gateway) findRefund(ctx context.Context, a gateway.Account, of detail, r gateway.Refund) (gateway.RefundWord, error) {
	actions, err := g.actions(ctx, a, of)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	for _, done := range actions {
		if done.Ours == r.Reference && done.Action != "capture" {
			return done.word(r)
		}
	}
	return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
}

// statuses are PayU's of a refund in ours.
var statuses = map[string]paylink.RefundStatus{
	"queued": paylink.RefundPending, "in progress": paylink.RefundPending, "requested": paylink.RefundPending, "pending": paylink.RefundPending, "od_hit": paylink.RefundPending,
	"success": paylink.RefundSucceeded, "failure": paylink.RefundFailed, "failed": paylink.RefundFailed,
}

// word gives an action as the refund that we asked for. PayU tells no time: it is when we began.
func (x action) word(r gateway.Refund) (gateway.RefundWord, error) {
	status, known := statuses[strings.ToLower(x.Status)]
	amount, err := paywire.ParseDecimal(string(x.Amount), rupees)
	bank := string(x.ARN)
	if bank == "" {
		bank = string(x.BankReference)
	}
	switch {
	case err != nil || !known || !paywire.IsID(string(x.Request)) || !paywire.Plain(bank, 64):
		return gateway.RefundWord{}, httpwire.Unclear("the refund's status, amount or id cannot be")
	case amount != r.Amount:
		return gateway.RefundWord{}, &gateway.Rejected{Code: "payu_another_amount", Words: "The same reference stands at PayU with another amount."}
	}
	w := gateway.RefundWord{
		Reference: r.Reference, GatewayReference: string(x.Request), Of: r.Of.Reference, Payment: r.Of.Payment, BankReference: bank, Amount: amount, Status: status, At: r.Began.UTC(),
	}
	if status == paylink.RefundFailed {
		w.Code, w.Message = "refund_failed", "PayU could not give the money back; nothing is deducted from your settlement."
	}
	return w, nil
}
