package adyen_test

import (
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/adyen"
	"paylink/provider/providertest"
)

// An answer was lost after Adyen did what was asked: the customer has two pages, or the money back twice.
func TestLostAnswersAreAskedForAgain(t *testing.T) {
	f, far := serve(t)
	a, g := account(far), adyen.New(client(t))
	lost := func(what string, call func() error) {
		t.Helper()
		f.loses.Store(true)
		defer f.loses.Store(false)
		if err := call(); providertest.Ending(err) != "unknown" {
			t.Errorf("%s whose answer was lost ended %q", what, providertest.Ending(err))
		}
	}
	o := order(paylink.MethodCard, rupees(245000))
	lost("a start", func() error { _, err := g.Start(t.Context(), a, o); return err })
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatalf("started again: %v", err)
	}
	pay(t, started, true)
	k := gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: o.Method}
	k.Payment = told(t, g, a, far, says(paylink.PaymentCaptured)).Words[0].GatewayReference

	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: rupees(245000)}
	lost("a refund", func() error { _, err := g.Refund(t.Context(), a, r); return err })
	if _, err := g.LookupRefund(t.Context(), a, r); !paylink.IsNotFound(err) {
		t.Errorf("a refund that was never answered looks up as %v, so it is not begun again", err)
	}
	w, err := g.Refund(t.Context(), a, r)
	if err != nil {
		t.Fatal(err)
	}
	news := told(t, g, a, far, func(n gateway.News) bool { return len(n.Refunds) > 0 })
	if got := news.Refunds[0]; got.Status != paylink.RefundSucceeded || got.GatewayReference != w.GatewayReference || got.Reference != r.Reference {
		t.Errorf("the notice says %+v of the refund %+v", got, w)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.payments[k.Payment]; p.refunded != 245000 || len(f.links) != 1 {
		t.Errorf("%d were given back; there are %d links", p.refunded, len(f.links))
	}
}
