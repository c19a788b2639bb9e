package queue

import (
	"context"
	"fmt"

	"paylink"
	"paylink/store"
)

// Retry puts a merchant's parked job back, to be done now with all its tries before it. actor is who
// says so. replaced tells that another job of the same key does the work already, so this one was
// dropped. When it is not parked, or not any more, the error is *paylink.NotFound.
func (q *Queue) Retry(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.JobID, actor string) (replaced bool, err error) {
	now := q.opt.Now()
	err = q.store.Write(ctx, func(tx *store.Tx) (err error) {
		replaced, err = tx.RetryJob(merchant, live, id, now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retry job %s: %w", id, err)
	}
	q.opt.Log.InfoContext(ctx, "job.retried", "job", string(id), "merchant", string(merchant), "actor", actor, "replaced", replaced)
	return replaced, nil
}

// Discard moves a merchant's parked job into the history: it is never done. Errors are those of Retry.
func (q *Queue) Discard(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.JobID, actor string) error {
	now := q.opt.Now()
	err := q.store.Write(ctx, func(tx *store.Tx) error { return tx.DiscardJob(merchant, live, id, now) })
	if err != nil {
		return fmt.Errorf("discard job %s: %w", id, err)
	}
	q.opt.Log.InfoContext(ctx, "job.discarded", "job", string(id), "merchant", string(merchant), "actor", actor)
	return nil
}
