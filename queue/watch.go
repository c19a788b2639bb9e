package queue

import (
	"time"

	"paylink"
)

// Outcome is one finished run of a job, for whoever counts them.
type Outcome struct {
	Kind    string
	Result  string        // done, again, failed (it will be tried again), parked, or lost
	Waited  time.Duration // from when it was due to when it was claimed
	Took    time.Duration
	Attempt int64
}

// tell reports the end of a run that began at a time.
func (q *Queue) tell(r *Run, due, began time.Time) {
	if q.opt.Ended == nil {
		return
	}
	result := r.result
	if !r.ended {
		result = "lost"
	}
	q.opt.Ended(Outcome{
		Kind: r.Job.Kind, Result: result, Waited: max(0, began.Sub(due)), Took: q.opt.Now().Sub(began), Attempt: r.Job.Attempts,
	})
}

// due is since when a job could have run: from its time on, or from when it was made.
func due(j paylink.Job) time.Time {
	if made := paylink.MadeAt(j.ID); made.After(j.RunAt) {
		return made
	}
	return j.RunAt
}
