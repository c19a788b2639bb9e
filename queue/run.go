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

const (
	// MaxAttempts is how often a job is tried before it is parked: for about half a day, by Backoff.
	MaxAttempts = 20

	// maxPanics is how often a job may panic before it is parked: the same mistake awaits it each time.
	maxPanics = 5

	// endWithin bounds the transaction that ends a job for its handler.
	endWithin = 30 * time.Second
)

// Run is one claimed job in the hands of its handler.
type Run struct {
	Job    paylink.Job
	queue  *Queue
	began  time.Time
	result string // empty while the job has not ended
}

// Last tells whether a failure now is the last one: the handler may write what giving up means.
func (r *Run) Last() bool { return r.Job.Attempts >= MaxAttempts }

// Ended tells whether the job has ended, so that its effects are in the database.
func (r *Run) Ended() bool { return r.result != "" }

// Finish writes the effects and ends the job, in one transaction. effects may be nil. If the lease was
// lost meanwhile nothing is written and the error wraps store.ErrLeaseLost.
func (r *Run) Finish(ctx context.Context, effects func(*store.Tx) error) error {
	now := r.queue.opt.Now()
	return r.end(ctx, ResultDone, effects, func(tx *store.Tx) { tx.FinishJob(r.Job, now) })
}

// FinishAll is Finish for several runs in one transaction: all of them end with their effects, or none does.
func FinishAll(ctx context.Context, runs []*Run, effects func(*store.Tx) error) error {
	if len(runs) == 1 {
		return runs[0].Finish(ctx, effects)
	}
	q := runs[0].queue
	now := q.opt.Now()
	err := q.store.Write(ctx, func(tx *store.Tx) error {
		if err := effects(tx); err != nil {
			return err
		}
		for _, r := range runs {
			tx.FinishJob(r.Job, now)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end %d jobs: %w", len(runs), err)
	}
	for _, r := range runs {
		r.result = ResultDone
	}
	return nil
}

// Again writes the effects and puts the job back to wait until at, in real time, in one transaction.
// It does not count as a failure. What the handler changed in Job.Payload is kept.
func (r *Run) Again(ctx context.Context, at time.Time, effects func(*store.Tx) error) error {
	return r.end(ctx, ResultAgain, effects, func(tx *store.Tx) { tx.PostponeJob(r.Job, at, 0, "") })
}

// Keep writes down what the handler changed in Job.Payload, and the run goes on: whoever takes the job over after a
// crash finds it. If the lease was lost meanwhile nothing is written and the error wraps store.ErrLeaseLost.
func (r *Run) Keep(ctx context.Context) error {
	err := r.queue.store.Write(ctx, func(tx *store.Tx) error { tx.KeepJob(r.Job); return nil })
	if err != nil {
		return fmt.Errorf("keep the payload of job %s: %w", r.Job.ID, err)
	}
	return nil
}

// Park writes the effects and sets the job aside until a person retries or discards it, in one
// transaction. reason is a stable word, such as "no_gateway", for which the dashboard has a sentence.
func (r *Run) Park(ctx context.Context, reason string, effects func(*store.Tx) error) error {
	return r.park(ctx, reason, r.Job.LastError, effects)
}

func (r *Run) park(ctx context.Context, reason, lastError string, effects func(*store.Tx) error) error {
	now := r.queue.opt.Now()
	err := r.end(ctx, ResultParked, effects, func(tx *store.Tx) { tx.ParkJob(r.Job, reason, lastError, now) })
	if err == nil {
		r.queue.opt.Log.Error("job.parked", "kind", r.Job.Kind, "job", string(r.Job.ID), "merchant", string(r.Job.Merchant),
			"reason", reason, "attempt", r.Job.Attempts, "error", lastError)
	}
	return err
}

func (r *Run) end(ctx context.Context, result string, effects func(*store.Tx) error, last func(*store.Tx)) error {
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
	r.result = result
	return nil
}

// errGone stands for a handler that did not come back: it ended its goroutine.
var errGone = errors.New("the handler ended its goroutine")

// panicked is a panic in a handler.
type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("panic in the handler: %v", p.value) }

// run calls the handler and settles what it left open. What follows the call is deferred, because a
// handler may end its goroutine, and a job that nobody ends would be this worker's for ever.
func (q *Queue) run(ctx context.Context, job paylink.Job) {
	defer q.free(job)
	r := &Run{Job: job, queue: q, began: q.opt.Now()}
	err := errGone
	defer func() {
		settling, stop := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
		defer stop()
		unended := q.settle(settling, r, err, ctx.Err() != nil)
		if r.result == "" {
			q.inDoubt()
		}
		q.tell(r, job, err, unended)
	}()
	if job.Attempts > MaxAttempts {
		err = &Parked{Reason: ReasonLost, Err: errors.New("its workers died before it ended")}
		return
	}
	err = q.call(ctx, r)
}

// call runs the handler and turns a panic into an error: one bad job must not stop the others.
func (q *Queue) call(ctx context.Context, r *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.opt.Log.Error("job.panic", "kind", r.Job.Kind, "job", string(r.Job.ID), "stack", string(debug.Stack()))
			err = &panicked{p}
		}
	}()
	return q.kind(r.Job.Kind).handle(ctx, r)
}

// settle ends the job as its handler's answer says, unless the handler has.
func (q *Queue) settle(ctx context.Context, r *Run, cause error, stopping bool) error {
	var parked *Parked
	var panicked *panicked
	switch {
	case r.result != "" || errors.Is(cause, store.ErrLeaseLost):
		return nil
	case cause == nil:
		return r.Finish(ctx, nil)
	case errors.As(cause, &parked):
		return r.park(ctx, parked.Reason, excuse(cause), nil)
	case errors.As(cause, &panicked) && r.Job.Attempts >= maxPanics:
		return r.park(ctx, ReasonPanic, excuse(cause), nil)
	case stopping:
		// We end, the job did nothing wrong: another node takes it at once.
		now := q.opt.Now()
		return r.end(ctx, ResultStopped, nil, func(tx *store.Tx) { tx.PostponeJob(r.Job, now, r.Job.Attempts-1, r.Job.LastError) })
	case r.Last():
		return r.park(ctx, ReasonGaveUp, excuse(cause), nil)
	}
	at := q.opt.Now().Add(Backoff(r.Job.Attempts))
	return r.end(ctx, ResultFailed, nil, func(tx *store.Tx) { tx.PostponeJob(r.Job, at, r.Job.Attempts, excuse(cause)) })
}

// Backoff is the pause after the nth failed attempt: 0.5 s doubling up to two hours, each up to a
// quarter shorter or longer, so that what failed together does not return together.
func Backoff(attempts int64) time.Duration {
	pause := 500 * time.Millisecond << min(max(attempts-1, 0), 14)
	pause = min(pause, 2*time.Hour)
	return pause + time.Duration((rand.Float64()-0.5)*0.5*float64(pause))
}
