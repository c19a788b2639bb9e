package queue

import (
	"context"
	"fmt"
	"time"

	"paylink/store"
)

// leaveWithin bounds the giving back at the end; what it does not reach is taken over when the leases
// run out.
const leaveWithin = 5 * time.Second

// giveBack puts those jobs back to wait that bear this worker's name and are in nobody's hands here: of a
// claim whose commit was not confirmed, and those whose end could not be written. Their leases would run
// out by themselves, because a beat names only what is run; this spares the wait. Only the goroutine that
// claims may call it, so that no claim is on its way meanwhile.
func (q *Queue) giveBack(ctx context.Context) error {
	named, err := q.store.Read(ctx).JobsOf(q.worker)
	if err != nil {
		return fmt.Errorf("look for jobs left with worker %s: %w", q.worker, err)
	}
	var left []store.Lease
	q.mu.Lock()
	for _, c := range named {
		if !q.held[c] {
			left = append(left, c)
		}
	}
	q.mu.Unlock()
	return q.inPieces(ctx, left, func(tx *store.Tx, some []store.Lease) { tx.ReturnJobs(some) })
}

// inPieces hands claims over claimMost at a time, each piece in a transaction of its own.
func (q *Queue) inPieces(ctx context.Context, all []store.Lease, change func(tx *store.Tx, some []store.Lease)) error {
	for len(all) > 0 {
		some := all[:min(len(all), claimMost)]
		all = all[len(some):]
		err := q.store.Write(ctx, func(tx *store.Tx) error {
			change(tx, some)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// leave gives back what this worker still holds when its last run has ended.
func (q *Queue) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	if err := q.giveBack(ctx); err != nil {
		q.opt.Log.Warn("queue.leave", "error", err) // the leases run out by themselves
	}
}
