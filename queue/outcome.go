package queue

import (
	"context"
	"errors"
	"log/slog"
	"time"
	"unicode/utf8"

	"paylink"
	"paylink/store"
)

// Outcome is one run that has ended.
type Outcome struct {
	Kind    string
	Result  string        // one of the results
	Waited  time.Duration // from when the job was due to the begin of the run
	Took    time.Duration // from there to its end, the writing of its effects included
	Attempt int64         // 1 for the first
}

// The results of a run.
const (
	ResultDone    = "done"
	ResultAgain   = "again"   // its handler wants it once more later; no failure
	ResultFailed  = "failed"  // it is tried again after a pause
	ResultParked  = "parked"  // a person decides
	ResultStopped = "stopped" // this process ends; another takes the job
	ResultLost    = "lost"    // its lease was lost, or its end could not be written: another takes the job
)

// Parked in a handler's error says that no further try will help before a person has done something.
type Parked struct {
	Reason string // a stable word, such as "no_gateway"
	Err    error
}

func (p *Parked) Error() string { return p.Reason + ": " + p.Err.Error() }

// Unwrap gives the error that parked the job.
func (p *Parked) Unwrap() error { return p.Err }

// Why the queue itself parks a job.
const (
	ReasonGaveUp = "gave_up" // it failed MaxAttempts times
	ReasonPanic  = "panic"   // its handler broke off again and again
	ReasonLost   = "lost"    // the processes that ran it died, again and again
)

// excuseLength bounds what is kept of an error.
const excuseLength = 300

// excuse is what is kept of an error for the merchant's and the operator's eyes. What the database said
// is for the log alone: it names hosts and statements.
func excuse(err error) string {
	text := err.Error()
	switch {
	case store.IsDatabaseError(err):
		text = "the database did not answer as it should"
	case errors.Is(err, context.DeadlineExceeded):
		text = "no answer in time"
	}
	for i := range text {
		if i > excuseLength-utf8.UTFMax {
			return text[:i] + "…"
		}
	}
	return text
}

// tell writes the run's one line and tells whoever counts.
func (q *Queue) tell(r *Run, job paylink.Job, cause, unended error) {
	o := Outcome{
		Kind: job.Kind, Result: r.result, Attempt: job.Attempts,
		Waited: max(0, r.began.Sub(job.RunAt)), Took: q.opt.Now().Sub(r.began),
	}
	if o.Result == "" {
		o.Result = ResultLost
	}
	attrs := []slog.Attr{
		slog.String("kind", job.Kind), slog.String("job", string(job.ID)), slog.String("merchant", string(job.Merchant)),
		slog.Int64("attempt", o.Attempt), slog.Duration("waited", o.Waited), slog.Duration("took", o.Took), slog.String("outcome", o.Result),
	}
	if err := errors.Join(cause, unended); err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	// Under the trace that made the job necessary, for a log that names it.
	q.opt.Log.LogAttrs(paylink.WithTrace(context.Background(), job.Payload.Trace), slog.LevelInfo, "job.run", attrs...)
	q.opt.Ended(o)
}
