package notify

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"strings"
	"testing"

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
