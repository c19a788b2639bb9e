package issue_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// members reads what a merchant says about his settings.
func members(t *testing.T, text string) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// A default that reached older links would change what their customers were promised; one that beat what
// the merchant says now could not be left.
func TestSettingsAreForNewLinksThatDoNotSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		old := w.create(issue.Draft{Amount: 100, HasAmount: true, Currency: "INR"}).Link
		hour := int64(3600)
		m, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{
			ExpiresIn: &hour,
			Members:   members(t, `{"default_channels":["sms","email"],"on_late_payment":"hold","on_overpayment":"refund"}`),
		})
		want := paylink.Settings{Channels: []paylink.Channel{"sms", "email"}, OnLate: paylink.PolicyHold, OnOver: paylink.PolicyRefund}
		if err != nil || !reflect.DeepEqual(m.Settings, want) || m.DefaultExpiry != time.Hour || !reflect.DeepEqual(w.actor().Merchant, m) {
			t.Fatalf("%+v, %v", m, err)
		}
		// The customer has no e-mail address, so that only the phone is reached.
		c := w.create(issue.Draft{Amount: 100, HasAmount: true, Currency: "INR", Customer: issue.Contact{Phone: "+919812345642"}})
		if l := c.Link; !slices.Equal(l.Channels, []paylink.Channel{"sms"}) || len(c.Messages) != 1 || l.OnLate != paylink.PolicyHold ||
			l.OnDuplicate != paylink.PolicyRefund || l.Terms.OnOver != paylink.PolicyRefund || !l.ExpiresAt.Equal(start.Add(time.Hour)) {
			t.Errorf("%+v", l)
		}
		said := w.create(issue.Draft{
			Amount: 100, HasAmount: true, Currency: "INR", Customer: issue.Contact{Phone: "+919812345642"},
			Channels: []paylink.Channel{}, OnLate: paylink.PolicyAccept, NoExpiry: true,
		})
		if l := said.Link; len(l.Channels) != 0 || len(said.Messages) != 0 || l.OnLate != paylink.PolicyAccept || !l.ExpiresAt.IsZero() {
			t.Errorf("what the draft says: %+v", l)
		}
		if got := w.link(old.ID); got.OnLate != paylink.PolicyAccept || !got.ExpiresAt.Equal(old.ExpiresAt) {
			t.Errorf("an older link: %+v", got)
		}
	})
}

// A settings page that was half right would leave the merchant guessing which half was taken.
func TestWrongSettingsChangeNothing(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	week := int64(366 * 86400)
	_, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{
		ExpiresIn: &week, Members: members(t, `{"default_channels":["sms","pigeon","sms"],"on_late_payment":"keep","on_duplicate":"accept"}`),
	})
	const want = "/default_expires_in out_of_range, /settings/default_channels/1 unknown_value, " +
		"/settings/default_channels/2 duplicate_value, /settings/on_late_payment unknown_value"
	if got := wrong(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if m := w.actor().Merchant; m.Settings.Text() != "{}" || m.DefaultExpiry != 24*time.Hour {
		t.Errorf("%+v", m)
	}
}

// Somebody who follows the settings elsewhere must hear of each change once, in both worlds, and of
// nothing when nothing changed.
func TestBothWorldsAreToldOfSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for _, said := range []string{`{"on_duplicate":"hold"}`, `{"on_duplicate":"hold"}`, `{"on_late_payment":null}`, `{"on_duplicate":null}`} {
			w.setClock(w.clock().Add(time.Second))
			if _, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: members(t, said)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, live := range []bool{false, true} {
			var told []string
			entries, err := s.Read(t.Context()).Unsealed(100)
			for _, entry := range entries {
				e, err := s.Read(t.Context()).Event(w.merchant.ID, live, entry.ID)
				if err == nil && e.Type == paylink.EventMerchantUpdated {
					told = append(told, e.Data.Merchant.Settings.Text())
				}
			}
			if want := []string{`{"on_duplicate":"hold"}`, `{}`}; err != nil || !slices.Equal(told, want) {
				t.Errorf("live %t: %q, %v", live, told, err)
			}
		}
	})
}

// Two people save different settings in one instant; the one who was later must not take the other's
// back with what he had read before.
func TestSettingsRaceLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		var all sync.WaitGroup
		for i, name := range []string{"on_late_payment", "on_duplicate", "on_overpayment", "on_underpayment"} {
			for range 5 {
				all.Go(func() {
					if _, err := w.issuer.Decide(t.Context(), by, issue.Decision{Members: members(t, fmt.Sprintf(`{%q:"hold"}`, name))}); err != nil {
						t.Errorf("%d: %v", i, err)
					}
				})
			}
		}
		all.Wait()
		want := paylink.Settings{OnLate: "hold", OnDuplicate: "hold", OnOver: "hold", OnUnder: "hold"}
		if got := w.actor().Merchant.Settings; !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
	})
}

// Two people have the settings open and change the same one differently: exactly one is saved, and the other
// is told instead of undoing what he has not seen. What only the other one changed is no obstacle.
func TestUnseenSettingsAreNotOverwritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by, seen := w.actor(), w.actor().Merchant
		var saved, told atomic.Int64
		var all sync.WaitGroup
		for i, policy := range []string{"hold", "refund", "credit", "accept"} {
			life := int64(3600 * (i + 1))
			for _, d := range []issue.Decision{{Members: members(t, fmt.Sprintf(`{"on_late_payment":%q}`, policy)), Seen: &seen}, {ExpiresIn: &life, Seen: &seen}} {
				all.Go(func() {
					_, err := w.issuer.Decide(t.Context(), by, d)
					var conflict *paylink.Conflict
					switch {
					case err == nil:
						saved.Add(1)
					case errors.As(err, &conflict) && conflict.Code == "settings_changed":
						told.Add(1)
					default:
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if saved.Load() != 2 || told.Load() != 6 {
			t.Errorf("%d are saved, %d are told", saved.Load(), told.Load())
		}
		now := w.actor().Merchant
		same := members(t, fmt.Sprintf(`{"on_late_payment":%q,"on_duplicate":"hold"}`, now.Settings.OnLate))
		if m, err := w.issuer.Decide(t.Context(), by, issue.Decision{Members: same, Seen: &seen}); err != nil || m.Settings.OnDuplicate != "hold" || m.DefaultExpiry != now.DefaultExpiry {
			t.Errorf("the same and something else: %+v, %v", m, err)
		}
	})
}
