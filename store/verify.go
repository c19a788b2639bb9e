package store

import (
	"time"

	"paylink"
)

// The reads of this file are for proving what the database holds from its first row to its last. Each
// begins at a cursor and is short, so that it may run beside a server that writes.

// Head is where a chain says that it stands, and the last of its events that is sealed, both seen in one
// look.
type Head struct {
	Chain
	Last int64
}

// HeadAfter gives the chain that follows a position in the order of merchant and mode, test before live,
// whether it has a head, events, or both; the empty merchant begins. It reports false at the end.
func (r Reader) HeadAfter(merchant paylink.MerchantID, live bool) (Head, bool, error) {
	const q = `
		WITH next AS (
			SELECT merchant_id, livemode FROM (
				SELECT * FROM (
					SELECT merchant_id, livemode FROM chains WHERE (merchant_id, livemode) > ($1, $2)
					ORDER BY merchant_id, livemode LIMIT 1) AS a
				UNION ALL
				SELECT * FROM (
					SELECT merchant_id, livemode FROM events WHERE seq IS NOT NULL AND merchant_id = $1 AND livemode > $2
					ORDER BY livemode LIMIT 1) AS b
				UNION ALL
				SELECT * FROM (
					SELECT merchant_id, livemode FROM events WHERE seq IS NOT NULL AND merchant_id > $1
					ORDER BY merchant_id, livemode LIMIT 1) AS c
			) AS either ORDER BY merchant_id, livemode LIMIT 1)
		SELECT n.merchant_id, n.livemode, COALESCE(c.seq, 0), COALESCE(c.hashed_seq, 0), c.hash, (
			SELECT COALESCE(MAX(e.seq), 0) FROM events e
			WHERE e.merchant_id = n.merchant_id AND e.livemode = n.livemode AND e.seq IS NOT NULL)
		FROM next n LEFT JOIN chains c ON c.merchant_id = n.merchant_id AND c.livemode = n.livemode`
	var h Head
	var mode int64
	err := r.row(q, []any{string(merchant), bit(live)}, (*string)(&h.Merchant), &mode, &h.Sequence, &h.Hashed, &h.Hash, &h.Last)
	if err == errNoRow {
		return h, false, nil
	}
	h.Live = mode == 1
	return h, err == nil, err
}

// HashAt gives the event at a place of a chain and its hash, nil when it has none. It reports false when
// no event has the place.
func (r Reader) HashAt(merchant paylink.MerchantID, live bool, sequence int64) (paylink.EventID, []byte, bool, error) {
	const q = `SELECT id, hash FROM events WHERE merchant_id = $1 AND livemode = $2 AND seq = $3`
	var id paylink.EventID
	var hash []byte
	err := r.row(q, []any{string(merchant), bit(live), sequence}, (*string)(&id), &hash)
	if err == errNoRow {
		return "", nil, false, nil
	}
	return id, hash, err == nil, err
}

// LinkCut gives the id of the link that stands so many places behind another, to cut a merchant's links
// into pieces; the empty id when there are fewer.
func (r Reader) LinkCut(merchant paylink.MerchantID, after paylink.LinkID, places int) (paylink.LinkID, error) {
	const q = `SELECT id FROM links WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`
	var id paylink.LinkID
	err := r.row(q, []any{string(merchant), string(after), int64(places - 1)}, (*string)(&id))
	if err == errNoRow {
		return "", nil
	}
	return id, err
}

// LinkFacts lists the merchant's links above one id and up to another, in both modes, with the facts
// from which their status follows and nothing else.
func (r Reader) LinkFacts(merchant paylink.MerchantID, after, upTo paylink.LinkID) ([]paylink.Link, error) {
	const q = `
		SELECT id, livemode, status, amount, currency, usage_mode, max_payments, expires_at, amount_paid, payments_count, in_flight,
			latest_declined, cancelled_at, updated_at, terms, max_total, amount_in_flight, amount_added, amount_discounted
		FROM links WHERE merchant_id = $1 AND id > $2 AND id <= $3 ORDER BY id`
	var all []paylink.Link
	err := r.rows(q, []any{string(merchant), string(after), string(upTo)}, func(scan func(...any) error) error {
		l := paylink.Link{Merchant: merchant}
		var live, declined, updated int64
		var expires, cancelled *int64
		var terms *string
		err := scan((*string)(&l.ID), &live, (*string)(&l.Status), &l.Amount.Minor, (*string)(&l.Amount.Currency),
			(*string)(&l.Usage.Mode), &l.Usage.MaxPayments, &expires, &l.AmountPaid, &l.PaymentsCount, &l.InFlight,
			&declined, &cancelled, &updated, &terms, &l.Usage.MaxTotal, &l.AmountInFlight, &l.AmountAdded, &l.AmountDiscounted)
		if err == nil {
			err = fromNullJSON(terms, &l.Terms)
		}
		l.Live, l.LatestDeclined, l.UpdatedAt = live == 1, declined == 1, fromMicros(updated)
		l.ExpiresAt, l.CancelledAt = fromNullMicros(expires), fromNullMicros(cancelled)
		all = append(all, l)
		return err
	})
	return all, err
}

// PaymentsBetween lists payments in the order of link and id, after one of them and up to a link.
func (r Reader) PaymentsBetween(merchant paylink.MerchantID, afterLink paylink.LinkID, after paylink.PaymentID, upTo paylink.LinkID, limit int) ([]paylink.Payment, error) {
	const where = `
		WHERE merchant_id = $1 AND (link_id, id) > ($2, $3) AND link_id <= $4
		ORDER BY link_id, id LIMIT $5`
	return r.payments(where, string(merchant), string(afterLink), string(after), string(upTo), int64(limit))
}

// PaymentEvents lists the events that are about a payment, sealed or not, in the order of link, time and
// id, after one of them and up to a link. Their hashes are left out.
func (r Reader) PaymentEvents(merchant paylink.MerchantID, afterLink paylink.LinkID, afterAt int64, after paylink.EventID, upTo paylink.LinkID, limit int) ([]Entry, error) {
	const q = `
		SELECT livemode, COALESCE(seq, 0), at, ` + walkColumns + `, data FROM events
		WHERE merchant_id = $1 AND (link_id, at, id) > ($2, $3, $4) AND link_id <= $5 AND payment_id <> ''
		ORDER BY link_id, at, id LIMIT $6`
	all := make([]Entry, 0, limit)
	args := []any{string(merchant), string(afterLink), afterAt, string(after), string(upTo), int64(limit)}
	err := r.rows(q, args, func(scan func(...any) error) error {
		e := Entry{Merchant: merchant}
		var live int64
		var texts string
		err := scan(&live, &e.Sequence, &e.At, &texts, &e.Data)
		e.Live = live == 1
		e.split(texts)
		all = append(all, e)
		return err
	})
	return all, err
}

// ClockOffset is how far the sandbox clock of the merchant's test world is ahead, never from a copy;
// zero for a merchant that does not exist.
func (r Reader) ClockOffset(merchant paylink.MerchantID) (time.Duration, error) {
	var offset int64
	err := r.row(`SELECT clock_offset FROM merchants WHERE id = $1`, []any{string(merchant)}, &offset)
	if err == errNoRow {
		return 0, nil
	}
	return time.Duration(offset) * time.Microsecond, err
}
