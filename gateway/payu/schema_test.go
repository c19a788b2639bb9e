package payu_test

import (
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/payu"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

// The adapter asks for what is not documented, or the fake answers what PayU would not: both agree, and the first
// real call fails. The document is our own.
func TestWhatIsAskedAndAnsweredIsDocumented(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "testdata")
	f := serve(t)
	proxy := schematest.Proxy(t, "payu.yaml", f.far.Origin)
	g, a := payu.New(client(t)), f.account(f.ours)
	a.BaseURL = proxy
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("test: %v", err)
	}
	wrong := a
	wrong.Secret = "wrong"
	if err := g.Test(t.Context(), wrong); providertest.Ending(err) != "rejected" {
		t.Errorf("test of a wrong salt: %v", err)
	}
	for _, m := range g.Capabilities().Methods {
		o := anOrder()
		o.Method = m
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Fatal(err)
		}
		k := gateway.Known{Reference: o.Reference, Order: started.Order, Payment: o.Reference, Amount: o.Amount, Method: m}
		form, err := g.Form(a, o, k)
		if err != nil {
			t.Fatal(err)
		}
		if status := submit(t, form); status != http.StatusOK {
			t.Fatalf("%s: the page answers %d", m, status)
		}
		if _, err := g.Lookup(t.Context(), a, k); err != nil {
			t.Errorf("%s: look-up: %v", m, err)
		}
		f.pay(t, started, true)
		if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentCaptured {
			t.Errorf("%s: look-up: %+v, %v", m, w, err)
		}
		r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Began: time.Now()}
		if _, err := g.Refund(t.Context(), a, r); err != nil {
			t.Errorf("%s: refund: %v", m, err)
		}
		if _, err := g.LookupRefund(t.Context(), a, r); err != nil {
			t.Errorf("%s: look-up of a refund: %v", m, err)
		}
		r.Reference, r.Amount = paylink.NewPaymentReference(), o.Amount
		if _, err := g.Refund(t.Context(), a, r); providertest.Ending(err) != "rejected" {
			t.Errorf("%s: a refund of more than is left: %v", m, err)
		}
	}
}
