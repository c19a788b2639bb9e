package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// refundPage is how many refunds of one payment are read at once; one is about a kilobyte.
const refundPage, mostRefundPages = 40, 50

// Refund gives money back. Stripe has no faster way at a price, so Instant changes nothing.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.refund(ctx, a, r)
	if err != nil {
		return gateway.RefundWord{}, refused("refund", r.Reference, err)
	}
	return w, nil
}

func (g *Gateway) refund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	units, err := toUnits(r.Amount)
	if err != nil || !paywire.IsReference(r.Reference) {
		return gateway.RefundWord{}, &gateway.Rejected{Code: "stripe_amount", Reason: provider.BadRequest, Words: "The amount cannot be refunded."}
	}
	id, err := g.intentOf(ctx, a, r.Of)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	form := url.Values{
		"payment_intent": {id}, "amount": {strconv.FormatInt(units, 10)},
		"metadata[" + metaRefund + "]": {r.Reference}, "metadata[" + metaReference + "]": {r.Of.Reference}, "metadata[" + metaAccount + "]": {a.Name()},
	}
	switch r.Reason {
	case "requested_by_customer", "duplicate", "fraudulent":
		form.Set("reason", r.Reason)
	}
	var answer refund
	if err := g.post(ctx, a, "/v1/refunds", r.Reference, form, &answer); err != nil {
		return gateway.RefundWord{}, err
	}
	return answer.answers(r)
}

// LookupRefund asks for one, or looks for it among those of its payment.
func (g *Gateway) LookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	w, err := g.lookupRefund(ctx, a, r)
	switch {
	case isMissing(err) || paylink.IsNotFound(err):
		return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
	case err != nil:
		return gateway.RefundWord{}, fmt.Errorf("look up refund %s: %w", r.Reference, err)
	}
	return w, nil
}

func (g *Gateway) lookupRefund(ctx context.Context, a gateway.Account, r gateway.Refund) (gateway.RefundWord, error) {
	if isObject(r.Order, "re_", "pyr_") {
		var answer refund
		if err := g.get(ctx, a, "/v1/refunds/"+r.Order, nil, &answer); err != nil {
			return gateway.RefundWord{}, err
		}
		return answer.answers(r)
	}
	id, err := g.intentOf(ctx, a, r.Of)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	query := url.Values{"payment_intent": {id}, "limit": {strconv.Itoa(refundPage)}}
	for range mostRefundPages {
		var page list[refund]
		if err := g.get(ctx, a, "/v1/refunds", query, &page); err != nil {
			return gateway.RefundWord{}, err
		}
		if page.Object != "list" {
			return gateway.RefundWord{}, httpwire.Unclear("the answer is no list")
		}
		for _, one := range page.Data {
			if one.Metadata[metaRefund] == r.Reference {
				return one.answers(r)
			}
		}
		if !page.More || len(page.Data) == 0 {
			return gateway.RefundWord{}, &paylink.NotFound{Kind: "refund", ID: r.Reference}
		}
		query.Set("starting_after", page.Data[len(page.Data)-1].ID)
	}
	return gateway.RefundWord{}, httpwire.Unclear("there are too many refunds to find one among them")
}

// answers is what an answer says about the refund that was asked for.
func (r refund) answers(asked gateway.Refund) (gateway.RefundWord, error) {
	w, err := r.word()
	if err != nil {
		return w, httpwire.Unclear("the answer is not understood: %w", err)
	}
	if r.Metadata[metaRefund] != asked.Reference || w.Amount != asked.Amount {
		return w, httpwire.Unclear("the answer is about another refund")
	}
	w.Reference, w.Of = asked.Reference, asked.Of.Reference
	return w, nil
}

func (r refund) word() (gateway.RefundWord, error) {
	if r.Object != "refund" || !isObject(r.ID, "re_", "pyr_") || r.Amount == nil || r.Intent.ID != "" && !isObject(r.Intent.ID, "pi_") {
		return gateway.RefundWord{}, errors.New("the refund has no name, no amount or no payment")
	}
	amount, err := money(*r.Amount, r.Currency)
	if err != nil {
		return gateway.RefundWord{}, err
	}
	w := gateway.RefundWord{GatewayReference: r.ID, Payment: r.Intent.ID, Amount: amount, At: second(r.Created)}
	switch r.Status {
	case "pending", "requires_action":
		w.Status = paylink.RefundPending
	case "succeeded":
		w.Status = paylink.RefundSucceeded
	case "failed":
		w.Status, w.Code = paylink.RefundFailed, provider.SafeCode(r.FailureReason, "unknown")
	case "canceled":
		w.Status, w.Code = paylink.RefundFailed, "canceled"
	default:
		return gateway.RefundWord{}, errors.New("the refund's status is not one that we know")
	}
	if d := r.Destination; d != nil && d.Card != nil && d.Card.Status == "available" && paywire.IsID(d.Card.Reference) {
		w.BankReference = d.Card.Reference
	}
	return w, nil
}

func (e event) refundWords() ([]gateway.RefundWord, error) {
	var r refund
	if err := httpwire.Decode(e.Data.Object, &r); err != nil {
		return nil, errors.New("it holds no refund")
	}
	w, err := r.word()
	if err != nil {
		return nil, err
	}
	own := r.Metadata[metaRefund]
	switch {
	case own == "" && (r.Reason == "expired_uncaptured_charge" || w.Status == paylink.RefundSucceeded && r.Balance.ID == ""):
		// Reserved money that nobody captured: Stripe writes its end as a refund, and no money moves.
		return nil, nil
	case own == "" && w.Payment == "":
		return nil, nil
	case own == "":
		w.Account, w.At = "", second(e.Created)
		return []gateway.RefundWord{w}, nil
	}
	reference, account, err := ours(r.Metadata)
	if err != nil || !paywire.IsReference(own) {
		return nil, errors.New("it names no refund of ours")
	}
	w.Reference, w.Of, w.Account, w.At = own, reference, account, second(e.Created)
	return []gateway.RefundWord{w}, nil
}

// refused says what of which thing Stripe would not do. That it does not have it is a refusal.
func refused(doing, reference string, err error) error {
	var none *paylink.NotFound
	if errors.As(err, &none) {
		err = &gateway.Rejected{Code: "stripe_resource_missing", Reason: provider.BadRequest}
	}
	return fmt.Errorf("%s %s at stripe: %w", doing, reference, err)
}
