package cashfree

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// order is what Cashfree makes of a link when a customer is about to pay on it.
type order struct {
	ID      string `json:"order_id"`
	Status  string `json:"order_status"`
	Created string `json:"created_at"`
}

// ordersMost bounds how many orders of one link are looked at: each is a call. A customer who opens the page
// anew may make another.
const ordersMost = 5

// found is what a look for a payment brought: the link, and the payment that counts, if there is any.
type found struct {
	link    link
	order   string // Cashfree's; empty: nobody tried to pay
	payment payment
}

// find asks for a link, its orders and their payments. The error is a *paylink.NotFound for a link that
// Cashfree does not know.
func (g *Gateway) find(ctx context.Context, a gateway.Account, reference string) (f found, err error) {
	unknown := &paylink.NotFound{Kind: "order", ID: reference}
	if !paywire.IsReference(reference) {
		return f, unknown
	}
	err = g.do(ctx, ask{account: a, method: http.MethodGet, path: "/links/" + reference}, &f.link)
	switch {
	case told(err, http.StatusNotFound):
		return f, unknown
	case err != nil:
		return f, err
	case f.link.ID != reference:
		return f, httpwire.Unclear("the answer is about another order")
	}
	orders, err := list[order](ctx, g, ask{account: a, method: http.MethodGet, path: "/links/" + reference + "/orders?status=ALL"})
	if err != nil {
		return f, err
	}
	slices.SortStableFunc(orders, func(x, y order) int { // the paid one first, then the newest
		if (x.Status == "PAID") != (y.Status == "PAID") {
			return map[bool]int{true: -1, false: 1}[x.Status == "PAID"]
		}
		return when(y.Created).Compare(when(x.Created))
	})
	for _, o := range orders[:min(len(orders), ordersMost)] {
		if !plainID(o.ID) {
			return f, httpwire.Unclear("an order has no id")
		}
		payments, err := list[payment](ctx, g, ask{account: a, method: http.MethodGet, path: "/orders/" + url.PathEscape(o.ID) + "/payments"})
		if err != nil {
			return f, err
		}
		for _, p := range payments {
			if p.Order == o.ID && p.rank() > f.payment.rank() {
				f.order, f.payment = o.ID, p
			}
		}
	}
	return f, nil
}

// plainID tells whether an id of Cashfree's orders can stand in an address.
func plainID(id string) bool {
	const word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return id != "" && len(id) <= 100 && strings.Trim(id, word) == ""
}

// Lookup asks what became of the link with our reference.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	f, err := g.find(ctx, a, k.Reference)
	if paylink.IsNotFound(err) {
		return gateway.Word{}, err
	}
	var w gateway.Word
	if err == nil {
		w, err = f.word(a, k)
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("look up payment %s: %w", k.Reference, err)
	}
	return w, nil
}

// word is what was found, in the port's terms.
func (f found) word(a gateway.Account, k gateway.Known) (gateway.Word, error) {
	if f.order != "" {
		w, err := f.payment.word(a, k.Reference)
		if err != nil {
			return gateway.Word{}, httpwire.Unclear("%v", err)
		}
		if w.Method == "" {
			w.Method = k.Method
		}
		return w, nil
	}
	sum, err := paywire.ParseDecimal(string(f.link.Amount), f.link.Currency)
	if err != nil {
		return gateway.Word{}, httpwire.Unclear("%v", err)
	}
	w := gateway.Word{Reference: k.Reference, Amount: sum, Method: k.Method, At: when(f.link.Created)}
	if w.At.IsZero() {
		w.At = k.Began
	}
	switch f.link.Status {
	case "ACTIVE":
		w.Status = paylink.PaymentActionRequired
	case "EXPIRED", "CANCELLED":
		w.Status = paylink.PaymentAbandoned
	default: // paid, it says, and shows no payment
		return gateway.Word{}, httpwire.Unclear("the link's status and its payments disagree")
	}
	return w, nil
}
