package issue_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// form is the token of a page that a browser has open now.
func (w *world) form(l paylink.Link) token.OneTime {
	once := token.OneTime{Link: string(l.ID), Revision: l.Revision, ExpiresAt: w.clock().Add(time.Hour)}
	rand.Read(once.Nonce[:])
	return once
}

// renewable makes a link that lives for a day and may be given new time by the policy.
func (w *world) renewable(r paylink.Refresh) paylink.Link {
	w.t.Helper()
	d := draft()
	d.Customer, d.Channels = issue.Contact{Phone: "+919812345642"}, []paylink.Channel{"sms"}
	d.Terms.Refresh = &r
	return w.create(d).Link
}

// A customer who comes a day late pays after all, on the same URL, as often as the merchant allows and
// not once more.
func TestCustomerGetsNewTimeAFewTimes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.renewable(paylink.Refresh{Policy: paylink.RefreshAutomatic, Times: 2, ExpiresIn: 3600})
		w.setClock(l.ExpiresAt.Add(time.Minute))
		done, err := w.issuer.Ask(t.Context(), l, w.form(l))
		if err != nil || done.Link.Status != paylink.LinkPending || !done.Link.ExpiresAt.Equal(w.clock().Add(time.Hour)) || done.Link.Refreshes != 1 || done.Link.Revision != 2 {
			t.Fatalf("%+v, %v", done.Link, err)
		}
		// Before the expiry it is more time on top.
		more, err := w.issuer.Ask(t.Context(), done.Link, w.form(done.Link))
		if err != nil || !more.Link.ExpiresAt.Equal(done.Link.ExpiresAt.Add(time.Hour)) || more.Link.Refreshes != 2 {
			t.Fatalf("%+v, %v", more.Link, err)
		}
		w.setClock(more.Link.ExpiresAt)
		_, err = w.issuer.Ask(t.Context(), more.Link, w.form(more.Link))
		if code, _ := codeOf(err); code != "not_refreshable" {
			t.Errorf("a third time: %v", err)
		}
		want := []paylink.EventType{paylink.EventLinkCreated, paylink.EventLinkExpired, paylink.EventLinkRefreshed, paylink.EventLinkRefreshed}
		if got := w.told(l.ID); !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
	})
}

// Forty browsers press at once: one grant, counted once. The others see how things stand now.
func TestFortyAsksAreOneRefresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.renewable(paylink.Refresh{Policy: paylink.RefreshAutomatic, Times: 10, ExpiresIn: 3600})
		w.setClock(l.ExpiresAt)
		var all sync.WaitGroup
		var mu sync.Mutex
		granted := 0
		for range 40 {
			once := w.form(l)
			all.Go(func() {
				_, err := w.issuer.Ask(t.Context(), l, once)
				var expired *paylink.Expired
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					granted++
				} else if !errors.As(err, &expired) {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if got := w.link(l.ID); granted != 1 || got.Refreshes != 1 || !got.ExpiresAt.Equal(l.ExpiresAt.Add(time.Hour)) {
			t.Errorf("%d granted: %+v", granted, got)
		}
	})
}

// The merchant wants to decide: one question however many press, a yes that sends the link again, a no
// that ends the asking.
func TestMerchantAnswersAWishForTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		yes, no := w.renewable(paylink.Refresh{Policy: paylink.RefreshApproval}), paylink.Link{}
		d := draft()
		d.Reference, d.Terms.Refresh = "other", &paylink.Refresh{Policy: paylink.RefreshApproval, ExpiresIn: 60}
		no = w.create(d).Link
		w.setClock(yes.ExpiresAt.Add(time.Hour))
		for _, l := range []paylink.Link{yes, no} {
			if _, err := w.issuer.DeclineRefresh(t.Context(), w.actor(), l.ID, nil); err == nil {
				t.Error("declined what nobody asked")
			}
			done, err := w.issuer.Ask(t.Context(), l, w.form(l))
			if err != nil || !done.Link.RefreshAskedAt.Equal(done.Link.UpdatedAt) || done.Link.Status != paylink.LinkExpired || done.Link.Revision != 1 {
				t.Fatalf("%+v, %v", done.Link, err)
			}
			_, err = w.issuer.Ask(t.Context(), l, w.form(l))
			if code, _ := codeOf(err); code != "not_refreshable" {
				t.Errorf("asked twice: %v", err)
			}
		}
		before, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, yes.ID, 10)
		done, refused := w.issuer.Refresh(t.Context(), w.actor(), yes.ID, nil, nil)
		if err != nil || refused != nil || done.Link.Status != paylink.LinkPending || done.Link.Refreshes != 1 || !done.Link.RefreshAskedAt.IsZero() {
			t.Fatalf("%+v, %v, %v", done.Link, err, refused)
		}
		after, err := s.Read(t.Context()).MessagesOf(w.merchant.ID, yes.ID, 10)
		if err != nil || len(after) != len(before)+1 || after[len(after)-1].To != "+919812345642" {
			t.Errorf("%d messages before, %d after, %v", len(before), len(after), err)
		}
		done, err = w.issuer.DeclineRefresh(t.Context(), w.actor(), no.ID, nil)
		if err != nil || !done.Link.RefreshAskedAt.IsZero() || done.Link.RefreshDeclinedAt.IsZero() {
			t.Fatalf("%+v, %v", done.Link, err)
		}
		if _, err = w.issuer.Ask(t.Context(), no, w.form(no)); err == nil {
			t.Error("asked again after a no")
		}
		// The merchant changes his mind; the next expiry begins anew, and his own refresh is not counted.
		done, err = w.issuer.Refresh(t.Context(), w.actor(), no.ID, nil, nil)
		if err != nil || done.Link.Refreshes != 0 || !done.Link.RefreshDeclinedAt.IsZero() || !done.Link.ExpiresAt.Equal(w.clock().Add(time.Minute)) {
			t.Errorf("%+v, %v", done.Link, err)
		}
	})
}

// A customer asks for more time ten hours before the end; the merchant says "a day from now", and it is a day
// from now and not on top. An hour would be less than there is.
func TestMerchantSaysFromNowHowLong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.renewable(paylink.Refresh{Policy: paylink.RefreshApproval, ExpiresIn: 3600})
		w.setClock(l.ExpiresAt.Add(-10 * time.Hour))
		if _, err := w.issuer.Ask(t.Context(), l, w.form(l)); err != nil {
			t.Fatal(err)
		}
		hour, day := int64(3600), int64(86400)
		var wrong *paylink.Invalid
		if _, err := w.issuer.Refresh(t.Context(), w.actor(), l.ID, &hour, nil); !errors.As(err, &wrong) || wrong.Fields[0].Code != "too_small" {
			t.Errorf("less than there is: %v", err)
		}
		done, err := w.issuer.Refresh(t.Context(), w.actor(), l.ID, &day, nil)
		if err != nil || !done.Link.ExpiresAt.Equal(w.clock().Add(24*time.Hour)) || done.Link.Refreshes != 1 {
			t.Errorf("%+v, %v", done.Link, err)
		}
	})
}

// Customers press while the merchant answers: whoever comes second is told, and nothing is counted twice.
func TestAnswerAndAsksInOneInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.renewable(paylink.Refresh{Policy: paylink.RefreshApproval, ExpiresIn: 3600})
		w.setClock(l.ExpiresAt)
		if _, err := w.issuer.Ask(t.Context(), l, w.form(l)); err != nil {
			t.Fatal(err)
		}
		by := w.actor()
		var all sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for i := range 20 {
			all.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = w.issuer.Refresh(t.Context(), by, l.ID, nil, nil)
				} else {
					_, err = w.issuer.DeclineRefresh(t.Context(), by, l.ID, nil)
				}
				mu.Lock()
				defer mu.Unlock()
				if code, _ := codeOf(err); err == nil {
					done++
				} else if code != "not_refreshable" && code != "not_requested" {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		// A no may come first and the merchant's own refresh after it; a yes comes once.
		if got := w.link(l.ID); got.Refreshes > 1 || !got.RefreshAskedAt.IsZero() || done > 2 {
			t.Errorf("%d answers: %+v", done, got)
		}
	})
}

// A link that renews itself is never found expired by its job until its times are used up.
func TestLinkRenewsItselfAtItsExpiry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.renewable(paylink.Refresh{Policy: paylink.RefreshAutomatic, On: paylink.RefreshOnExpiry, Times: 2, ExpiresIn: 3600})
		for range 3 {
			w.setClock(w.link(l.ID).ExpiresAt)
			w.work()
		}
		got := w.link(l.ID)
		if got.Refreshes != 2 || got.Status != paylink.LinkExpired || !got.ExpiresAt.Equal(l.ExpiresAt.Add(2*time.Hour)) {
			t.Errorf("%+v", got)
		}
		want := []paylink.EventType{paylink.EventLinkCreated, paylink.EventLinkRefreshed, paylink.EventLinkRefreshed, paylink.EventLinkExpired}
		if told := w.told(l.ID); !slices.Equal(told, want) {
			t.Errorf("told %v", told)
		}
	})
}

// Terms that were changed behind our back are signed by nobody's wish.
func TestTamperedLinkGetsNoNewTime(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	for _, on := range []paylink.RefreshOn{paylink.RefreshOnRequest, paylink.RefreshOnExpiry} {
		d := draft()
		d.Reference, d.Terms.Refresh = string(on), &paylink.Refresh{Policy: paylink.RefreshAutomatic, On: on, ExpiresIn: 3600}
		l := w.create(d).Link
		w.alter(l.ID, func(l *paylink.Link) { l.Terms.Refresh.Times = 9 })
		w.setClock(l.ExpiresAt)
		_, err := w.issuer.Ask(t.Context(), l, w.form(l))
		w.work()
		if got := w.link(l.ID); err == nil || got.Refreshes != 0 || got.Status != paylink.LinkExpired {
			t.Errorf("%s: %+v, %v", on, got, err)
		}
		w.setClock(start)
	}
}
