package queue

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"paylink/store"
)

// beat prolongs this worker's leases, frees those of silent ones, and gives the jobs of an older build
// their turns, four times in the length of a lease, until ctx is done.
func (q *Queue) beat(ctx context.Context) {
	ticker := time.NewTicker(q.opt.Lease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := q.beatOnce(ctx, q.opt.Now()); err != nil && ctx.Err() == nil {
			q.opt.Log.Error("queue.beat", "error", err)
		}
	}
}

// beatOnce looks before it writes: an idle process leaves the disk alone.
func (q *Queue) beatOnce(ctx context.Context, now time.Time) error {
	var failed []error
	lease := now.Add(q.opt.Lease)
	failed = append(failed, q.inPieces(ctx, q.holding(), func(tx *store.Tx, some []store.Lease) { tx.BeatJobs(some, lease) }))
	read := q.store.Read(ctx)
	silent, err := read.SilentJobs(now)
	failed = append(failed, err)
	if silent {
		failed = append(failed, q.sweep(ctx, func(tx *store.Tx) (int64, error) { return tx.ReclaimJobs(now, claimMost) }))
	}
	turnless, err := read.TurnlessJobs(now)
	failed = append(failed, err)
	if turnless {
		failed = append(failed, q.sweep(ctx, func(tx *store.Tx) (int64, error) { return tx.GiveTurns(now, claimMost) }))
	}
	return errors.Join(failed...)
}

// holding is what is run here, in the order in which every beat names it. The rest that bears this worker's name is not prolonged.
func (q *Queue) holding() []store.Lease {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.SortedFunc(maps.Keys(q.held), func(a, b store.Lease) int { return cmp.Compare(a.Job, b.Job) })
}

// sweep repeats a change of up to claimMost rows until it finds fewer, each time in a transaction of its
// own: what a group commit may change on SQLite is bounded.
func (q *Queue) sweep(ctx context.Context, some func(*store.Tx) (int64, error)) error {
	for {
		var n int64
		err := q.store.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = some(tx)
			return err
		})
		if err != nil || n < claimMost {
			return err
		}
	}
}
