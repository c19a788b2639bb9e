package checkout_test

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// A customer opens the page and presses pay: the gateway is asked, and the page knows where to go.
func TestStartAsksTheGatewayAndTellsTheCustomerWhereToGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		device := checkout.NewDevice()
		for method, kind := range map[paylink.Method]paylink.ActionKind{
			paylink.MethodCard: paylink.ActionRedirect, paylink.MethodNetbanking: paylink.ActionRedirect, paylink.MethodUPI: paylink.ActionApprove,
		} {
			l, code := c.link(nil)
			page := c.open(code, device)
			if page.Refusal != "" || !slices.Equal(page.Methods, paylink.Methods) || page.Payment != nil {
				t.Fatalf("the page refuses %q, offers %v, shows %v", page.Refusal, page.Methods, page.Payment)
			}
			started, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: method})
			if err != nil {
				t.Fatal(err)
			}
			c.work()
			p, err := c.checkout.Await(t.Context(), started, time.Second)
			if err != nil || p.Status != paylink.PaymentActionRequired || p.Action.Kind != kind || p.Action.URL == "" || p.Amount.Minor != 245000 {
				t.Errorf("%s: %s of %d, action %+v, %v", method, p.Status, p.Amount.Minor, p.Action, err)
			}
			page = c.open(code, device)
			if page.Refusal != "payment_in_flight" || page.Payment == nil || page.Payment.ID != p.ID || !page.Payer {
				t.Errorf("%s: then the page refuses %q, payer %v", method, page.Refusal, page.Payer)
			}
			if other := c.open(code, checkout.NewDevice()); other.Payer {
				t.Errorf("%s: another browser is taken for the payer", method)
			}
			if got := c.told(l); !slices.Equal(got, []paylink.EventType{paylink.EventPaymentStarted}) {
				t.Errorf("%s: told %v", method, got)
			}
		}
	})
}

// A link for three payments takes exactly three, however many press at once.
func TestCapOfAMultiUseLinkIsExact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(func(l *paylink.Link) { l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: 3} })
		var started atomic.Int32
		var wait sync.WaitGroup
		for range 20 {
			device := checkout.NewDevice()
			page := c.open(code, device)
			wait.Go(func() {
				if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodCard}); err == nil {
					started.Add(1)
				}
			})
		}
		wait.Wait()
		if link, payments := c.read(l); started.Load() != 3 || len(payments) != 3 || link.InFlight != 3 {
			t.Errorf("%d started, %d payments, %d in flight", started.Load(), len(payments), link.InFlight)
		}
	})
}

// The gateway is down or refuses: the customer hears it and can try again; when nobody knows whether
// it took the order, nobody pays twice.
func TestGatewayThatFailsLeavesTheCustomerATrueState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, f := range []struct {
			name   string
			status int
			want   paylink.PaymentStatus
			link   paylink.LinkStatus
		}{
			{"refuses the credentials", http.StatusUnauthorized, paylink.PaymentFailed, paylink.LinkFailed},
			{"is overloaded", http.StatusTooManyRequests, paylink.PaymentFailed, paylink.LinkFailed},
			{"may have taken it", http.StatusBadGateway, paylink.PaymentUnknown, paylink.LinkPending},
		} {
			c := openCounter(t, s)
			l, code := c.link(nil)
			device := checkout.NewDevice()
			page := c.open(code, device)
			c.far.Break(f.status)
			if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodUPI}); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				c.work()
				c.now = c.now.Add(4 * time.Second) // past the next back-off, before the first asking
			}
			link, payments := c.read(l)
			if payments[0].Status != f.want || link.StatusAt(c.now) != f.link {
				t.Errorf("a gateway that %s: payment %s, link %s", f.name, payments[0].Status, link.StatusAt(c.now))
			}
			if free := c.open(code, device).Refusal == ""; free != (f.want == paylink.PaymentFailed) {
				t.Errorf("a gateway that %s: may pay again: %v", f.name, free)
			}
		}
	})
}

// A customer who changes their mind uses another method; one whose bank is deciding cannot.
func TestAbandonFreesTheLinkUnlessTheBankIsDeciding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(nil)
		device := checkout.NewDevice()
		if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI}); err != nil {
			t.Fatal(err)
		}
		c.work()
		stranger := checkout.NewDevice()
		if err := c.checkout.Abandon(t.Context(), code, c.open(code, stranger).Token, checkout.Visitor{Device: stranger}); err == nil {
			t.Error("a stranger gave up somebody's payment")
		}
		if err := c.checkout.Abandon(t.Context(), code, c.open(code, device).Token, checkout.Visitor{Device: device}); err != nil {
			t.Fatal(err)
		}
		link, payments := c.read(l)
		if link.InFlight != 0 || payments[0].Status != paylink.PaymentAbandoned || c.open(code, device).Refusal != "" {
			t.Errorf("%d in flight, payment %s", link.InFlight, payments[0].Status)
		}

		if _, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: c.open(code, device).Token, Device: device, Method: paylink.MethodUPI}); err != nil {
			t.Fatal(err)
		}
		c.work()
		_, payments = c.read(l)
		live := payments[slices.IndexFunc(payments, func(p paylink.Payment) bool { return p.Status.Live() })]
		c.write(func(tx *store.Tx) error {
			deciding := live
			deciding.Status = paylink.PaymentPending
			tx.UpdatePayment(deciding, live.Status)
			return nil
		})
		err := c.checkout.Abandon(t.Context(), code, c.open(code, device).Token, checkout.Visitor{Device: device})
		var conflict *paylink.Conflict
		if !errors.As(err, &conflict) || conflict.Code != "payment_in_flight" {
			t.Errorf("giving up what the bank decides: %v", err)
		}
	})
}

// From the instant of the expiry on, no payment starts; a microsecond before, one does.
func TestNoPaymentStartsFromTheExpiryOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, boundary := range []struct {
			off  time.Duration
			want string
		}{{-time.Microsecond, ""}, {0, "expired"}, {time.Microsecond, "expired"}} {
			c := openCounter(t, s)
			l, code := c.link(nil)
			device := checkout.NewDevice()
			c.now = l.ExpiresAt.Add(-time.Hour)
			form := c.open(code, device).Token
			c.now = l.ExpiresAt.Add(boundary.off)
			_, err := c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: form, Device: device, Method: paylink.MethodUPI})
			got := ""
			var conflict *paylink.Conflict
			if errors.As(err, &conflict) {
				got = conflict.Code
			} else if err != nil {
				t.Fatal(err)
			}
			if got != boundary.want {
				t.Errorf("%v from the expiry: %q, want %q", boundary.off, got, boundary.want)
			}
		}
	})
}
