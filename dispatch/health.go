package dispatch

import (
	"errors"
	"sync"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

const (
	// tripsAfter is how many calls in a row must fail by the provider's or the account's doing before the
	// account is left alone.
	tripsAfter = 5
	// restsFor is how long it is left alone at first; each failed probe doubles it, up to restsMost.
	restsFor  = 15 * time.Second
	restsMost = 5 * time.Minute
	// throttledFor is how long it is left alone when it works, only not as fast, and does not say how long.
	throttledFor = time.Second
	// probesFor is how long a probe has the account for itself.
	probesFor = 30 * time.Second
	// lookedBack is how many minutes of calls are remembered.
	lookedBack = 15
)

// BreakerState tells whether an account is used.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // it is used
	BreakerOpen     BreakerState = "open"      // it failed again and again, and is left alone
	BreakerHalfOpen BreakerState = "half_open" // one message at a time finds out whether it works again
)

// Health is how an account does, as this node sees it.
type Health struct {
	State        BreakerState
	Until        time.Time // of an open one: when it is tried again
	Calls, Taken int64     // in the last fifteen minutes
}

// healths judges accounts by how calls to them end. It is this process's own: a node that sees nothing of a
// provider has nothing against it.
type healths struct {
	mu     sync.Mutex
	of     map[paylink.AccountID]*health
	turned func(providerName string, to BreakerState)
}

type health struct {
	failures int // in a row
	rests    time.Duration
	until    time.Time // the account is left alone; zero: the breaker is closed
	probe    time.Time // until when a probe has the account for itself
	minutes  [lookedBack]minute
}

type minute struct{ at, calls, taken int64 }

// free tells whether an account may be called now, else when it is worth looking again.
func (h *healths) free(id paylink.AccountID, now time.Time) (free bool, again time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.of[id]
	switch {
	case a == nil || a.until.IsZero():
		return true, time.Time{}
	case now.Before(a.until):
		return false, a.until
	case now.Before(a.probe):
		return false, now.Add(time.Second)
	}
	return true, time.Time{}
}

// begin tells whether a call may begin. Of an account that was left alone, the first call is the probe, and
// while it lasts there is no other.
func (h *healths) begin(id paylink.AccountID, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.of[id]
	if a == nil || a.until.IsZero() {
		return true
	}
	if now.Before(a.probe) {
		return false
	}
	a.probe = now.Add(probesFor)
	return true
}

// ended notes how a call ended. Only what tells of the provider or the account counts against it: a number
// that does not exist is nobody's outage.
func (h *healths) ended(a paylink.Account, err error, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of = map[paylink.AccountID]*health{}
	}
	seen := h.of[a.ID]
	if seen == nil {
		seen = &health{}
		h.of[a.ID] = seen
	}
	seen.count(err == nil, now)
	failed, throttled, rest := outage(err)
	was := seen.state(now)
	seen.probe = time.Time{}
	if !failed {
		seen.failures, seen.rests, seen.until = 0, 0, time.Time{}
		h.tell(a.Provider, was, BreakerClosed)
		return
	}
	seen.failures++
	if was == BreakerClosed && seen.failures < tripsAfter || was == BreakerOpen {
		return
	}
	if throttled {
		seen.until = now.Add(max(throttledFor, rest))
	} else {
		seen.rests = min(max(2*seen.rests, restsFor), restsMost)
		seen.until = now.Add(max(seen.rests, rest))
	}
	h.tell(a.Provider, was, BreakerOpen)
}

func (h *healths) tell(providerName string, from, to BreakerState) {
	if h.turned != nil && from != to {
		h.turned(providerName, to)
	}
}

// see gives the health of an account.
func (h *healths) see(id paylink.AccountID, now time.Time) Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.of[id]
	if a == nil {
		return Health{State: BreakerClosed}
	}
	seen := Health{State: a.state(now)}
	if seen.State == BreakerOpen {
		seen.Until = a.until
	}
	for _, m := range a.minutes {
		if m.at > now.Unix()/60-lookedBack {
			seen.Calls, seen.Taken = seen.Calls+m.calls, seen.Taken+m.taken
		}
	}
	return seen
}

func (a *health) state(now time.Time) BreakerState {
	switch {
	case a.until.IsZero():
		return BreakerClosed
	case now.Before(a.until):
		return BreakerOpen
	}
	return BreakerHalfOpen
}

func (a *health) count(taken bool, now time.Time) {
	at := now.Unix() / 60
	m := &a.minutes[((at%lookedBack)+lookedBack)%lookedBack]
	if m.at != at {
		*m = minute{at: at}
	}
	m.calls++
	if taken {
		m.taken++
	}
}

// outage tells whether a call failed by what concerns every message of the account, whether that is only that
// the provider takes no more just now, and how long it asks to be left alone.
func outage(err error) (failed, throttled bool, rest time.Duration) {
	var rejected *channel.Rejected
	if errors.As(err, &rejected) {
		switch rejected.Reason {
		case provider.Throttled:
			return true, true, rejected.After
		case provider.ProviderDown, provider.BadCredentials, provider.NoBalance:
			return true, false, rejected.After
		}
		return false, false, 0
	}
	return err != nil, false, 0
}

// Health tells how an account does, as this node sees it.
func (d *Dispatch) Health(id paylink.AccountID) Health { return d.healths.see(id, d.now()) }

// share is the health in thousandths; an account about which little is known counts as healthy.
func (h Health) share() int64 {
	const little = 20
	if h.Calls < little {
		return 1000
	}
	return h.Taken * 1000 / h.Calls
}
