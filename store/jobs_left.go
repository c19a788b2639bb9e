package store

import "paylink"

// ReturnJobs puts claimed jobs that were not ended back to wait, as they were. Those that are no longer
// with the worker that claimed them are left alone.
func (tx *Tx) ReturnJobs(jobs []paylink.Job) {
	const q = `
		UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = ''
		WHERE id = $1 AND fence = $2 AND state = 'running'`
	for _, j := range jobs {
		tx.putAny(q, string(j.ID), j.Fence)
	}
	tx.Ring(BellJobs)
}

// LeaveJobs gives back up to limit jobs that a worker holds, and returns how many. The worker has ended
// and will finish none of them; others need not wait for their leases. The caller repeats until none
// is left.
func (tx *Tx) LeaveJobs(worker string, limit int) (int64, error) {
	const q = `
		UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = ''
		WHERE id IN (SELECT id FROM jobs WHERE worker = $1 AND state = 'running' ORDER BY id LIMIT $2)
		AND worker = $1 AND state = 'running'`
	tx.Ring(BellJobs)
	return tx.exec(q, worker, int64(limit))
}
