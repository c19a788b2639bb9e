package store

import (
	"time"

	"paylink"
)

// How a job in the history ended.
const (
	JobDone      = "done"
	JobDiscarded = "discarded" // by a person, after it was parked
	JobReplaced  = "replaced"  // retried by a person while another of the same key did the same work
)

// PastJob is a job in the history.
type PastJob struct {
	ID         paylink.JobID
	Kind       string
	Merchant   paylink.MerchantID
	Live       bool
	Outcome    string
	Attempts   int64
	LastError  string
	CreatedAt  time.Time
	FinishedAt time.Time
}

// rememberJob writes a claimed job that is done into the history.
func (tx *Tx) rememberJob(j paylink.Job, now time.Time) {
	const q = `
		INSERT INTO jobs_done (id, kind, merchant_id, payload, outcome, attempts, last_error, created_at, finished_at, livemode)
		SELECT id, kind, merchant_id, payload, $3, attempts, last_error, created_at, $4, livemode
		FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, JobDone, micros(now))
}

// insertPastJob writes a job that was parked into the history.
func (tx *Tx) insertPastJob(p ParkedJob, outcome string, now time.Time) {
	const q = `
		INSERT INTO jobs_done (id, kind, merchant_id, payload, outcome, attempts, last_error, created_at, finished_at, livemode)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	tx.put(q, string(p.ID), p.Kind, string(p.Merchant), toJSON(p.Payload), outcome, p.Attempts, p.LastError, micros(p.CreatedAt), micros(now), bit(p.Live))
}

// PastJobs lists the jobs of a merchant that took more than one try or a person's word, the latest first.
func (r Reader) PastJobs(merchant paylink.MerchantID, live bool, limit int) (list []PastJob, err error) {
	const q = `
		SELECT id, kind, merchant_id, livemode, outcome, attempts, last_error, created_at, finished_at
		FROM jobs_done WHERE merchant_id = $1 AND livemode = $2
		ORDER BY finished_at DESC LIMIT $3`
	err = r.rows(q, []any{string(merchant), bit(live), int64(limit)}, func(scan func(...any) error) error {
		var p PastJob
		var live, created, finished int64
		if err := scan((*string)(&p.ID), &p.Kind, (*string)(&p.Merchant), &live, &p.Outcome, &p.Attempts, &p.LastError, &created, &finished); err != nil {
			return err
		}
		p.Live, p.CreatedAt, p.FinishedAt = live == 1, fromMicros(created), fromMicros(finished)
		list = append(list, p)
		return nil
	})
	return list, err
}

// ForgetJobs deletes up to limit jobs of the history that ended before the time, and returns how many.
func (tx *Tx) ForgetJobs(before time.Time, limit int) (int64, error) {
	const q = `
		DELETE FROM jobs_done
		WHERE id IN (SELECT id FROM jobs_done WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)`
	return tx.exec(q, micros(before), int64(limit))
}
