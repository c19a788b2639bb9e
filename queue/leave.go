package queue

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

// leaveWithin bounds the giving back; what it does not reach is taken over when the leases run out.
const leaveWithin = 5 * time.Second

// leave gives back what this worker still holds when its last run has ended: jobs that it claimed and
// did not begin, and those whose end could not be written.
func (q *Queue) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	for {
		var left int64
		err := q.store.Write(ctx, func(tx *store.Tx) (err error) {
			left, err = tx.LeaveJobs(q.worker, claimMost)
			return err
		})
		if err != nil {
			q.opt.Log.Warn("queue.leave", "error", fmt.Errorf("give back the jobs of worker %s: %w", q.worker, err))
			return nil // the leases run out by themselves
		}
		if left < claimMost {
			return nil
		}
	}
}

// orphanEvery is how often the jobs whose end could not be written are given back again.
const orphanEvery = time.Second

// orphan remembers a job whose end could not be written. It still bears this worker's name, and the beat
// would prolong its lease for ever. There are never more of them than workers, because nothing is claimed
// while the database is away.
func (q *Queue) orphan(job paylink.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orphans = append(q.orphans, job)
}

// giveBackOrphans gives them back as soon as the database takes it, until ctx is done.
func (q *Queue) giveBackOrphans(ctx context.Context) {
	ticker := time.NewTicker(orphanEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return // leave gives back all
		case <-ticker.C:
		}
		q.mu.Lock()
		orphans := q.orphans[:min(len(q.orphans), claimMost)]
		q.mu.Unlock()
		if len(orphans) == 0 {
			continue
		}
		err := q.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			tx.ReturnJobs(orphans)
			return nil
		})
		if err != nil {
			continue // it is still away, and has been logged
		}
		q.mu.Lock()
		q.orphans = q.orphans[len(orphans):]
		q.mu.Unlock()
	}
}
