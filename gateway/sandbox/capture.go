package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"paylink"
	"paylink/gateway"
	"paylink/provider/sandboxwire"
)

// Capture takes reserved money; the same capture again answers the same.
func (g *Gateway) Capture(ctx context.Context, a gateway.Account, k gateway.Known, amount paylink.Money) (gateway.Word, error) {
	body := struct {
		Amount   int64            `json:"amount"`
		Currency paylink.Currency `json:"currency"`
	}{amount.Minor, amount.Currency}
	return g.reservation(ctx, a, k, "capture", body)
}

// Void gives reserved money back; the same again answers the same.
func (g *Gateway) Void(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	return g.reservation(ctx, a, k, "void", struct{}{})
}

func (g *Gateway) reservation(ctx context.Context, a gateway.Account, k gateway.Known, act string, body any) (gateway.Word, error) {
	var answer word
	err := sandboxwire.Do(ctx, g.client, sandboxwire.Call{
		Account: a, Method: http.MethodPost, Path: "/gateway/orders/" + url.PathEscape(k.Reference) + "/" + act, Body: body,
	}, &answer)
	if err != nil {
		return gateway.Word{}, fmt.Errorf("%s payment %s: %w", act, k.Reference, err)
	}
	w, err := answer.check()
	if err == nil && w.Reference != k.Reference {
		err = errors.New("the answer is about another order")
	}
	if err != nil {
		// The money may well have moved, so this is no refusal.
		return gateway.Word{}, fmt.Errorf("%s payment %s: %w", act, k.Reference, &gateway.Broken{When: gateway.Unknown, Err: err})
	}
	return w, nil
}
