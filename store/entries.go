package store

import (
	"strings"

	"paylink"
)

// Entry is an event as the hash chain covers it: its columns as they are stored, with the text of what
// it says in place of the meaning, so that a hash is over what stands there and nothing else.
type Entry struct {
	Merchant paylink.MerchantID
	Live     bool
	Sequence int64 // zero until sealed
	At       int64 // microseconds
	ID       paylink.EventID
	Type     paylink.EventType
	Link     paylink.LinkID
	Payment  paylink.PaymentID
	Message  paylink.MessageID
	Actor    string
	Data     string // JSON
	Hash     []byte // none until hashed
}

const entryColumns = `merchant_id, livemode, COALESCE(seq, 0), at, id, type, link_id, payment_id, message_id, actor, data, hash`

// EntriesAfter lists sealed events of a chain in their order, above a sequence.
func (r Reader) EntriesAfter(merchant paylink.MerchantID, live bool, sequence int64, limit int) ([]Entry, error) {
	const q = `
		SELECT ` + entryColumns + ` FROM events
		WHERE merchant_id = $1 AND livemode = $2 AND seq > $3
		ORDER BY seq LIMIT $4`
	return r.entries(q, string(merchant), bit(live), sequence, int64(limit))
}

func (r Reader) entries(q string, args ...any) ([]Entry, error) {
	var all []Entry
	err := r.rows(q, args, func(scan func(...any) error) error {
		var e Entry
		var live int64
		err := scan((*string)(&e.Merchant), &live, &e.Sequence, &e.At, (*string)(&e.ID), (*string)(&e.Type),
			(*string)(&e.Link), (*string)(&e.Payment), (*string)(&e.Message), &e.Actor, &e.Data, &e.Hash)
		e.Live = live == 1
		all = append(all, e)
		return err
	})
	return all, err
}

// between stands between the texts of an entry where they are read as one.
const between = "\x1f"

// walkColumns are the short texts of an entry as one: handing over a value costs more than joining.
const walkColumns = `id || '` + between + `' || type || '` + between + `' || link_id || '` + between + `' || payment_id || '` +
	between + `' || message_id || '` + between + `' || actor`

// WalkEntries hands over sealed events of a chain in their order, above one sequence and up to another,
// at most limit of them, until visit returns false. The entry is visit's until it returns.
func (r Reader) WalkEntries(merchant paylink.MerchantID, live bool, after, upTo int64, limit int, visit func(*Entry) bool) error {
	const q = `
		SELECT seq, at, ` + walkColumns + `, data, hash FROM events
		WHERE merchant_id = $1 AND livemode = $2 AND seq > $3 AND seq <= $4
		ORDER BY seq LIMIT $5`
	e := Entry{Merchant: merchant, Live: live}
	var texts string
	row := []any{&e.Sequence, &e.At, &texts, &e.Data, &e.Hash}
	var scanned error
	err := r.query(q, []any{string(merchant), bit(live), after, upTo, int64(limit)}, func(scan func(...any) error) bool {
		if scanned = scan(row...); scanned != nil {
			return false
		}
		e.split(texts)
		return visit(&e)
	})
	if err != nil {
		return err
	}
	return scanned
}

// split takes the texts apart. A row with another number of them was not written by us: it is left with
// its id alone, and so with another hash than any event of ours.
func (e *Entry) split(texts string) {
	var part [6]string
	rest, more := texts, true
	for i := range part {
		part[i], rest, more = strings.Cut(rest, between)
		if more != (i < len(part)-1) {
			part = [6]string{part[0]}
			break
		}
	}
	e.ID, e.Type = paylink.EventID(part[0]), paylink.EventType(part[1])
	e.Link, e.Payment, e.Message, e.Actor = paylink.LinkID(part[2]), paylink.PaymentID(part[3]), paylink.MessageID(part[4]), part[5]
}
