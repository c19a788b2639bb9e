package store

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"paylink"
)

// BellEvents rings when events wait to be sealed, BellSealed when they have their sequence.
const (
	BellEvents = "events"
	BellSealed = "sealed"
)

const eventColumns = `merchant_id, id, livemode, seq, at, type, link_id, payment_id, message_id, actor, data, hash`

// AppendEvent writes what happened. The event has no sequence and no hash yet; a sealer gives it both
// right after the commit.
func (tx *Tx) AppendEvent(e paylink.Event) {
	const q = `
		INSERT INTO events (` + eventColumns + `)
		VALUES ($1, $2, $3, NULL, $4, $5, $6, $7, $8, $9, $10, NULL)`
	tx.put(q, string(e.Merchant), string(e.ID), bit(e.Live), micros(e.At), string(e.Type),
		string(e.Link), string(e.Payment), string(e.Message), e.Actor, string(e.Data.JSON()))
	tx.Ring(BellEvents)
}

// AppendEvents is AppendEvent for several, in one statement.
func (tx *Tx) AppendEvents(events []paylink.Event) {
	q := `
		INSERT INTO events (` + eventColumns + `)
		SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), NULL, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5, value ->> 6, value ->> 7,
			value ->> 8, value ->> 9, NULL
		FROM ` + tx.each("$1")
	rows := make([][10]any, len(events))
	for i, e := range events {
		rows[i] = [10]any{e.Merchant, e.ID, bit(e.Live), micros(e.At), e.Type, e.Link, e.Payment, e.Message, e.Actor, string(e.Data.JSON())}
	}
	tx.putAllUnless(nil, len(rows), q, toJSON(rows))
	tx.Ring(BellEvents)
}

// Event reads one event of the merchant in one mode.
func (r Reader) Event(merchant paylink.MerchantID, live bool, id paylink.EventID) (paylink.Event, error) {
	const q = `SELECT ` + eventColumns + ` FROM events WHERE merchant_id = $1 AND id = $2 AND livemode = $3`
	e, err := eventFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return e, &paylink.NotFound{Kind: "event", ID: string(id)}
	}
	return e, err
}

// EventsAfter lists sealed events in their order, above a sequence.
func (r Reader) EventsAfter(merchant paylink.MerchantID, live bool, sequence int64, limit int) ([]paylink.Event, error) {
	const q = `
		SELECT ` + eventColumns + ` FROM events
		WHERE merchant_id = $1 AND livemode = $2 AND seq > $3
		ORDER BY seq LIMIT $4`
	return r.events(q, string(merchant), bit(live), sequence, int64(limit))
}

// EventsBefore lists sealed events newest first, below a sequence; a sequence of zero begins at the
// newest.
func (r Reader) EventsBefore(merchant paylink.MerchantID, live bool, sequence int64, limit int) ([]paylink.Event, error) {
	const q = `
		SELECT ` + eventColumns + ` FROM events
		WHERE merchant_id = $1 AND livemode = $2 AND seq < $3
		ORDER BY seq DESC LIMIT $4`
	if sequence == 0 {
		sequence = math.MaxInt64
	}
	return r.events(q, string(merchant), bit(live), sequence, int64(limit))
}

// Timeline lists every event of a link in the order in which things happened, sealed or not.
func (r Reader) Timeline(merchant paylink.MerchantID, link paylink.LinkID, limit int) ([]paylink.Event, error) {
	const q = `
		SELECT ` + eventColumns + ` FROM events
		WHERE merchant_id = $1 AND link_id = $2
		ORDER BY at, id LIMIT $3`
	return r.events(q, string(merchant), string(link), int64(limit))
}

func (r Reader) events(q string, args ...any) ([]paylink.Event, error) {
	var all []paylink.Event
	err := r.rows(q, args, func(scan func(...any) error) error {
		e, err := eventFrom(scan)
		all = append(all, e)
		return err
	})
	return all, err
}

func eventFrom(scan func(...any) error) (paylink.Event, error) {
	var e paylink.Event
	var live, at int64
	var seq *int64
	var data string
	var hash []byte
	err := scan((*string)(&e.Merchant), (*string)(&e.ID), &live, &seq, &at, (*string)(&e.Type),
		(*string)(&e.Link), (*string)(&e.Payment), (*string)(&e.Message), &e.Actor, &data, &hash)
	if err != nil {
		return e, err
	}
	e.Live, e.At, e.Hash = live == 1, fromMicros(at), hex.EncodeToString(hash)
	if seq != nil {
		e.Sequence = *seq
	}
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		return e, fmt.Errorf("event %s: %w", e.ID, err)
	}
	return e, nil
}
