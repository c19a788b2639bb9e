package payu

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// fieldPreauth says that PayU lets the account reserve the money of cards.
const fieldPreauth = "preauthorisation"

// reserves stands in a field that PayU signs, of an order whose money is captured later. PayU's own word for that is
// not signed: whoever has seen a genuine notice could make a reservation look captured.
const reserves = "reserve"

// What is behind our reference in the token of what follows a reservation. PayU takes 23 characters.
const (
	captureMark = "-C"
	voidMark    = "-V"
)

// reservable refuses an order to reserve by an account or a method that cannot.
func reservable(a gateway.Account, o gateway.Order) error {
	if o.Manual && (o.Method != paylink.MethodCard || a.Fields[fieldPreauth] != "on") {
		return &gateway.Rejected{Code: "no_preauthorisation", Reason: provider.BadRequest, Words: "The account reserves no money by this method."}
	}
	return nil
}

// Capture asks for reserved money. PayU takes that on, and look-ups tell what came of it.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, sum paylink.Money) (gateway.Word, error) {
	if sum.Currency != k.Amount.Currency || sum.Minor <= 0 || sum.Minor > k.Amount.Minor {
		return gateway.Word{}, fmt.Errorf("capture payment %s: %w", k.Reference, &gateway.Rejected{Code: "payu_amount", Reason: provider.BadRequest, Words: "It is more than the payment, or in another currency."})
	}
	return g.follow(ctx, a, k, "capture_transaction", k.Reference+captureMark, sum.Decimal())
}

// Void asks to give a reservation back, likewise.
func (g *Gateway) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	return g.follow(ctx, a, k, "cancel_transaction", k.Reference+voidMark)
}

// follow asks for something that follows a reservation, unless it was asked for before: the token is looked for
// first, because PayU's documents promise nothing about repeated calls.
func (g *Gateway) follow(ctx context.Context, a gateway.Account, k gateway.Known, command, mark string, amount ...string) (gateway.Word, error) {
	w, err := g.followed(ctx, a, k, command, mark, amount...)
	if paylink.IsNotFound(err) {
		err = &gateway.Rejected{Code: "payu_no_payment", Words: "PayU knows no such payment."}
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("%s of payment %s: %w", command, k.Reference, err)
	}
	return w, nil
}

func (g *Gateway) followed(ctx context.Context, a gateway.Account, k gateway.Known, command, mark string, amount ...string) (gateway.Word, error) {
	d, err := g.find(ctx, a, k.Reference)
	if err != nil {
		return gateway.Word{}, err
	}
	actions, err := g.actions(ctx, a, d)
	if err != nil {
		return gateway.Word{}, err
	}
	there := false
	for _, done := range actions {
		if done.Ours != mark || statuses[strings.ToLower(done.Status)] == paylink.RefundFailed {
			continue
		}
		there = true
		if len(amount) > 0 && string(done.Amount) != amount[0] {
			return gateway.Word{}, &gateway.Rejected{Code: "payu_another_amount", Words: "It was asked for before with another amount."}
		}
	}
	if !there {
		var made struct {
			Status  httpwire.Word `json:"status"`
			Message string        `json:"msg"`
			Code    httpwire.Word `json:"error_code"`
		}
		err := g.command(ctx, a, command, &made, append([]string{string(d.ID), mark}, amount...)...)
		switch {
		case err != nil:
			return gateway.Word{}, err
		case made.Status == "0" && made.Message != "":
			return gateway.Word{}, refused(string(made.Code), made.Message)
		case made.Status != "1":
			return gateway.Word{}, httpwire.Unclear("the answer says neither yes nor no")
		}
	}
	w, err := g.stands(ctx, a, k, d)
	if err == nil && w.Status == paylink.PaymentAuthorised && len(amount) > 0 {
		w.Amount, err = paywire.ParseDecimal(amount[0], rupees)
	}
	return w, err
}

// stands is the word about an order, where money is only reserved by what was done with it since.
func (g *Gateway) stands(ctx context.Context, a gateway.Account, k gateway.Known, d detail) (gateway.Word, error) {
	w, err := d.transaction(k.Reference).word()
	if err != nil {
		return gateway.Word{}, &gateway.Broken{When: gateway.Unknown, Err: err}
	}
	if d.Reserves != reserves || w.Status != paylink.PaymentAuthorised {
		return w, nil
	}
	actions, err := g.actions(ctx, a, d)
	if err != nil {
		return gateway.Word{}, err
	}
	for _, done := range actions {
		switch succeeded := statuses[strings.ToLower(done.Status)] == paylink.RefundSucceeded; {
		case succeeded && done.Action == "capture":
			taken, err := paywire.ParseDecimal(string(done.Amount), rupees)
			if err != nil || taken.Minor <= 0 || taken.Minor > w.Amount.Minor {
				return gateway.Word{}, httpwire.Unclear("what was captured cannot be")
			}
			w.Status, w.Amount = paylink.PaymentCaptured, taken
			return w, nil
		case succeeded && done.Action == "cancel":
			w.Status = paylink.PaymentVoided
		}
	}
	return w, nil
}

// actions are what was done with a payment.
func (g *Gateway) actions(ctx context.Context, a gateway.Account, of detail) (map[string]action, error) {
	var answer verified
	if err := g.command(ctx, a, "check_action_status", &answer, string(of.ID), "payuid"); err != nil {
		return nil, err
	}
	raw, told := answer.Details[string(of.ID)]
	var actions map[string]action
	switch {
	case !told && answer.Status == "0" && strings.Contains(answer.Message, "0 out of"):
	case !told && answer.Status == "0" && answer.Message != "":
		return nil, refused("", answer.Message)
	case !told:
		return nil, httpwire.Unclear("the answer does not tell of the payment")
	case strings.HasPrefix(string(raw), `"`): // a sentence: nothing was done with it
	case json.Unmarshal(raw, &actions) != nil:
		return nil, httpwire.Unclear("the answer is not a list of what was done")
	}
	return actions, nil
}
