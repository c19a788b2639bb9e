package access

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

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
