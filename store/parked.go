package store

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
)

// ParkedJob is a job that nobody tries any more until a person says so.
type ParkedJob struct {
	paylink.Job
	Reason    string // a stable word: "gave_up", "panic", "lost", or the handler's own
	CreatedAt time.Time
	ParkedAt  time.Time
}

// ParkJob moves a claimed job out of the hot table, to wait for a person. lastError holds no personal
// data. A worker whose lease was lost gets ErrLeaseLost.
func (tx *Tx) ParkJob(j paylink.Job, reason, lastError string, now time.Time) {
	const q = `
		INSERT INTO jobs_parked (merchant_id, id, livemode, kind, key, world, priority, payload, attempts, reason, last_error, created_at, parked_at)
		SELECT merchant_id, id, livemode, kind, key, world, priority, $3, attempts, $4, $5, created_at, $6
		FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'`
	tx.putUnless(ErrLeaseLost, q, string(j.ID), j.Fence, toJSON(j.Payload), reason, lastError, micros(now))
	tx.removeJob(j)
}

// RetryJob puts a parked job back to be done now, with all its tries before it. Of two that do so at
// once the second gets NotFound. When another job of the same kind and key waits or runs, that one does
// the work: replaced is true, and the parked one only stands in the history.
func (tx *Tx) RetryJob(merchant paylink.MerchantID, live bool, id paylink.JobID, now time.Time) (replaced bool, err error) {
	p, err := tx.unpark(merchant, live, id)
	if err != nil {
		return false, err
	}
	const q = `
		INSERT INTO jobs (id, kind, key, merchant_id, livemode, world, world_offset, payload, state, run_at, attempts, fence,
			lease_until, worker, last_error, created_at, priority, turn)
		SELECT $1, $2, $3, m.id, $5, $6, m.clock_offset, $7, 'waiting', $8, 0, 0, NULL, '', $9, $10, $11, $8
		FROM merchants m WHERE m.id = $4
		ON CONFLICT DO NOTHING`
	n, err := tx.exec(q, string(p.ID), p.Kind, nullText(p.Key), string(p.Merchant), bit(p.Live), bit(p.World), toJSON(p.Payload), micros(now),
		p.LastError, micros(p.CreatedAt), int64(p.Priority))
	if err != nil {
		return false, err
	}
	if n == 0 {
		tx.insertPastJob(p, JobReplaced, now)
	}
	tx.Ring(BellJobs)
	return n == 0, nil
}

// DiscardJob moves a parked job into the history: it is never done.
func (tx *Tx) DiscardJob(merchant paylink.MerchantID, live bool, id paylink.JobID, now time.Time) error {
	p, err := tx.unpark(merchant, live, id)
	if err != nil {
		return err
	}
	tx.insertPastJob(p, JobDiscarded, now)
	return nil
}

// unpark takes a parked job off the list. Whoever comes second finds none.
func (tx *Tx) unpark(merchant paylink.MerchantID, live bool, id paylink.JobID) (ParkedJob, error) {
	const q = `
		DELETE FROM jobs_parked WHERE merchant_id = $1 AND id = $3 AND livemode = $2
		RETURNING ` + parkedColumns
	return tx.oneParked(q, merchant, live, id)
}

// ParkedJobs lists a merchant's parked jobs, the latest first.
func (r Reader) ParkedJobs(merchant paylink.MerchantID, live bool, limit int) (list []ParkedJob, err error) {
	const q = `
		SELECT ` + parkedColumns + ` FROM jobs_parked WHERE merchant_id = $1 AND livemode = $2
		ORDER BY parked_at DESC LIMIT $3`
	err = r.rows(q, []any{string(merchant), bit(live), int64(limit)}, func(scan func(...any) error) error {
		p, err := scanParked(scan)
		list = append(list, p)
		return err
	})
	return list, err
}

// ParkedJob reads one parked job of a merchant.
func (r Reader) ParkedJob(merchant paylink.MerchantID, live bool, id paylink.JobID) (ParkedJob, error) {
	const q = `SELECT ` + parkedColumns + ` FROM jobs_parked WHERE merchant_id = $1 AND id = $3 AND livemode = $2`
	return r.oneParked(q, merchant, live, id)
}

// oneParked runs a query that names one parked job, which is NotFound where there is none.
func (r Reader) oneParked(q string, merchant paylink.MerchantID, live bool, id paylink.JobID) (p ParkedJob, err error) {
	found := false
	err = r.rows(q, []any{string(merchant), bit(live), string(id)}, func(scan func(...any) error) (err error) {
		found = true
		p, err = scanParked(scan)
		return err
	})
	if err == nil && !found {
		err = &paylink.NotFound{Kind: "job", ID: string(id)}
	}
	return p, err
}

const parkedColumns = `merchant_id, id, livemode, kind, key, world, priority, payload, attempts, reason, last_error, created_at, parked_at`

func scanParked(scan func(...any) error) (p ParkedJob, err error) {
	var live, world, created, parked int64
	var key *string
	var payload string
	err = scan((*string)(&p.Merchant), (*string)(&p.ID), &live, &p.Kind, &key, &world, (*int64)(&p.Priority), &payload, &p.Attempts,
		&p.Reason, &p.LastError, &created, &parked)
	if err != nil {
		return p, err
	}
	p.Live, p.Key, p.World = live == 1, textOrEmpty(key), world == 1
	p.CreatedAt, p.ParkedAt = fromMicros(created), fromMicros(parked)
	if err := json.Unmarshal([]byte(payload), &p.Payload); err != nil {
		return p, fmt.Errorf("parked job %s: %w", p.ID, err)
	}
	return p, nil
}
