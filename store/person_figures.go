package store

import (
	"fmt"
	"strings"
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

// FiguresOf counts for a page of people of one merchant and mode, at most 101, by their ids: three statements,
// however many they are.
func (r Reader) FiguresOf(people []paylink.Customer) (map[paylink.CustomerID]PersonFigures, error) {
	all := map[paylink.CustomerID]PersonFigures{}
	if len(people) == 0 {
		return all, nil
	}
	for _, p := range people {
		all[p.ID] = PersonFigures{Paid: map[paylink.Currency]int64{}, Reached: map[paylink.Channel]Reach{}}
	}
	const some = `(
			SELECT l.id, l.currency, l.amount_paid FROM {theirs} c
			CROSS JOIN links l
			WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id LIMIT $3) s`
	const paid = `SELECT {who}, s.currency, COUNT(*), CAST(SUM(s.amount_paid) AS BIGINT) FROM ` + some + ` GROUP BY s.currency`
	err := r.ofEach(paid, people, mostCounted, func(scan func(...any) error) error {
		var who paylink.CustomerID
		var currency paylink.Currency
		var links, sum int64
		err := scan((*string)(&who), (*string)(&currency), &links, &sum)
		f := all[who]
		f.Links += links
		f.Part = f.Links == mostCounted
		if sum != 0 {
			f.Paid[currency] = sum
		}
		all[who] = f
		return err
	})
	if err != nil {
		return nil, err
	}
	const reached = `
		SELECT {who}, m.channel, MAX(m.sent_at), CAST(SUM(CASE WHEN m.status IN ('delivered', 'read') THEN 1 ELSE 0 END) AS BIGINT)
		FROM ` + some + `
		CROSS JOIN messages m
		WHERE m.merchant_id = $1 AND m.link_id = s.id AND m.sent_at IS NOT NULL GROUP BY m.channel`
	err = r.ofEach(reached, people, mostCounted, func(scan func(...any) error) error {
		var who paylink.CustomerID
		var channel paylink.Channel
		var last, arrived int64
		err := scan((*string)(&who), (*string)(&channel), &last, &arrived)
		all[who].Reached[channel] = Reach{fromMicros(last), arrived}
		return err
	})
	if err != nil {
		return nil, err
	}
	open := `
		SELECT * FROM (
			SELECT {who} AS who, ` + of("l", linkColumns) + ` FROM {theirs} c
			CROSS JOIN links l
			WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.customer_id = c.id AND l.archived_at IS NULL
				AND l.status IN ('pending', 'failed', 'partially_paid')
			LIMIT $3) o`
	err = r.ofEach(open, people, mostOpen, func(scan func(...any) error) error {
		var who paylink.CustomerID
		l, err := linkFrom(func(dest ...any) error { return scan(append([]any{(*string)(&who)}, dest...)...) })
		f := all[who]
		f.Open = append(f.Open, l)
		all[who] = f
		return err
	})
	return all, err
}

// ofEach asks the same of each person in one statement: {who} is the person's id, {theirs} the ids of all of his
// contacts, $3 the limit.
func (r Reader) ofEach(q string, people []paylink.Customer, limit int, each func(func(...any) error) error) error {
	args, parts := []any{string(people[0].Merchant), bit(people[0].Live), int64(limit)}, make([]string, len(people))
	for i, p := range people {
		args = append(args, string(p.ID))
		place := fmt.Sprintf("$%d", len(args))
		parts[i] = strings.NewReplacer("{who}", `CAST(`+place+` AS TEXT)`, "{theirs}", strings.ReplaceAll(theirs, "$3", place)).Replace(q)
	}
	return r.rowsOf(strings.Join(parts, ` UNION ALL `), args, each)
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
