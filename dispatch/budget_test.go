package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// createTo makes a link that goes to a phone number by text message.
func (w *world) createTo(phone string) paylink.Message {
	w.t.Helper()
	c, err := w.issuer.Create(w.t.Context(), w.actor(), issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "Order 1042", Channels: []paylink.Channel{paylink.ChannelSMS},
		Customer: issue.Contact{Name: "Asha", Phone: phone},
	}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Messages[0]
}

// crowd does all jobs on four nodes at once.
func (w *world) crowd(done func() bool) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			if err := w.queue().Work(ctx); err != nil {
				w.t.Error(err)
			}
		})
	}
	for range 2000 {
		if done() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	nodes.Wait()
}

func price(perHundred int64) *paylink.MessagePrices { return &paylink.MessagePrices{SMS: &perHundred} }

// spent is what is counted against the day's cap, in hundredths.
func (w *world) spent(scope string) int64 {
	w.t.Helper()
	spent, err := w.store.Read(w.t.Context()).Spent(w.merchant.ID, false, scope)
	if err != nil {
		w.t.Fatal(err)
	}
	return spent
}

// Two hundred messages go out at once where the money is for fifty: every one beyond is money that the
// merchant did not allow.
func TestSpendNeverExceedsTheCap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: takes("ref")}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref")}, func(m *paylink.Merchant) { m.Settings.Prices = price(100) })
		w.createTo("+919812345642")
		w.work()
		each := w.attempts(w.carriedBy(one, 0))[0].Cost
		most := 50 * each / 100
		w.settings(func(m *paylink.Merchant) { m.Settings.Budget = &paylink.MessageBudget{Day: &most} })
		var all []paylink.Message
		for i := range 200 {
			all = append(all, w.createTo(fmt.Sprintf("+919812%06d", 345000+i)))
		}
		count := func() (sent, blocked int) {
			for _, m := range all {
				switch got := w.message(m.ID); {
				case got.Status == paylink.MessageSent:
					sent++
				case got.Status == paylink.MessageBlocked && got.ErrorCode == "budget" && got.Reason == "cap_reached":
					blocked++
				}
			}
			return sent, blocked
		}
		w.crowd(func() bool { a, b := count(); return a+b == 200 })
		sent, blocked := count()
		if sent != 50 || blocked != 150 || one.asked() != 51 || w.spent("day:2026-11-22") != 50*each {
			t.Errorf("%d sent, %d blocked, %d calls, %d spent", sent, blocked, one.asked(), w.spent("day:2026-11-22"))
		}
		if told := w.told(all[199].Link); told[paylink.EventMessageBlocked]+told[paylink.EventMessageSent] != 1 {
			t.Errorf("told %v", told)
		}
	})
}

// carriedBy is the message of the nth letter that a carrier took.
func (w *world) carriedBy(c *carrier, n int) paylink.Message {
	w.t.Helper()
	c.mu.Lock()
	id := c.took[n].ID
	c.mu.Unlock()
	return w.message(id)
}

// What a provider refused was not sent, and what it charged is what it told: a budget that counts the guess
// runs out too early, or never.
func TestBudgetCountsWhatWasSpent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: refuses(provider.Rejected{Code: "nobody", Reason: provider.InvalidAddress})}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref_2")}, func(m *paylink.Merchant) {
			most := int64(1000)
			m.Settings.Prices, m.Settings.Budget = price(100), &paylink.MessageBudget{Day: &most, Month: &most, Link: &most}
		})
		m := w.createTo("+919812345642")
		w.work()
		if got := w.message(m.ID); got.Status != paylink.MessageFailed || w.spent("day:2026-11-22") != 0 {
			t.Errorf("%s, %d spent", got.Status, w.spent("day:2026-11-22"))
		}
		one.mu.Lock()
		one.say = takes("ref_1")
		one.mu.Unlock()
		m = w.createTo("+919812345643")
		w.work()
		if w.attempts(m)[0].Cost != w.spent("month:2026-11") || w.spent("month:2026-11") == 0 {
			t.Errorf("%+v, %d spent", w.attempts(m), w.spent("month:2026-11"))
		}
		w.hear("one", "ref_1 delivered 4 0.31 INR")
		for _, scope := range []string{"day:2026-11-22", "month:2026-11", "link:" + string(m.Link)} {
			if w.spent(scope) != 3100 {
				t.Errorf("%s: %d spent", scope, w.spent(scope))
			}
		}
	})
}

// What has a cap and no price would be sent for ever; a text to another country costs a fortune.
func TestWhatMayNotBeSentIsBlockedWithItsReason(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: takes("ref")}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref")}, func(m *paylink.Merchant) {
			most := int64(1000)
			m.Settings.Budget = &paylink.MessageBudget{Month: &most}
		})
		holds := func(phone string, status paylink.MessageStatus, code, reason string) {
			t.Helper()
			m := w.createTo(phone)
			w.work()
			if got := w.message(m.ID); got.Status != status || got.ErrorCode != code || got.Reason != reason {
				t.Errorf("%s %q %q, want %s %q %q", got.Status, got.ErrorCode, got.Reason, status, code, reason)
			}
		}
		holds("+919812345642", paylink.MessageBlocked, "budget", "no_price")
		w.settings(func(m *paylink.Merchant) { m.Settings.Prices = price(100) })
		holds("+12025550123", paylink.MessageBlocked, "country_not_allowed", "")
		w.settings(func(m *paylink.Merchant) { m.Settings.SMSCountries = []string{"US"} })
		holds("+12025550123", paylink.MessageSent, "", "")
		holds("+919812345642", paylink.MessageSent, "", "")
		if one.asked() != 2 {
			t.Errorf("%d calls", one.asked())
		}
	})
}

// Somebody lets a shop write to numbers that cost them nothing and the shop a lot: numbers of one range.
func TestNumbersOfOneRangeAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: takes("ref")}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref")}, func(m *paylink.Merchant) {
			most := int64(20)
			m.Settings.SMSRange = &most
		})
		var all []paylink.Message
		for i := range 100 {
			all = append(all, w.createTo(fmt.Sprintf("+919812%06d", 340000+i)), w.createTo(fmt.Sprintf("+919812%06d", 340000+i)))
		}
		ended := func() (blocked int, all200 bool) {
			n := 0
			for _, m := range all {
				got := w.message(m.ID)
				if got.Status == paylink.MessageBlocked && got.ErrorCode == "pumping" {
					blocked++
				}
				if got.Status != paylink.MessageQueued {
					n++
				}
			}
			return blocked, n == len(all)
		}
		w.crowd(func() bool { _, done := ended(); return done })
		numbers := map[string]bool{}
		for _, l := range one.took {
			numbers[l.To] = true
		}
		if blocked, _ := ended(); len(numbers) > 20 || len(numbers) < 15 || blocked != 200-len(one.took) {
			t.Errorf("%d numbers, %d letters, %d blocked", len(numbers), len(one.took), blocked)
		}
		w.setClock(start.Add(time.Hour))
		m := w.createTo("+919812340099")
		w.work()
		if got := w.message(m.ID); got.Status != paylink.MessageSent {
			t.Errorf("an hour later: %+v", got)
		}
	})
}
