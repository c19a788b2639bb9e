package store_test

import (
	"log/slog"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"

	"github.com/jackc/pgx/v5"
)

// twoNodes opens one database twice, as two nodes do, each hearing the other's bells.
func twoNodes(t *testing.T) (a, b *store.Store, url string) {
	t.Helper()
	url = storetest.URL(t, "postgres")
	open := func() *store.Store {
		s, err := store.Open(t.Context(), url, store.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	a, b = open(), open()
	if err := a.Migrate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	return a, b, url
}

func ring(t *testing.T, s *store.Store, topic string) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.Ring(topic); return nil }); err != nil {
		t.Fatal(err)
	}
}

// hears tells whether a bell rings within a while.
func hears(b *store.Bell, within time.Duration) bool {
	select {
	case <-b.C:
		return true
	case <-time.After(within):
		return false
	}
}

// awaitListening waits until a node hears what the other rings. At first its listener is on its way.
func awaitListening(t *testing.T, from *store.Store, at *store.Bell) {
	t.Helper()
	for range 100 {
		ring(t, from, store.BellSealed)
		if hears(at, 100*time.Millisecond) {
			for hears(at, 50*time.Millisecond) { // those that were on their way
			}
			return
		}
	}
	t.Fatal("the node hears nothing of the other")
}

// A payment that one node confirms reaches a page that waits on another only with the next poll, unless
// the bell crosses.
func TestBellsReachOtherNodes(t *testing.T) {
	a, b, _ := twoNodes(t)
	sealed, payments := b.Bell(store.BellSealed), b.Bell(store.BellPayments)
	awaitListening(t, a, sealed)
	for range 20 {
		begun := time.Now()
		ring(t, a, store.BellPayments)
		if !hears(payments, 5*time.Second) {
			t.Fatal("a bell was lost")
		}
		t.Logf("heard after %v", time.Since(begun))
	}
	if hears(sealed, 100*time.Millisecond) {
		t.Error("a bell rang that nobody pulled: it goes round in a circle")
	}
}

// If each node woke all others for each of its jobs, three nodes would do less than one.
func TestJobsWakeOtherNodesOnlyWhereThereIsNoWorker(t *testing.T) {
	a, b, _ := twoNodes(t)
	awaitListening(t, a, b.Bell(store.BellSealed))
	there := b.Bell(store.BellJobs)
	for hears(there, 50*time.Millisecond) {
	}
	ring(t, a, store.BellJobs)
	if !hears(there, 5*time.Second) {
		t.Error("a node without a worker woke nobody")
	}
	here := a.Bell(store.BellJobs)
	ring(t, a, store.BellJobs)
	if !hears(here, time.Second) || hears(there, 200*time.Millisecond) {
		t.Error("a node with a worker woke another for its own job")
	}
}

// A key is revoked or a gateway account changed on one node: the others must not go by their copies.
func TestChangedMerchantIsSeenOnOtherNodes(t *testing.T) {
	a, b, _ := twoNodes(t)
	awaitListening(t, a, b.Bell(store.BellSealed))
	now := time.Now()
	merchant := paylink.Merchant{ID: paylink.NewMerchantID(now), Name: "Acme", CreatedAt: now}
	account := paylink.Account{ID: paylink.NewAccountID(now), Merchant: merchant.ID, Kind: paylink.AccountGateway, Provider: "sandbox", BaseURL: "http://old.example", Secret: []byte("sealed")}
	err := a.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(merchant)
		tx.InsertAccount(account, now)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := func() string {
		all, err := b.Read(t.Context()).Accounts(merchant.ID, false, paylink.AccountGateway)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0].BaseURL
	}
	for seen() != "http://old.example" {
	}
	err = a.Write(t.Context(), func(tx *store.Tx) error {
		tx.SetAccountURL(merchant.ID, account.ID, "http://new.example")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for seen() != "http://new.example" {
		time.Sleep(time.Millisecond)
	}
	t.Logf("seen after %v", time.Since(begun)) // without the bell it takes up to a second
}

// The database server is started anew at night. A node that never listens again is slow until somebody
// starts it, too.
func TestListenerComesBack(t *testing.T) {
	a, b, url := twoNodes(t)
	bell := b.Bell(store.BellSealed)
	awaitListening(t, a, bell)
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	var ended int
	err = admin.QueryRow(t.Context(), `
		SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&ended)
	if err != nil || ended < 3 {
		t.Fatalf("ended %d connections, %v", ended, err)
	}
	// It rings by itself when it listens again: something may have happened meanwhile.
	if !hears(bell, 10*time.Second) {
		t.Fatal("the listener did not come back")
	}
	awaitListening(t, a, bell)
}

// Behind a pooler that cannot LISTEN, and in virtual time, nodes do without: nothing is sent, nothing is
// heard, and each goes on by polling.
func TestListeningCanBeOff(t *testing.T) {
	url := storetest.URL(t, "postgres")
	a, b := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	bell := b.Bell(store.BellSealed)
	ring(t, a, store.BellSealed)
	if hears(bell, 300*time.Millisecond) {
		t.Error("a bell was heard")
	}
	_, err := store.Open(t.Context(), url, store.Options{Listen: "postgres://a:secret@h:bad/x"})
	if err == nil || err.Error() != "where to listen: the database URL cannot be read" {
		t.Errorf("a wrong URL for listening: %v", err)
	}
}
