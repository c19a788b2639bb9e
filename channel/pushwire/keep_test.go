package pushwire_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
	"paylink/channel/pushwire"
	"paylink/provider"
	"paylink/provider/providertest"
)

func account(n int) provider.Account {
	return provider.Account{ID: paylink.AccountID(fmt.Sprintf("acct_%d", n)), Secret: "s"}
}

// Two accounts share a token, or one that changed its key keeps the old one.
func TestTokenIsThatOfItsCredentials(t *testing.T) {
	var kept pushwire.Kept
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	get := func(a provider.Account, more ...string) string {
		token, _, err := kept.Get(t.Context(), pushwire.Digest(a, more...), now, func() (string, time.Time, error) {
			return fmt.Sprint(a.ID, a.Secret, more), now.Add(time.Hour), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	changed := account(1)
	changed.Secret = "t"
	seen := map[string]bool{}
	for _, token := range []string{get(account(1)), get(account(2)), get(changed), get(account(1), "a"), get(account(1), "a", "b"), get(account(1), "ab")} {
		seen[token] = true
	}
	if len(seen) != 6 {
		t.Errorf("six credentials have the tokens %v", seen)
	}
	if got := get(account(1)); !seen[got] {
		t.Errorf("the first again has another: %s", got)
	}
}

// A service that answers slowly holds up every letter for ever, or one failure is kept as the token.
func TestTokenIsMadeOnceAndWaitedForInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept pushwire.Kept
		c, made := pushwire.Digest(account(1)), 0
		slow := func() (string, time.Time, error) {
			time.Sleep(time.Minute)
			if made++; made == 1 {
				return "half", time.Now().Add(time.Hour), errors.New("it broke off")
			}
			return fmt.Sprint("token ", made), time.Now().Add(time.Hour), nil
		}
		first := make(chan error)
		go func() {
			_, _, err := kept.Get(t.Context(), c, time.Now(), slow)
			first <- err
		}()
		synctest.Wait()
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := kept.Get(hurried, c, time.Now(), slow); providertest.Ending(err) != "not sent" {
			t.Errorf("who cannot wait gets %v", err)
		}
		if err := <-first; err == nil {
			t.Error("the first has a token that was not made")
		}
		token, fresh, err := kept.Get(t.Context(), c, time.Now(), slow)
		if err != nil || token != "token 2" || !fresh {
			t.Errorf("the next gets %q (fresh %t, %v)", token, fresh, err)
		}
		kept.Forget(c, "token 1") // an older one was refused: the new one stays
		if token, fresh, _ = kept.Get(t.Context(), c, time.Now(), slow); token != "token 2" || fresh {
			t.Errorf("after an older one was forgotten: %q, fresh %t", token, fresh)
		}
		kept.Forget(c, "token 2")
		if token, fresh, _ = kept.Get(t.Context(), c, time.Now(), slow); token != "token 3" || !fresh {
			t.Errorf("after it was forgotten: %q, fresh %t", token, fresh)
		}
		kept.Forget(pushwire.Digest(account(2)), "token 3") // of somebody without one
	})
}

// Accounts come and go, and the memory that their tokens take only grows.
func TestOldTokensMakeRoom(t *testing.T) {
	var kept pushwire.Kept
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	made := 0
	get := func(n int, lasts time.Duration) {
		_, _, err := kept.Get(t.Context(), pushwire.Digest(account(n)), now, func() (string, time.Time, error) {
			made++
			return "t", now.Add(lasts), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	get(0, 10*time.Hour)
	for n := range 9_999 {
		get(n+1, time.Hour)
	}
	now = now.Add(2 * time.Hour)
	get(20_000, time.Hour)
	made = 0
	get(0, 10*time.Hour)
	get(20_000, time.Hour)
	if made != 0 {
		t.Error("a token that was still good went with the old ones")
	}
	for n := range 20_000 {
		get(n+30_000, time.Hour) // all good at once: the bound holds all the same
	}
}
