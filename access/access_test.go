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

const goodPassword = "correct horse battery"

func (b *bench) staff(t *testing.T) paylink.Staff {
	t.Helper()
	p, err := b.NewStaff(t.Context(), "mer_a", " Asha@Example.com ", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, func(tx *store.Tx) { tx.InsertStaff(p) })
	return p
}

// The way in and out, and what a session is worth before, during and after its twelve hours.
func TestSessionLastsTwelveHoursOrUntilSignOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.staff(t)
		token, s, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		want := paylink.Session{Hash: sessionHash(token), Staff: p.ID, Merchant: "mer_a", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(12 * time.Hour)}
		if fmt.Sprint(s) != fmt.Sprint(want) {
			t.Fatalf("%+v; want %+v", s, want)
		}
		b.pass(12*time.Hour - time.Microsecond)
		if got, err := b.Session(t.Context(), token); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%+v, %v", got, err)
		}
		b.pass(time.Microsecond)
		if _, err := b.Session(t.Context(), token); refusal(err) != "session_expired" {
			t.Fatal(err)
		}
		token, _, err = b.SignIn(t.Context(), "ASHA@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SignOut(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		for _, dead := range []string{token, "", "x", strings.Repeat("x", 1000)} {
			if _, err := b.Session(t.Context(), dead); refusal(err) != "no_session" {
				t.Fatalf("%d characters: %v", len(dead), err)
			}
		}
	})
}

// A session that an attacker planted in the browser would become the victim's at sign-in.
func TestSignInGivesANewSessionAndEndsTheOld(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		old, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", "")
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.1", old)
		if err != nil || token == old {
			t.Fatal(err)
		}
		if _, err := b.Session(t.Context(), old); refusal(err) != "no_session" {
			t.Fatalf("the old session: %v", err)
		}
	})
}

// If an unknown address were answered in other words, in another time, or without a lock, the form
// would tell who works here.
func TestUnknownAddressIsTreatedLikeAWrongPassword(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		answers := map[string][]string{}
		for email, ip := range map[string]string{"asha@example.com": "192.0.2.1", "nobody@example.com": "192.0.2.2"} {
			for range accountTries + 2 {
				_, _, err := b.SignIn(t.Context(), email, "not this one", ip, "")
				answers[email] = append(answers[email], refusal(err))
			}
		}
		want := fmt.Sprint(append(strings.Fields(strings.Repeat("bad_credentials ", accountTries)), "too_many_attempts", "too_many_attempts"))
		for email, got := range answers {
			if fmt.Sprint(got) != want {
				t.Errorf("%s: %v", email, got)
			}
		}
		memory, passes, threads, salt, hash, err := parsePHC(nobody)
		if err != nil || memory != argonMemory || passes != argonPasses || threads != argonThreads || len(salt) != saltSize || len(hash) != hashSize {
			t.Errorf("the hash for nobody does not cost what a real one costs: %v", err)
		}
	})
}

// Guessing gets slower and slower, and even the right password waits; somebody who mistypes twice is
// not punished.
func TestLockGrowsAndEnds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		try := func(password string) string {
			_, _, err := b.SignIn(t.Context(), "asha@example.com", password, "192.0.2.1", "")
			return refusal(err)
		}
		for range accountTries {
			try("wrong")
		}
		for _, lock := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
			b.pass(lock - time.Microsecond)
			if got := try(goodPassword); got != "too_many_attempts" {
				t.Fatalf("just before %s: %s", lock, got)
			}
			b.pass(time.Microsecond)
			if got := try("wrong"); got != "bad_credentials" {
				t.Fatalf("after %s: %s", lock, got)
			}
		}
		b.pass(longestLock)
		if got := try(goodPassword); got != "<nil>" {
			t.Fatalf("after the lock: %s", got)
		}
		for range accountTries - 1 {
			if got := try("wrong"); got != "bad_credentials" {
				t.Fatalf("the count did not start afresh: %s", got)
			}
		}
	})
}

// One machine that tries a list of addresses is one attacker.
func TestClientAddressIsLockedAcrossAccounts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		for i := range addressTries {
			if _, _, err := b.SignIn(t.Context(), fmt.Sprintf("a%d@example.com", i), "wrong", "192.0.2.9", ""); refusal(err) != "bad_credentials" {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		if _, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.9", ""); refusal(err) != "too_many_attempts" {
			t.Fatal(err)
		}
		if _, _, err := b.SignIn(t.Context(), "asha@example.com", goodPassword, "192.0.2.8", ""); err != nil {
			t.Fatalf("from elsewhere: %v", err)
		}
	})
}

// A hundred guesses sent at the same moment must not be a hundred guesses for the price of one.
func TestGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.staff(t)
		var mu sync.Mutex
		counts := map[string]int{}
		var wg sync.WaitGroup
		for range 101 {
			wg.Go(func() {
				_, _, err := b.SignIn(context.Background(), "asha@example.com", "wrong", "192.0.2.1", "")
				mu.Lock()
				defer mu.Unlock()
				counts[refusal(err)]++
			})
		}
		wg.Wait()
		if counts["bad_credentials"] != accountTries || counts["too_many_attempts"] != 101-accountTries {
			t.Fatalf("%v", counts)
		}
	})
}

// A password that anybody guesses, or an address that no mail reaches, is refused when it is set.
func TestNewStaffIsJudgedWhole(t *testing.T) {
	a := New(Deps{Now: func() time.Time { return noon }})
	for _, c := range []struct{ email, password, want string }{
		{"asha@example.com", goodPassword, "<nil>"},
		{"asha", "short", "invalid: /email bad_email, /password too_short"},
		{"Asha <asha@example.com>", strings.Repeat("x", 201), "invalid: /email bad_email, /password too_long"},
	} {
		p, err := a.NewStaff(t.Context(), "mer_a", c.email, c.password)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v", c.email, err)
		}
		if err == nil && !strings.HasPrefix(p.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("the password is kept as %.20s", p.Password)
		}
	}
}

// A stored hash that somebody damaged must lock the account out, never let everybody in.
func TestDamagedHashMatchesNothing(t *testing.T) {
	a := New(Deps{})
	for _, phc := range []string{"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"} {
		if ok, err := a.passwordMatches(t.Context(), phc, ""); ok || err == nil {
			t.Errorf("%q: %t, %v", phc, ok, err)
		}
	}
}
