package provider_test

import (
	"testing"
	"time"

	"paylink/provider"
)

// A flood of forged posts must not fill the disk, nor hide for good what comes after it, nor cost another account
// its evidence.
func TestUnsignedPostsAreKeptWithinBounds(t *testing.T) {
	var u provider.Unsigned
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	kept := func(posts int) (n int) {
		for range posts {
			if keep, _ := u.Keep("acct_1", now); keep {
				n++
			}
		}
		return n
	}
	if got := kept(5000); got != 100 {
		t.Errorf("%d of a flood are kept, want 100", got)
	}
	if keep, leftOut := u.Keep("acct_2", now); !keep || leftOut != 0 {
		t.Errorf("another account's first post: kept %v, left out before it %d", keep, leftOut)
	}
	now = now.Add(10 * time.Second)
	if keep, leftOut := u.Keep("acct_1", now); !keep || leftOut != 4900 {
		t.Errorf("ten seconds later: kept %v, left out before it %d, want 4900", keep, leftOut)
	}
	if got := kept(10); got != 0 {
		t.Errorf("%d more are kept", got)
	}
	now = now.Add(24 * time.Hour)
	if got := kept(5000); got != 100 {
		t.Errorf("a day later %d of a flood are kept, want 100", got)
	}
}
