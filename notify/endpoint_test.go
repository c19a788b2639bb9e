package notify

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// Each mistake in a draft must be named, all at once, or a merchant mends them one by one.
func TestDraftsAreJudgedWhole(t *testing.T) {
	w := newTown(t, storetest.Open(t, "sqlite"))
	m := w.merchant()
	long := strings.Repeat("ä", maxDescription)
	for _, c := range []struct {
		draft Draft
		want  []string // pointer and code
	}{
		{Draft{URL: "https://shop.example/hooks", Description: long}, nil},
		{Draft{URL: "https://shop.example/hooks", Events: []string{"payment.captured", "*"}}, nil},
		{Draft{}, []string{"/url required"}},
		{Draft{URL: "http://shop.example/"}, []string{"/url bad_url"}},
		{Draft{URL: "https://10.0.0.1/"}, []string{"/url bad_url"}},
		{Draft{URL: "https://localhost/"}, []string{"/url bad_url"}},
		{Draft{URL: "https://u:p@shop.example/"}, []string{"/url bad_url"}},
		{Draft{URL: "https://shop.example/#x"}, []string{"/url bad_url"}},
		{Draft{URL: "ftp://shop.example/", Events: []string{}, Description: long + "x"}, []string{"/url bad_url", "/events required", "/description too_long"}},
		{Draft{URL: "https://shop.example/", Events: []string{"payment.captured", "paid", "payment.captured"}}, []string{"/events/1 unknown_value", "/events/2 duplicate_value"}},
		{Draft{URL: "https://shop.example/", Events: strings.Fields(strings.Repeat("x ", 100))}, []string{"/events too_many"}},
		{Draft{URL: "https://shop.example/", Description: "a\x00b"}, []string{"/description bad_characters"}},
	} {
		_, err := w.notify.CreateEndpoint(t.Context(), m, false, c.draft, nil)
		var got []string
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				got = append(got, f.Pointer+" "+f.Code)
				if !strings.HasSuffix(f.Detail, ".") || c.draft.URL != "" && strings.Contains(f.Detail, c.draft.URL) {
					t.Errorf("%q is no sentence, or repeats the value", f.Detail)
				}
			}
		} else {
			must(t, err)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.draft, got, c.want)
		}
	}
}

// A request that is sent twice makes one endpoint, and both answers show the same secret.
func TestEndpointIsMadeOnceAndKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		m := w.merchant()
		claim := &store.Claim{Merchant: m, Route: "POST /v1/webhook_endpoints", Key: "k", Request: sha256.Sum256(nil)}
		draft := Draft{URL: "http://a.example/hooks", Description: "till"}
		first, err := w.notify.CreateEndpoint(t.Context(), m, false, draft, claim)
		must(t, err)
		second, err := w.notify.CreateEndpoint(t.Context(), m, false, draft, claim)
		must(t, err)
		if !second.Replayed || second.Secret != first.Secret || !reflect.DeepEqual(Snapshot(second.Endpoint), Snapshot(first.Endpoint)) {
			t.Errorf("first %+v, again %+v", first, second)
		}
		stored := w.endpointNow(first.Endpoint)
		if !reflect.DeepEqual(stored, first.Endpoint) {
			t.Errorf("stored %+v, want %+v", stored, first.Endpoint)
		}
		if secret := secretOf(t, first.Secret); len(secret) != 32 || strings.Contains(string(stored.Secret), string(secret)) {
			t.Error("the secret has another size, or stands in the row")
		}
		for range store.MaxEndpoints - 1 {
			_, err := w.notify.CreateEndpoint(t.Context(), m, false, draft, nil)
			must(t, err)
		}
		var conflict *paylink.Conflict
		if _, err := w.notify.CreateEndpoint(t.Context(), m, false, draft, nil); !errors.As(err, &conflict) || conflict.Code != "too_many_endpoints" {
			t.Errorf("one too many: %v", err)
		}
		if _, err := w.notify.CreateEndpoint(t.Context(), m, true, draft, nil); err != nil {
			t.Errorf("the other mode has room: %v", err)
		}
	})
}

// While a merchant changes over, both the old and the new secret verify what comes.
func TestRotatedSecretSignsBesideTheOldOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		rotated, err := w.notify.RotateSecret(t.Context(), m, false, made.Endpoint.ID, nil)
		must(t, err)
		if rotated.Secret == made.Secret || !rotated.Endpoint.UpdatedAt.After(made.Endpoint.UpdatedAt) {
			t.Errorf("rotated to %+v", rotated)
		}
		w.happen(m, false, paylink.EventPaymentCaptured)
		until(t, "told", func() bool { return len(r.got()) == 1 })
		for _, secret := range []string{made.Secret, rotated.Secret} {
			library, err := standardwebhooks.NewWebhook(secret)
			must(t, err)
			if err := library.Verify([]byte(r.got()[0].body), r.got()[0].header); err != nil {
				t.Errorf("a secret that is valid: %v", err)
			}
		}
		if _, err := w.notify.RotateSecret(t.Context(), m, true, made.Endpoint.ID, nil); !paylink.IsNotFound(err) {
			t.Errorf("rotated from the other mode: %v", err)
		}
	})
}

// What waits for an endpoint that is deleted must end, not wait for ever.
func TestDeletedEndpointIsCalledNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.always(410)
		w.happen(m, false, paylink.EventPaymentCaptured)
		until(t, "parked", func() bool { return w.endpointNow(made.Endpoint).Status == paylink.EndpointParked })
		w.happen(m, false, paylink.EventLinkPaid)
		must(t, w.notify.Delete(t.Context(), m, false, made.Endpoint.ID))
		until(t, "all ended", func() bool { return count(w.deliveries(made.Endpoint), paylink.DeliveryFailed) == 3 })
		w.happen(m, false, paylink.EventLinkExpired)
		if n := len(w.deliveries(made.Endpoint)); n != 3 || len(r.got()) != 1 {
			t.Errorf("%d deliveries, %d calls", n, len(r.got()))
		}
		if err := w.notify.Delete(t.Context(), m, false, made.Endpoint.ID); !paylink.IsNotFound(err) {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

// Webhooks show the merchant the customer whom events only mask, and nobody once erased; the bytes
// are the same at each rendering, and never more than a receiver must take.
func TestBodiesShowTheCustomerUntilErased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		m := w.merchant()
		c := paylink.Customer{ID: paylink.NewCustomerID(noon), Merchant: m, Name: "Asha", Phone: "+919812345642", Locale: "hi", CreatedAt: noon}
		w.write(func(tx *store.Tx) { tx.InsertCustomer(c) })
		link := paylink.Link{ID: "plink_1", Merchant: m, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Notes: "n", CreatedAt: noon, UpdatedAt: noon}
		event := paylink.Event{ID: "evt_1", Merchant: m, Sequence: 7, At: noon, Type: paylink.EventLinkPaid, Data: paylink.EventData{
			Link: link.Snapshot(&c), Message: &paylink.MessageSnapshot{ID: "msg_gone", To: "…42"},
		}}
		read := s.Read(t.Context())
		text, err := render(read, event, APIVersion)
		must(t, err)
		same, err := render(read, event, APIVersion)
		must(t, err)
		var got struct {
			Type, ID, Timestamp string
			Livemode            bool
			Merchant            paylink.MerchantID `json:"merchant_id"`
			Sequence            int64
			Version             string `json:"api_version"`
			Data                struct {
				Link struct {
					ID       string
					Customer map[string]any
				} `json:"payment_link"`
				Message map[string]any
			}
		}
		must(t, json.Unmarshal(text, &got))
		if string(same) != string(text) || got.Type != "payment_link.paid" || got.ID != "evt_1" || got.Timestamp != "2026-11-22T12:00:00Z" ||
			got.Merchant != m || got.Sequence != 7 || got.Version != APIVersion || got.Data.Link.ID != "plink_1" {
			t.Errorf("the body is %s", text)
		}
		want := map[string]any{"id": string(c.ID), "name": "Asha", "phone": "+919812345642", "email": nil, "locale": "hi"}
		if !reflect.DeepEqual(got.Data.Link.Customer, want) {
			t.Errorf("the customer is %v, want %v", got.Data.Link.Customer, want)
		}
		if to, ok := got.Data.Message["to"]; !ok || to != nil {
			t.Errorf("a message that is gone was sent to %v", to)
		}
		c.ID = "cust_gone"
		event.Data.Link = link.Snapshot(&c)
		text, err = render(read, event, APIVersion)
		must(t, err)
		if strings.Contains(string(text), "A…") || !strings.Contains(string(text), `"customer":{"id":"cust_gone","name":null,"phone":null,"email":null`) {
			t.Errorf("an erased customer is shown as %s", text)
		}
		link.Metadata = map[string]string{"k": strings.Repeat("x", 30_000)}
		event.Data.Link = link.Snapshot(nil)
		text, err = render(read, event, APIVersion)
		must(t, err)
		if len(text) > maxBody || !strings.Contains(string(text), `"metadata":null`) || !strings.Contains(string(text), `"omitted":["data.payment_link.metadata"`) {
			t.Errorf("a large link makes %d bytes", len(text))
		}
	})
}

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
