package checkout_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// The customer promises on the page while an agent notes what she says on the phone, many times at once: each
// promise that is accepted is counted and told, the last one told is the one that stands, and the customer has
// no more than three.
func TestAgentsPromiseAgainstTheCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, change := range map[string]func(*paylink.Link){
			"within the expiry": promisable,
			"beyond the expiry": func(l *paylink.Link) {
				promisable(l)
				l.ExpiresAt, l.Terms.Promises.Extend = l.CreatedAt.AddDate(0, 0, 2), true
			},
		} {
			c := openCounter(t, s)
			l, code := c.link(change)
			m, err := s.Read(t.Context()).Merchant(c.merchant)
			if err != nil {
				t.Fatal(err)
			}
			issuer := issue.New(issue.Deps{Store: s, Ring: c.ring, Now: func() time.Time { return c.now }})
			day := func(n int) string { return c.now.AddDate(0, 0, n).Format(time.DateOnly) }
			var agents, customers atomic.Int64
			var all sync.WaitGroup
			for range 8 {
				d := checkout.NewDevice()
				page := c.open(code, d)
				all.Go(func() {
					switch why := reason(c.checkout.Promise(t.Context(), code, page.Token, checkout.Visitor{Device: d}, day(3))); why {
					case "":
						customers.Add(1)
					case "promises_spent", "terms_changed":
					default:
						t.Errorf("%s: the customer's is refused: %s", name, why)
					}
				})
				all.Go(func() {
					if _, err := issuer.Promise(t.Context(), issue.Actor{Merchant: m, ID: "usr_1"}, l.ID, issue.Promise{Date: day(5)}, nil); err != nil {
						t.Errorf("%s: the agent's is refused: %v", name, err)
						return
					}
					agents.Add(1)
				})
			}
			all.Wait()
			now, _ := c.read(l)
			p := now.Course.Promise
			if p == nil || p.Times != agents.Load()+customers.Load() || p.ByCustomer != customers.Load() || p.ByCustomer > paylink.MaxCustomerPromises {
				t.Fatalf("%s: %d by agents, %d by the customer, and the link has %+v", name, agents.Load(), customers.Load(), p)
			}
			want := map[string]string{"customer": day(3), "usr_1": day(5)}[p.By]
			if p.State != paylink.PromiseOpen || p.Date != want || !now.PromisedFor.Equal(p.Until) || now.ExpiresAt.Before(p.Until) {
				t.Errorf("%s: %+v stands, for %s, until %s", name, p, now.PromisedFor, now.ExpiresAt)
			}
			if page := c.open(code, checkout.NewDevice()); page.Refusal != "" {
				t.Errorf("%s: the page is closed: %s", name, page.Refusal)
			}
			told, err := s.Read(t.Context()).Timeline(c.merchant, l.ID, 100)
			if err != nil || int64(len(told)) != p.Times {
				t.Fatalf("%s: %d promises are told, %v", name, len(told), err)
			}
			last := told[len(told)-1]
			if of := last.Data.Link.Promise; of == nil || of.Times != p.Times || of.By != p.By {
				t.Errorf("%s: told at last %+v", name, of)
			}
		}
	})
}
