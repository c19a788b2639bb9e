// Package audit gives every event its place in one gapless sequence per merchant and mode, binds each
// to the one before it by a hash, signs where the chains stand, and proves all of it again.
//
// It is for everyone who tells or shows what happened: webhooks, the live feed and the API's event
// list all run from sealed events, so they agree; and for whoever has to believe the books afterwards.
// Sealing comes right after the commit and never in the way of a payment. The package leaves what an
// event says to the step that wrote it, and calling endpoints to notify, for which it leaves a delivery
// and a job in the sealing transaction. The format of chain and checkpoints stands in docs/audit.md.
package audit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// What one transaction seals. On SQLite a member of a group commit changes at most fifty rows, so that
// interactive writes beside it stay quick; on PostgreSQL it is one pipeline.
const (
	batch        = 500 // events, at most
	rowsSQLite   = 50
	rowsPostgres = 1000
	gather       = 3 * time.Millisecond // after a bell: what commits together is sealed together
	hashFirst    = 4                    // batches that an older build left, hashed before a chain is sealed further
)

// Deps is what a Sealer needs.
type Deps struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
	Poll  time.Duration // between two looks without a bell; zero: a minute on SQLite, 200 ms on PostgreSQL

	// Sealed, if set, is told which events were sealed, after the commit and at which time.
	Sealed func(events []store.Entry, at time.Time)
}

// Sealer seals events. Any number of them may run on one database.
type Sealer struct {
	Deps
	rows int // that one transaction changes
	poll time.Duration
}

// New makes a sealer.
func New(d Deps) *Sealer {
	if d.Store.Kind() == "sqlite" {
		// Nobody but this process writes, and it rings; the poll only covers what was never meant to be.
		return &Sealer{Deps: d, rows: rowsSQLite, poll: cmp.Or(d.Poll, time.Minute)}
	}
	return &Sealer{Deps: d, rows: rowsPostgres, poll: cmp.Or(d.Poll, 200*time.Millisecond)}
}

// Work seals until ctx is done.
func (s *Sealer) Work(ctx context.Context) error {
	bell := s.Store.Bell(store.BellEvents)
	defer bell.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-bell.C:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(gather):
			}
		case <-timer.C:
		}
		timer.Reset(s.sealAll(ctx))
	}
}

// sealAll seals what waits and returns when to look again without a bell.
func (s *Sealer) sealAll(ctx context.Context) time.Duration {
	for {
		n, err := s.Seal(ctx)
		switch {
		case errors.Is(err, store.ErrSealedMeanwhile):
			return min(s.poll, 20*time.Millisecond)
		case err != nil:
			if ctx.Err() == nil {
				s.Log.Error("events.seal", "error", err)
			}
			return min(s.poll, time.Second)
		case n == 0:
			return s.poll
		}
	}
}

// Seal seals the oldest unsealed events, at most one batch, and returns how many. It reads and counts
// outside the transaction, which only makes guarded changes.
func (s *Sealer) Seal(ctx context.Context) (int, error) {
	read := s.Store.Read(ctx)
	events, err := read.Unsealed(min(batch, s.rows))
	if err != nil || len(events) == 0 {
		return 0, err
	}
	now := s.Now()
	events, worlds, calls, err := s.plan(ctx, read, events, now)
	if err != nil {
		return 0, err
	}

	moves := inOrder(worlds)
	sealed := 0
	err = s.Store.Write(ctx, func(tx *store.Tx) error {
		sealed = 0
		switch mine, err := tx.TakeSealer(); {
		case err != nil:
			return err
		case !mine:
			return store.ErrSealedMeanwhile
		}
		tx.SealEvents(events...)
		for _, c := range moves {
			tx.MoveHead(c.from, c.to)
		}
		for _, d := range calls.deliveries {
			tx.InsertDelivery(d.Delivery)
			if d.job.ID != "" {
				tx.Enqueue(d.job, now)
			}
		}
		for _, job := range calls.news {
			tx.Enqueue(job, now)
		}
		tx.Ring(store.BellSealed)
		sealed = len(events)
		return nil
	})
	if err != nil {
		return 0, err // also when nobody waited: then sealed is still being counted
	}
	if s.Sealed != nil {
		s.Sealed(events, s.Now())
	}
	return sealed, nil
}

// world is one merchant in one mode: a chain of its own.
type world struct {
	merchant paylink.MerchantID
	live     bool
}

// chain is the head of a world on its way through one batch.
type chain struct {
	from, to  store.Chain
	hashed    bool // up to its head, so that what is sealed now can be hashed at once
	endpoints []paylink.Endpoint
	devices   *bool // whether the merchant's people have any to be told on; nil: nobody has looked
}

// inOrder sorts the chains as every transaction does that changes several, so that none waits for
// another in a circle.
func inOrder(worlds map[world]*chain) []*chain {
	return slices.SortedFunc(maps.Values(worlds), func(a, b *chain) int {
		if c := cmp.Compare(a.to.Merchant, b.to.Merchant); c != 0 || a.to.Live == b.to.Live {
			return c
		}
		if b.to.Live {
			return -1
		}
		return 1
	})
}

// plan numbers the events onwards from the heads of their chains, hashes them, and makes what is to be called for
// each. It returns as many of the events as fit into one transaction, at least one.
func (s *Sealer) plan(ctx context.Context, read store.Reader, events []store.Entry, now time.Time) ([]store.Entry, map[world]*chain, calls, error) {
	worlds := map[world]*chain{}
	var all calls
	rows := 0
	for i := range events {
		e := &events[i]
		key := world{e.Merchant, e.Live}
		w := worlds[key]
		if w == nil {
			var err error
			if w, err = s.openChain(ctx, read, key); err != nil {
				return nil, nil, calls{}, err
			}
			rows++
		}
		e.Sequence = w.to.Sequence + 1
		called, err := w.calls(read, *e, now)
		if err != nil {
			return nil, nil, calls{}, err
		}
		if rows += 1 + called.rows(); i > 0 && rows > s.rows {
			return events[:i], worlds, all, nil
		}
		w.take(e)
		worlds[key] = w
		all.deliveries, all.news = append(all.deliveries, called.deliveries...), append(all.news, called.news...)
	}
	return events, worlds, all, nil
}

// take moves the chain on by one event, and hashes it where everything before it is hashed.
func (c *chain) take(e *store.Entry) {
	c.to.Sequence = e.Sequence
	if c.hashed {
		hash := Hash(c.to.Hash, *e)
		e.Hash, c.to.Hash, c.to.Hashed = hash[:], hash[:], e.Sequence
	}
}

// openChain reads a head, after hashing what an older build left without a hash. Where that is too
// much to wait for, or cannot be hashed, events are sealed without a hash as that build did, and hashed
// by CatchUp: a merchant's webhooks do not wait for the chain.
func (s *Sealer) openChain(ctx context.Context, read store.Reader, key world) (*chain, error) {
	head, err := read.Chain(key.merchant, key.live)
	for n := 0; err == nil && head.Hashed < head.Sequence && n < hashFirst; n++ {
		head, err = s.hashBatch(ctx, head)
	}
	if broken := (*BrokenChain)(nil); errors.As(err, &broken) {
		s.Log.Error("events.hash", "error", err)
		head, err = read.Chain(key.merchant, key.live)
	}
	if err != nil {
		return nil, err
	}
	endpoints, err := read.Endpoints(key.merchant, key.live)
	sound := head.Hashed == head.Sequence && (head.Sequence == 0 || len(head.Hash) == HashSize)
	return &chain{from: head, to: head, hashed: sound, endpoints: endpoints}, err
}
