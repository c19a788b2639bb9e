package adyen

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// What is behind our reference at Adyen. A notice of a success does not tell whether the money is taken or only
// reserved, and that of a refund not whether its reference is the refund's or the payment's: the signed
// reference tells.
const (
	manualMark = "-M" // an order whose money is captured later
	refundMark = "-R" // a refund's own reference
)

// followUp asks for something that follows a payment.
type followUp struct {
	MerchantAccount string  `json:"merchantAccount"`
	Reference       string  `json:"reference"`
	Amount          *amount `json:"amount,omitempty"`
	Reason          string  `json:"merchantRefundReason,omitempty"`
}

// received is Adyen's answer: it says that it will, and nothing more.
type received struct {
	Status  string  `json:"status"`
	Request string  `json:"pspReference"`
	Payment string  `json:"paymentPspReference"`
	Amount  *amount `json:"amount"`
}

// follow asks for something that follows the payment k. key names it among all that we ask for.
func (g *Gateway) follow(ctx context.Context, a gateway.Account, k gateway.Known, what, key string, f followUp) (received, time.Time, error) {
	f.MerchantAccount = a.Fields["merchant_account"]
	var r received
	if k.Payment == "" {
		// The look-up that told of the payment could not name it. Its notice will.
		return r, time.Time{}, &gateway.Rejected{Code: "payment_not_told", Temporary: true, Reason: provider.BadRequest, Words: "Adyen has not told yet which payment it is."}
	}
	if !paywire.IsID(k.Payment) {
		return r, time.Time{}, &gateway.Rejected{Code: "payment_unknown", Reason: provider.BadRequest, Words: "The payment is not one of Adyen's."}
	}
	at, err := g.do(ctx, ask{account: a, method: http.MethodPost, path: "/payments/" + k.Payment + "/" + what, key: key, body: f}, &r)
	switch {
	case err != nil:
		return r, at, err
	case r.Status != "received" || !paywire.IsID(r.Request) || r.Payment != k.Payment:
		return r, at, httpwire.Unclear("the answer does not say that it is received")
	case f.Amount != nil && (r.Amount == nil || r.Amount.Value == nil || r.Amount.Currency != f.Amount.Currency || *r.Amount.Value != *f.Amount.Value):
		return r, at, &gateway.Rejected{Code: "other_terms", Reason: provider.BadRequest, Words: "It was asked for before with another amount."}
	}
	if at.IsZero() {
		at = k.Began
	}
	return r, at, nil
}

// Capture asks for the money that an order with Manual has reserved; a notice tells whether it came.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, sum paylink.Money) (gateway.Word, error) {
	asked, err := within(sum, k.Amount)
	if err == nil {
		var at time.Time
		key := k.Reference + "-capture-" + strconv.FormatInt(sum.Minor, 10)
		if _, at, err = g.follow(ctx, a, k, "captures", key, followUp{Reference: k.Reference + manualMark, Amount: &asked}); err == nil {
			return gateway.Word{Reference: k.Reference, GatewayReference: k.Payment, Amount: sum, Status: paylink.PaymentAuthorised, Method: k.Method, At: at}, nil
		}
	}
	return gateway.Word{}, fmt.Errorf("capture payment %s: %w", k.Reference, err)
}

// Void asks to give a reservation back; a notice tells whether it is.
func (g *Gateway) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	_, at, err := g.follow(ctx, a, k, "cancels", k.Reference+"-cancel", followUp{Reference: k.Reference + manualMark})
	if err != nil {
		return gateway.Word{}, fmt.Errorf("void payment %s: %w", k.Reference, err)
	}
	return gateway.Word{Reference: k.Reference, GatewayReference: k.Payment, Amount: k.Amount, Status: paylink.PaymentAuthorised, Method: k.Method, At: at}, nil
}

// within is a part of a payment as Adyen counts it. Adyen takes more and refuses it by a notice; we need not ask.
func within(sum, most paylink.Money) (amount, error) {
	asked, err := toAdyen(sum)
	if err != nil || sum.Currency != most.Currency || sum.Minor > most.Minor {
		return amount{}, &gateway.Rejected{Code: "amount", Reason: provider.BadRequest, Words: "It is more than the payment, or in another currency."}
	}
	return asked, nil
}

// reasons are Adyen's words for why money goes back.
var reasons = map[string]string{"requested_by_customer": "CUSTOMER REQUEST", "duplicate": "DUPLICATE", "fraudulent": "FRAUD", "abnormal": "OTHER"}

// Refund asks for money to go back; a notice tells whether it does. The same reference is the same refund.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refund(ctx, a, r)
	if err != nil {
		return gateway.RefundWord{}, fmt.Errorf("refund %s: %w", r.Reference, err)
	}
	return w, nil
}

func (g *Gateway) refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	if !paywire.IsReference(r.Reference) {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "reference", Reason: provider.BadRequest, Words: "The reference is not one of ours."}
	}
	asked, err := within(r.Amount, r.Of.Amount)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	reference := r.Reference + refundMark
	answer, at, err := g.follow(ctx, a, r.Of, "refunds", reference, followUp{Reference: reference, Amount: &asked, Reason: reasons[r.Reason]})
	if err != nil {
		return gateway.RefundWord{}, err
	}
	return gateway.RefundWord{
		Reference: r.Reference, GatewayReference: answer.Request, Of: r.Of.Reference, Payment: r.Of.Payment,
		Amount: r.Amount, Status: paylink.RefundPending, At: at,
	}, nil
}

// LookupRefund cannot tell: Adyen has no question about refunds. One whose answer was lost is told as one that
// Adyen never heard of: it is then asked for again, and by the same reference Adyen begins it once.
func (g *Gateway) LookupRefund(_ context.Context, _ gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	if r.Order == "" {
		return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
	}
	return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", r.Reference, httpwire.Unclear("Adyen tells of refunds in notices only"))
}

// ours reads a reference of ours with its mark.
func ours(said string) (reference, mark string, ok bool) {
	for _, mark = range []string{manualMark, refundMark, ""} {
		if reference, ok = strings.CutSuffix(said, mark); ok {
			break
		}
	}
	return reference, mark, paywire.IsReference(reference)
}
