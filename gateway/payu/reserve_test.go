package payu_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/payu"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

// reserve begins an order whose money is captured later, and pays it.
func (f *fake) reserve(t *testing.T, g *payu.Gateway, a gateway.Account) gateway.Known {
	t.Helper()
	o := anOrder()
	o.Manual = true
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	k := gateway.Known{Reference: o.Reference, Order: started.Order, Payment: o.Reference, Amount: o.Amount, Method: o.Method, Began: time.Now()}
	form, err := g.Form(a, o, k)
	if err != nil {
		t.Fatal(err)
	}
	if status := submit(t, form); status != http.StatusOK {
		t.Fatalf("the page answers %d", status)
	}
	f.pay(t, started, true)
	return k
}

// A customer makes a reservation look captured: what PayU does not sign of a genuine notice is changed, and the goods
// are handed over for money that nobody took.
func TestReservationCannotBeMadeLookCaptured(t *testing.T) {
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	a.Fields["preauthorisation"] = "on"
	k := f.reserve(t, g, a)
	genuine := gateway.Post(f.far.Next(t, func(providertest.Post) bool { return true }))
	for _, body := range [][]byte{genuine.Body, edit(genuine.Body, "unmappedstatus", "captured")} {
		p := genuine
		p.Body = body
		if err := g.Verify(a, p, time.Now()); err != nil {
			t.Fatalf("the signature covers more than it is said to: %v", err)
		}
		news, err := g.Read(a, p)
		if err != nil || len(news.Words) != 1 || news.Words[0].Status != paylink.PaymentAuthorised || news.Words[0].Reference != k.Reference {
			t.Errorf("it is read as %+v, %v", news, err)
		}
	}
	forged := genuine
	forged.Body = bytes.Replace(genuine.Body, []byte("udf2=reserve"), []byte("udf2="), 1)
	if bytes.Equal(forged.Body, genuine.Body) || g.Verify(a, forged, time.Now()) == nil {
		t.Error("the mark of a reservation can be taken out")
	}
}

// The answer to a capture is lost, and it is begun twice, or with another amount; or what is reserved cannot be.
func TestReservedMoneyIsCapturedOnce(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "testdata")
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	o := anOrder()
	o.Manual = true
	var refused *gateway.Rejected
	if _, err := g.Start(t.Context(), a, o); !errors.As(err, &refused) || refused.Code != "no_preauthorisation" {
		t.Errorf("an account that reserves nothing takes an order to reserve: %v", err)
	}
	a.Fields["preauthorisation"] = "on"
	o.Method = paylink.MethodUPI
	if _, err := g.Start(t.Context(), a, o); !errors.As(err, &refused) || refused.Code != "no_preauthorisation" {
		t.Errorf("UPI reserves: %v", err)
	}
	a.BaseURL = schematest.Proxy(t, "payu.yaml", f.far.Origin)
	k, part := f.reserve(t, g, a), paylink.Money{Minor: 200000, Currency: "INR"}
	f.lose = "capture_transaction"
	if _, err := g.Capture(t.Context(), a, k, part); providertest.Ending(err) != "unknown" {
		t.Errorf("a capture whose answer was lost ended %q", providertest.Ending(err))
	}
	if w, err := g.Capture(t.Context(), a, k, part); err != nil || w.Amount != part {
		t.Errorf("asked again: %+v, %v", w, err)
	}
	if _, err := g.Capture(t.Context(), a, k, k.Amount); providertest.Ending(err) != "rejected" {
		t.Errorf("another amount ended %q", providertest.Ending(err))
	}
	f.mu.Lock()
	if many := len(f.tries[f.ours.key+" "+k.Reference].actions); many != 1 {
		t.Errorf("it was captured %d times", many)
	}
	f.mu.Unlock()
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentCaptured || w.Amount != part {
		t.Errorf("the look-up says %+v, %v", w, err)
	}
	k = f.reserve(t, g, a)
	f.lose = "cancel_transaction"
	if _, err := g.Void(t.Context(), a, k); providertest.Ending(err) != "unknown" {
		t.Errorf("a void whose answer was lost ended %q", providertest.Ending(err))
	}
	if w, err := g.Void(t.Context(), a, k); err != nil || w.Status != paylink.PaymentVoided && w.Status != paylink.PaymentAuthorised {
		t.Errorf("a void again: %+v, %v", w, err)
	}
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentVoided || w.Amount != k.Amount {
		t.Errorf("after a void the look-up says %+v, %v", w, err)
	}
}
