package store

import (
	"time"

	"paylink"
)

// Lease is one claim of a job by a worker. A later claim of the same job has a higher fence.
type Lease struct {
	Job   paylink.JobID
	Fence int64
}

// JobsOf lists the jobs that bear a worker's name, of any kind: never more than it has claimed.
func (r Reader) JobsOf(worker string) (all []Lease, err error) {
	const q = `SELECT id, fence FROM jobs WHERE state = 'running' AND lease_until > 0 AND worker = $1`
	err = r.rows(q, []any{worker}, func(scan func(...any) error) error {
		var c Lease
		err := scan((*string)(&c.Job), &c.Fence)
		all = append(all, c)
		return err
	})
	return all, err
}

// ReturnJobs puts claimed jobs that were not ended back to wait, as they were. Those that are claimed
// anew meanwhile are left alone.
func (tx *Tx) ReturnJobs(claims []Lease) {
	const q = `
		UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = ''
		WHERE id = $1 AND fence = $2 AND state = 'running'`
	for _, c := range claims {
		tx.putAny(q, string(c.Job), c.Fence)
	}
	tx.Ring(BellJobs)
}

// BeatJobs prolongs the leases of claims. Those that are lost already are left alone.
func (tx *Tx) BeatJobs(claims []Lease, leaseUntil time.Time) {
	const q = `UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'`
	for _, c := range claims {
		tx.putAny(q, string(c.Job), c.Fence, micros(leaseUntil))
	}
}
