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

// Expired is a link whose time is up, as it is to be written, with what is told of it.
type Expired struct {
	DueExpiry
	Read  time.Time // when the link was changed before
	Event paylink.Event
}

// ExpireLinks writes that links expired and nothing else, which spares the indexes of everything else, ends
// the jobs that waited for it and tells of it, in three statements for all. The guard is that of UpdateLink.
func (tx *Tx) ExpireLinks(all []Expired) {
	links, jobs, events := make([][5]any, len(all)), make([][1]paylink.JobID, len(all)), make([]paylink.Event, len(all))
	for i, x := range all {
		links[i] = [5]any{x.Link.Merchant, x.Link.ID, micros(x.Link.UpdatedAt), micros(x.Read), nullMicros(x.Link.ConcernedAt())}
		jobs[i], events[i] = [1]paylink.JobID{x.Job}, x.Event
	}
	expire := `
		UPDATE links SET status = $2, updated_at = due.at, concerned_at = due.concerned_at
		FROM (SELECT value ->> 0 AS merchant_id, value ->> 1 AS id, CAST(value ->> 2 AS BIGINT) AS at, CAST(value ->> 3 AS BIGINT) AS read_at,
				CAST(value ->> 4 AS BIGINT) AS concerned_at
			FROM ` + tx.each("$1") + `) AS due
		WHERE links.merchant_id = due.merchant_id AND links.id = due.id AND links.updated_at = due.read_at`
	tx.putAllUnless(&paylink.Conflict{Code: "changed", Detail: "One of the payment links changed in the meantime."}, len(all), expire,
		toJSON(links), string(paylink.LinkExpired))
	end := `DELETE FROM jobs WHERE id IN (SELECT value ->> 0 FROM ` + tx.each("$1") + `) AND state = 'waiting'`
	tx.putAllUnless(nil, len(all), end, toJSON(jobs)) // they are locked
	tx.AppendEvents(events)
}
