package checkout_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// code makes a discount code of ten percent.
func (c *counter) code(text string, change func(*paylink.DiscountCode)) paylink.DiscountCode {
	c.t.Helper()
	d := paylink.DiscountCode{
		ID: paylink.NewDiscountCodeID(c.now), Merchant: c.merchant, Code: text, Percent: "10", Active: true, CreatedAt: c.now, UpdatedAt: c.now,
	}
	if change != nil {
		change(&d)
	}
	c.write(func(tx *store.Tx) error { tx.InsertDiscountCode(d); return nil })
	return d
}

func (c *counter) uses(d paylink.DiscountCode) int64 {
	c.t.Helper()
	got, err := c.store.Read(c.t.Context()).DiscountCode(c.merchant, false, d.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return got.Uses
}

// Forty customers of forty links type a code that may be used three times more, at one moment: three
// pay less, and nobody else does.
func TestLastUsesOfACodeAreNotOversold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := c.code("DIWALI10", func(d *paylink.DiscountCode) { d.MaxUses, d.Uses = 5, 2 })
		var started atomic.Int32
		var wait sync.WaitGroup
		press := make(chan struct{})
		for range 40 {
			_, code := c.link(func(l *paylink.Link) { l.Terms.DiscountCodes = []string{paylink.AllCodes} })
			device := checkout.NewDevice()
			page := c.open(code, device)
			wait.Go(func() {
				<-press
				r := checkout.StartRequest{Code: code, Token: page.Token, Device: device, Method: paylink.MethodUPI, Choice: checkout.Choice{Code: "diwali10", Shown: 220500}}
				if p, err := c.checkout.Start(t.Context(), r); err == nil {
					started.Add(1)
					if p.Amount.Minor != 220500 || p.Extras.Off() != 24500 {
						t.Errorf("started for %d, %d off", p.Amount.Minor, p.Extras.Off())
					}
				} else if why := reason(err); why != "/discount_code not_applicable" {
					t.Error(err)
				}
			})
		}
		close(press)
		wait.Wait()
		if uses := c.uses(d); started.Load() != 3 || uses != 5 {
			t.Errorf("%d started, %d uses", started.Load(), uses)
		}
	})
}

// A payment that ends without money gives its use of a code back, once; when the money comes late all
// the same, it is a use again, even above the limit.
func TestUseOfACodeIsGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		d := c.code("ONCE", func(d *paylink.DiscountCode) { d.MaxUses = 1 })
		l, code := c.link(func(l *paylink.Link) { l.Terms.DiscountCodes = []string{"ONCE"} })
		choice := checkout.Choice{Code: "once", Shown: 220500}
		first, why := c.press(code, checkout.NewDevice(), choice)
		if why != "" || c.uses(d) != 1 {
			t.Fatalf("%q, %d uses", why, c.uses(d))
		}
		end := func(status paylink.PaymentStatus) {
			t.Helper()
			c.write(func(tx *store.Tx) error {
				l, err := tx.Link(c.merchant, false, l.ID)
				if err != nil {
					return err
				}
				p, err := tx.Payment(c.merchant, false, first.ID)
				if err != nil {
					return err
				}
				readLink, read := l.UpdatedAt, p.Status
				if _, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: status}, c.now, c.now); !ok {
					t.Errorf("%s to %s was not heard", read, status)
				}
				tx.UpdatePayment(p, read)
				tx.UpdateLink(l, readLink)
				return nil
			})
		}
		end(paylink.PaymentFailed)
		if uses := c.uses(d); uses != 0 {
			t.Errorf("declined, and %d uses", uses)
		}
		if _, why := c.press(code, checkout.NewDevice(), choice); why != "" || c.uses(d) != 1 {
			t.Errorf("%q, %d uses", why, c.uses(d))
		}
		end(paylink.PaymentCaptured)
		now, _ := c.read(l)
		if c.uses(d) != 2 || now.AmountPaid != 220500 || now.AmountDiscounted != 24500 || now.AmountDue() != 0 {
			t.Errorf("%d uses; paid %d, off %d, due %d", c.uses(d), now.AmountPaid, now.AmountDiscounted, now.AmountDue())
		}
	})
}

// Somebody tries codes on a link until one fits. After thirty that are none, the right one does not apply
// either; on another link it does.
func TestCodesAreNotGuessedForLong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		c.code("RIGHT", nil)
		takes := func(l *paylink.Link) { l.Terms.DiscountCodes = []string{paylink.AllCodes} }
		l, _ := c.link(takes)
		other, _ := c.link(takes)
		none, _ := c.link(nil)
		try := func(l paylink.Link, code string) string {
			_, err := c.checkout.Discount(s.Read(t.Context()), l, code)
			return reason(err)
		}
		const refused = "/discount_code not_applicable"
		if why := try(l, "right"); why != "" {
			t.Errorf("the right one at once: %s", why)
		}
		for range 30 {
			if why := try(l, "wrong"); why != refused {
				t.Errorf("a wrong one: %q", why)
			}
		}
		for _, typed := range []struct {
			link paylink.Link
			code string
			why  string
		}{{l, "RIGHT", refused}, {other, " right ", ""}, {none, "RIGHT", refused}, {other, strings.Repeat("R", 33), refused}, {other, "", ""}} {
			if why := try(typed.link, typed.code); why != typed.why {
				t.Errorf("%q: %q, want %q", typed.code, why, typed.why)
			}
		}
		c.now = c.now.Add(10 * 60 * 1e9)
		if why := try(l, "right"); why != "" {
			t.Errorf("ten minutes later: %s", why)
		}
	})
}
