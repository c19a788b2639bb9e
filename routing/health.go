package routing

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

const (
	lookedBack = 15               // minutes that tell how an account does
	every      = 2 * time.Second  // a node writes what it counted, and reads what others have
	skew       = 10 * time.Second // that the clocks of two nodes may differ
	addRows    = 40               // counts written in one transaction
	mostCounts = 20_000           // counts read at once: of so many pairs of account and bank in a minute, the latest
	mostBanks  = 50               // banks and apps of one account and method that are counted apart
)

// Deps is what Health works with.
type Deps struct {
	Store  *store.Store
	Now    func() time.Time                // real time
	Log    *slog.Logger                    // nil: slog.Default
	Turned func(provider string, to State) // hears when an account is left alone and used again; nil: nobody does
}

// Health knows how accounts do. Its methods may be called from many goroutines.
type Health struct {
	Deps
	mu       sync.Mutex
	counted  map[paylink.AccountID]counts // here, and not yet written
	known    map[paylink.AccountID]counts // as the database has it
	breakers map[paylink.AccountID]paylink.GatewayBreaker
	read     time.Time // when the database was looked at last
}

// counts are the outcomes of one account.
type counts map[countKey]paylink.GatewayOutcomes

type countKey struct {
	method  paylink.Method
	through string
	minute  int64
}

// NewHealth makes a Health that knows nothing yet.
func NewHealth(d Deps) *Health {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Health{Deps: d, counted: map[paylink.AccountID]counts{}, known: map[paylink.AccountID]counts{}, breakers: map[paylink.AccountID]paylink.GatewayBreaker{}}
}

// Ended counts a payment that was captured or has failed; any other is not over. A payment that failed because
// nobody could take it is no decline of the customer's bank.
func (h *Health) Ended(merchant paylink.MerchantID, p *paylink.PaymentSnapshot, at time.Time) {
	o := paylink.GatewayOutcomes{Merchant: merchant, Account: p.AccountID, Method: p.Method, Through: cmp.Or(p.MethodDetails.App, p.MethodDetails.Bank)}
	switch {
	case p.AccountID == "":
		return
	case p.Status == paylink.PaymentCaptured:
		o.Taken = 1
	case p.Status == paylink.PaymentFailed && p.Decline != nil && p.Decline.Group == "provider_down":
		o.Down = 1
	case p.Status == paylink.PaymentFailed:
		o.Declined = 1
	default:
		return
	}
	h.count(o, at)
}

// count adds an outcome to what is counted here. Banks beyond the bound are counted without their names.
func (h *Health) count(o paylink.GatewayOutcomes, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o.Minute = at.Unix() / 60
	of := h.counted[o.Account]
	if of == nil {
		of = counts{}
		h.counted[o.Account] = of
	}
	if len(o.Through) > 60 || len(of) > mostBanks && of[countKey{o.Method, o.Through, o.Minute}].Merchant == "" {
		o.Through = ""
	}
	key := countKey{o.Method, o.Through, o.Minute}
	sum := of[key]
	o.Taken, o.Declined, o.Down, o.Calls, o.Took = o.Taken+sum.Taken, o.Declined+sum.Declined, o.Down+sum.Down, o.Calls+sum.Calls, o.Took+sum.Took
	of[key] = o
}

// See tells how an account does by a method, through all banks and apps together.
func (h *Health) See(id paylink.AccountID, m paylink.Method) Standing {
	s := Standing{Method: m}
	for _, of := range h.Of(id) {
		if of.Method == m {
			s.add(paylink.GatewayOutcomes{Taken: of.Taken, Declined: of.Declined, Down: of.Down, Calls: of.Calls, Took: of.Took})
		}
	}
	now := h.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if b := h.breakers[id]; stateOf(b, now) != Closed {
		s.Resting, s.Until = true, b.RestsUntil
	}
	return s
}

// Of tells how an account does, by method and bank or app.
func (h *Health) Of(id paylink.AccountID) []Standing {
	h.mu.Lock()
	defer h.mu.Unlock()
	oldest := h.Now().Unix()/60 - lookedBack
	of := map[countKey]*Standing{}
	for _, some := range []counts{h.known[id], h.counted[id]} {
		for key, o := range some {
			if key.minute <= oldest {
				continue
			}
			key.minute = 0
			if of[key] == nil {
				of[key] = &Standing{Method: key.method, Through: key.through}
			}
			of[key].add(o)
		}
	}
	var all []Standing
	for _, s := range of {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Method, b.Method), cmp.Compare(a.Through, b.Through))
	})
	return all
}

// Work writes and reads what is counted until ctx is done.
func (h *Health) Work(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := h.Refresh(context.WithoutCancel(ctx)); err != nil && ctx.Err() == nil {
			h.Log.Warn("gateways.health", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Refresh writes what this node has counted and reads what all have. What a crash or an unreachable database
// loses of it is accepted: it is counted to judge by, and nothing is paid by it.
func (h *Health) Refresh(ctx context.Context) error {
	if err := h.write(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	now := h.Now()
	since := h.read.Add(-skew)
	h.mu.Unlock()
	if oldest := now.Add(-lookedBack * time.Minute); since.Before(oldest) {
		since = oldest
	}
	read := h.Store.Read(ctx)
	outcomes, err := read.OutcomesSince(since, mostCounts)
	if err != nil {
		return err
	}
	breakers, err := read.BreakersSince(since, mostCounts)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.read = now
	h.forget(now)
	for _, o := range outcomes {
		if h.known[o.Account] == nil {
			h.known[o.Account] = counts{}
		}
		h.known[o.Account][countKey{o.Method, o.Through, o.Minute}] = o
	}
	for _, b := range breakers {
		h.breakers[b.Account] = b
	}
	return nil
}

// write adds what is counted here to the database.
func (h *Health) write(ctx context.Context) error {
	h.mu.Lock()
	var all []paylink.GatewayOutcomes
	for _, of := range h.counted {
		all = slices.AppendSeq(all, maps.Values(of))
	}
	h.counted = map[paylink.AccountID]counts{}
	h.mu.Unlock()
	slices.SortFunc(all, func(a, b paylink.GatewayOutcomes) int {
		return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Method, b.Method),
			cmp.Compare(a.Through, b.Through), cmp.Compare(a.Minute, b.Minute))
	})
	for some := range slices.Chunk(all, addRows) {
		err := h.Store.Write(ctx, func(tx *store.Tx) error {
			tx.AddOutcomes(some, h.Now())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forget drops what is too old to tell anything.
func (h *Health) forget(now time.Time) {
	oldest := now.Unix()/60 - lookedBack
	for id, of := range h.known {
		maps.DeleteFunc(of, func(key countKey, _ paylink.GatewayOutcomes) bool { return key.minute <= oldest })
		if len(of) == 0 {
			delete(h.known, id)
		}
	}
	maps.DeleteFunc(h.breakers, func(_ paylink.AccountID, b paylink.GatewayBreaker) bool { return b.Failures == 0 })
}
