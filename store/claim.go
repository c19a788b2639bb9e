package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"paylink"
)

// Room is how many jobs of one kind a worker can take.
type Room struct {
	Kind  string
	Jobs  int                // at most so many
	Crowd paylink.MerchantID // who holds enough of the workers: others go first; empty: nobody
}

// lookMost bounds how many jobs a claim looks at to find those of other merchants.
const lookMost = 500

// What a claim looks at in one kind: the jobs whose turn has come, and those whose turn was put off
// although they are due. $1 is now.
const (
	turnHasCome = `state = 'waiting' AND kind = %[1]s AND turn <= $1 AND run_at <= $1`
	wasPutOff   = `state = 'waiting' AND kind = %[1]s AND turn > run_at AND turn > $1 AND run_at <= $1`
)

// ClaimJobs takes up to limit due jobs for a worker, until leaseUntil: of each kind as many as there is
// room for, the kinds in the order of rooms when limit is scarce. Within a kind come those whose turn
// has come, by turn, and then those that were put off. Each claim raises the job's fence.
//
// Where a merchant crowds the kind, the jobs of others are taken before: out of the oldest, the
// youngest and the put-off ones, five hundred of each, so that a claim costs the same whatever waits.
func (tx *Tx) ClaimJobs(worker string, rooms []Room, now, leaseUntil time.Time, limit int) ([]paylink.Job, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	c := claim{lock: tx.lockSkip(), args: []any{micros(now), micros(leaseUntil), worker, int64(limit)}}
	for i, room := range rooms {
		c.add(i, room)
	}
	q := `
		WITH ` + strings.Join(c.parts, `,
		`) + `
		UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = $2, worker = $3
		WHERE id IN (SELECT id FROM (` + strings.Join(c.taken, ` UNION ALL `) + `) AS taken ORDER BY place LIMIT $4) AND state = 'waiting'
		RETURNING id, kind, key, merchant_id, livemode, world, payload, run_at, attempts, fence, last_error, priority`
	var claimed []paylink.Job
	err := tx.rows(q, c.args, func(scan func(...any) error) error {
		j, err := scanJob(scan)
		claimed = append(claimed, j)
		return err
	})
	return claimed, err
}

func scanJob(scan func(...any) error) (j paylink.Job, err error) {
	var key *string
	var live, world, runAt int64
	var payload string
	err = scan((*string)(&j.ID), &j.Kind, &key, (*string)(&j.Merchant), &live, &world, &payload, &runAt, &j.Attempts, &j.Fence,
		&j.LastError, (*int64)(&j.Priority))
	if err != nil {
		return j, err
	}
	j.Key, j.Live, j.World, j.RunAt = textOrEmpty(key), live == 1, world == 1, fromMicros(runAt)
	if err := json.Unmarshal([]byte(payload), &j.Payload); err != nil {
		return j, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return j, nil
}

// claim is the text of a claim in the making. Each kind has parts of its own, because PostgreSQL locks
// no rows under a UNION and because each is read in the order of an index.
type claim struct {
	lock  string
	args  []any
	parts []string
	taken []string
}

func (c *claim) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *claim) add(i int, room Room) {
	kind, jobs := c.arg(room.Kind), c.arg(int64(room.Jobs))
	left := jobs
	if room.Crowd != "" {
		c.others(i, kind, c.arg(string(room.Crowd)), jobs)
		left += fmt.Sprintf(" - (SELECT COUNT(*) FROM others%d)", i)
	}
	c.take(fmt.Sprintf("due%d", i), i, fmt.Sprintf(turnHasCome, kind), left)
	c.take(fmt.Sprintf("later%d", i), i, fmt.Sprintf(wasPutOff, kind), left+fmt.Sprintf(" - (SELECT COUNT(*) FROM due%d)", i))
}

// take is one part: the first jobs that fit a condition, locked.
func (c *claim) take(name string, place int, where, limit string) {
	c.parts = append(c.parts, fmt.Sprintf("%s AS MATERIALIZED (SELECT id FROM jobs WHERE %s ORDER BY turn, id LIMIT %s%s)", name, where, limit, c.lock))
	c.taken = append(c.taken, fmt.Sprintf("SELECT id, %d AS place FROM %s", place, name))
}

// others is what stands before the rest in a crowded kind. It is looked for without locks, which would
// keep the jobs of the crowd from every other worker.
func (c *claim) others(i int, kind, crowd, jobs string) {
	look := func(name, where, order string) string {
		return fmt.Sprintf("SELECT id FROM (SELECT id, merchant_id FROM jobs WHERE %s ORDER BY %s LIMIT %d) AS %s WHERE merchant_id <> %s",
			fmt.Sprintf(where, kind), order, lookMost, name, crowd)
	}
	c.parts = append(c.parts, fmt.Sprintf("seen%d AS MATERIALIZED (%s UNION ALL %s UNION ALL %s)", i,
		look("oldest", turnHasCome, "turn, id"), look("youngest", turnHasCome, "turn DESC, id DESC"), look("put_off", wasPutOff, "turn, id")))
	c.take(fmt.Sprintf("others%d", i), i, fmt.Sprintf("id IN (SELECT id FROM seen%d) AND state = 'waiting'", i), jobs)
}

// NextJobs tells when the next waiting job of each kind is due, in the order of the kinds: the zero time
// where none waits, and a time in the past where one could run now.
func (r Reader) NextJobs(kinds []string) ([]time.Time, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	var columns []string
	var args, into []any
	found := make([]struct{ turn, putOff *int64 }, len(kinds))
	for i, kind := range kinds {
		args = append(args, kind)
		columns = append(columns,
			fmt.Sprintf(`(SELECT turn FROM jobs WHERE state = 'waiting' AND kind = $%d ORDER BY turn, id LIMIT 1)`, i+1),
			fmt.Sprintf(`(SELECT run_at FROM jobs WHERE state = 'waiting' AND kind = $%d AND turn > run_at ORDER BY turn, id LIMIT 1)`, i+1))
		into = append(into, &found[i].turn, &found[i].putOff)
	}
	if err := r.row(`SELECT `+strings.Join(columns, `, `), args, into...); err != nil {
		return nil, err
	}
	due := make([]time.Time, len(kinds))
	for i, f := range found {
		if f.turn == nil {
			continue
		}
		due[i] = fromMicros(*f.turn)
		if f.putOff != nil && *f.putOff < *f.turn {
			due[i] = fromMicros(*f.putOff)
		}
	}
	return due, nil
}
