// Package audit gives every event its place in one gapless sequence per merchant and mode.
//
// It is for everyone who tells or shows what happened: webhooks, the live feed and the API's event
// list all run from sealed events, so they agree. Sealing comes right after the commit and never in
// the way of a payment. The package leaves what an event says to the step that wrote it, and calling
// endpoints to notify, for which it leaves a delivery and a job in the sealing transaction.
package audit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
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
)

// Deps is what a Sealer needs.
type Deps struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
	Poll  time.Duration // between two looks without a bell; zero: a minute on SQLite, 200 ms on PostgreSQL

	// Sealed, if set, is told which events were sealed, after the commit and at which time.
	Sealed func(events []paylink.Event, at time.Time)
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
	events, worlds, deliveries, err := s.plan(read, events, now)
	if err != nil {
		return 0, err
	}

	sealed := 0
	err = s.Store.Write(ctx, func(tx *store.Tx) error {
		sealed = 0
		switch mine, err := tx.TakeSealer(); {
		case err != nil:
			return err
		case !mine:
			return store.ErrSealedMeanwhile
		}
		for _, e := range events {
			tx.SealEvent(e)
		}
		for key, w := range worlds {
			tx.MoveHead(key.merchant, key.live, w.from, w.to)
		}
		for _, d := range deliveries {
			tx.InsertDelivery(d.Delivery)
			if d.job.ID != "" {
				tx.Enqueue(d.job, now)
			}
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

type chain struct {
	from, to  int64
	endpoints []paylink.Endpoint
}

// plan numbers the events onwards from the heads of their chains, and makes a delivery for each
// endpoint that asked for one. It returns as many of the events as fit into one transaction, at least
// one.
func (s *Sealer) plan(read store.Reader, events []paylink.Event, now time.Time) ([]paylink.Event, map[world]*chain, []delivery, error) {
	worlds := map[world]*chain{}
	var deliveries []delivery
	rows := 0
	for i := range events {
		key := world{events[i].Merchant, events[i].Live}
		w := worlds[key]
		if w == nil {
			var err error
			if w, err = openChain(read, key); err != nil {
				return nil, nil, nil, err
			}
			rows++
		}
		events[i].Sequence = w.to + 1
		called := w.deliveries(events[i], now)
		rows++
		for _, d := range called {
			rows++
			if d.job.ID != "" {
				rows++
			}
		}
		if i > 0 && rows > s.rows {
			return events[:i], worlds, deliveries, nil
		}
		w.to++
		worlds[key] = w
		deliveries = append(deliveries, called...)
	}
	return events, worlds, deliveries, nil
}

func openChain(read store.Reader, key world) (*chain, error) {
	head, err := read.ChainHead(key.merchant, key.live)
	if err != nil {
		return nil, err
	}
	endpoints, err := read.Endpoints(key.merchant, key.live)
	return &chain{from: head, to: head, endpoints: endpoints}, err
}

type delivery struct {
	paylink.Delivery
	job paylink.Job // none for a parked endpoint: what waits is sent when it resumes
}

// deliveries makes one for each endpoint that asked for events of the type.
func (c *chain) deliveries(e paylink.Event, now time.Time) []delivery {
	var all []delivery
	for _, endpoint := range c.endpoints {
		if !endpoint.Wants(e.Type) {
			continue
		}
		d := delivery{Delivery: paylink.Delivery{
			ID: paylink.NewDeliveryID(now), Merchant: e.Merchant, Live: e.Live, Endpoint: endpoint.ID,
			Event: e.ID, EventType: e.Type, Sequence: e.Sequence, Status: paylink.DeliveryPending,
			CreatedAt: now, UpdatedAt: now,
		}}
		if endpoint.Status == paylink.EndpointEnabled {
			d.NextAt = now
			d.job = paylink.Job{
				ID: paylink.NewJobID(now), Kind: paylink.JobDeliver, Key: string(d.ID), Merchant: e.Merchant, Live: e.Live,
				Payload: paylink.JobPayload{Delivery: d.ID}, RunAt: now,
			}
		}
		all = append(all, d)
	}
	return all
}
