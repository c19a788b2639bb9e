package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"paylink"
	"paylink/store"
)

// MaxAttempts is how often a job is tried before it is given up: over about a day, by Backoff.
const MaxAttempts = 20

// Run is one claimed job in the hands of its handler.
type Run struct {
	Job   paylink.Job
	queue *Queue
	ended bool
}

// Last tells whether a failure now is the last one: the handler may write what giving up means.
func (r *Run) Last() bool { return r.Job.Attempts >= MaxAttempts }

// Finish writes the effects and ends the job, in one transaction. effects may be nil. If the lease was
// lost meanwhile nothing is written and the error wraps store.ErrLeaseLost.
func (r *Run) Finish(ctx context.Context, effects func(*store.Tx) error) error {
	return r.end(ctx, effects, func(tx *store.Tx) { tx.FinishJob(r.Job) })
}

// Again writes the effects and puts the job back to wait until at, in real time, in one transaction.
// It does not count as a failure. What the handler changed in Job.Payload is kept.
func (r *Run) Again(ctx context.Context, at time.Time, effects func(*store.Tx) error) error {
	return r.end(ctx, effects, func(tx *store.Tx) { tx.PostponeJob(r.Job, at, 0, "") })
}

func (r *Run) end(ctx context.Context, effects func(*store.Tx) error, last func(*store.Tx)) error {
	err := r.queue.store.Write(ctx, func(tx *store.Tx) error {
		if effects != nil {
			if err := effects(tx); err != nil {
				return err
			}
		}
		last(tx)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end job %s: %w", r.Job.ID, err)
	}
	r.ended = true
	return nil
}

// run calls the handler and settles what it left open.
func (q *Queue) run(ctx context.Context, job paylink.Job) {
	defer q.free(job.Kind)
	r := &Run{Job: job, queue: q}
	err := q.call(ctx, r)
	if r.ended {
		if err != nil {
			q.opt.Log.Error("job.after_end", "kind", job.Kind, "job", string(job.ID), "error", err)
		}
		return
	}
	switch {
	case err == nil:
		err = r.Finish(ctx, nil)
	case errors.Is(err, store.ErrLeaseLost):
	default:
		err = q.failed(ctx, r, err)
	}
	if err != nil {
		q.opt.Log.Warn("job.not_ended", "kind", job.Kind, "job", string(job.ID), "error", err)
		q.orphan(job)
	}
}

// call runs the handler and turns a panic into an error: one bad job must not stop the others.
func (q *Queue) call(ctx context.Context, r *Run) (err error) {
	handler := q.handlers[r.Job.Kind]
	if handler == nil {
		return fmt.Errorf("no handler for jobs of kind %s", r.Job.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			q.opt.Log.Error("job.panic", "kind", r.Job.Kind, "job", string(r.Job.ID), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in the handler: %v", p)
		}
	}()
	return handler(ctx, r)
}

func (q *Queue) failed(ctx context.Context, r *Run, cause error) error {
	now := q.opt.Now()
	q.opt.Log.Warn("job.failed", "kind", r.Job.Kind, "job", string(r.Job.ID), "attempt", r.Job.Attempts, "error", cause)
	return r.end(ctx, nil, func(tx *store.Tx) {
		if r.Last() {
			tx.GiveUpJob(r.Job, cause.Error(), now)
			return
		}
		tx.PostponeJob(r.Job, now.Add(Backoff(r.Job.Attempts)), r.Job.Attempts, cause.Error())
	})
}

// Backoff is the pause after the nth failed attempt: 0.5 s doubling up to two hours, each up to a
// quarter shorter or longer, so that what failed together does not return together.
func Backoff(attempts int64) time.Duration {
	pause := 500 * time.Millisecond << min(max(attempts-1, 0), 14)
	pause = min(pause, 2*time.Hour)
	return pause + time.Duration((rand.Float64()-0.5)*0.5*float64(pause))
}
