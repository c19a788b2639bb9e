package store

import (
	"fmt"
	"strings"

	"paylink"
)

const suppressionColumns = `merchant_id, id, livemode, channel, address, sealed, reason, message_id, since`

// Suppressed gives why an address gets no messages of the merchant on a channel; nil when nothing is known
// against it. The keys are those of the one address, one for each slot of the key ring; the reason of a
// person is preferred.
func (r Reader) Suppressed(merchant paylink.MerchantID, live bool, c paylink.Channel, keys ...[]byte) (*paylink.Suppression, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	q := `
		SELECT ` + suppressionColumns + ` FROM suppressions
		WHERE merchant_id = $1 AND livemode = $2 AND channel = $3 AND address IN (` + places(4, len(keys)) + `)
		ORDER BY CASE reason WHEN 'bounce' THEN 1 ELSE 0 END, id LIMIT 1`
	s, err := suppressionFrom(func(dest ...any) error {
		return r.row(q, append([]any{string(merchant), bit(live), string(c)}, blobs(keys)...), dest...)
	})
	if err == errNoRow {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// SuppressedOf lists what is known against any of the addresses of a page of people. The keys are those of
// addresses on any channel.
func (r Reader) SuppressedOf(merchant paylink.MerchantID, live bool, keys [][]byte) ([]paylink.Suppression, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	channels := make([]string, len(paylink.Channels))
	args := []any{string(merchant), bit(live)}
	for i, c := range paylink.Channels {
		channels[i], args = fmt.Sprintf("$%d", len(args)+1), append(args, string(c))
	}
	q := `
		SELECT ` + suppressionColumns + ` FROM suppressions
		WHERE merchant_id = $1 AND livemode = $2 AND channel IN (` + strings.Join(channels, ", ") + `)
			AND address IN (` + places(len(args)+1, len(keys)) + `)`
	var all []paylink.Suppression
	err := r.rowsOf(q, append(args, blobs(keys)...), func(scan func(...any) error) error {
		s, err := suppressionFrom(scan)
		all = append(all, s)
		return err
	})
	return all, err
}

// Suppression reads one entry of the merchant's list in one mode.
func (r Reader) Suppression(merchant paylink.MerchantID, live bool, id paylink.SuppressionID) (paylink.Suppression, error) {
	q := `SELECT ` + suppressionColumns + ` FROM suppressions WHERE merchant_id = $1 AND livemode = $2 AND id = $3` + r.lock()
	s, err := suppressionFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), bit(live), string(id)}, dest...)
	})
	if err == errNoRow {
		return s, &paylink.NotFound{Kind: "suppression", ID: string(id)}
	}
	return s, err
}

// Suppressions lists the merchant's suppressed addresses in one mode, newest first, below the cursor.
func (r Reader) Suppressions(merchant paylink.MerchantID, live bool, before paylink.SuppressionID, limit int) ([]paylink.Suppression, error) {
	const q = `
		SELECT ` + suppressionColumns + ` FROM suppressions
		WHERE merchant_id = $1 AND livemode = $2 AND id < $3 ORDER BY id DESC LIMIT $4`
	var all []paylink.Suppression
	err := r.rows(q, []any{string(merchant), bit(live), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		s, err := suppressionFrom(scan)
		all = append(all, s)
		return err
	})
	return all, err
}

// Suppress enters an address. What is there already stays, except that a person's no replaces a bounce:
// a bounce may be lifted when the mailbox is back, a no may not.
func (tx *Tx) Suppress(s paylink.Suppression) {
	const q = `
		INSERT INTO suppressions (` + suppressionColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (merchant_id, livemode, channel, address)
		DO UPDATE SET reason = excluded.reason, message_id = excluded.message_id, since = excluded.since
		WHERE suppressions.reason = 'bounce' AND excluded.reason <> 'bounce'`
	tx.putAny(q, string(s.Merchant), string(s.ID), bit(s.Live), string(s.Channel), s.Address, s.Sealed, string(s.Reason),
		nullText(string(s.Message)), micros(s.Since))
}

// Unsuppress takes an address off the list of one channel, under each of its keys.
func (tx *Tx) Unsuppress(merchant paylink.MerchantID, live bool, c paylink.Channel, keys ...[]byte) {
	if len(keys) == 0 {
		return
	}
	q := `
		DELETE FROM suppressions
		WHERE merchant_id = $1 AND livemode = $2 AND channel = $3 AND address IN (` + places(4, len(keys)) + `)`
	tx.putAny(q, append([]any{string(merchant), bit(live), string(c)}, blobs(keys)...)...)
}

// places is a list of n parameters from $first on.
func places(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(all, ", ")
}

func blobs(keys [][]byte) []any {
	all := make([]any, len(keys))
	for i, key := range keys {
		all[i] = key
	}
	return all
}

func suppressionFrom(scan func(...any) error) (paylink.Suppression, error) {
	var s paylink.Suppression
	var live, since int64
	var message *string
	err := scan((*string)(&s.Merchant), (*string)(&s.ID), &live, (*string)(&s.Channel), &s.Address, &s.Sealed, (*string)(&s.Reason), &message, &since)
	s.Live, s.Since = live == 1, fromMicros(since)
	if message != nil {
		s.Message = paylink.MessageID(*message)
	}
	return s, err
}
