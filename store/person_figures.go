package store

import (
	"time"

	"paylink"
)

// What a person's links come to is counted over so many of them, and no more: of one with more, the figures are
// those of a part.
const (
	mostCounted = 1000
	mostOpen    = 200
)

// PersonFigures are what a person's links and messages come to.
type PersonFigures struct {
	Links   int64                      // at most 1000 are counted
	Part    bool                       // there may be more links than were counted
	Paid    map[paylink.Currency]int64 // captured and recorded less reversed, in minor units
	Open    []paylink.Link             // those that wait for the customer, at most 200
	Reached map[paylink.Channel]Reach  // by channel on which anything was sent
}

// Reach is how a channel reached a person.
type Reach struct {
	Last    time.Time // when a provider last took a message
	Arrived int64     // messages that were delivered or read
}

// PersonFigures counts.
func (r Reader) PersonFigures(p paylink.Customer) (PersonFigures, error) {
	f := PersonFigures{Paid: map[paylink.Currency]int64{}, Reached: map[paylink.Channel]Reach{}}
	who := []any{string(p.Merchant), bit(p.Live), string(p.ID)}
	const some = `(
			SELECT l.id, l.currency, l.amount_paid FROM ` + theirs + ` c
			CROSS JOIN links l
			WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id LIMIT $4) s`
	const paid = `SELECT s.currency, COUNT(*), CAST(SUM(s.amount_paid) AS BIGINT) FROM ` + some + ` GROUP BY s.currency`
	err := r.rowsOf(paid, append(who, int64(mostCounted)), func(scan func(...any) error) error {
		var currency paylink.Currency
		var links, sum int64
		err := scan((*string)(&currency), &links, &sum)
		if f.Links += links; sum != 0 {
			f.Paid[currency] = sum
		}
		return err
	})
	if err != nil {
		return f, err
	}
	f.Part = f.Links == mostCounted
	const reached = `
		SELECT m.channel, MAX(m.sent_at), CAST(SUM(CASE WHEN m.status IN ('delivered', 'read') THEN 1 ELSE 0 END) AS BIGINT)
		FROM ` + some + `
		CROSS JOIN messages m
		WHERE m.merchant_id = $1 AND m.link_id = s.id AND m.sent_at IS NOT NULL GROUP BY m.channel`
	err = r.rowsOf(reached, append(who, int64(mostCounted)), func(scan func(...any) error) error {
		var channel paylink.Channel
		var last, arrived int64
		err := scan((*string)(&channel), &last, &arrived)
		f.Reached[channel] = Reach{fromMicros(last), arrived}
		return err
	})
	if err != nil {
		return f, err
	}
	open := `
		SELECT ` + of("l", linkColumns) + ` FROM ` + theirs + ` c
		CROSS JOIN links l
		WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id AND l.archived_at IS NULL
			AND l.status IN ('pending', 'failed', 'partially_paid')
		LIMIT $4`
	err = r.rowsOf(open, append(who, int64(mostOpen)), func(scan func(...any) error) error {
		l, err := linkFrom(scan)
		f.Open = append(f.Open, l)
		return err
	})
	return f, err
}

// LinksOfPerson lists a person's links, whatever contact they were made with, newest first.
func (r Reader) LinksOfPerson(p paylink.Customer, limit int) ([]paylink.Link, error) {
	q := `
		SELECT ` + of("l", linkColumns) + ` FROM ` + theirs + ` c
		CROSS JOIN links l
		WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id
		ORDER BY l.id DESC LIMIT $4`
	var all []paylink.Link
	err := r.rowsOf(q, []any{string(p.Merchant), bit(p.Live), string(p.ID), int64(limit)}, func(scan func(...any) error) error {
		l, err := linkFrom(scan)
		all = append(all, l)
		return err
	})
	return all, err
}
