package refund_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider/providertest"
	"paylink/store"
	"paylink/store/storetest"
)

// ended turns a payment that waits for the bank into one that came to nothing, before anybody heard of the
// reservation.
func (sh *shop) ended(p paylink.Payment, status paylink.PaymentStatus) {
	sh.Helper()
	sh.write(func(tx *store.Tx) error {
		l, err := tx.Link(p.Merchant, p.Live, p.Link)
		if err != nil {
			return err
		}
		p, err := tx.Payment(p.Merchant, p.Live, p.ID)
		if err != nil {
			return err
		}
		readLink, read := l.UpdatedAt, p.Status
		if _, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: status}, sh.now, sh.now); !ok {
			sh.Fatalf("%s cannot become %s", read, status)
		}
		l.Touch(sh.now)
		tx.UpdatePayment(p, read)
		tx.UpdateLink(l, readLink)
		return nil
	})
}

// The customer gave up, and had paid a moment before: the money stays blocked for a week, beside what is paid by
// another method. The gateway must not be told twice, however often it says that money is reserved.
func TestMoneyReservedForNothingIsGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, status := range []paylink.PaymentStatus{paylink.PaymentAbandoned, paylink.PaymentFailed} {
			sh := openShop(t, s)
			p := sh.begun(nil)
			sh.ended(p, status)
			k := gateway.Known{Reference: p.Reference, Amount: p.Amount, Method: p.Method}
			if w, err := sh.gateway.Lookup(t.Context(), sh.account, k); err != nil || w.Status != paylink.PaymentAuthorised {
				t.Fatalf("the sandbox says %+v, %v", w, err)
			}
			post := sh.far.Next(t, func(providertest.Post) bool { return true })
			for range 2 { // the sandbox says it twice
				sh.now = sh.now.Add(time.Millisecond)
				if _, err := sh.hearing().Receive(t.Context(), "sandbox", sh.account.ID, gateway.Post(post)); err != nil {
					t.Fatal(err)
				}
			}
			sh.far.Break(http.StatusBadGateway)
			sh.workAll()
			if got := sh.payment(p); got.Status != status || got.Intent != paylink.IntentVoid {
				t.Errorf("before the gateway answers it is %s with %q", got.Status, got.Intent)
			}
			sh.far.Break(0)
			sh.now = sh.now.Add(time.Hour)
			sh.workAll()
			if got := sh.payment(p).Status; got != paylink.PaymentVoided {
				t.Errorf("%s: then it is %s", status, got)
			}
			if w, err := sh.gateway.Lookup(t.Context(), sh.account, k); err != nil || w.Status != paylink.PaymentVoided {
				t.Errorf("the sandbox says %+v, %v", w, err)
			}
			told := slices.DeleteFunc(sh.told(p.Link), func(e paylink.EventType) bool { return e != paylink.EventVoidAsked && e != paylink.EventPaymentVoided })
			if !slices.Equal(told, []paylink.EventType{paylink.EventVoidAsked, paylink.EventPaymentVoided}) {
				t.Errorf("told %v", told)
			}
			if l := sh.link(p); l.InFlight != 0 || l.Refusal(sh.now) != "" {
				t.Errorf("the link has %d under way and refuses with %q", l.InFlight, l.Refusal(sh.now))
			}
		}
	})
}
