package dispatch_test

import (
	"context"
	"reflect"
	"sync"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// shower is a carrier that shows orders, and keeps what it was given.
type shower struct {
	channel.Sender
	mu      sync.Mutex
	letters []channel.Letter
}

func (s *shower) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	s.mu.Lock()
	s.letters = append(s.letters, l)
	s.mu.Unlock()
	return s.Sender.Send(ctx, a, l)
}

func (s *shower) ShowsOrders(map[string]string) bool { return true }

// An order that stays open after it was paid is paid twice; and one that asks for another sum than the page, or
// for a sum that the customer chooses, is a trap.
func TestOrdersAskForWhatThePageAsksAndAreClosedWhenPaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var shows *shower
		w := newWorld(t, s, func(d *dispatch.Deps) {
			shows = &shower{Sender: d.Senders["sandbox"]}
			d.Senders = map[string]channel.Sender{"sandbox": shows}
		})
		make := func(d issue.Draft) issue.Created {
			t.Helper()
			d.Currency, d.Channels, d.Customer = "INR", []paylink.Channel{paylink.ChannelWhatsApp}, issue.Contact{Name: "Asha", Phone: "+919812345642"}
			c, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.tick()
			w.work()
			return c
		}
		last := func() channel.Letter { return shows.letters[len(shows.letters)-1] }
		lines := []paylink.LineItem{{Name: "Tea", Quantity: 2, UnitAmount: 50000, TaxRate: "18"}}
		c := make(issue.Draft{Terms: paylink.Terms{Items: lines}})
		want := &channel.Order{Reference: string(c.Messages[0].ID), Total: paylink.Money{Minor: 118000, Currency: "INR"}, Items: []channel.OrderItem{{Name: "Tea", Each: 50000, Quantity: 2}}}
		if got := last().Order; !reflect.DeepEqual(got, want) {
			t.Errorf("lines went out as %+v, want %+v", got, want)
		}
		p := w.pay(c.Link.ID, 118000)
		w.work()
		want = &channel.Order{Reference: string(c.Messages[0].ID), Paid: true, Total: want.Total}
		if got := last(); !reflect.DeepEqual(got.Order, want) || len(w.receipts(c.Link.ID, string(p.ID))[paylink.ChannelWhatsApp]) != 1 {
			t.Errorf("after it was paid %+v, want %+v", got.Order, want)
		}
		make(issue.Draft{Amount: 245000, HasAmount: true, Description: "Order 1042"})
		if got := last().Order; got == nil || !reflect.DeepEqual(got.Items, []channel.OrderItem{{Name: "Order 1042", Each: 245000, Quantity: 1}}) {
			t.Errorf("a bare amount went out as %+v", got)
		}
		make(issue.Draft{Terms: paylink.Terms{CustomerAmount: &paylink.CustomerAmount{Minimum: 100}}})
		if got := last().Order; got != nil {
			t.Errorf("an amount of the customer's choice went out as %+v", got)
		}
	})
}

// registrar carries registered templates only, but where the account allows more.
type registrar struct{ channel.Sender }

func (r registrar) Capabilities() channel.Capabilities {
	c := r.Sender.Capabilities()
	c.Templates = true
	return c
}

func (r registrar) WritesFreely(fields map[string]string) bool { return fields["free_text"] == "yes" }

// A merchant who allows messages without a template gets none sent, because templates are asked of all.
func TestAccountThatTakesFreeTextGetsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, func(d *dispatch.Deps) {
			d.Senders = map[string]channel.Sender{"sandbox": registrar{d.Senders["sandbox"]}}
		})
		refused := w.create(paylink.ChannelSMS).Messages[0]
		w.work()
		w.write(func(tx *store.Tx) error {
			a, err := tx.Account(w.accounts[paylink.ChannelSMS].ID)
			a.Fields = map[string]string{"free_text": "yes"}
			tx.UpdateAccount(a)
			return err
		})
		sent := w.create(paylink.ChannelSMS).Messages[0]
		w.work()
		if a, b := w.message(refused.ID), w.message(sent.ID); a.ErrorCode != "no_template" || b.Status != paylink.MessageSent {
			t.Errorf("without the choice %s %s, with it %s %s", a.Status, a.ErrorCode, b.Status, b.ErrorCode)
		}
	})
}
