package store

import (
	"errors"
	"time"

	"paylink"
)

// A balance is the sum of an account's totals, so it stays quick only while these stay few: days that are past
// become one row, and old days 32 at a time. Rows are moved, never counted again, so that every sum is right
// at every moment, also when somebody's clock is wrong.
const (
	ledgerBlock    = 32 // days
	ledgerDayAfter = 2  // days, after which a day's stripes are gathered
	ledgerOldAfter = 64 // days, after which days are gathered to blocks
	ledgerKeepDays = 60 // of so many days the totals are surely still by day
	gatheredAtOnce = 16
)

// errGatheredMeanwhile says that another worker moved the rows first, or that something was posted to them.
var errGatheredMeanwhile = errors.New("the totals were changed in the meantime")

// GatherTotals moves a few of the ledger's totals that are to be gathered, and tells whether there were any.
// Several workers may do it at once.
func (tx *Tx) GatherTotals(now time.Time) (bool, error) {
	today := LedgerDay(now)
	all, err := tx.scattered(`stripe > 0 AND day < $1`, today-ledgerDayAfter+1)
	if err == nil && len(all) == 0 {
		all, err = tx.scattered(`day % 32 > 0 AND day < $1`, today-ledgerOldAfter+1)
	}
	if err != nil {
		return false, err
	}
	var moved []ledgerTotal
	for _, row := range all {
		const q = `
			DELETE FROM ledger_totals
			WHERE merchant_id = $1 AND livemode = $2 AND account_id = $3 AND currency = $4 AND account = $5 AND day = $6 AND stripe = $7
			AND debits = $8 AND credits = $9 AND postings = $10`
		tx.putUnless(errGatheredMeanwhile, q, row.key(row.stripe, row.debits, row.credits, row.postings)...)
		if row.day < today-ledgerOldAfter+1 {
			row.day -= row.day % ledgerBlock
		}
		row.stripe = 0
		moved = merge(moved, row.ledgerTotal)
	}
	tx.addToStripe(0, moved)
	return len(all) > 0, nil
}

// GatheredMeanwhile tells whether an error only means that somebody else gathered first.
func GatheredMeanwhile(err error) bool { return errors.Is(err, errGatheredMeanwhile) }

// stripedTotal is a row as it stands.
type stripedTotal struct {
	ledgerTotal
	stripe int64
}

func (tx *Tx) scattered(where string, day int64) ([]stripedTotal, error) {
	q := `
		SELECT merchant_id, livemode, account_id, currency, account, day, stripe, debits, credits, postings
		FROM ledger_totals WHERE ` + where + ` ORDER BY day LIMIT $2`
	var all []stripedTotal
	err := tx.rows(q, []any{day, int64(gatheredAtOnce)}, func(scan func(...any) error) error {
		var t stripedTotal
		var live int64
		err := scan((*string)(&t.book.Merchant), &live, (*string)(&t.book.Account), (*string)(&t.book.Currency), (*string)(&t.account),
			&t.day, &t.stripe, &t.debits, &t.credits, &t.postings)
		t.book.Live = live == 1
		all = append(all, t)
		return err
	})
	return all, err
}

// LedgerBacklog is a merchant whose payments from before there were books are still being entered.
type LedgerBacklog struct {
	Merchant paylink.MerchantID
	After    paylink.PaymentID // the last that was looked at
	PassedAt time.Time         // when all had been looked at once; zero: not yet
}

// LedgerBacklogs lists such merchants, in their order, after one of them.
func (r Reader) LedgerBacklogs(after paylink.MerchantID, limit int) ([]LedgerBacklog, error) {
	const q = `SELECT merchant_id, after_id, passed_at FROM ledger_backlog WHERE merchant_id > $1 ORDER BY merchant_id LIMIT $2`
	var all []LedgerBacklog
	err := r.rows(q, []any{string(after), int64(limit)}, func(scan func(...any) error) error {
		var b LedgerBacklog
		var passed *int64
		err := scan((*string)(&b.Merchant), (*string)(&b.After), &passed)
		b.PassedAt = fromNullMicros(passed)
		all = append(all, b)
		return err
	})
	return all, err
}

// PaymentsAfter lists the merchant's payments of both modes by id, above one of them.
func (r Reader) PaymentsAfter(merchant paylink.MerchantID, after paylink.PaymentID, limit int) ([]paylink.Payment, error) {
	return r.payments(`WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3`, string(merchant), string(after), int64(limit))
}

// MoveBacklog notes how far the merchant's payments are entered.
func (tx *Tx) MoveBacklog(b LedgerBacklog) error {
	const q = `UPDATE ledger_backlog SET after_id = $2, passed_at = $3 WHERE merchant_id = $1`
	_, err := tx.exec(q, string(b.Merchant), string(b.After), nullMicros(b.PassedAt))
	return err
}

// EndBacklog notes that nothing is left to enter.
func (tx *Tx) EndBacklog(merchant paylink.MerchantID) error {
	_, err := tx.exec(`DELETE FROM ledger_backlog WHERE merchant_id = $1`, string(merchant))
	return err
}
