package stripe

import (
	"context"
	"net/url"
	"strconv"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Capture takes reserved money. What is left of it Stripe gives back at once: there is one capture of a payment.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, amount paylink.Money) (gateway.Word, error) {
	units, err := toUnits(amount)
	if err != nil || amount.Minor <= 0 || amount.Currency != k.Amount.Currency {
		return gateway.Word{}, about("capture", k.Reference, &gateway.Rejected{Code: "stripe_amount", Reason: provider.BadRequest, Words: "The amount cannot be captured."})
	}
	number := strconv.FormatInt(units, 10)
	return g.settle(ctx, a, k, "capture", k.Reference+"-capture-"+number, url.Values{"amount_to_capture": {number}, "expand[]": {"latest_charge.balance_transaction"}})
}

// Void gives reserved money back.
func (g *Gateway) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	return g.settle(ctx, a, k, "cancel", k.Reference+"-void", url.Values{"cancellation_reason": {"requested_by_customer"}, "expand[]": {"latest_charge.balance_transaction"}})
}

// settle ends a reservation by one of Stripe's verbs.
func (g *Gateway) settle(ctx context.Context, a gateway.Account, k gateway.Known, verb, key string, form url.Values) (gateway.Word, error) {
	id, err := g.intentOf(ctx, a, k)
	var in intent
	if err == nil {
		err = g.post(ctx, a, "/v1/payment_intents/"+id+"/"+verb, key, form, &in)
	}
	var w gateway.Word
	if err == nil {
		if w, err = in.word(); err != nil {
			err = httpwire.Unclear("the answer is not understood: %w", err)
		} else if in.ID != id {
			err = httpwire.Unclear("the answer is about another payment")
		}
	}
	if err != nil {
		return gateway.Word{}, refused(verb, k.Reference, err)
	}
	w.Reference = k.Reference
	return w, nil
}

// intentOf is Stripe's name for a payment: as we know it, else as its session says.
func (g *Gateway) intentOf(ctx context.Context, a gateway.Account, k gateway.Known) (string, error) {
	if isObject(k.Payment, "pi_") {
		return k.Payment, nil
	}
	s, err := g.find(ctx, a, k)
	if err != nil {
		return "", err
	}
	if !isObject(s.Intent.ID, "pi_") {
		return "", &gateway.Rejected{Code: "stripe_no_payment", Reason: provider.BadRequest, Words: "Nobody has paid this yet."}
	}
	return s.Intent.ID, nil
}
