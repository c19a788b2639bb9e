package cashfree_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/cashfree"
	"paylink/provider"
	"paylink/provider/providertest"
)

// An answer was lost after Cashfree did what was asked: the customer has two pages, or the money back twice.
func TestLostAnswersAreFoundAgain(t *testing.T) {
	f, far := serve(t)
	a, g := account(far), cashfree.New(client(t))
	lost := func(what string, call func() error) {
		t.Helper()
		f.loses.Store(true)
		defer f.loses.Store(false)
		if err := call(); providertest.Ending(err) != "unknown" {
			t.Errorf("%s whose answer was lost ended %q", what, providertest.Ending(err))
		}
	}
	o := order(paylink.MethodUPI, 245000, far)
	lost("a start", func() error { _, err := g.Start(t.Context(), a, o); return err })
	if w, err := g.Lookup(t.Context(), a, known(o)); err != nil || w.Status != paylink.PaymentActionRequired {
		t.Errorf("an order whose start was never answered looks up as %+v, %v", w, err)
	}
	f.forget() // the key, as Cashfree does in time
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatalf("started again: %v", err)
	}
	pay(t, started, true)
	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: known(o), Amount: o.Amount}
	lost("a refund", func() error { _, err := g.Refund(t.Context(), a, r); return err })
	f.forget()
	found, err := g.LookupRefund(t.Context(), a, r)
	if err != nil || found.Status != paylink.RefundSucceeded {
		t.Errorf("a refund that was never answered looks up as %+v, %v", found, err)
	}
	if w, err := g.Refund(t.Context(), a, r); err != nil || w != found {
		t.Errorf("refunded again: %+v, %v; found before: %+v", w, err, found)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.links) != 1 || len(f.refunds) != 1 {
		t.Errorf("%d links and %d refunds", len(f.links), len(f.refunds))
	}
}

func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = map[string]repeat{}
}

// Cashfree's clock is off, and its notices are believed however old they are, or nobody hears of the money.
func TestNoticesOfAnotherTimeAreNotBelieved(t *testing.T) {
	f, far := serve(t)
	a, g := account(far), cashfree.New(client(t))
	for ahead, want := range map[time.Duration]string{4 * time.Minute: "", -4 * time.Minute: "", 6 * time.Minute: provider.StaleTimestamp, -6 * time.Minute: provider.StaleTimestamp} {
		f.ahead = ahead
		o := order(paylink.MethodUPI, 100, far)
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Fatal(err)
		}
		pay(t, started, true)
		far.Next(t, func(p providertest.Post) bool {
			err := g.Verify(a, gateway.Post(p), time.Now())
			if said := ""; err != nil {
				if said = err.Error(); said != "unverified: "+want {
					t.Errorf("a notice that is %v ahead: %s", ahead, said)
				}
			} else if want != "" {
				t.Errorf("a notice that is %v ahead is believed", ahead)
			}
			return true
		})
		f.calling.Wait()
		far.Next(t, func(providertest.Post) bool { return true }) // the link's own
		if w, err := g.Lookup(t.Context(), a, known(o)); err != nil || w.Status != paylink.PaymentCaptured {
			t.Errorf("the look-up says %+v, %v", w, err)
		}
	}
}
