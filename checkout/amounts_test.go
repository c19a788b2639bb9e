package checkout_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// press opens the page in a new browser and presses pay; it gives the payment and what refused it.
func (c *counter) press(code string, d checkout.Device, choice checkout.Choice) (paylink.Payment, string) {
	c.t.Helper()
	page := c.open(code, d)
	p, err := c.checkout.Start(c.t.Context(), checkout.StartRequest{Code: code, Token: page.Token, Device: d, Method: paylink.MethodUPI, Choice: choice})
	return p, reason(err)
}

// reason is the code of a refusal, with the field that it is about.
func reason(err error) string {
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	var expired *paylink.Expired
	switch {
	case err == nil:
		return ""
	case errors.As(err, &invalid):
		return invalid.Fields[0].Pointer + " " + invalid.Fields[0].Code
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &expired):
		return expired.Code
	}
	return err.Error()
}

func inParts(l *paylink.Link) {
	l.Terms.Partial = &paylink.Partial{MinimumFirst: 50000, Minimum: 10000}
}

func anyAmount(currency paylink.Currency) func(*paylink.Link) {
	return func(l *paylink.Link) {
		l.Amount = paylink.Money{Currency: currency}
		l.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: 100, Maximum: 90000}
	}
}

// What is typed starts exactly that payment, in the currency's own decimals, or none.
func TestTypedAmountsStartExactlyThatPayment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		for _, row := range []struct {
			link  func(*paylink.Link)
			typed string
			want  int64
			why   string
		}{
			{nil, "", 245000, ""},
			{nil, "1", 0, "/amount fixed"},
			{inParts, "", 245000, ""},
			{inParts, "500", 50000, ""},
			{inParts, "1,234.56", 123456, ""},
			{inParts, "499.99", 0, "/amount too_small"},
			{inParts, "2450.01", 0, "/amount too_large"},
			{inParts, " ", 0, "/amount empty"},
			{inParts, "5e2", 0, "/amount unreadable"},
			{inParts, "600.005", 0, "/amount too_many_decimals"},
			{inParts, "0", 0, "/amount too_small"},
			{inParts, "-600", 0, "/amount unreadable"},
			{anyAmount("INR"), "", 0, "/amount required"},
			{anyAmount("INR"), "12.5", 1250, ""},
			{anyAmount("JPY"), "1250", 1250, ""},
			{anyAmount("JPY"), "1250.0", 0, "/amount too_many_decimals"},
			{anyAmount("KWD"), "1.250", 1250, ""},
			{anyAmount("KWD"), "1.2505", 0, "/amount too_many_decimals"},
			{anyAmount("KWD"), "90.001", 0, "/amount too_large"},
		} {
			l, code := c.link(row.link)
			p, why := c.press(code, checkout.NewDevice(), checkout.Choice{Amount: row.typed})
			if p.Amount.Minor != row.want || why != row.why {
				t.Errorf("%q: %d %q, want %d %q", row.typed, p.Amount.Minor, why, row.want, row.why)
			}
			now, payments := c.read(l)
			if row.why != "" && (len(payments) != 0 || now.InFlight != 0) || row.why == "" && now.AmountInFlight != row.want {
				t.Errorf("%q: %d payments, %d in flight", row.typed, len(payments), now.AmountInFlight)
			}
		}
	})
}

// The page was opened before a part was paid elsewhere. Whoever presses "pay in full" pays what they
// saw, or is shown the page again.
func TestFullIsWhatThePageSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		_, code := c.link(func(l *paylink.Link) { inParts(l); l.AmountPaid = 45000 })
		if _, why := c.press(code, checkout.NewDevice(), checkout.Choice{Shown: 245000}); why != "terms_changed" {
			t.Errorf("an old page: %q", why)
		}
		if p, why := c.press(code, checkout.NewDevice(), checkout.Choice{Shown: 200000}); why != "" || p.Amount.Minor != 200000 {
			t.Errorf("a page of now: %d %q", p.Amount.Minor, why)
		}
	})
}

// Forty people press at once, half for the whole and half for a part: one payment is under way, and
// nothing above what is due.
func TestPartsRaceForWhatIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(inParts)
		started := c.crowd(code, 40, func(i int) checkout.Choice {
			if i%2 == 0 {
				return checkout.Choice{}
			}
			return checkout.Choice{Amount: "1500"}
		})
		now, payments := c.read(l)
		if started != 1 || len(payments) != 1 || now.AmountInFlight != payments[0].Amount.Minor || now.AmountInFlight > now.AmountDue() {
			t.Errorf("%d started, %d payments, %d in flight of %d due", started, len(payments), now.AmountInFlight, now.AmountDue())
		}
	})
}

// Quantities are bound into the payment, and a total that the page did not show is not charged.
func TestQuantitiesAreThePayments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		lines := func(l *paylink.Link) {
			l.Terms.Items = []paylink.LineItem{
				{Name: "Tea", Quantity: 2, UnitAmount: 100000, TaxRate: "18", Adjustable: &paylink.Adjustable{Maximum: 9}}, {Name: "Cup", Quantity: 1, UnitAmount: 9000},
			}
			l.Amount.Minor = 245000
		}
		for _, row := range []struct {
			choice checkout.Choice
			want   int64
			why    string
		}{
			{checkout.Choice{}, 245000, ""},
			{checkout.Choice{Quantities: []string{"3", "1"}, Shown: 363000}, 363000, ""},
			{checkout.Choice{Quantities: []string{"3", "1"}, Shown: 245000}, 0, "/quantities total_changed"},
			{checkout.Choice{Quantities: []string{"10", "1"}}, 0, "/quantities/0 out_of_range"},
			{checkout.Choice{Quantities: []string{"3", "2"}}, 0, "/quantities/1 out_of_range"},
			{checkout.Choice{Quantities: []string{"3.5", "1"}}, 0, "/quantities/0 unreadable"},
			{checkout.Choice{Quantities: []string{"99999999999999999999", "1"}}, 0, "/quantities/0 unreadable"},
			{checkout.Choice{Quantities: []string{"3"}}, 0, "/quantities required"},
		} {
			l, code := c.link(lines)
			p, why := c.press(code, checkout.NewDevice(), row.choice)
			if p.Amount.Minor != row.want || why != row.why {
				t.Errorf("%v: %d %q, want %d %q", row.choice, p.Amount.Minor, why, row.want, row.why)
			}
			if _, payments := c.read(l); row.why == "" {
				if t, err := paylink.TotalOf(payments[0].Items); err != nil || t.Total != row.want {
					c.t.Errorf("%v: the payment's lines come to %+v, %v", row.choice, t, err)
				}
			}
		}
	})
}

// crowd lets n browsers open the page, and then all press at the same moment; it gives how many
// payments started.
func (c *counter) crowd(code string, n int, choice func(i int) checkout.Choice) int {
	c.t.Helper()
	var started atomic.Int32
	var wait sync.WaitGroup
	press := make(chan struct{})
	for i := range n {
		device := checkout.NewDevice()
		page := c.open(code, device)
		wait.Go(func() {
			<-press
			r := checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodCard, Choice: choice(i)}
			if _, err := c.checkout.Start(c.t.Context(), r); err == nil {
				started.Add(1)
			} else if why := reason(err); why != "payment_in_flight" && why != "/amount too_large" {
				c.t.Error(fmt.Errorf("press %d: %w", i, err))
			}
		})
	}
	close(press)
	wait.Wait()
	return int(started.Load())
}

// A collection for ₹10,000.00 takes no rupee more, however many press at once, each with an amount of
// their own.
func TestCapOnTheTotalIsNeverOversold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(func(l *paylink.Link) {
			anyAmount("INR")(l)
			l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxTotal: 1_000_000}
		})
		started := c.crowd(code, 40, func(i int) checkout.Choice { return checkout.Choice{Amount: fmt.Sprint(300 + i)} })
		now, payments := c.read(l)
		sum := int64(0)
		for _, p := range payments {
			sum += p.Amount.Minor
		}
		if started != len(payments) || sum != now.AmountInFlight || sum > 1_000_000 || sum < 1_000_000-34_000 {
			t.Errorf("%d started, %d payments, %d of them in flight for %d", started, len(payments), sum, now.AmountInFlight)
		}
	})
}

// One browser opens twenty pages and presses on all of them at once: it pays as often as each may.
func TestCapOnEachCustomersPaymentsIsExact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(func(l *paylink.Link) { l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxPerCustomer: 2} })
		device := checkout.NewDevice()
		var started atomic.Int32
		var wait sync.WaitGroup
		for range 20 {
			page := c.open(code, device)
			wait.Go(func() {
				r := checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodCard}
				if _, err := c.checkout.Start(c.t.Context(), r); err == nil {
					started.Add(1)
				} else if why := reason(err); why != checkout.CustomerLimit {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if _, payments := c.read(l); started.Load() != 2 || len(payments) != 2 {
			t.Errorf("%d started, %d payments", started.Load(), len(payments))
		}
		if page := c.open(code, device); page.Refusal != checkout.CustomerLimit {
			t.Errorf("its page refuses %q", page.Refusal)
		}
		if page := c.open(code, checkout.NewDevice()); page.Refusal != "" {
			t.Errorf("another's page refuses %q", page.Refusal)
		}
	})
}
