package inbox_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/inbox"
	"paylink/keyring"
	"paylink/store"
	"paylink/store/storetest"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// home is a merchant with two customers.
type home struct {
	*testing.T
	store *store.Store
	x     *inbox.Access
	now   time.Time

	asha, ravi inbox.Owner
}

func each(t *testing.T, fn func(h *home)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		text, err := keyring.Generate(rand.Reader, start)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := keyring.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		h := &home{T: t, store: s, now: start}
		h.x = inbox.New(inbox.Deps{Store: s, Ring: ring, Now: func() time.Time { return h.now }})
		m := paylink.Merchant{ID: paylink.NewMerchantID(start), Name: "Acme", Currency: "INR", CreatedAt: start}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			tx.InsertMerchant(m)
			for _, o := range []*inbox.Owner{&h.asha, &h.ravi} {
				*o = inbox.Owner{Merchant: m.ID, Live: true, Customer: paylink.NewCustomerID(start)}
				tx.InsertCustomer(paylink.Customer{ID: o.Customer, Merchant: m.ID, Live: true, CreatedAt: start})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		fn(h)
	})
}

func token(n int) string { return fmt.Sprintf("token-%024d", n) }

func (h *home) register(of inbox.Owner, n int) (paylink.Device, bool) {
	h.Helper()
	d, made, err := h.x.Register(h.Context(), of, paylink.DeviceFCM, token(n), nil)
	if err != nil {
		h.Fatal(err)
	}
	return d, made
}

func (h *home) devices(of inbox.Owner) []paylink.Device {
	h.Helper()
	all, err := h.x.Devices(h.Context(), of)
	if err != nil {
		h.Fatal(err)
	}
	return all
}

// A phone is stolen and its token cannot be ended; or ending one customer's tokens ends everybody's.
func TestTokenOpensOneInboxUntilItIsEnded(t *testing.T) {
	each(t, func(h *home) {
		text, expires, err := h.x.Token(t.Context(), h.asha, time.Hour)
		if err != nil || !expires.Equal(start.Add(time.Hour)) {
			t.Fatalf("until %s (%v)", expires, err)
		}
		other, _, err := h.x.Token(t.Context(), h.ravi, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.x.Enter(t.Context(), text); err != nil || got != h.asha {
			t.Errorf("it opens %+v (%v)", got, err)
		}
		if err := h.x.End(t.Context(), h.asha); err != nil {
			t.Fatal(err)
		}
		var refused *paylink.Refused
		if _, err := h.x.Enter(t.Context(), text); !errors.As(err, &refused) || refused.Code != "unauthenticated" {
			t.Errorf("after its end it gives %v", err)
		}
		h.now = start.Add(time.Hour)
		if got, err := h.x.Enter(t.Context(), other); err != nil || got != h.ravi {
			t.Errorf("the other's opens %+v (%v)", got, err)
		}
		h.now = start.Add(inbox.Usual)
		if got, err := h.x.Enter(t.Context(), other); !errors.As(err, &refused) || refused.Code != "inbox_token_expired" || got != h.ravi {
			t.Errorf("after its time it gives %+v, %v", got, err)
		}
		for _, lasts := range []time.Duration{time.Second, -time.Hour, inbox.Longest + time.Second} {
			var bad *paylink.Invalid
			if _, _, err := h.x.Token(t.Context(), h.asha, lasts); !errors.As(err, &bad) {
				t.Errorf("for %s it gives %v", lasts, err)
			}
		}
		stranger := h.asha
		stranger.Live = false
		if _, _, err := h.x.Token(t.Context(), stranger, 0); !paylink.IsNotFound(err) {
			t.Errorf("in the other world it gives %v", err)
		}
	})
}

// An app registers at every start, and its customer is told everything ten times; or a customer who signed in
// on somebody's old phone shows the other what he is asked for.
func TestDeviceIsOneAndBelongsToWhoSignedInLast(t *testing.T) {
	each(t, func(h *home) {
		first, made := h.register(h.asha, 1)
		h.now = start.Add(time.Minute)
		again, twice := h.register(h.asha, 1)
		if !made || twice || again.ID != first.ID || !again.SeenAt.Equal(h.now) {
			t.Errorf("first %+v, then %+v", first, again)
		}
		if moved, made := h.register(h.ravi, 1); !made || moved.ID == first.ID || len(h.devices(h.asha)) != 0 || len(h.devices(h.ravi)) != 1 {
			t.Errorf("after another signed in: %+v", moved)
		}
		if err := h.x.Remove(t.Context(), h.asha, h.devices(h.ravi)[0].ID); !paylink.IsNotFound(err) {
			t.Errorf("somebody else's device is removed: %v", err)
		}
		if err := h.x.Remove(t.Context(), h.ravi, h.devices(h.ravi)[0].ID); err != nil || len(h.devices(h.ravi)) != 0 {
			t.Errorf("one's own is not removed: %v", err)
		}
		for n := range paylink.MostDevices + 2 {
			h.now = h.now.Add(time.Minute)
			h.register(h.asha, 10+n)
		}
		all := h.devices(h.asha)
		if len(all) != paylink.MostDevices {
			t.Fatalf("a customer has %d devices", len(all))
		}
		for _, d := range all {
			if strings.Contains(string(d.Sealed)+string(d.Address), "token") {
				t.Error("what is kept of a device can be read")
			}
		}
		var bad *paylink.Invalid
		if _, _, err := h.x.Register(t.Context(), h.asha, "sms", token(1), nil); !errors.As(err, &bad) || bad.Fields[0].Pointer != "/kind" {
			t.Errorf("an unknown kind gives %v", err)
		}
		if _, _, err := h.x.Register(t.Context(), h.asha, paylink.DeviceAPNs, token(1), nil); !errors.As(err, &bad) || bad.Fields[0].Pointer != "/token" {
			t.Errorf("a token of another kind gives %v", err)
		}
	})
}

// Two tabs register one browser in the same instant, for one customer or for two: it is there twice, or one of
// them sees an error.
func TestSameDeviceTwiceInOneInstantIsOne(t *testing.T) {
	each(t, func(h *home) {
		var all sync.WaitGroup
		var mu sync.Mutex
		made := map[inbox.Owner]int{}
		for i := range 8 {
			of := h.asha
			if i%4 == 3 {
				of = h.ravi
			}
			all.Go(func() {
				_, fresh, err := h.x.Register(t.Context(), of, paylink.DeviceFCM, token(1), nil)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if fresh {
					made[of]++
				}
			})
		}
		all.Wait()
		if n := len(h.devices(h.asha)) + len(h.devices(h.ravi)); n != 1 || made[h.asha]+made[h.ravi] == 0 {
			t.Errorf("the device is there %d times, made %v", n, made)
		}
		var full sync.WaitGroup
		for n := range 3 * paylink.MostDevices {
			full.Go(func() { h.register(h.asha, 100+n) })
		}
		full.Wait()
		if n := len(h.devices(h.asha)); n != paylink.MostDevices {
			t.Errorf("a customer has %d devices", n)
		}
	})
}

// A customer is erased, and whoever has the phone still reads the inbox.
func TestClosedInboxForgetsDevicesAndEndsTokens(t *testing.T) {
	each(t, func(h *home) {
		h.register(h.asha, 1)
		text, _, err := h.x.Token(t.Context(), h.asha, 0)
		if err != nil {
			t.Fatal(err)
		}
		err = h.store.Write(t.Context(), func(tx *store.Tx) error {
			p, err := tx.Person(h.asha.Merchant, h.asha.Live, h.asha.Customer)
			tx.CloseInbox(p)
			return err
		})
		if _, entered := h.x.Enter(t.Context(), text); err != nil || entered == nil || len(h.devices(h.asha)) != 0 {
			t.Errorf("closed (%v): enter gives %v", err, entered)
		}
	})
}
