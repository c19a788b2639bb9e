package provider

import (
	"sync"
	"time"

	"paylink"
)

const (
	unsignedAtOnce = 100              // posts of one account
	unsignedEvery  = 10 * time.Second // after these, one in this time
)

// Unsigned decides which posts that nobody signed are worth keeping: those that come first show what it is about.
// Without an end whoever knows an address could fill the disk, and have the database write forged posts while
// genuine ones wait behind them. The zero value is ready; it remembers one time for each account that was posted to.
type Unsigned struct {
	mu  sync.Mutex
	all map[paylink.AccountID]*unsigned
}

type unsigned struct {
	until   time.Time // so far its allowance is used up
	leftOut int64
}

// Keep tells whether a post to an account is kept, and how many were left out since the last that was. The account is
// one that there is.
func (u *Unsigned) Keep(account paylink.AccountID, now time.Time) (keep bool, leftOut int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	of := u.all[account]
	if of == nil {
		if u.all == nil {
			u.all = map[paylink.AccountID]*unsigned{}
		}
		of = &unsigned{}
		u.all[account] = of
	}
	if of.until.Before(now) {
		of.until = now
	}
	if of.until.Sub(now) > (unsignedAtOnce-1)*unsignedEvery {
		of.leftOut++
		return false, of.leftOut
	}
	of.until = of.until.Add(unsignedEvery)
	leftOut, of.leftOut = of.leftOut, 0
	return true, leftOut
}
