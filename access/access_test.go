package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// bench is an Access over a database with one merchant, and a clock that the test moves.
type bench struct {
	*Access
	mu  sync.Mutex
	now time.Time
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &bench{now: noon}
		b.Access = New(Deps{Store: s, Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.now
		}})
		b.write(t, func(tx *store.Tx) { tx.InsertMerchant(paylink.Merchant{ID: "mer_a", CreatedAt: noon}) })
		fn(t, b)
	})
}

func (b *bench) write(t *testing.T, fn func(tx *store.Tx)) {
	t.Helper()
	err := b.Store.Write(t.Context(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) key(t *testing.T, live bool) (string, paylink.APIKey) {
	secret, k := NewKey("mer_a", live, "till", noon)
	b.write(t, func(tx *store.Tx) { tx.InsertKey(k) })
	return secret, k
}

func refusal(err error) string {
	var refused *paylink.Refused
	var expired *paylink.Expired
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &expired):
		return expired.Code
	}
	return fmt.Sprint(err)
}

// A key opens the world of its own mode; everything else opens nothing, and all refusals are one.
func TestKeyIdentifiesItsMerchantAndMode(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, live := range []bool{false, true} {
			secret, k := b.key(t, live)
			want := Principal{Merchant: "mer_a", Live: live, KeyID: k.ID}
			for range 2 { // the second time from the cache
				if got, err := b.Identify(t.Context(), secret); err != nil || got != want {
					t.Errorf("%+v, %v; want %+v", got, err, want)
				}
			}
			if strings.HasPrefix(secret, prefixLive) != live || !strings.HasPrefix(secret, k.Prefix) || len(k.Prefix) != 12 {
				t.Errorf("live %t: the secret or its prefix %q names the wrong mode", live, k.Prefix)
			}
		}
		stranger, _ := NewKey("mer_a", false, "", noon)
		for _, secret := range []string{"", "sk_test_", stranger, stranger + "x", strings.ToUpper(stranger), strings.Repeat("a", 10_000)} {
			if _, err := b.Identify(t.Context(), secret); err != errUnknownKey {
				t.Errorf("a key of %d characters: %v", len(secret), err)
			}
		}
	})
}

// A leaked key that was revoked must stop working while the thief is at it, cache or not.
func TestRevokedKeyStopsWithinASecond(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		secret, k := b.key(t, false)
		if _, err := b.Identify(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		b.write(t, func(tx *store.Tx) { tx.RevokeKey("mer_a", false, k.ID, noon) })
		b.pass(keyFresh)
		if _, err := b.Identify(t.Context(), secret); err != errUnknownKey {
			t.Fatalf("a revoked key got %v", err)
		}
	})
}

// The owner looks for keys that nobody uses any more; noting each use in the request would make every
// read a write.
func TestLastUseIsWrittenByWorkOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		secret, k := b.key(t, false)
		b.pass(time.Hour)
		if _, err := b.Identify(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		lastUsed := func() time.Time {
			keys, err := b.Store.Read(t.Context()).Keys("mer_a", false)
			if err != nil || len(keys) != 1 {
				t.Fatal(keys, err)
			}
			return keys[0].LastUsedAt
		}
		if at := lastUsed(); !at.IsZero() {
			t.Fatalf("the request itself wrote %s", at)
		}
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Work(stopped); err != nil { // one last round
			t.Fatal(err)
		}
		if at := lastUsed(); !at.Equal(k.CreatedAt.Add(time.Hour)) {
			t.Fatalf("last used at %s", at)
		}
	})
}
