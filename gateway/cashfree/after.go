package cashfree

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// paid looks for the order of Cashfree's on which a payment of ours was made.
func (g *Gateway) paid(ctx context.Context, a gateway.Account, reference string) (string, error) {
	f, err := g.find(ctx, a, reference)
	switch {
	case err != nil:
		return "", err
	case f.payment.rank() < 4:
		return "", &gateway.Rejected{Code: "not_paid", Reason: provider.BadRequest, Words: "Cashfree knows no payment of the order."}
	}
	return f.order, nil
}

// rejected makes a refusal of an order that Cashfree does not know: what follows a payment needs one.
func rejected(err error) error {
	if paylink.IsNotFound(err) {
		return &gateway.Rejected{Code: "payment_unknown", Reason: provider.BadRequest, Words: "Cashfree does not know the payment."}
	}
	return err
}

// authorization decides about reserved money.
type authorization struct {
	Action string      `json:"action"` // CAPTURE or VOID
	Amount json.Number `json:"amount,omitempty"`
}

// Capture takes what is reserved; Cashfree gives the rest back.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, sum paylink.Money) (gateway.Word, error) {
	var w gateway.Word
	var err error
	if sum.Currency != k.Amount.Currency || sum.Minor > k.Amount.Minor || !paywire.Possible(sum) {
		err = &gateway.Rejected{Code: "amount", Reason: provider.BadRequest, Words: "It is more than what is reserved, or in another currency."}
	} else {
		w, err = g.decide(ctx, a, k, authorization{Action: "CAPTURE", Amount: json.Number(sum.Decimal())})
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("capture payment %s: %w", k.Reference, err)
	}
	return w, nil
}

// Void gives a reservation back.
func (g *Gateway) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	w, err := g.decide(ctx, a, k, authorization{Action: "VOID"})
	if err != nil {
		return gateway.Word{}, fmt.Errorf("void payment %s: %w", k.Reference, err)
	}
	return w, nil
}

func (g *Gateway) decide(ctx context.Context, a gateway.Account, k gateway.Known, z authorization) (gateway.Word, error) {
	order, err := g.paid(ctx, a, k.Reference)
	if err != nil {
		return gateway.Word{}, rejected(err)
	}
	var p payment
	key := fmt.Sprintf("%s %s %s", z.Action, k.Reference, z.Amount)
	err = g.do(ctx, ask{account: a, method: http.MethodPost, path: "/orders/" + url.PathEscape(order) + "/authorization", key: key, body: z}, &p)
	if err != nil {
		return gateway.Word{}, err
	}
	w, err := p.word(a, k.Reference)
	if err != nil || p.Order != order {
		return gateway.Word{}, httpwire.Unclear("the answer tells no payment of the order")
	}
	if w.Method == "" {
		w.Method = k.Method
	}
	return w, nil
}

// refundRequest gives money back.
type refundRequest struct {
	ID     string      `json:"refund_id"`
	Amount json.Number `json:"refund_amount"`
	Note   string      `json:"refund_note,omitempty"`
	Speed  string      `json:"refund_speed"`
}

// refund is Cashfree's answer about one, and what a notice holds.
type refund struct {
	ID        string           `json:"refund_id"`
	CFID      httpwire.Word    `json:"cf_refund_id"`
	CFPayment httpwire.Word    `json:"cf_payment_id"`
	Order     string           `json:"order_id"`
	Amount    number           `json:"refund_amount"`
	Currency  paylink.Currency `json:"refund_currency"`
	Status    string           `json:"refund_status"`
	About     string           `json:"status_description"`
	ARN       httpwire.Word    `json:"refund_arn"`
	Charge    number           `json:"refund_charge"`
	Created   string           `json:"created_at"`
	Processed string           `json:"processed_at"`
}

// Refund begins one. A refund that is there already under our reference is taken when it is the same.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refund(ctx, a, r)
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("refund %s: %w", r.Reference, err)
	}
	return w, nil
}

func (g *Gateway) refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	if !paywire.IsReference(r.Reference) || !paywire.Possible(r.Amount) {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "refund", Reason: provider.BadRequest, Words: "The reference or the amount cannot be."}
	}
	order, err := g.paid(ctx, a, r.Of.Reference)
	if err != nil {
		return gateway.RefundWord{}, rejected(err)
	}
	request := refundRequest{ID: r.Reference, Amount: json.Number(r.Amount.Decimal()), Note: strings.ReplaceAll(r.Reason, "_", " "), Speed: "STANDARD"}
	if r.Instant {
		request.Speed = "INSTANT"
	}
	at := "/orders/" + url.PathEscape(order) + "/refunds"
	var answer refund
	err = g.do(ctx, ask{account: a, method: http.MethodPost, path: at, key: "refund " + r.Reference, body: request}, &answer)
	if told(err, http.StatusConflict) || told(err, http.StatusUnprocessableEntity) {
		// It may be there since a call whose answer was lost, or with other terms.
		if again := g.do(ctx, ask{account: a, method: http.MethodGet, path: at + "/" + r.Reference}, &answer); again == nil || !told(again, http.StatusNotFound) {
			err = again
		}
	}
	if err != nil {
		return gateway.RefundWord{}, err
	}
	w, err := answer.word()
	switch {
	case err != nil || w.Reference != r.Reference || answer.Order != order:
		return gateway.RefundWord{}, httpwire.Unclear("the answer tells of no refund of the payment")
	case w.Amount != r.Amount:
		return gateway.RefundWord{}, &gateway.Rejected{Code: "other_terms", Reason: provider.BadRequest, Words: "The refund is known with another amount."}
	}
	w.Of = r.Of.Reference
	return w, nil
}

// LookupRefund asks what became of a refund of ours.
func (g *Gateway) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	unknown := &paylink.NotFound{Kind: "refund", ID: r.Reference}
	if !paywire.IsReference(r.Reference) {
		return gateway.RefundWord{}, unknown
	}
	var w gateway.RefundWord
	var answer refund
	order, err := g.paid(ctx, a, r.Of.Reference)
	if err == nil {
		err = g.do(ctx, ask{account: a, method: http.MethodGet, path: "/orders/" + url.PathEscape(order) + "/refunds/" + r.Reference}, &answer)
	}
	if paylink.IsNotFound(err) || told(err, http.StatusNotFound) {
		return gateway.RefundWord{}, unknown
	}
	if err == nil {
		if w, err = answer.word(); err != nil || w.Reference != r.Reference || answer.Order != order {
			err = httpwire.Unclear("the answer is about another refund")
		}
	}
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", r.Reference, err)
	}
	w.Of = r.Of.Reference
	return w, nil
}

// word refuses a refund that cannot be and gives it in the port's terms.
func (r refund) word() (gateway.RefundWord, error) {
	sum, err := paywire.ParseDecimal(string(r.Amount), r.Currency)
	w := gateway.RefundWord{
		GatewayReference: string(r.CFID), Payment: string(r.CFPayment), BankReference: string(r.ARN), Amount: sum, At: when(r.Processed),
	}
	if w.At.IsZero() {
		w.At = when(r.Created)
	}
	switch r.Status {
	case "SUCCESS":
		w.Status = paylink.RefundSucceeded
	case "PENDING", "ONHOLD":
		w.Status = paylink.RefundPending
	case "CANCELLED", "FAILED":
		w.Status, w.Code, w.Message = paylink.RefundFailed, "cashfree_"+strings.ToLower(r.Status), provider.SafeWords(r.About)
	}
	switch {
	case err != nil || !paywire.Possible(sum):
		return gateway.RefundWord{}, errors.New("the amount or its currency cannot be")
	case w.Status == "":
		return gateway.RefundWord{}, errors.New("the status is not one that we know")
	case !paywire.IsID(w.GatewayReference) || w.Payment != "" && !paywire.IsID(w.Payment) || w.At.IsZero():
		return gateway.RefundWord{}, errors.New("a refund has no id or no time")
	case !paywire.Plain(r.ID, 64) || !paywire.Plain(r.Order, 100) || !paywire.Plain(r.About, 1000) || !paywire.Plain(w.BankReference, 64):
		return gateway.RefundWord{}, errors.New("a text is too long or holds control characters")
	}
	if r.Charge != "" {
		charge, err := paywire.ParseDecimal(string(r.Charge), r.Currency)
		if err != nil || charge.Minor > sum.Minor {
			return gateway.RefundWord{}, errors.New("the charge cannot be")
		}
		w.Fee = charge.Minor
	}
	if paywire.IsReference(r.ID) {
		w.Reference = r.ID
	}
	if paywire.IsReference(r.Order) {
		w.Of = r.Order
	}
	return w, nil
}
