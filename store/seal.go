package store

import (
	"errors"

	"paylink"
)

// ErrSealedMeanwhile says that another worker sealed some of the same events; nothing was written, and
// the next look finds what is left.
var ErrSealedMeanwhile = errors.New("the events were sealed meanwhile")

// Unsealed lists events without a sequence, oldest first, as far as sealing needs them: without what
// they say. It never asks for ids above the last one seen: on PostgreSQL rows become visible out of
// order, and a late commit is simply sealed later.
func (r Reader) Unsealed(limit int) ([]paylink.Event, error) {
	const q = `SELECT merchant_id, id, livemode, at, type FROM events WHERE seq IS NULL ORDER BY at, id LIMIT $1`
	var all []paylink.Event
	err := r.rows(q, []any{int64(limit)}, func(scan func(...any) error) error {
		var e paylink.Event
		var live, at int64
		err := scan((*string)(&e.Merchant), (*string)(&e.ID), &live, &at, (*string)(&e.Type))
		e.Live, e.At = live == 1, fromMicros(at)
		all = append(all, e)
		return err
	})
	return all, err
}

// ChainHead is the last sequence given out to a merchant in one mode; zero when there is none.
func (r Reader) ChainHead(merchant paylink.MerchantID, live bool) (int64, error) {
	const q = `SELECT seq FROM chains WHERE merchant_id = $1 AND livemode = $2`
	var seq int64
	err := r.row(q, []any{string(merchant), bit(live)}, &seq)
	if err == errNoRow {
		return 0, nil
	}
	return seq, err
}

// TakeSealer makes this transaction the one that seals, and reports false when another is at it. There
// is no lease: a crash frees the row.
func (tx *Tx) TakeSealer() (bool, error) {
	q := `SELECT shard FROM sealer WHERE shard = 0` + tx.lockSkip()
	var shard int64
	err := tx.row(q, nil, &shard)
	if err == errNoRow {
		return false, nil
	}
	return err == nil, err
}

// SealEvent gives an event its place. It fails with ErrSealedMeanwhile when the event has one.
func (tx *Tx) SealEvent(e paylink.Event) {
	const q = `UPDATE events SET seq = $3 WHERE merchant_id = $1 AND id = $2 AND seq IS NULL`
	tx.putUnless(ErrSealedMeanwhile, q, string(e.Merchant), string(e.ID), e.Sequence)
}

// MoveHead moves a chain's head on, guarded by where it was read. It fails with ErrSealedMeanwhile
// when somebody else moved it.
func (tx *Tx) MoveHead(merchant paylink.MerchantID, live bool, from, to int64) {
	if from == 0 {
		const q = `INSERT INTO chains (merchant_id, livemode, seq) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
		tx.putUnless(ErrSealedMeanwhile, q, string(merchant), bit(live), to)
		return
	}
	const q = `UPDATE chains SET seq = $4 WHERE merchant_id = $1 AND livemode = $2 AND seq = $3`
	tx.putUnless(ErrSealedMeanwhile, q, string(merchant), bit(live), from, to)
}
