package queue

import (
	"context"
	"fmt"
	"time"

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
