package store

import (
	"encoding/hex"
	"errors"

	"paylink"
)

// ErrSealedMeanwhile says that another worker sealed or hashed some of the same events; nothing was
// written, and the next look finds what is left.
var ErrSealedMeanwhile = errors.New("the events were sealed meanwhile")

// Unsealed lists events without a sequence, oldest first. It never asks for ids above the last one
// seen: on PostgreSQL rows become visible out of order, and a late commit is simply sealed later.
func (r Reader) Unsealed(limit int) ([]Entry, error) {
	const q = `SELECT ` + entryColumns + ` FROM events WHERE seq IS NULL ORDER BY at, id LIMIT $1`
	return r.entries(q, int64(limit))
}

// Chain is the head of one merchant's events in one mode.
type Chain struct {
	Merchant paylink.MerchantID
	Live     bool
	Sequence int64  // the last one given out; zero when there is none
	Hashed   int64  // the last one that has a hash; less than Sequence where a build without hashes sealed
	Hash     []byte // of the event at Hashed; none at the beginning
}

// Chain reads the head of a merchant's chain in one mode; all zero when it has not begun.
func (r Reader) Chain(merchant paylink.MerchantID, live bool) (Chain, error) {
	const q = `SELECT seq, hashed_seq, hash FROM chains WHERE merchant_id = $1 AND livemode = $2`
	c := Chain{Merchant: merchant, Live: live}
	err := r.row(q, []any{string(merchant), bit(live)}, &c.Sequence, &c.Hashed, &c.Hash)
	if err == errNoRow {
		return c, nil
	}
	return c, err
}

// ChainHead is the last sequence given out to a merchant in one mode; zero when there is none.
func (r Reader) ChainHead(merchant paylink.MerchantID, live bool) (int64, error) {
	c, err := r.Chain(merchant, live)
	return c.Sequence, err
}

// Chains lists the heads of all chains in the order of merchant and mode, test before live, above a
// position; the empty merchant begins.
func (r Reader) Chains(merchant paylink.MerchantID, live bool, limit int) ([]Chain, error) {
	const q = `
		SELECT merchant_id, livemode, seq, hashed_seq, hash FROM chains
		WHERE (merchant_id, livemode) > ($1, $2)
		ORDER BY merchant_id, livemode LIMIT $3`
	return r.chains(q, string(merchant), bit(live), int64(limit))
}

// ChainsBehind lists the heads of the chains that have events without a hash, as Chains does.
func (r Reader) ChainsBehind(merchant paylink.MerchantID, live bool, limit int) ([]Chain, error) {
	const q = `
		SELECT merchant_id, livemode, seq, hashed_seq, hash FROM chains
		WHERE (merchant_id, livemode) > ($1, $2) AND hashed_seq < seq
		ORDER BY merchant_id, livemode LIMIT $3`
	return r.chains(q, string(merchant), bit(live), int64(limit))
}

func (r Reader) chains(q string, args ...any) ([]Chain, error) {
	var all []Chain
	err := r.rows(q, args, func(scan func(...any) error) error {
		var c Chain
		var live int64
		err := scan((*string)(&c.Merchant), &live, &c.Sequence, &c.Hashed, &c.Hash)
		c.Live = live == 1
		all = append(all, c)
		return err
	})
	return all, err
}

// HashBacklog counts the sealed events that have no hash yet.
func (r Reader) HashBacklog() (int64, error) {
	const q = `SELECT CAST(COALESCE(SUM(seq - hashed_seq), 0) AS BIGINT) FROM chains WHERE hashed_seq < seq`
	var n int64
	err := r.row(q, nil, &n)
	return n, err
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

// SealEvents gives events their places, and their hashes where the chains before them are hashed. It fails
// with ErrSealedMeanwhile when one of them has a place. On SQLite it is one statement: sealing comes after
// every write, and a statement for each event was most of what it cost. On PostgreSQL they travel together
// anyway, and the plan of a join that was made while there were few events would read all of them for as
// long as nobody analyses a table that a large upload has just filled.
func (tx *Tx) SealEvents(events ...Entry) {
	if tx.session.locksRows() {
		const q = `UPDATE events SET seq = $3, hash = $4 WHERE merchant_id = $1 AND id = $2 AND seq IS NULL`
		for _, e := range events {
			tx.putUnless(ErrSealedMeanwhile, q, string(e.Merchant), string(e.ID), e.Sequence, nullBlob(e.Hash))
		}
		return
	}
	q := `
		UPDATE events SET seq = sealed.seq, hash = sealed.hash
		FROM (SELECT value ->> 0 AS merchant_id, value ->> 1 AS id, CAST(value ->> 2 AS BIGINT) AS seq, unhex(value ->> 3) AS hash
			FROM ` + tx.each("$1") + `) AS sealed
		WHERE events.merchant_id = sealed.merchant_id AND events.id = sealed.id AND events.seq IS NULL`
	rows := make([][4]any, len(events))
	for i, e := range events {
		rows[i] = [4]any{e.Merchant, e.ID, e.Sequence, nil}
		if len(e.Hash) > 0 {
			rows[i][3] = hex.EncodeToString(e.Hash)
		}
	}
	tx.putAllUnless(ErrSealedMeanwhile, len(rows), q, toJSON(rows))
}

// MoveHead moves a chain's head on, guarded by where it was read. to.Hashed is either to.Sequence or
// what it was. It fails with ErrSealedMeanwhile when somebody else moved the head.
func (tx *Tx) MoveHead(from, to Chain) {
	if from.Sequence == 0 {
		const q = `
			INSERT INTO chains (merchant_id, livemode, seq, hash, hashed_seq) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`
		tx.putUnless(ErrSealedMeanwhile, q, string(to.Merchant), bit(to.Live), to.Sequence, nullBlob(to.Hash), to.Hashed)
		return
	}
	if from.Hashed == to.Hashed { // the hashes are somebody else's to move, also now
		const q = `UPDATE chains SET seq = $4 WHERE merchant_id = $1 AND livemode = $2 AND seq = $3`
		tx.putUnless(ErrSealedMeanwhile, q, string(to.Merchant), bit(to.Live), from.Sequence, to.Sequence)
		return
	}
	const q = `
		UPDATE chains SET seq = $5, hash = $6, hashed_seq = $5
		WHERE merchant_id = $1 AND livemode = $2 AND seq = $3 AND hashed_seq = $4`
	tx.putUnless(ErrSealedMeanwhile, q, string(to.Merchant), bit(to.Live), from.Sequence, from.Hashed, to.Sequence, to.Hash)
}

// HashEvent gives a sealed event the hash that it lacks, after MoveHashed has found that nobody else
// does so.
func (tx *Tx) HashEvent(e Entry) {
	const q = `UPDATE events SET hash = $4 WHERE merchant_id = $1 AND id = $2 AND seq = $3`
	tx.putUnless(ErrSealedMeanwhile, q, string(e.Merchant), string(e.ID), e.Sequence, e.Hash)
}

// MoveHashed moves a chain's hashes on, wherever its head is by now, guarded by where they were read.
func (tx *Tx) MoveHashed(from, to Chain) {
	const q = `
		UPDATE chains SET hash = $4, hashed_seq = $5
		WHERE merchant_id = $1 AND livemode = $2 AND hashed_seq = $3 AND seq >= $5`
	tx.putUnless(ErrSealedMeanwhile, q, string(to.Merchant), bit(to.Live), from.Hashed, to.Hash, to.Hashed)
}
