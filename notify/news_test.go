package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/inbox"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

// Nobody hears of a payment; or a screen in a shop shows who the customer is; or the notification leads to the
// other mode, where the link is not.
func TestPeopleHearOnTheirDevicesWhatHappened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		h.register(h.asha, "asha")
		h.register(h.ravi, "ravi")
		live := h.asha
		live.Live = true
		h.register(live, "live")
		l := h.link()
		paid, late := h.happen(l, paylink.EventLinkPaid), h.happen(l, paylink.EventPaymentLate)
		for _, quiet := range []paylink.EventType{paylink.EventLinkOpened, paylink.EventPaymentCaptured, paylink.EventLinkHeld, paylink.EventPaymentFailed} {
			h.happen(l, quiet)
		}
		h.work()
		page := "https://pay.example/dashboard/test/links/" + string(l.ID)
		want := map[string]notification{
			string(paid.Payment): {"Test: Paid ₹2,450.00", "Order 1042", string(paid.Payment), page, "en"},
			string(late.ID): {
				"Test: Needs you: Order 1042", "₹2,450.00 came after the link had closed: held for a decision.", string(late.ID), page, "en",
			},
		}
		for _, name := range []string{"asha", "ravi"} {
			shown := h.shown(name)
			if len(shown) != len(want) {
				t.Fatalf("%s sees %d: %+v", name, len(shown), shown)
			}
			for _, n := range shown {
				if n != want[n.Tag] || strings.Contains(n.Title+n.Body, "CANARY") {
					t.Errorf("%s sees %+v\nwant %+v", name, n, want[n.Tag])
				}
			}
		}
		if n := h.calls("live"); n != 0 {
			t.Errorf("what happened in test mode is told %d times in live mode", n)
		}
	})
}

// Two nodes find the same job, or both seal the event, and a telephone rings twice for one payment.
func TestTwoNodesTellADeviceOnceOfAnEvent(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			one := storetest.Open(t, "sqlite")
			two := one
			if kind != "sqlite" {
				url := storetest.URL(t, kind)
				one = storetest.OpenURL(t, url)
				ok(t, one.Migrate(t.Context(), dusk))
				two = storetest.OpenURL(t, url)
			}
			h := newShop(t, one)
			h.register(h.asha, "asha")
			h.register(h.ravi, "ravi")
			ctx, stop := context.WithCancel(t.Context())
			var nodes sync.WaitGroup
			for _, s := range []*store.Store{one, two} {
				q := queue.New(s, queue.Options{Now: h.clock, Poll: 5 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
				h.node(s).Register(q)
				nodes.Go(func() { _ = q.Work(ctx) })
			}
			l := h.link()
			const events = 6
			for range events {
				h.happen(l, paylink.EventLinkPaid)
			}
			h.work()
			stop()
			nodes.Wait()
			tags := map[string]int{}
			for _, n := range h.shown("asha") {
				tags[n.Tag]++
			}
			if a, r := h.calls("asha"), h.calls("ravi"); len(tags) != events || a != events || r != events {
				t.Errorf("asha is told %d times of %d payments, ravi %d times", a, len(tags), r)
			}
		})
	}
}

// A node dies while it calls. Whoever takes over does not know whether the device has shown it, and tells it twice.
func TestDeathDuringACallTellsNothingTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		h.register(h.asha, "asha")
		called, release := make(chan struct{}), make(chan struct{})
		h.answer(func(string) int { close(called); <-release; return http.StatusCreated })
		h.happen(h.link(), paylink.EventLinkPaid)
		ctx, die := context.WithCancel(t.Context())
		q := queue.New(s, queue.Options{Now: h.clock, Poll: 5 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		h.node(s).Register(q)
		ended := make(chan error, 1)
		go func() { ended <- q.Work(ctx) }()
		<-called
		h.answer(nil)
		h.pass(10 * time.Minute)
		ok(t, s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.ReclaimJobs(h.clock(), 50); return err }))
		h.work()
		close(release)
		die()
		ok(t, <-ended)
		if n := h.calls("asha"); n != 1 {
			t.Errorf("the device is told %d times", n)
		}
	})
}

// Of many devices only the first are told, or those at the seam of two batches twice.
func TestEveryDeviceOfManyIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		var names []string
		for i := range 9 {
			m := inbox.Member{Merchant: h.merchant.ID, Staff: paylink.NewStaffID(dusk)}
			h.write(func(tx *store.Tx) {
				tx.InsertStaff(paylink.Staff{ID: m.Staff, Merchant: m.Merchant, Email: fmt.Sprintf("%d@acme.example", i), CreatedAt: dusk})
			})
			for n := range paylink.MostDevices {
				name := fmt.Sprintf("of-%d-%d", i, n)
				h.register(m, name)
				names = append(names, name)
			}
		}
		h.happen(h.link(), paylink.EventLinkPaid)
		h.work()
		for _, name := range names {
			if n := h.calls(name); n != 1 {
				t.Errorf("%s is told %d times", name, n)
			}
		}
	})
}

// A browser that has unsubscribed is called for ever; or a busy push service loses a notification, and one that
// comes hours late is shown as news.
func TestPushServiceDecidesWhetherADeviceIsCalledAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		h.register(h.asha, "gone")
		h.register(h.asha, "busy")
		h.register(h.ravi, "dull")
		h.answer(func(path string) int {
			return map[string]int{"/wpush/v2/gone": http.StatusGone, "/wpush/v2/busy": http.StatusTooManyRequests, "/wpush/v2/dull": http.StatusBadRequest}[path]
		})
		h.happen(h.link(), paylink.EventLinkPaid)
		h.work()
		h.answer(nil)
		h.pass(20 * time.Minute)
		h.work()
		for name, want := range map[string]int{"gone": 1, "busy": 2, "dull": 1} {
			if n := h.calls(name); n != want {
				t.Errorf("%s is called %d times, not %d", name, n, want)
			}
		}
		if left, err := h.devices.MemberDevices(t.Context(), h.asha); err != nil || len(left) != 1 {
			t.Errorf("%d devices are left (%v)", len(left), err)
		}
		h.happen(h.link(), paylink.EventLinkPaid)
		h.pass(2 * time.Hour)
		h.work()
		if n := h.calls("busy"); n != 2 {
			t.Errorf("what is two hours old is told: %d calls", n)
		}
	})
}

// Two people press the button in one instant, and the key of the one who came second is replaced: a browser that
// subscribed with it is never reached.
func TestTwoWhoAskFirstGetTheSameKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		m := paylink.Merchant{ID: paylink.NewMerchantID(dusk), Name: "Other", Country: "IN", Currency: "INR", CreatedAt: dusk}
		h.write(func(tx *store.Tx) { tx.InsertMerchant(m) })
		keys := make([]string, 8)
		var all sync.WaitGroup
		for i := range keys {
			all.Go(func() {
				var err error
				if keys[i], err = h.node(s).PushKey(t.Context(), m.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		own, err := h.node(s).PushKey(t.Context(), h.merchant.ID)
		ok(t, err)
		for _, key := range keys {
			if len(key) != 87 || key != keys[0] || key == own {
				t.Errorf("the key is %q, and others got %q; another merchant's is %q", key, keys[0], own)
			}
		}
	})
}

// One person's devices grow without bound when many are registered at once; one browser stays the device of whoever
// was signed in there before; or somebody removes a colleague's.
func TestDevicesBelongToWhoeverIsSignedInThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s)
		said := make([]string, 2*paylink.MostDevices)
		for i := range said {
			said[i] = h.subscribe(strings.Repeat("x", i+1))
		}
		var all sync.WaitGroup
		for _, one := range said {
			all.Go(func() {
				if _, err := h.devices.RegisterMember(t.Context(), h.asha, one); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		count := func(m inbox.Member) int {
			list, err := h.devices.MemberDevices(t.Context(), m)
			ok(t, err)
			return len(list)
		}
		if n := count(h.asha); n != paylink.MostDevices {
			t.Fatalf("there are %d devices", n)
		}
		h.pass(time.Minute)
		list, err := h.devices.MemberDevices(t.Context(), h.asha)
		ok(t, err)
		if err := h.devices.RemoveMember(t.Context(), h.ravi, list[0].ID); !paylink.IsNotFound(err) || count(h.asha) != paylink.MostDevices {
			t.Errorf("a colleague's device: %v", err)
		}
		one := h.subscribe("counter")
		for _, m := range []inbox.Member{h.asha, h.ravi, h.ravi} {
			if _, err := h.devices.RegisterMember(t.Context(), m, one); err != nil {
				t.Fatal(err)
			}
		}
		if a, r := count(h.asha), count(h.ravi); a != paylink.MostDevices-1 || r != 1 {
			t.Errorf("one browser is a device of both: %d and %d", a, r)
		}
		var bad *paylink.Invalid
		if _, err := h.devices.RegisterMember(t.Context(), h.asha, `{"endpoint":"https://x.example/"}`); !errors.As(err, &bad) {
			t.Errorf("half a subscription: %v", err)
		}
	})
}
