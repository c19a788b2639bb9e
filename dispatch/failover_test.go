package dispatch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/outbound"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// carrier is a provider of text messages that answers as the test says and remembers what it was asked. It is
// the far side, not an adapter: whatever it takes, a customer has.
type carrier struct {
	name string
	same bool // it deduplicates
	only bool // it carries registered templates only
	mu   sync.Mutex
	say  func(n int) (channel.Sent, error) // of the nth call
	took []channel.Letter
	asks int

	slow  func()                 // called before each answer
	reads func() channel.Receipt // what it posts; nil: what the body says
}

func (c *carrier) Capabilities() channel.Capabilities {
	return channel.Capabilities{Name: c.name, Title: c.name, Channels: []paylink.Channel{paylink.ChannelSMS}, Idempotent: c.same, Templates: c.only}
}

func (c *carrier) Send(_ context.Context, _ channel.Account, l channel.Letter) (channel.Sent, error) {
	if c.slow != nil {
		c.slow()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	sent, err := c.say(c.asks)
	if err == nil {
		c.took = append(c.took, l)
	}
	return sent, err
}

func (c *carrier) Verify(channel.Account, channel.Post, time.Time) error { return nil }

// Read takes "reference status" as a receipt without our id.
func (c *carrier) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reads != nil {
		return channel.News{Receipts: []channel.Receipt{c.reads()}}, nil
	}
	return readPosted(p.Body)
}

func (c *carrier) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asks
}

// finder is a carrier that can be asked what it took.
type finder struct {
	*carrier
	found func() (channel.Sent, error)
}

func (f finder) Find(context.Context, channel.Account, channel.Letter, time.Time) (channel.Sent, error) {
	return f.found()
}

func takes(reference string) func(int) (channel.Sent, error) {
	return func(int) (channel.Sent, error) { return channel.Sent{Reference: reference}, nil }
}

func refuses(r provider.Rejected) func(int) (channel.Sent, error) {
	return func(int) (channel.Sent, error) { return channel.Sent{}, &r }
}

func breaks(when outbound.When) func(int) (channel.Sent, error) {
	return func(int) (channel.Sent, error) {
		return channel.Sent{}, &channel.Broken{When: when, Err: errors.New("broken off")}
	}
}

// two is a world in which text messages go by one and, if it cannot, by two.
func two(t *testing.T, s *store.Store, one, other channel.Sender, change func(*paylink.Merchant)) *world {
	t.Helper()
	w := newWorld(t, s, func(d *dispatch.Deps) {
		d.Senders = map[string]channel.Sender{"one": one}
		if other != nil {
			d.Senders["two"] = other
		}
	})
	w.write(func(tx *store.Tx) error {
		for i, name := range []string{"one", "two"} {
			if name == "two" && other == nil {
				continue
			}
			id := paylink.NewAccountID(start)
			w.accounts[paylink.Channel(name)] = channel.Account{ID: id, Merchant: w.merchant.ID}
			tx.InsertAccount(paylink.Account{
				ID: id, Merchant: w.merchant.ID, Kind: paylink.AccountChannel, Provider: name, Channel: paylink.ChannelSMS, Rank: int64(i),
				Secret: provider.SealSecret(w.ring, id, "s"),
			}, start)
		}
		return nil
	})
	if change != nil {
		w.settings(change)
	}
	return w
}

// settings changes what the merchant has decided.
func (w *world) settings(change func(*paylink.Merchant)) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		m, err := tx.Merchant(w.merchant.ID)
		if err != nil {
			return err
		}
		change(&m)
		w.merchant = m
		tx.UpdateSettings(m)
		return nil
	})
}

func (w *world) attempts(m paylink.Message) []paylink.Attempt {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).AttemptsOf(m.Merchant, m.Link, m.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// A provider is away, throttles or refuses what another one would take, and the customer is not asked to pay
// for hours, or never; or one that does not exist is written to by every provider, for money.
func TestAnotherProviderTakesWhatOneRefuses(t *testing.T) {
	for _, row := range []struct {
		name   string
		one    func(int) (channel.Sent, error)
		status paylink.MessageStatus
		code   string
		other  int
	}{
		{"down", breaks(channel.NotSent), "sent", "", 1},
		{"throttled", refuses(provider.Rejected{Code: "slow", Reason: provider.Throttled, Temporary: true}), "sent", "", 1},
		{"no balance", refuses(provider.Rejected{Code: "poor", Reason: provider.NoBalance}), "sent", "", 1},
		{"not understood", refuses(provider.Rejected{Code: "odd"}), "sent", "", 1},
		{"no such number", refuses(provider.Rejected{Code: "nobody", Reason: provider.InvalidAddress}), "failed", "nobody", 0},
		{"opted out", refuses(provider.Rejected{Code: "stop", Reason: provider.OptedOut}), "failed", "stop", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				one, other := &carrier{name: "one", say: row.one}, &carrier{name: "two", say: takes("ref_2")}
				w := two(t, s, one, other, nil)
				c := w.create(paylink.ChannelSMS)
				w.work()
				got := w.message(c.Messages[0].ID)
				if got.Status != row.status || got.ErrorCode != row.code || one.asked() != 1 || other.asked() != row.other {
					t.Errorf("%s %q after %d and %d calls", got.Status, got.ErrorCode, one.asked(), other.asked())
				}
				all := w.attempts(got)
				if len(all) != 1+row.other || got.Attempts != int64(len(all)) || all[0].Account != w.accounts["one"].ID || all[0].Open() {
					t.Fatalf("attempts %+v", all)
				}
				if row.other == 1 && (all[1].State != paylink.AttemptTaken || all[1].ProviderReference != "ref_2" || got.Provider != "two" || got.ProviderReference != "ref_2") {
					t.Errorf("the second: %+v of %+v", all[1], got)
				}
			})
		})
	}
}

// It is not known whether a provider has the message: whoever calls another one sends it twice.
func TestNobodyElseIsCalledWhileAnOutcomeIsUnknown(t *testing.T) {
	gone := func() (channel.Sent, error) { return channel.Sent{}, channel.ErrNotFound }
	has := func() (channel.Sent, error) { return channel.Sent{Reference: "ref_1", Segments: 2}, nil }
	away := func() (channel.Sent, error) { return channel.Sent{}, errors.New("no answer") }
	for _, row := range []struct {
		name        string
		find        func() (channel.Sent, error) // nil: it cannot be asked
		same        bool
		resend      bool
		status      paylink.MessageStatus
		calls, more int
	}{
		{"asked, and it has it", has, false, false, "sent", 1, 0},
		{"asked, and it has it not", gone, false, false, "sent", 1, 1},
		{"asked, and it never answers", away, false, false, "unknown", 1, 0},
		{"not to be asked", nil, false, false, "unknown", 1, 0},
		{"not to be asked, and the merchant wants it sent", nil, false, true, "sent", 1, 1},
		{"it deduplicates", nil, true, false, "unknown", 14, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				one := &carrier{name: "one", same: row.same, say: breaks(channel.Unknown)}
				var first channel.Sender = one
				if row.find != nil {
					first = finder{one, row.find}
				}
				other := &carrier{name: "two", say: takes("ref_2")}
				w := two(t, s, first, other, func(m *paylink.Merchant) {
					if row.resend {
						m.Settings.OnUnknownSend = paylink.UnknownResend
					}
				})
				c := w.create(paylink.ChannelSMS)
				for i := range 16 {
					w.setClock(start.Add(time.Duration(i) * 80 * time.Minute))
					w.work()
				}
				got := w.message(c.Messages[0].ID)
				if got.Status != row.status || one.asked() != row.calls || other.asked() != row.more {
					t.Errorf("%s %q after %d and %d calls: %+v", got.Status, got.ErrorCode, one.asked(), other.asked(), w.attempts(got))
				}
			})
		})
	}
}

// A provider that takes registered templates only gets a plain text, and refuses each one; or the message
// waits for ever.
func TestAccountForTemplatesIsPassedOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := &carrier{name: "one", only: true, say: takes("ref_1")}
		w := two(t, s, one, &carrier{name: "two", say: takes("ref_2")}, nil)
		c := w.create(paylink.ChannelSMS)
		w.work()
		if got := w.message(c.Messages[0].ID); got.Provider != "two" || one.asked() != 0 {
			t.Errorf("%+v after %d calls", got, one.asked())
		}
		w = two(t, s, one, nil, nil)
		c = w.create(paylink.ChannelSMS)
		w.work()
		if got := w.message(c.Messages[0].ID); got.Status != paylink.MessageFailed || got.ErrorCode != "no_template" {
			t.Errorf("got %+v", got)
		}
	})
}
