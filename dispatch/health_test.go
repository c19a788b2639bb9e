package dispatch_test

import (
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// A provider is down: each of ten thousand messages asks it first, and waits for it not to answer. Later it
// is back, and nobody uses it any more.
func TestAccountThatFailsIsLeftAloneForAWhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: breaks(channel.NotSent)}
		other := &carrier{name: "two", say: takes("ref_2")}
		w := two(t, s, one, other, nil)
		id := w.accounts["one"].ID
		for range 8 {
			w.create(paylink.ChannelSMS)
			w.work()
		}
		seen := w.dispatch.Health(id)
		if one.asked() != 5 || other.asked() != 8 || seen.State != dispatch.BreakerOpen || seen.Calls != 5 || seen.Taken != 0 {
			t.Errorf("%d and %d calls, %+v", one.asked(), other.asked(), seen)
		}
		if good := w.dispatch.Health(w.accounts["two"].ID); good.State != dispatch.BreakerClosed || good.Calls != 8 || good.Taken != 8 {
			t.Errorf("the other: %+v", good)
		}
		w.setClock(seen.Until)
		one.answers(takes("ref_1"))
		w.create(paylink.ChannelSMS)
		w.work()
		w.create(paylink.ChannelSMS)
		w.work()
		if one.asked() != 7 || w.dispatch.Health(id).State != dispatch.BreakerClosed {
			t.Errorf("back again: %d calls, %+v", one.asked(), w.dispatch.Health(id))
		}
	})
}

// Everybody who waited for a provider asks it in the moment in which it is tried again, and it goes down anew.
func TestOneMessageFindsOutWhetherAnAccountWorksAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: breaks(channel.NotSent)}
		w := two(t, s, one, nil, nil)
		for range 6 {
			w.create(paylink.ChannelSMS)
			w.work()
		}
		if one.asked() != 5 {
			t.Fatalf("%d calls", one.asked())
		}
		var at sync.Mutex
		under, most := 0, 0
		one.answers(nil)
		one.slow = func() {
			at.Lock()
			under++
			most = max(most, under)
			at.Unlock()
			time.Sleep(20 * time.Millisecond)
			at.Lock()
			under--
			at.Unlock()
		}
		w.setClock(start.Add(10 * time.Minute))
		w.work()
		if most != 1 {
			t.Errorf("%d probes at once", most)
		}
		one.answers(takes("ref_1"))
		one.slow = nil
		w.setClock(start.Add(time.Hour))
		w.work()
		w.setClock(start.Add(61 * time.Minute))
		w.work()
		if one.asked() < 11 || w.dispatch.Health(w.accounts["one"].ID).State != dispatch.BreakerClosed {
			t.Errorf("%d calls, %+v", one.asked(), w.dispatch.Health(w.accounts["one"].ID))
		}
	})
}

// A provider says when it wants to be asked again. Who asks sooner is throttled for longer.
func TestRetryAfterIsHonoured(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: refuses(provider.Rejected{Code: "slow", Reason: provider.Throttled, Temporary: true, After: 10 * time.Minute})}
		w := two(t, s, one, nil, nil)
		c := w.create(paylink.ChannelSMS)
		w.work()
		w.setClock(start.Add(9 * time.Minute))
		w.work()
		if one.asked() != 1 {
			t.Errorf("%d calls within the pause", one.asked())
		}
		one.answers(takes("ref_1"))
		w.setClock(start.Add(10*time.Minute + time.Second))
		w.work()
		if got := w.message(c.Messages[0].ID); got.Status != paylink.MessageSent || one.asked() != 2 {
			t.Errorf("%+v after %d calls", got, one.asked())
		}
	})
}

// A provider that only takes so many a second is treated like one that is down: what would have gone a moment
// later waits for minutes.
func TestThrottlingAccountRestsAsLongAsItAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: refuses(provider.Rejected{Code: "slow", Reason: provider.Throttled, Temporary: true, After: 2 * time.Second})}
		w := two(t, s, one, nil, nil)
		for range 6 {
			w.create(paylink.ChannelSMS)
			w.work()
		}
		id := w.accounts["one"].ID
		seen := w.dispatch.Health(id)
		if one.asked() != 5 || seen.State != dispatch.BreakerOpen || !seen.Until.Equal(start.Add(2*time.Second)) {
			t.Fatalf("%d calls, %+v", one.asked(), seen)
		}
		for range 3 { // it goes on throttling, and is not left alone for longer and longer
			w.setClock(w.dispatch.Health(id).Until.Add(time.Second))
			w.work()
		}
		if seen = w.dispatch.Health(id); seen.Until.Sub(w.clock()) > 2*time.Second {
			t.Errorf("left alone until %v at %v", seen.Until, w.clock())
		}
		one.answers(takes("ref_1"))
		w.setClock(w.clock().Add(time.Minute))
		w.work()
		if seen = w.dispatch.Health(id); seen.State != dispatch.BreakerClosed {
			t.Errorf("%+v after it took one", seen)
		}
	})
}

// The merchant pays for the dearest way, or sends by the one that loses half, although another order is
// decided; or texts go by an account that does not carry to the country.
func TestAccountsAreTriedInTheMerchantsOrder(t *testing.T) {
	for _, row := range []struct {
		name   string
		order  paylink.RoutePreference
		fields [2]map[string]string
		first  int
	}{
		{"by rank", "", [2]map[string]string{}, 0},
		{"by price", paylink.RouteCheapest, [2]map[string]string{{"price_per_hundred": "90"}, {"price_per_hundred": "80"}}, 1},
		{"by price to the country", paylink.RouteCheapest, [2]map[string]string{{"price_per_hundred": "90", "country_prices": "LK=5, in=20"}, {"price_per_hundred": "80"}}, 0},
		{"one without a price", paylink.RouteCheapest, [2]map[string]string{{}, {"price_per_hundred": "80"}}, 1},
		{"only to another country", "", [2]map[string]string{{"countries": "LK, NP"}, {"countries": "GB,in"}}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				carriers := [2]*carrier{{name: "one", say: takes("ref_1")}, {name: "two", say: takes("ref_2")}}
				w := two(t, s, carriers[0], carriers[1], func(m *paylink.Merchant) { m.Settings.Routing = &paylink.MessageRouting{SMS: row.order} })
				w.write(func(tx *store.Tx) error {
					for i, name := range []paylink.Channel{"one", "two"} {
						a, err := tx.Account(w.accounts[name].ID)
						if err != nil {
							return err
						}
						a.Fields = row.fields[i]
						tx.UpdateAccount(a)
					}
					return nil
				})
				w.create(paylink.ChannelSMS)
				w.work()
				if carriers[row.first].asked() != 1 || carriers[1-row.first].asked() != 0 {
					t.Errorf("%d and %d calls", carriers[0].asked(), carriers[1].asked())
				}
			})
		})
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", say: func(n int) (channel.Sent, error) {
			if n%2 == 0 {
				return channel.Sent{}, &channel.Rejected{Code: "odd"}
			}
			return channel.Sent{Reference: "ref_1"}, nil
		}}
		other := &carrier{name: "two", say: takes("ref_2")}
		w := two(t, s, one, other, func(m *paylink.Merchant) { m.Settings.Routing = &paylink.MessageRouting{SMS: paylink.RouteHealthiest} })
		for range 30 {
			w.create(paylink.ChannelSMS)
			w.work()
		}
		if one.asked() != 20 || other.asked() != 20 {
			t.Errorf("by health: %d and %d calls", one.asked(), other.asked())
		}
	})
}

// answers changes what a carrier says; nil keeps it.
func (c *carrier) answers(say func(int) (channel.Sent, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if say != nil {
		c.say = say
	}
}
