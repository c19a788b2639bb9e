package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

const (
	accountTries = 5                // failures of one account before it is locked
	addressTries = 20               // failures from one client address; offices share one
	firstLock    = 30 * time.Second // doubled with each further failure
	longestLock  = 15 * time.Minute // so that a stranger cannot lock somebody out for good
	// forgetFailures is the quiet after which earlier failures no longer count.
	forgetFailures = 24 * time.Hour
)

var errLocked = &paylink.Refused{Code: "too_many_attempts", Detail: "Too many attempts. Wait a while and try again."}

// identity is something that failures are counted for.
type identity struct {
	subject []byte
	tries   int64
}

// identities gives the account and the client address, in the order in which their rows are locked,
// which is the same for everybody: two attempts never wait for each other. An account that does not
// exist is counted like any other.
func identities(email, ip string) []identity {
	account, address := sha256.Sum256([]byte("account\x00"+email)), sha256.Sum256([]byte("address\x00"+ip))
	both := []identity{{account[:], accountTries}, {address[:], addressTries}}
	slices.SortFunc(both, func(a, b identity) int { return bytes.Compare(a.subject, b.subject) })
	return both
}

// countAttempt counts a failure for the account and for the address before it is known to be one, and
// refuses while either is locked.
func (a *Access) countAttempt(ctx context.Context, email, ip string) error {
	now := a.Now().UTC().Truncate(time.Microsecond)
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		for _, who := range identities(email, ip) {
			tx.LockSignIn(who.subject, now)
			f, err := tx.SignInFailures(who.subject)
			if err != nil {
				return err
			}
			if now.Before(f.LockedUntil) {
				return errLocked // and nothing is counted: waiting is enough
			}
			tx.SetSignInFailures(failedOnceMore(f, who.tries, now))
		}
		return nil
	})
	if err != nil && err != errLocked {
		return fmt.Errorf("count a sign-in: %w", err)
	}
	return err
}

// failedOnceMore is the growing lock: none for the first tries, then 30 s, 1 min, 2 min … 15 min.
func failedOnceMore(f store.SignInFailures, tries int64, now time.Time) store.SignInFailures {
	if now.Sub(f.UpdatedAt) >= forgetFailures {
		f.Failures = 0
	}
	f.Failures++
	f.UpdatedAt, f.LockedUntil = now, time.Time{}
	if over := f.Failures - tries; over >= 0 {
		lock := longestLock
		if over < 10 {
			lock = min(longestLock, firstLock<<over)
		}
		f.LockedUntil = now.Add(lock)
	}
	return f
}

// takeBack uncounts an attempt that succeeded: the account starts afresh, and the address has one
// failure less, since one good password of an attacker's own must not clear his record.
func takeBack(tx *store.Tx, email, ip string, now time.Time) error {
	for _, who := range identities(email, ip) {
		tx.LockSignIn(who.subject, now)
		f, err := tx.SignInFailures(who.subject)
		if err != nil {
			return err
		}
		if who.tries == accountTries {
			f.Failures = 0
		} else {
			f.Failures = max(0, f.Failures-1)
		}
		if f.Failures < who.tries {
			f.LockedUntil = time.Time{}
		}
		tx.SetSignInFailures(f)
	}
	return nil
}
