package dispatch_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/store"
	"paylink/store/storetest"
)

// A provider takes a message, loses it on its route and says so: the customer was never asked, while another
// provider would have reached him. What no provider can change is not tried at the merchant's expense.
func TestLostByItsProviderGoesToTheNext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			told  string
			moves bool
		}{
			{"provider_down", true}, {"-", true}, {"no_balance", true}, {"throttled", true},
			{"invalid_address", false}, {"opted_out", false}, {"blocked", false}, {"unreachable", false}, {"expired", false}, {"not_on_channel", false},
		} {
			one, other := &carrier{name: "one", say: takes("ref_1")}, &carrier{name: "two", say: takes("ref_2")}
			w := two(t, s, one, other, nil)
			m := w.create(paylink.ChannelSMS).Messages[0]
			w.work()
			w.hear("one", "ref_1 failed "+c.told)
			got, all := w.message(m.ID), w.attempts(m)
			if !c.moves {
				if got.Status != paylink.MessageFailed || other.asked() != 0 || w.told(m.Link)[paylink.EventMessageFailed] != 1 {
					t.Errorf("%s: %s, the other was asked %d times", c.told, got.Status, other.asked())
				}
				continue
			}
			if got.Status != paylink.MessageSent || got.Provider != "two" || got.ProviderReference != "ref_2" || one.asked() != 1 || other.asked() != 1 {
				t.Errorf("%s: %s by %s, asked %d and %d times", c.told, got.Status, got.Provider, one.asked(), other.asked())
			}
			if len(all) != 2 || all[0].Code != "lost" || all[1].State != paylink.AttemptTaken || w.told(m.Link)[paylink.EventMessageFailed] != 0 {
				t.Errorf("%s: attempts %+v", c.told, all)
			}
			// The first provider's late words: a failure says nothing any more, a delivery ends it.
			w.hear("one", "ref_1 failed "+c.told+"-")
			if got := w.message(m.ID); got.Status != paylink.MessageSent {
				t.Errorf("%s: after the first failed again it is %s", c.told, got.Status)
			}
			w.hear("two", "ref_2 failed "+c.told)
			if got := w.message(m.ID); got.Status != paylink.MessageFailed || one.asked() != 1 || other.asked() != 1 {
				t.Errorf("%s: after both failed it is %s", c.told, got.Status)
			}
			w.hear("one", "ref_1 delivered")
			if got := w.message(m.ID); got.Status != paylink.MessageDelivered {
				t.Errorf("%s: after the first delivered late it is %s", c.told, got.Status)
			}
		}
	})
}

// What is not wanted any more, or not affordable, when the first provider gives up is not sent by the next; and
// it has failed, because it was sent and did not arrive.
func TestWhatIsOfNoUseAnyMoreIsNotSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		hundred, cap := int64(100), int64(1)
		for name, change := range map[string]func(w *world, l paylink.LinkID){
			"paid":         func(w *world, l paylink.LinkID) { w.pay(l, 245000) },
			"over the cap": func(w *world, _ paylink.LinkID) { w.decide(func(s *paylink.Settings) { s.Budget.Link = &cap }) },
			"said no since": func(w *world, _ paylink.LinkID) {
				w.suppress(paylink.ChannelSMS, "+919812345642", paylink.SuppressedStop)
			},
		} {
			other := &carrier{name: "two", say: takes("ref_2")}
			w := two(t, s, &carrier{name: "one", say: takes("ref_1")}, other, func(m *paylink.Merchant) {
				m.Settings.Prices, m.Settings.Budget = &paylink.MessagePrices{SMS: &hundred}, &paylink.MessageBudget{}
				m.Settings.Receipts = &paylink.Receipts{}
			})
			m := w.create(paylink.ChannelSMS).Messages[0]
			w.decide(func(s *paylink.Settings) { s.Budget.Link = &hundred })
			w.work()
			change(w, m.Link)
			w.hear("one", "ref_1 failed provider_down")
			if got := w.message(m.ID); got.Status != paylink.MessageFailed || got.ErrorCode != "lost" || got.Provider != "one" || other.asked() != 0 {
				t.Errorf("%s: %s %s by %s, the other was asked %d times", name, got.Status, got.ErrorCode, got.Provider, other.asked())
			}
		}
	})
}

// The first provider's failure comes twice, its late delivery at the same moment, and a second node works on all
// of it: the next provider is called once at most, and a message that arrived has arrived.
func TestLateDeliveryAgainstTheNextProvider(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one, other := &carrier{name: "one", say: takes("")}, &carrier{name: "two", say: takes("")}
		one.say = func(n int) (channel.Sent, error) { return channel.Sent{Reference: "ref_" + string(rune('a'+n))}, nil }
		other.say = func(n int) (channel.Sent, error) { return channel.Sent{Reference: "other_" + string(rune('a'+n))}, nil }
		w := two(t, s, one, other, nil)
		var messages []paylink.Message
		for range 12 {
			messages = append(messages, w.create(paylink.ChannelSMS).Messages[0])
			w.tick()
			w.work()
		}
		post := func(body string) {
			if _, err := w.dispatch.Receive(context.WithoutCancel(t.Context()), "one", w.accounts["one"].ID, posted(http.Header{}, []byte(body))); err != nil {
				t.Error(err)
			}
		}
		var all sync.WaitGroup
		for _, m := range messages {
			reference := w.message(m.ID).ProviderReference
			for n := range 3 {
				all.Go(func() { post(reference + " failed provider_down" + strings.Repeat("-", n)) })
			}
			all.Go(func() { post(reference + " delivered") })
		}
		all.Go(func() {
			w.crowd(func() bool {
				for _, m := range messages {
					if w.message(m.ID).Status != paylink.MessageDelivered {
						return false
					}
				}
				return true
			})
		})
		all.Wait()
		w.setClock(w.clock().Add(3 * time.Minute))
		w.work()
		for _, m := range messages {
			got, tried := w.message(m.ID), map[string]int{}
			for _, a := range w.attempts(m) {
				tried[a.Provider]++
			}
			if got.Status != paylink.MessageDelivered || tried["one"] != 1 || tried["two"] > 1 {
				t.Errorf("%s is %s, tried %v", m.ID, got.Status, tried)
			}
		}
	})
}
