package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paylink"
)

// BellJobs rings when a job waits that may be due.
const BellJobs = "jobs"

// Enqueue adds a job in the transaction that makes it necessary. When the job has a key and one of
// the same kind and key waits or runs already, nothing is added. The RunAt of a World job is in the
// merchant's world time; the row holds the real time that it stands for at today's offset.
func (tx *Tx) Enqueue(j paylink.Job, now time.Time) {
	const q = `
		INSERT INTO jobs (id, kind, key, merchant_id, livemode, world, world_offset, payload, state, run_at, attempts, fence,
			lease_until, worker, last_error, created_at)
		SELECT $1, $2, $3, m.id, $5, CAST($6 AS BIGINT), m.clock_offset, $7, 'waiting',
			CAST($8 AS BIGINT) - m.clock_offset * CAST($6 AS BIGINT), 0, 0, NULL, '', '', $9
		FROM merchants m WHERE m.id = $4
		ON CONFLICT DO NOTHING`
	world := j.World && !j.Live
	j.Payload.Trace = cmp.Or(j.Payload.Trace, paylink.TraceOf(tx.ctx))
	tx.putAny(q, string(j.ID), j.Kind, nullText(j.Key), string(j.Merchant), bit(j.Live), bit(world), toJSON(j.Payload), micros(j.RunAt), micros(now))
	tx.Ring(BellJobs)
}

// MoveWorldJobs moves up to limit waiting jobs of a merchant's test world to where its sandbox clock
// stands now, and returns how many it moved. The caller repeats until none is left, each time in a
// transaction of its own, so that a large world does not hold up everybody else.
func (tx *Tx) MoveWorldJobs(merchant paylink.MerchantID, limit int) (int64, error) {
	const q = `
		UPDATE jobs SET
			run_at = run_at - ((SELECT clock_offset FROM merchants WHERE id = $1) - world_offset),
			world_offset = (SELECT clock_offset FROM merchants WHERE id = $1)
		WHERE id IN (
			SELECT id FROM jobs
			WHERE merchant_id = $1 AND world = 1 AND state = 'waiting'
			AND world_offset < (SELECT clock_offset FROM merchants WHERE id = $1)
			ORDER BY world_offset LIMIT $2)
		AND state = 'waiting'`
	tx.Ring(BellJobs)
	return tx.exec(q, string(merchant), int64(limit))
}

// putAny is a put that may change no row.
func (tx *Tx) putAny(q string, args ...any) {
	if tx.failed == nil {
		tx.pending = append(tx.pending, statement{q: q, args: args})
	}
}

// ErrLeaseLost says that a job is no longer this worker's: its lease ran out and another took it.
var ErrLeaseLost = errors.New("the job's lease was lost")

// ClaimJobs takes up to limit due jobs for a worker, until leaseUntil, leaving out the kinds that the
// worker has no room for. Each claim raises the job's fence.
func (tx *Tx) ClaimJobs(worker string, without []string, now, leaseUntil time.Time, limit int) ([]paylink.Job, error) {
	args := []any{micros(now), int64(limit), micros(leaseUntil), worker}
	q := `
		WITH due AS MATERIALIZED (
			SELECT id FROM jobs
			WHERE state = 'waiting' AND run_at <= $1`
	for _, kind := range without {
		args = append(args, kind)
		q += fmt.Sprintf(" AND kind <> $%d", len(args))
	}
	q += `
			ORDER BY run_at, id LIMIT $2` + tx.lockSkip() + `)
		UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = $3, worker = $4
		WHERE id IN (SELECT id FROM due) AND state = 'waiting'
		RETURNING id, kind, key, merchant_id, livemode, world, payload, run_at, attempts, fence`
	var claimed []paylink.Job
	err := tx.rows(q, args, func(scan func(...any) error) error {
		var j paylink.Job
		var key *string
		var live, world, runAt int64
		var payload string
		if err := scan((*string)(&j.ID), &j.Kind, &key, (*string)(&j.Merchant), &live, &world, &payload, &runAt, &j.Attempts, &j.Fence); err != nil {
			return err
		}
		j.Key, j.Live, j.World, j.RunAt = textOrEmpty(key), live == 1, world == 1, fromMicros(runAt)
		if err := json.Unmarshal([]byte(payload), &j.Payload); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		claimed = append(claimed, j)
		return nil
	})
	return claimed, err
}

// FinishJob removes a job that is done, in the transaction of its effects. A worker whose lease was
// lost gets ErrLeaseLost, and nothing of the transaction happens.
func (tx *Tx) FinishJob(j paylink.Job) {
	const q = `DELETE FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence)
}

// PostponeJob puts a claimed job back to wait for runAt, in real time, with its payload as it is now.
// attempts is what counts as tried so far; lastError is kept for the operator and holds no personal
// data.
func (tx *Tx) PostponeJob(j paylink.Job, runAt time.Time, attempts int64, lastError string) {
	const q = `
		UPDATE jobs SET state = 'waiting', run_at = $3, attempts = $4, last_error = $5, payload = $6, lease_until = NULL, worker = '',
			world_offset = COALESCE((SELECT clock_offset FROM merchants WHERE merchants.id = jobs.merchant_id), 0)
		WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, micros(runAt), attempts, lastError, toJSON(j.Payload))
	tx.Ring(BellJobs)
}

// GiveUpJob moves a job that failed for the last time out of the hot table.
func (tx *Tx) GiveUpJob(j paylink.Job, lastError string, now time.Time) {
	const q = `
		INSERT INTO jobs_done (id, kind, merchant_id, payload, outcome, attempts, last_error, created_at, finished_at)
		SELECT id, kind, merchant_id, payload, 'given_up', attempts, $3, created_at, $4
		FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, lastError, micros(now))
	tx.FinishJob(j)
}

// BeatJobs prolongs the leases of all jobs that a worker runs, in one statement.
func (tx *Tx) BeatJobs(worker string, leaseUntil time.Time) {
	const q = `UPDATE jobs SET lease_until = $2 WHERE worker = $1 AND state = 'running'`
	tx.putAny(q, worker, micros(leaseUntil))
}

// SilentJobs tells whether some running job's worker has stopped beating.
func (r Reader) SilentJobs(now time.Time) (bool, error) {
	const q = `SELECT lease_until FROM jobs WHERE state = 'running' AND lease_until < $1 LIMIT 1`
	var lease int64
	err := r.row(q, []any{micros(now)}, &lease)
	if err == errNoRow {
		return false, nil
	}
	return err == nil, err
}

// ReclaimJobs frees the jobs of workers that have stopped beating, and returns how many.
func (tx *Tx) ReclaimJobs(now time.Time) (int64, error) {
	const q = `UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = '' WHERE state = 'running' AND lease_until < $1`
	return tx.exec(q, micros(now))
}

// NextJob tells when the next waiting job is due; ok is false when none waits.
func (r Reader) NextJob() (due time.Time, ok bool, err error) {
	const q = `SELECT run_at FROM jobs WHERE state = 'waiting' ORDER BY run_at, id LIMIT 1`
	var at int64
	err = r.row(q, nil, &at)
	if err == errNoRow {
		return time.Time{}, false, nil
	}
	return fromMicros(at), err == nil, err
}

// Jobs counts the jobs in the hot table by state, for health and tests.
func (r Reader) Jobs() (map[string]int64, error) {
	counts := map[string]int64{}
	err := r.rows(`SELECT state, COUNT(*) FROM jobs GROUP BY state`, nil, func(scan func(...any) error) error {
		var state string
		var n int64
		err := scan(&state, &n)
		counts[state] = n
		return err
	})
	return counts, err
}
