package audit_test

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// world is one merchant in one mode.
type world struct {
	merchant paylink.MerchantID
	live     bool
}

func (w world) event(id paylink.EventID, at time.Time) paylink.Event {
	if w.live {
		id += "_live"
	}
	return paylink.Event{ID: id, Merchant: w.merchant, Live: w.live, At: at, Type: paylink.EventLinkOpened, Link: "plink_1", Actor: "customer"}
}

// twoStores gives two stores on one database, as two processes have them. SQLite allows one process
// only, so there both are the same.
func twoStores(t *testing.T, kind string) (one, two *store.Store) {
	t.Helper()
	if kind == "sqlite" {
		s := storetest.Open(t, kind)
		return s, s
	}
	url := storetest.URL(t, kind)
	one = storetest.OpenURL(t, url)
	if err := one.Migrate(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	return one, storetest.OpenURL(t, url)
}

// work runs a sealer for the length of the test.
func work(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := newSealer(s).Work(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
}

func write(t *testing.T, s *store.Store, fn func(tx *store.Tx)) {
	t.Helper()
	if err := s.Write(context.Background(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Error(err)
	}
}

func appendAll(t *testing.T, s *store.Store, events ...paylink.Event) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, e := range events {
			tx.AppendEvent(e)
		}
	})
}

func addMerchants(t *testing.T, s *store.Store, ids ...paylink.MerchantID) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, id := range ids {
			tx.InsertMerchant(paylink.Merchant{ID: id, Name: string(id), Currency: "INR", CreatedAt: noon})
		}
	})
}

// addEndpoint adds one that wants everything and is called; change makes it another.
func addEndpoint(t *testing.T, s *store.Store, w world, id paylink.EndpointID, change func(*paylink.Endpoint)) {
	t.Helper()
	if w.live {
		id += "_live"
	}
	e := paylink.Endpoint{
		ID: id, Merchant: w.merchant, Live: w.live, URL: "https://acme.example", Events: []string{"*"}, Status: paylink.EndpointEnabled,
		Secret: []byte{1}, SigningKey: []byte{1}, PublicKey: []byte{1}, CreatedAt: noon, UpdatedAt: noon,
	}
	if change != nil {
		change(&e)
	}
	write(t, s, func(tx *store.Tx) { tx.InsertEndpoint(e) })
}

// sealed reads a world's events in their sequence, page by page.
func sealed(t *testing.T, s *store.Store, w world) (all []paylink.Event) {
	t.Helper()
	for last := int64(0); ; last = all[len(all)-1].Sequence {
		page, err := s.Read(t.Context()).EventsAfter(w.merchant, w.live, last, 101)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); len(page) == 0 {
			return all
		}
	}
}

// deliveries reads a world's deliveries, newest first, page by page.
func deliveries(t *testing.T, s *store.Store, w world) (all []paylink.Delivery) {
	t.Helper()
	for before := paylink.DeliveryID(""); ; before = all[len(all)-1].ID {
		page, err := s.Read(t.Context()).Deliveries(store.DeliveryFilter{Merchant: w.merchant, Live: w.live, Before: before, Limit: 101})
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); len(page) == 0 {
			return all
		}
	}
}

// until waits for a condition, at most twenty seconds.
func until(t *testing.T, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !met(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing came of it in twenty seconds")
		}
	}
}
