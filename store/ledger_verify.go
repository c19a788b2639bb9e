package store

import (
	"paylink"
)

// The reads of this file are for proving the books. What each answers it sees in one look, so that it is true
// also beside a server that posts: a fact and its entry are written in one transaction.

// EntryCut gives the id of the entry that stands so many places behind another, to cut a merchant's entries into
// pieces; the empty id when there are fewer.
func (r Reader) EntryCut(merchant paylink.MerchantID, after paylink.EntryID, places int) (paylink.EntryID, error) {
	const q = `SELECT id FROM ledger_entries WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`
	var id paylink.EntryID
	err := r.row(q, []any{string(merchant), string(after), int64(places - 1)}, (*string)(&id))
	if err == errNoRow {
		return "", nil
	}
	return id, err
}

// PaymentCut is the same for payments.
func (r Reader) PaymentCut(merchant paylink.MerchantID, after paylink.PaymentID, places int) (paylink.PaymentID, error) {
	const q = `SELECT id FROM payments WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`
	var id paylink.PaymentID
	err := r.row(q, []any{string(merchant), string(after), int64(places - 1)}, (*string)(&id))
	if err == errNoRow {
		return "", nil
	}
	return id, err
}

// BookedEntry is an entry as it stands in the database, whether or not it is right.
type BookedEntry struct {
	paylink.LedgerEntry
	Mixed    bool // a posting stands in another book than its entry
	Orphaned bool // it names a payment that does not stand
}

// EntriesBetween reads the merchant's entries of both modes above one id and up to another, in order.
func (r Reader) EntriesBetween(merchant paylink.MerchantID, after, upTo paylink.EntryID) ([]BookedEntry, error) {
	const q = `
		SELECT e.merchant_id, e.id, e.livemode, e.account_id, e.currency, e.kind, e.payment_id, e.cause, e.link_id, e.at,
			CASE WHEN e.payment_id = '' OR EXISTS (SELECT 1 FROM payments y WHERE y.merchant_id = e.merchant_id AND y.id = e.payment_id) THEN 0 ELSE 1 END,
			CASE WHEN p.livemode = e.livemode AND p.account_id = e.account_id AND p.currency = e.currency THEN 0 ELSE 1 END,
			COALESCE(p.account, ''), COALESCE(p.amount, 0)
		FROM ledger_entries e LEFT JOIN ledger_postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id
		WHERE e.merchant_id = $1 AND e.id > $2 AND e.id <= $3 ORDER BY e.id, p.line`
	var all []BookedEntry
	err := r.rows(q, []any{string(merchant), string(after), string(upTo)}, func(scan func(...any) error) error {
		var orphaned, mixed int64
		var p paylink.Posting
		e, err := ledgerEntryFrom(func(dest ...any) error {
			return scan(append(dest, &orphaned, &mixed, (*string)(&p.Account), &p.Amount)...)
		})
		if len(all) == 0 || all[len(all)-1].ID != e.ID {
			all = append(all, BookedEntry{LedgerEntry: e, Orphaned: orphaned == 1})
		}
		last := &all[len(all)-1]
		if p.Account != "" {
			last.Mixed = last.Mixed || mixed == 1
			last.Postings = append(last.Postings, p)
		}
		return err
	})
	return all, err
}

// StrayPosting finds a posting that belongs to no entry, among ids above one and up to another; the empty id
// when there is none.
func (r Reader) StrayPosting(merchant paylink.MerchantID, after, upTo paylink.EntryID) (paylink.EntryID, error) {
	const q = `
		SELECT p.entry_id FROM ledger_postings p
		WHERE p.merchant_id = $1 AND p.entry_id > $2 AND p.entry_id <= $3
		AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.merchant_id = p.merchant_id AND e.id = p.entry_id)
		ORDER BY p.entry_id LIMIT 1`
	var id paylink.EntryID
	err := r.row(q, []any{string(merchant), string(after), string(upTo)}, (*string)(&id))
	if err == errNoRow {
		return "", nil
	}
	return id, err
}

// LedgerSums gives what the merchant's totals come to in all books of both modes, without the postings of entries
// above an id.
func (r Reader) LedgerSums(merchant paylink.MerchantID, above paylink.EntryID) ([]paylink.LedgerBalance, error) {
	const q = `
		SELECT livemode, account_id, currency, account, CAST(SUM(debits) AS BIGINT), CAST(SUM(credits) AS BIGINT), CAST(SUM(postings) AS BIGINT)
		FROM (
			SELECT livemode, account_id, currency, account, debits, credits, postings FROM ledger_totals WHERE merchant_id = $1
			UNION ALL
			SELECT livemode, account_id, currency, account, CASE WHEN amount > 0 THEN -amount ELSE 0 END, CASE WHEN amount < 0 THEN amount ELSE 0 END, -1
			FROM ledger_postings WHERE merchant_id = $1 AND entry_id > $2) AS posted
		GROUP BY livemode, account_id, currency, account ORDER BY livemode, account_id, currency, account`
	var all []paylink.LedgerBalance
	err := r.rows(q, []any{string(merchant), string(above)}, func(scan func(...any) error) error {
		b := paylink.LedgerBalance{Book: paylink.Book{Merchant: merchant}}
		var live int64
		err := scan(&live, (*string)(&b.Book.Account), (*string)(&b.Book.Currency), (*string)(&b.Account), &b.Debits, &b.Credits, &b.Postings)
		b.Book.Live = live == 1
		all = append(all, b)
		return err
	})
	return all, err
}

// BookedPayment is a payment together with its entries.
type BookedPayment struct {
	paylink.Payment // the columns that the books are about, and no other
	Entries         []paylink.LedgerEntry
}

// BookedPayments reads the merchant's payments of both modes above one id and up to another, in order.
func (r Reader) BookedPayments(merchant paylink.MerchantID, after, upTo paylink.PaymentID) ([]BookedPayment, error) {
	const q = `
		SELECT y.id, y.livemode, y.link_id, y.account_id, y.status, y.currency, y.amount_captured, y.amount_excess, y.amount_refunded, y.amount_reversed,
			y.amount_refunding, y.amount_disputed, y.fee, y.tax, y.abnormal, y.disposition,
			COALESCE(e.id, ''), COALESCE(e.livemode, 0), COALESCE(e.account_id, ''), COALESCE(e.currency, ''), COALESCE(e.kind, ''), COALESCE(e.cause, ''),
			COALESCE(e.link_id, ''), COALESCE(p.account, ''), COALESCE(p.amount, 0)
		FROM payments y
		LEFT JOIN ledger_entries e ON e.merchant_id = y.merchant_id AND e.payment_id = y.id
		LEFT JOIN ledger_postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id
		WHERE y.merchant_id = $1 AND y.id > $2 AND y.id <= $3 ORDER BY y.id, e.id, p.line`
	var all []BookedPayment
	err := r.rows(q, []any{string(merchant), string(after), string(upTo)}, func(scan func(...any) error) error {
		y := paylink.Payment{Merchant: merchant}
		e := paylink.LedgerEntry{Book: paylink.Book{Merchant: merchant}}
		var p paylink.Posting
		var live, entryLive int64
		err := scan((*string)(&y.ID), &live, (*string)(&y.Link), (*string)(&y.Account), (*string)(&y.Status), (*string)(&y.Amount.Currency),
			&y.AmountCaptured, &y.AmountExcess, &y.AmountRefunded, &y.AmountReversed,
			&y.AmountRefunding, &y.AmountDisputed, &y.Fee, &y.Tax, (*string)(&y.Abnormal), (*string)(&y.Disposition),
			(*string)(&e.ID), &entryLive, (*string)(&e.Book.Account), (*string)(&e.Book.Currency), (*string)(&e.Kind), &e.Cause,
			(*string)(&e.Link), (*string)(&p.Account), &p.Amount)
		if len(all) == 0 || all[len(all)-1].ID != y.ID {
			y.Live = live == 1
			all = append(all, BookedPayment{Payment: y})
		}
		last := &all[len(all)-1]
		if n := len(last.Entries); e.ID != "" && (n == 0 || last.Entries[n-1].ID != e.ID) {
			e.Book.Live, e.Payment = entryLive == 1, y.ID
			last.Entries = append(last.Entries, e)
		}
		if n := len(last.Entries); p.Account != "" {
			last.Entries[n-1].Postings = append(last.Entries[n-1].Postings, p)
		}
		return err
	})
	return all, err
}

// InBacklog tells whether payments of the merchant from before there were books may not be entered yet.
func (r Reader) InBacklog(merchant paylink.MerchantID) (bool, error) {
	var n int64
	err := r.row(`SELECT COUNT(*) FROM ledger_backlog WHERE merchant_id = $1`, []any{string(merchant)}, &n)
	return n > 0, err
}
