package store

import (
	"errors"
	"time"

	"paylink"
)

// everybody stands for all devices of a link in the table of proofs.
const everybody = ""

// Proofs reads what is remembered of wrong proofs: of the link as a whole, and of one device. Nothing
// remembered is the zero value.
func (r Reader) Proofs(l paylink.Link, device string) (link, own paylink.Tries, err error) {
	const q = `
		SELECT device, wrong, locks, locked_until, code_message, code_at, codes, codes_since FROM proofs
		WHERE merchant_id = $1 AND link_id = $2 AND device IN ($3, $4)
		ORDER BY device`
	err = r.rows(q+r.lock(), []any{string(l.Merchant), string(l.ID), everybody, device}, func(scan func(...any) error) error {
		var of string
		var t paylink.Tries
		var message *string
		var locked, asked, since *int64
		if err := scan(&of, &t.Wrong, &t.Locks, &locked, &message, &asked, &t.Codes, &since); err != nil {
			return err
		}
		t.LockedUntil, t.CodeAt, t.CodesSince = fromNullMicros(locked), fromNullMicros(asked), fromNullMicros(since)
		t.CodeMessage = paylink.MessageID(textOrEmpty(message))
		if of == everybody {
			link = t
		} else {
			own = t
		}
		return nil
	})
	return link, own, err
}

// HoldProofs reads the same for a change. Both rows are there afterwards and locked, so that of forty
// guesses that come at once each sees what the one before it left.
func (tx *Tx) HoldProofs(l paylink.Link, device string) (link, own paylink.Tries, err error) {
	if device == everybody {
		return link, own, errors.New("hold proofs of link " + string(l.ID) + ": no device")
	}
	const q = `
		INSERT INTO proofs (merchant_id, link_id, device, wrong, locks, codes)
		VALUES ($1, $2, $3, 0, 0, 0), ($1, $2, $4, 0, 0, 0)
		ON CONFLICT DO NOTHING`
	tx.putAny(q, string(l.Merchant), string(l.ID), everybody, device)
	return tx.Proofs(l, device)
}

// SaveProofs writes what HoldProofs read, changed.
func (tx *Tx) SaveProofs(l paylink.Link, device string, link, own paylink.Tries) {
	const q = `
		UPDATE proofs SET wrong = $4, locks = $5, locked_until = $6, code_message = $7, code_at = $8, codes = $9, codes_since = $10
		WHERE merchant_id = $1 AND link_id = $2 AND device = $3`
	for _, row := range []struct {
		device string
		paylink.Tries
	}{{everybody, link}, {device, own}} {
		tx.put(q, string(l.Merchant), string(l.ID), row.device, row.Wrong, row.Locks, nullMicros(row.LockedUntil),
			nullText(string(row.CodeMessage)), nullMicros(row.CodeAt), row.Codes, nullMicros(row.CodesSince))
	}
}

// ForgetProofs lets everybody begin anew, but for the codes that were sent: what a phone has to bear in
// an hour does not change. It returns how many rows there were.
func (tx *Tx) ForgetProofs(l paylink.Link) (int64, error) {
	const q = `
		UPDATE proofs SET wrong = 0, locks = 0, locked_until = NULL, code_message = NULL
		WHERE merchant_id = $1 AND link_id = $2 AND (wrong > 0 OR locks > 0 OR code_message IS NOT NULL)`
	return tx.exec(q, string(l.Merchant), string(l.ID))
}

// ProofLock tells until when proofs of a link are not looked at, of any device; zero when they are.
func (r Reader) ProofLock(l paylink.Link, now time.Time) (time.Time, error) {
	const q = `SELECT MAX(locked_until) FROM proofs WHERE merchant_id = $1 AND link_id = $2 AND locked_until > $3`
	var until *int64
	err := r.row(q, []any{string(l.Merchant), string(l.ID), micros(now)}, &until)
	return fromNullMicros(until), err
}
