package store

import "paylink"

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
