package checkout_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// promisable lets the customer promise, within ten days, on a link that lives for twenty.
func promisable(l *paylink.Link) {
	l.ExpiresAt = l.CreatedAt.AddDate(0, 0, 20)
	l.Terms.Promises = &paylink.PromiseTerms{MaxDays: 10}
}

// promise opens the page and sends its form for a day that is so many days ahead; it gives what refused it.
func (c *counter) promise(code string, d checkout.Device, days int) string {
	c.t.Helper()
	page := c.open(code, d)
	return reason(c.checkout.Promise(c.t.Context(), code, page.Token, checkout.Visitor{Device: d}, c.now.AddDate(0, 0, days).Format(time.DateOnly)))
}

// A customer says when the money will come: that is kept and told, may be moved twice, and does not stop
// a payment.
func TestCustomerPromisesADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(promisable)
		d := checkout.NewDevice()
		for n, row := range []struct {
			days int
			want string
		}{{-1, "/date in_the_past"}, {11, "/date too_far"}, {3, ""}, {5, ""}, {2, ""}, {4, "promises_spent"}} {
			if got := c.promise(code, d, row.days); got != row.want {
				t.Errorf("%d: in %d days: %q, want %q", n, row.days, got, row.want)
			}
		}
		now, _ := c.read(l)
		if p := now.Course.Promise; p == nil || p.ByCustomer != 3 || p.Amount != 245000 || p.By != "customer" || p.Date != c.now.AddDate(0, 0, 2).Format(time.DateOnly) || !now.PromisedFor.Equal(p.Until) || now.Revision != 1 {
			t.Errorf("%+v", p)
		}
		if _, why := c.press(code, d, checkout.Choice{}); why != "" {
			t.Errorf("a promise stops a payment: %s", why)
		}
		want := []paylink.EventType{"payment_link.promised", "payment_link.promised", "payment_link.promised", "payment.started"}
		if got := c.told(l); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
		if got := c.promise(code, d, 3); got != "payment_in_flight" {
			t.Errorf("promised while a payment is under way: %q", got)
		}
	})
}

// A link that takes no promise takes none from a form that was made by hand either, nor from an old one.
func TestPromisesNeedTheLinksLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		_, code := c.link(nil)
		if got := c.promise(code, d, 0); got != "no_promises" {
			t.Errorf("%q", got)
		}
		l, code := c.link(promisable)
		page := c.open(code, d)
		day := c.now.AddDate(0, 0, 1).Format(time.DateOnly)
		for _, want := range []string{"", "already_used"} {
			if got := reason(c.checkout.Promise(t.Context(), code, page.Token, checkout.Visitor{Device: d}, day)); got != want && !(want != "" && got != "") {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if now, _ := c.read(l); now.Course.Promise.Times != 1 {
			t.Errorf("one form made %d promises", now.Course.Promise.Times)
		}
		if got := reason(c.checkout.Promise(t.Context(), code, page.Token, checkout.Visitor{Device: checkout.NewDevice()}, day)); got != "token_forged" {
			t.Errorf("another browser: %q", got)
		}
	})
}

// A promise beyond the expiry would be broken by the link itself: it is refused, or moves the expiry and
// is signed.
func TestPromiseOutlivesTheExpiryOnlyByTheTerms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := checkout.NewDevice()
		_, strict := c.link(func(l *paylink.Link) { promisable(l); l.ExpiresAt = c.now.AddDate(0, 0, 2) })
		if got := c.promise(strict, d, 5); got != "/date after_expiry" {
			t.Errorf("%q", got)
		}
		l, code := c.link(func(l *paylink.Link) {
			promisable(l)
			l.ExpiresAt, l.Terms.Promises.Extend = c.now.AddDate(0, 0, 2), true
		})
		if got := c.promise(code, d, 5); got != "" {
			t.Errorf("%q", got)
		}
		now, _ := c.read(l)
		if page := c.open(code, d); !now.ExpiresAt.Equal(now.PromisedFor) || now.Revision != 2 || page.Refusal != "" || page.Link.Hold != "" {
			t.Errorf("%+v", now)
		}
	})
}

// Forty presses on forty pages, some to pay and some to promise: at most three promises, one payment, and
// no promise after it.
func TestPromiseAgainstPayIsDecidedInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(promisable)
		var all sync.WaitGroup
		day := c.now.AddDate(0, 0, 3).Format(time.DateOnly)
		for n := range 40 {
			d := checkout.NewDevice()
			page := c.open(code, d)
			all.Go(func() {
				if n%4 == 0 {
					_, _ = c.checkout.Start(t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: d, Method: paylink.MethodUPI})
					return
				}
				_ = c.checkout.Promise(t.Context(), code, page.Token, checkout.Visitor{Device: d}, day)
			})
		}
		all.Wait()
		now, payments := c.read(l)
		told := c.told(l)
		if n := now.PromisesByCustomer(); n > paylink.MaxCustomerPromises || len(payments) != 1 || int64(len(told)) != n+1 || told[len(told)-1] != paylink.EventPaymentStarted && len(told) < 4 {
			t.Errorf("%d promises, %d payments, told %v", n, len(payments), told)
		}
	})
}
