package routing

import (
	"context"
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/store"
)

const (
	// tripsAfter is how many calls in a row must fail by the gateway's or the account's doing before the account
	// is left alone.
	tripsAfter = 5
	// restsFor is how long it is left alone at first; each probe that fails doubles it, up to restsMost.
	restsFor  = 15 * time.Second
	restsMost = 5 * time.Minute
	// probesFor is how long a probe has the account for itself.
	probesFor = 30 * time.Second
)

// State tells whether an account is used.
type State string

// The states of an account's breaker. It stands in the database, because a payment must not wait for each node
// to find out by itself that a gateway is down: nodes hear of it within seconds, and of all of them one at a
// time tries whether it works again.
const (
	Closed   State = "closed"    // it is used
	Open     State = "open"      // its gateway could not be reached again and again: it is left alone
	HalfOpen State = "half_open" // one payment at a time finds out whether it works again
)

func stateOf(b paylink.GatewayBreaker, now time.Time) State {
	switch {
	case b.RestsUntil.IsZero():
		return Closed
	case now.Before(b.RestsUntil):
		return Open
	}
	return HalfOpen
}

// May tells whether an account may be called for a payment now. Of one that is left alone the first call after
// its rest is the probe, and while it lasts there is no other. An account for which there is no other may be
// probed before its rest is over: somebody waits, and the worst is what it would be anyway.
func (h *Health) May(ctx context.Context, a paylink.Account, alone bool) (bool, error) {
	now := h.Now()
	h.mu.Lock()
	b := h.breakers[a.ID]
	h.mu.Unlock()
	if stateOf(b, now) == Closed {
		return true, nil
	}
	var may bool
	until := now.Add(probesFor)
	err := h.Store.Write(ctx, func(tx *store.Tx) (err error) {
		may, err = tx.Probe(a.Merchant, a.ID, alone, until, now)
		return err
	})
	return may, err
}

// Called notes how telling an account's gateway about an order ended. Only what tells of the gateway or the
// account counts against it: a payment that it refuses is nobody's outage.
func (h *Health) Called(ctx context.Context, a paylink.Account, m paylink.Method, took time.Duration, ended error) {
	now := h.Now()
	h.count(paylink.GatewayOutcomes{Merchant: a.Merchant, Account: a.ID, Method: m, Calls: 1, Took: took}, now)
	failed, rest := outage(ended)
	h.mu.Lock()
	was := h.breakers[a.ID]
	h.mu.Unlock()
	if !failed && was.Failures == 0 {
		return // as nearly always: nothing is written
	}
	after := paylink.GatewayBreaker{Merchant: a.Merchant, Account: a.ID}
	err := h.Store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) (err error) {
		if !failed {
			tx.Worked(a.Merchant, a.ID, now)
			return nil
		}
		if after, err = tx.FailedCall(a.Merchant, a.ID, now); err != nil || after.Failures < tripsAfter || stateOf(after, now) == Open && !probing(after, now) {
			return err
		}
		after.Rests = min(max(2*after.Rests, restsFor), restsMost)
		after.RestsUntil, after.ProbeUntil = now.Add(max(after.Rests, rest)), time.Time{}
		tx.Rest(after)
		return nil
	})
	if err != nil {
		h.Log.Warn("gateway.breaker_not_written", "account", string(a.ID), "error", err)
		return
	}
	h.mu.Lock()
	h.breakers[a.ID] = after
	h.mu.Unlock()
	if from, to := stateOf(was, now) == Closed, stateOf(after, now); from != (to == Closed) {
		h.Log.Info("gateway.breaker", "merchant", string(a.Merchant), "account", string(a.ID), "provider", a.Provider, "state", string(to), "failures", after.Failures)
		if h.Turned != nil {
			h.Turned(a.Provider, to)
		}
	}
}

// probing tells that somebody finds out whether the account works again.
func probing(b paylink.GatewayBreaker, now time.Time) bool { return now.Before(b.ProbeUntil) }

// outage tells whether a call failed by what concerns every payment of the account, and how long its gateway
// asks to be left alone.
func outage(err error) (failed bool, rest time.Duration) {
	var rejected *gateway.Rejected
	if errors.As(err, &rejected) {
		switch rejected.Reason {
		case provider.Throttled, provider.ProviderDown, provider.BadCredentials, provider.NoBalance:
			return true, rejected.After
		}
		return rejected.Temporary, rejected.After
	}
	return err != nil, 0
}
