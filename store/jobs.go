package store

import (
	"cmp"
	"errors"
	"time"

	"paylink"
)

// BellJobs rings when a job waits that may be due.
const BellJobs = "jobs"

// Enqueue adds a job in the transaction that makes it necessary. When the job has a key and one of
// the same kind and key waits or runs already, nothing is added. The RunAt of a World job is in the
// merchant's world time; the row holds the real time that it stands for at today's offset.
//
// A job that is due now takes its turn behind what the merchant has queued before it: see turns.
func (tx *Tx) Enqueue(j paylink.Job, now time.Time) {
	const q = `
		INSERT INTO jobs (id, kind, key, merchant_id, livemode, world, world_offset, payload, state, run_at, attempts, fence,
			lease_until, worker, last_error, created_at, priority, turn)
		SELECT $1, $2, $3, m.id, $5, CAST($6 AS BIGINT), m.clock_offset, $7, 'waiting',
			CAST($8 AS BIGINT) - m.clock_offset * CAST($6 AS BIGINT), 0, 0, NULL, '', '', $9,
			$10, CAST($8 AS BIGINT) - m.clock_offset * CAST($6 AS BIGINT) + CAST($11 AS BIGINT)
		FROM merchants m WHERE m.id = $4
		ON CONFLICT DO NOTHING`
	world := j.World && !j.Live
	j.Payload.Trace = cmp.Or(j.Payload.Trace, paylink.TraceOf(tx.ctx))
	tx.putAny(q, string(j.ID), j.Kind, nullText(j.Key), string(j.Merchant), bit(j.Live), bit(world), toJSON(j.Payload), micros(j.RunAt), micros(now),
		int64(j.Priority), tx.turns.putOff(j, now).Microseconds())
	tx.Ring(BellJobs)
}

// MoveWorldJobs moves up to limit waiting jobs of a merchant's test world to where its sandbox clock
// stands now, and returns how many it moved. The caller repeats until none is left, each time in a
// transaction of its own, so that a large world does not hold up everybody else.
func (tx *Tx) MoveWorldJobs(merchant paylink.MerchantID, limit int) (int64, error) {
	const q = `
		UPDATE jobs SET
			run_at = run_at - ((SELECT clock_offset FROM merchants WHERE id = $1) - world_offset),
			turn = turn - ((SELECT clock_offset FROM merchants WHERE id = $1) - world_offset),
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
	tx.add(statement{q: q, args: args})
}

// ErrLeaseLost says that a job is no longer this worker's: its lease ran out and another took it.
var ErrLeaseLost = errors.New("the job's lease was lost")

// FinishJob removes a job that is done, in the transaction of its effects. One that took more than one
// try leaves a line in the history. A worker whose lease was lost gets ErrLeaseLost, and nothing of the
// transaction happens.
func (tx *Tx) FinishJob(j paylink.Job, now time.Time) {
	if j.Attempts > 1 || j.LastError != "" {
		tx.rememberJob(j, now)
	}
	tx.removeJob(j)
}

func (tx *Tx) removeJob(j paylink.Job) {
	const q = `DELETE FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence)
}

// PostponeJob puts a claimed job back to wait for runAt, in real time, with its payload as it is now.
// attempts is what counts as tried so far; lastError is kept for the operator and holds no personal
// data.
func (tx *Tx) PostponeJob(j paylink.Job, runAt time.Time, attempts int64, lastError string) {
	const q = `
		UPDATE jobs SET state = 'waiting', run_at = $3, turn = $3, attempts = $4, last_error = $5, payload = $6, lease_until = NULL, worker = '',
			world_offset = COALESCE((SELECT clock_offset FROM merchants WHERE merchants.id = jobs.merchant_id), 0)
		WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, micros(runAt), attempts, lastError, toJSON(j.Payload))
	tx.Ring(BellJobs)
}

// KeepJob writes the payload of a claimed job as it is now.
func (tx *Tx) KeepJob(j paylink.Job) {
	const q = `UPDATE jobs SET payload = $3 WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, toJSON(j.Payload))
}

// SilentJobs tells whether some running job's worker has stopped beating.
func (r Reader) SilentJobs(now time.Time) (bool, error) {
	const q = `SELECT lease_until FROM jobs WHERE state = 'running' AND lease_until < $1 LIMIT 1`
	return r.any(q, micros(now))
}

// ReclaimJobs frees up to limit jobs of workers that have stopped beating, and returns how many. The
// caller repeats while it was limit.
func (tx *Tx) ReclaimJobs(now time.Time, limit int) (int64, error) {
	q := `
		WITH silent AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'running' AND lease_until < $1 LIMIT $2` + tx.lockSkip() + `)
		UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = ''
		WHERE id IN (SELECT id FROM silent) AND state = 'running' AND lease_until < $1`
	tx.Ring(BellJobs)
	return tx.exec(q, micros(now), int64(limit))
}

// TurnlessJobs tells whether a job is to run later and has no turn for it: an older build beside this
// one leaves such jobs.
func (r Reader) TurnlessJobs(now time.Time) (bool, error) {
	const q = `SELECT run_at FROM jobs WHERE state = 'waiting' AND turn < run_at AND run_at > $1 LIMIT 1`
	return r.any(q, micros(now))
}

// GiveTurns gives up to limit such jobs their turn, and returns how many.
func (tx *Tx) GiveTurns(now time.Time, limit int) (int64, error) {
	q := `
		WITH turnless AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'waiting' AND turn < run_at AND run_at > $1 LIMIT $2` + tx.lockSkip() + `)
		UPDATE jobs SET turn = run_at
		WHERE id IN (SELECT id FROM turnless) AND state = 'waiting'`
	return tx.exec(q, micros(now), int64(limit))
}

// any tells whether a query for one number finds a row.
func (r Reader) any(q string, args ...any) (bool, error) {
	var found int64
	err := r.row(q, args, &found)
	if err == errNoRow {
		return false, nil
	}
	return err == nil, err
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
