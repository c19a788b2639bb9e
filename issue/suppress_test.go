package issue_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// The list has one person twice, because a number was written in two ways; or shows an address that is not
// the one that was entered; or a removed one stays.
func TestAddressesAreEnteredOnceAndTakenOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first, err := w.issuer.Suppress(t.Context(), w.actor(), paylink.ChannelSMS, " 98123 45642", nil)
		if err != nil || first.To != "+919812345642" || first.Reason != paylink.SuppressedManual {
			t.Fatalf("entered as %+v: %v", first, err)
		}
		again, err := w.issuer.Suppress(t.Context(), w.actor(), paylink.ChannelSMS, "+91 98123-45642", nil)
		if err != nil || again.ID != first.ID || again.To != first.To {
			t.Errorf("entered again as %+v: %v", again, err)
		}
		w.setClock(start.Add(time.Millisecond)) // by which ids are sorted
		mail, err := w.issuer.Suppress(t.Context(), w.actor(), paylink.ChannelEmail, "Asha@EXAMPLE.com", nil)
		if err != nil || mail.To != "Asha@example.com" {
			t.Errorf("entered as %+v: %v", mail, err)
		}
		all, err := w.issuer.Suppressions(t.Context(), w.actor(), "", 10)
		if err != nil || len(all) != 2 || all[0].To != mail.To || all[1].To != first.To {
			t.Errorf("the list is %+v: %v", all, err)
		}
		other := w.actor()
		other.Merchant = w.addMerchant("Other")
		for range 2 {
			err = w.issuer.Unsuppress(t.Context(), other, first.ID, "")
			if !paylink.IsNotFound(err) {
				t.Errorf("taken off by a stranger, or twice: %v", err)
			}
			if err = w.issuer.Unsuppress(t.Context(), w.actor(), first.ID, paylink.LiftedAsked); err != nil && !paylink.IsNotFound(err) {
				t.Error(err)
			}
		}
		if all, err := w.issuer.Suppressions(t.Context(), w.actor(), "", 10); err != nil || len(all) != 1 {
			t.Errorf("the list is %+v: %v", all, err)
		}
		for _, bad := range []struct {
			channel paylink.Channel
			address string
		}{
			{"pigeon", "asha@example.com"}, {"email", "asha"}, {"email", ""}, {"sms", "12"}, {"whatsapp", "asha@example.com"}, {"in_app", "+919812345642"},
		} {
			var invalid *paylink.Invalid
			if _, err := w.issuer.Suppress(t.Context(), w.actor(), bad.channel, bad.address, nil); !errors.As(err, &invalid) {
				t.Errorf("%s %q: %v", bad.channel, bad.address, err)
			}
		}
	})
}

// Two people enter one address at once, and one of them is told that something went wrong.
func TestAddressEnteredAtOnceIsOneEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ids := make([]paylink.SuppressionID, 20)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				made, err := w.issuer.Suppress(t.Context(), w.actor(), paylink.ChannelEmail, "asha@example.com", nil)
				if err != nil {
					t.Error(err)
				}
				ids[i] = made.ID
			})
		}
		wait.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("entered as %s and as %s", ids[0], id)
			}
		}
	})
}
