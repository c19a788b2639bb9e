package dispatch_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/inbox"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// pushService is a provider that tells devices.
type pushService struct{ *carrier }

func (p pushService) Capabilities() channel.Capabilities {
	return channel.Capabilities{Name: p.name, Title: p.name, Channels: []paylink.Channel{paylink.ChannelInApp}, Silent: true, Device: true}
}

// app is a world in which nobody but the customer's inbox carries messages in the app, and a push service
// tells devices.
func app(t *testing.T, s *store.Store, push *carrier) (*world, *inbox.Access) {
	t.Helper()
	w := newWorld(t, s, func(d *dispatch.Deps) {
		d.Senders = map[string]channel.Sender{push.name: pushService{push}}
	})
	w.write(func(tx *store.Tx) error {
		id := paylink.NewAccountID(start)
		tx.InsertAccount(paylink.Account{
			ID: id, Merchant: w.merchant.ID, Kind: paylink.AccountChannel, Provider: push.name, Secret: provider.SealSecret(w.ring, id, "s"),
		}, start)
		return nil
	})
	return w, inbox.New(inbox.Deps{Store: s, Ring: w.ring, Now: w.clock})
}

func (w *world) owner(l paylink.Link) inbox.Owner {
	return inbox.Owner{Merchant: l.Merchant, Live: l.Live, Customer: l.Customer}
}

// device registers a device of a link's customer.
func (w *world) device(x *inbox.Access, l paylink.Link, name string) paylink.Device {
	w.t.Helper()
	d, _, err := x.Register(w.t.Context(), w.owner(l), paylink.DeviceFCM, strings.Repeat(name, 30), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// again sends a link that exists once more, in the app.
func (w *world) again(l paylink.Link) paylink.Message {
	w.t.Helper()
	w.tick()
	sent, err := w.issuer.Send(w.t.Context(), w.actor(), l.ID, []paylink.Channel{paylink.ChannelInApp}, nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return sent.Messages[0]
}

func (w *world) inboxOf(l paylink.Link) []store.InboxEntry {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).Inbox(l.Merchant, l.Live, l.Customer, "", 50)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// A merchant has an app and no provider for it, and messages in the app fail; or an item leads to a page where
// nothing can be paid, or the plan's next step goes out although the customer has read this one.
func TestMessageInTheAppStandsInTheCustomersInbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := app(t, s, &carrier{name: "fcm", say: takes("")})
		made := w.create(paylink.ChannelInApp)
		w.work()
		m := w.message(made.Messages[0].ID)
		attempts := w.attempts(m)
		if m.Status != paylink.MessageSent || m.Provider != "inbox" || len(attempts) != 1 || attempts[0].State != paylink.AttemptTaken || attempts[0].Provider != "inbox" {
			t.Fatalf("message %+v with attempts %+v", m, attempts)
		}
		entries := w.inboxOf(made.Link)
		if len(entries) != 1 || entries[0].Message != m.ID {
			t.Fatalf("the inbox has %+v", entries)
		}
		w.tick()
		shown, err := w.dispatch.Show(t.Context(), entries)
		if err != nil || len(shown) != 1 || !strings.HasPrefix(shown[0].URL, public) || shown[0].Title == "" || !strings.Contains(shown[0].Text, "2,450") || shown[0].Button == "" {
			t.Fatalf("shown %+v (%v)", shown, err)
		}
		if m = w.message(m.ID); m.Status != paylink.MessageDelivered {
			t.Errorf("what the app has is %s", m.Status)
		}
		w.tick()
		for range 2 {
			read, err := w.dispatch.MarkRead(t.Context(), m.Merchant, m.Live, made.Link.Customer, entries[0].ID)
			if err != nil || !read.ReadAt.Equal(w.clock()) {
				t.Errorf("read %+v (%v)", read, err)
			}
		}
		if m = w.message(m.ID); m.Status != paylink.MessageRead {
			t.Errorf("what the customer opened is %s", m.Status)
		}
		told := w.told(made.Link.ID)
		for _, once := range []paylink.EventType{paylink.EventMessageSent, paylink.EventMessageDelivered, paylink.EventMessageRead, paylink.EventLinkSent} {
			if told[once] != 1 {
				t.Errorf("%s is told %d times", once, told[once])
			}
		}
		if _, err := w.dispatch.MarkRead(t.Context(), m.Merchant, m.Live, "cust_other", entries[0].ID); !paylink.IsNotFound(err) {
			t.Errorf("somebody else's item gives %v", err)
		}
		if _, err := w.issuer.Cancel(t.Context(), w.actor(), made.Link.ID, nil); err != nil {
			t.Fatal(err)
		}
		if shown, err = w.dispatch.Show(t.Context(), w.inboxOf(made.Link)); err != nil || shown[0].URL != "" || shown[0].Button != "" || shown[0].Standing != paylink.LinkCancelled {
			t.Errorf("of a cancelled link: %+v (%v)", shown, err)
		}
	})
}

// A link expires while its item is being read: one of the two is lost, or the reader waits for ever.
func TestReadingAnItemAgainstExpiry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := app(t, s, &carrier{name: "fcm", say: takes("")})
		made := w.create(paylink.ChannelInApp)
		w.work()
		item := w.inboxOf(made.Link)[0]
		w.setClock(start.Add(25 * time.Hour))
		var both sync.WaitGroup
		for range 4 {
			both.Go(func() {
				if _, err := w.dispatch.MarkRead(t.Context(), item.Merchant, item.Live, made.Link.Customer, item.ID); err != nil {
					t.Error(err)
				}
			})
			both.Go(func() {
				if _, err := w.dispatch.Show(t.Context(), []store.InboxEntry{item}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Go(w.work)
		both.Wait()
		if l := w.link(made.Link.ID); l.Status != paylink.LinkExpired {
			t.Errorf("the link is %s", l.Status)
		}
		if m := w.message(item.Message); m.Status != paylink.MessageRead {
			t.Errorf("the message is %s", m.Status)
		}
		told := w.told(made.Link.ID)
		if told[paylink.EventMessageRead] != 1 || told[paylink.EventMessageDelivered] > 1 || told[paylink.EventLinkExpired] != 1 {
			t.Errorf("told %v", told)
		}
	})
}

// A push service is slow or away, and the message waits or fails; a device that is gone is called for ever; or
// a device shows one message twice.
func TestEachDeviceIsToldOnceAndNothingWaitsForIt(t *testing.T) {
	for _, row := range []struct {
		name   string
		say    func(int) (channel.Sent, error)
		states string // of the attempts at the device
		asked  int
		stays  bool
	}{
		{"taken", takes(""), "taken", 1, true},
		{"gone", refuses(provider.Rejected{Code: "http_410", Reason: provider.InvalidAddress}), "refused", 1, false},
		{"refused", refuses(provider.Rejected{Code: "http_403", Reason: provider.BadCredentials}), "refused", 1, true},
		{"no answer", breaks(channel.Unknown), "unknown", 1, true},
		{"slow down, then taken", func(n int) (channel.Sent, error) {
			if n == 1 {
				return refuses(provider.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true})(n)
			}
			return channel.Sent{}, nil
		}, "refused taken", 2, true},
		{"away, then taken", func(n int) (channel.Sent, error) {
			if n == 1 {
				return breaks(channel.NotSent)(n)
			}
			return channel.Sent{}, nil
		}, "broken taken", 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				push := &carrier{name: "fcm", say: row.say}
				w, x := app(t, s, push)
				link := w.create().Link
				device := w.device(x, link, "a")
				m := w.again(link)
				w.work()
				if got := w.message(m.ID); got.Status != paylink.MessageSent {
					t.Errorf("the message is %s", got.Status)
				}
				w.setClock(w.clock().Add(10 * time.Minute))
				w.work()
				states, numbers := []string{}, map[int64]bool{}
				for _, a := range w.attempts(m) {
					numbers[a.Number] = true
					if a.Device == device.ID {
						states = append(states, string(a.State))
					}
				}
				if strings.Join(states, " ") != row.states || push.asked() != row.asked || len(numbers) != len(states)+1 {
					t.Errorf("attempts %v after %d calls", states, push.asked())
				}
				all, err := x.Devices(t.Context(), w.owner(link))
				if err != nil || (len(all) == 1) != row.stays {
					t.Errorf("the customer has the devices %+v (%v)", all, err)
				}
				if len(push.took) > 0 && (push.took[0].To != strings.Repeat("a", 30) || push.took[0].ButtonURL == "" || push.took[0].Subject == "") {
					t.Errorf("the device was told %q to %q", push.took[0].Subject, push.took[0].To)
				}
			})
		})
	}
}

// Four nodes tell ten devices of one message: a number is given twice, or a device is told twice.
func TestManyDevicesAreToldByManyNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		push := &carrier{name: "fcm", say: takes("")}
		w, x := app(t, s, push)
		link := w.create().Link
		for i := range paylink.MostDevices {
			w.device(x, link, string(rune('a'+i)))
		}
		m := w.again(link)
		w.crowd(func() bool {
			ended := 0
			for _, a := range w.attempts(m) {
				if a.State == paylink.AttemptTaken {
					ended++
				}
			}
			return ended == paylink.MostDevices+1
		})
		told := map[string]int{}
		for _, l := range push.took {
			told[l.To]++
		}
		if len(told) != paylink.MostDevices || push.asked() != paylink.MostDevices {
			t.Errorf("%d devices were told by %d calls: %v", len(told), push.asked(), told)
		}
	})
}

// A node dies in the middle of a push, and the device is told again and again; or a link is paid meanwhile,
// and the customer is asked for money that has come.
func TestPushOfADeadNodeIsNotMadeTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		push := &carrier{name: "fcm", say: takes("")}
		w, x := app(t, s, push)
		link := w.create().Link
		device := w.device(x, link, "a")
		m := w.again(link)
		push.say = func(int) (channel.Sent, error) { panic("the node dies") }
		w.work()
		w.setClock(w.clock().Add(time.Minute))
		push.say = takes("")
		w.work()
		if len(push.took) != 0 || push.asked() != 1 {
			t.Errorf("the device was called %d times", push.asked())
		}
		if all := w.attempts(m); len(all) != 2 || all[1].Device != device.ID || all[1].State != paylink.AttemptUnknown {
			t.Errorf("attempts %+v", all)
		}
		late := w.again(link)
		push.say = refuses(provider.Rejected{Code: "http_429", Temporary: true})
		w.work()
		if _, err := w.issuer.Cancel(t.Context(), w.actor(), link.ID, nil); err != nil {
			t.Fatal(err)
		}
		asked := push.asked()
		w.setClock(w.clock().Add(10 * time.Minute))
		w.work()
		if push.asked() != asked {
			t.Errorf("after the link was cancelled its %d attempts became %d", asked, push.asked())
		}
		if m := w.message(late.ID); m.Status != paylink.MessageSent {
			t.Errorf("the message is %s", m.Status)
		}
		if strings.Contains(fmt.Sprint(w.log), strings.Repeat("a", 30)) {
			t.Error("the log tells where the device is")
		}
	})
}
