package notify

import (
	"errors"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A merchant tries an endpoint out: the test comes signed, to this endpoint alone, and leaves events
// and retries as they are.
func TestTestIsSentOnceToOneEndpoint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m := w.merchant()
		a, made := w.endpoint(m, false, "a.example", string(paylink.EventLinkPaid))
		b, _ := w.endpoint(m, false, "b.example")
		a.always(500)
		d, _, err := w.notify.Test(t.Context(), m, false, made.Endpoint.ID, nil)
		must(t, err)
		until(t, "the test failed", func() bool { return count(w.deliveries(made.Endpoint), paylink.DeliveryFailed) == 1 })
		library, err := standardwebhooks.NewWebhook(made.Secret)
		must(t, err)
		c := a.got()[0]
		if err := library.Verify([]byte(c.body), c.header); err != nil || c.told.Type != EventTest || c.told.ID != d.Event || c.told.Merchant != m {
			t.Errorf("the test came as %s: %v", c.body, err)
		}
		if e := w.endpointNow(made.Endpoint); !e.FailingSince.IsZero() || len(b.got()) != 0 || len(a.got()) != 1 {
			t.Errorf("the test left traces: %+v", e)
		}
		if events, err := s.Read(t.Context()).EventsAfter(m, false, 0, 10); err != nil || len(events) != 0 {
			t.Errorf("the test became an event: %v, %v", events, err)
		}
	})
}

// A delivery that was given up, or lost by the merchant, comes again under the same id.
func TestResendComesAtOnceUnderTheSameID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m, stranger := w.merchant(), w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.always(500)
		w.happen(m, false, paylink.EventPaymentCaptured)
		until(t, "tried", func() bool { return w.deliveries(made.Endpoint)[0].Attempts == 1 })
		d := w.deliveries(made.Endpoint)[0]
		r.always(200)
		for i, wait := range []string{"while it waits for its next attempt", "after it was delivered"} {
			if _, _, err := w.notify.Resend(t.Context(), m, false, d.ID, nil); err != nil {
				t.Errorf("%s: %v", wait, err)
			}
			until(t, wait, func() bool {
				return len(r.got()) == i+2 && w.deliveries(made.Endpoint)[0].Status == paylink.DeliveryDelivered
			})
		}
		if at := r.got()[1].at; !at.Before(d.NextAt) {
			t.Errorf("it came at %v, not before its next attempt at %v", at, d.NextAt)
		}
		for _, c := range r.got() {
			if c.header.Get("webhook-id") != string(d.ID) || c.body != r.got()[0].body {
				t.Errorf("another message came: %v", c)
			}
		}
		if _, _, err := w.notify.Resend(t.Context(), stranger, false, d.ID, nil); !paylink.IsNotFound(err) {
			t.Errorf("a stranger resent it: %v", err)
		}
	})
}

// A merchant who lost a day's webhooks, or made the endpoint too late, asks for the day again.
func TestReplayTellsAStretchOfThePast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m := w.merchant()
		before := w.happen(m, false, paylink.EventPaymentCaptured, paylink.EventLinkPaid)
		w.happen(m, true, paylink.EventPaymentCaptured) // of the other mode: not for this endpoint
		time.Sleep(2 * time.Millisecond)
		since := time.Now()
		r, made := w.endpoint(m, false, "a.example", string(paylink.EventPaymentCaptured))
		types := make([]paylink.EventType, 0, 60)
		for range 30 {
			types = append(types, paylink.EventPaymentCaptured, paylink.EventLinkPaid)
		}
		w.happen(m, false, types...)
		until(t, "told", func() bool { return count(w.deliveries(made.Endpoint), paylink.DeliveryDelivered) == 30 })
		replay := func(s Stretch, calls int) {
			t.Helper()
			_, err := w.notify.Replay(t.Context(), m, false, made.Endpoint.ID, s, nil)
			must(t, err)
			until(t, "the errand ended", func() bool {
				jobs, err := w.store.Read(t.Context()).Jobs()
				return err == nil && len(jobs) == 0
			})
			if n := len(r.got()); n != calls {
				t.Errorf("%+v: %d calls, want %d", s, n, calls)
			}
		}
		replay(Stretch{Since: since.Add(-time.Hour), OnlyFailed: true}, 30)
		replay(Stretch{Since: since}, 60)
		replay(Stretch{Since: since.Add(-time.Hour), Until: since}, 61)
		if got := r.got()[60].told.ID; got != before[0] {
			t.Errorf("told %s from before it was made, want %s", got, before[0])
		}
		ids := map[string]bool{}
		for _, c := range r.got() {
			ids[c.header.Get("webhook-id")] = true
		}
		if len(ids) != 31 {
			t.Errorf("%d ids for 31 events", len(ids))
		}
		for _, wrong := range []Stretch{{}, {Since: since.Add(time.Hour)}, {Since: since.Add(-400 * 24 * time.Hour)}, {Since: since, Until: since}} {
			var invalid *paylink.Invalid
			if _, err := w.notify.Replay(t.Context(), m, false, made.Endpoint.ID, wrong, nil); !errors.As(err, &invalid) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}
