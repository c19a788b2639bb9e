package razorpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Capture takes reserved money. Razorpay captures the whole of it or nothing; what is not captured within
// five days it gives back by itself, and it has no call that does so earlier. A payment that is captured
// already, because an answer was lost, is told as it stands.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, amount paylink.Money) (gateway.Word, error) {
	w, err := g.capture(ctx, a, k, amount)
	if err != nil {
		return gateway.Word{}, fmt.Errorf("capture payment %s: %w", k.Reference, err)
	}
	return w, nil
}

func (g *Gateway) capture(ctx context.Context, a gateway.Account, k gateway.Known, amount paylink.Money) (gateway.Word, error) {
	if amount != k.Amount {
		return gateway.Word{}, &gateway.Rejected{Code: "razorpay_whole_amount_only", Reason: provider.BadRequest, Words: "Razorpay captures the whole amount only."}
	}
	id, err := g.paymentID(ctx, a, k)
	if err != nil {
		return gateway.Word{}, err
	}
	var taken payment
	_, err = g.ask(ctx, a, http.MethodPost, "/v1/payments/"+id+"/capture", map[string]any{"amount": amount.Minor, "currency": amount.Currency}, &taken)
	var rejected *gateway.Rejected
	if errors.As(err, &rejected) {
		if w, lookup := g.Lookup(ctx, a, k); lookup == nil && w.Status == paylink.PaymentCaptured {
			return w, nil
		}
	}
	if err != nil {
		return gateway.Word{}, err
	}
	w, err := taken.word(k.Reference)
	if err == nil && w.GatewayReference != id {
		err = errors.New("the answer is about another payment")
	}
	if err != nil {
		return gateway.Word{}, httpwire.Unclear("read the answer: %w", err)
	}
	return w, nil
}

// paymentID is Razorpay's name for the payment that took or holds the money of an order.
func (g *Gateway) paymentID(ctx context.Context, a gateway.Account, k gateway.Known) (string, error) {
	if paywire.IsID(k.Payment) {
		return k.Payment, nil
	}
	w, err := g.Lookup(ctx, a, k)
	if err != nil {
		return "", err
	}
	if w.Status != paylink.PaymentCaptured && w.Status != paylink.PaymentAuthorised {
		return "", &gateway.Rejected{Code: "razorpay_no_payment", Reason: provider.BadRequest, Words: "The order has no payment that holds money."}
	}
	return w.GatewayReference, nil
}
