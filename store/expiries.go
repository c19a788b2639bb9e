package store

import (
	"errors"
	"time"

	"paylink"
)

// DueExpiry is a link whose job to look at its expiry is due and has not been tried.
type DueExpiry struct {
	Job      paylink.JobID
	Link     paylink.Link
	Customer *paylink.Customer // nil when the link has none
	Ahead    time.Duration     // of the clock of the link's world
	Settings paylink.Settings  // of its merchant
}

// DueExpiries takes up to limit waiting jobs of the kind that are due, the first in turn, with their links.
// Until the end of the transaction no worker claims them.
func (tx *Tx) DueExpiries(kind string, now time.Time, limit int) ([]DueExpiry, error) {
	q := `
		WITH due AS MATERIALIZED (
			SELECT id, key, merchant_id, world FROM jobs
			WHERE state = 'waiting' AND kind = $1 AND turn <= $2 AND run_at <= $2 AND attempts = 0
			ORDER BY turn, id LIMIT $3` + tx.lockSkip() + `)
		SELECT due.id, due.world * m.clock_offset, m.settings, ` + linkAndCustomer + `
		FROM due
		CROSS JOIN merchants m
		CROSS JOIN links l
		` + linkCustomer + `
		WHERE m.id = due.merchant_id AND l.merchant_id = due.merchant_id AND l.id = due.key`
	var all []DueExpiry
	err := tx.rows(q, []any{kind, micros(now), int64(limit)}, func(scan func(...any) error) error {
		var d DueExpiry
		var ahead int64
		var settings *string
		var err error
		d.Link, d.Customer, err = linkAndCustomerFrom(func(dest ...any) error {
			return scan(append([]any{(*string)(&d.Job), &ahead, &settings}, dest...)...)
		})
		d.Ahead = time.Duration(ahead) * time.Microsecond
		err = errors.Join(err, fromNullJSON(settings, &d.Settings))
		all = append(all, d)
		return err
	})
	return all, err
}

// ExpireLink writes that a link expired and nothing else, which spares the indexes of everything else, and
// ends the job that waited for it. The guard is that of UpdateLink.
func (tx *Tx) ExpireLink(d DueExpiry, read time.Time) {
	const expire = `UPDATE links SET status = $3, updated_at = $4, concerned_at = $6 WHERE merchant_id = $1 AND id = $2 AND updated_at = $5`
	l := d.Link
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The payment link changed in the meantime.", Other: string(l.ID)}, expire,
		string(l.Merchant), string(l.ID), string(l.Status), micros(l.UpdatedAt), micros(read), nullMicros(l.ConcernedAt()))
	const end = `DELETE FROM jobs WHERE id = $1 AND state = 'waiting'`
	tx.put(end, string(d.Job)) // it is locked
}
