package store

import (
	"fmt"
	"strings"

	"paylink"
)

// LedgerFilter says which books, and which accounts of them, are meant. Its zero fields leave out nothing.
type LedgerFilter struct {
	Merchant paylink.MerchantID
	Live     bool
	Gateway  *paylink.AccountID // the gateway account of the book; empty text: the book of money from outside
	Currency paylink.Currency
	Account  paylink.LedgerAccount
}

// where gives the conditions on a table with the columns of a book, and their arguments.
func (f LedgerFilter) where(table string) (string, []any) {
	where, args := table+`merchant_id = $1 AND `+table+`livemode = $2`, []any{string(f.Merchant), bit(f.Live)}
	and := func(column, value string) {
		args = append(args, value)
		where += fmt.Sprintf(` AND %s%s = $%d`, table, column, len(args))
	}
	if f.Gateway != nil {
		and("account_id", string(*f.Gateway))
	}
	if f.Currency != "" {
		and("currency", string(f.Currency))
	}
	if f.Account != "" {
		and("account", string(f.Account))
	}
	return where, args
}

// LedgerBalances sums the accounts that the filter names and that have postings, by book and name. It costs
// some hundred rows for each account, however many postings there are.
func (r Reader) LedgerBalances(f LedgerFilter) ([]paylink.LedgerBalance, error) {
	where, args := f.where("")
	return r.ledgerSums(`
		SELECT account_id, currency, account, CAST(SUM(debits) AS BIGINT), CAST(SUM(credits) AS BIGINT), CAST(SUM(postings) AS BIGINT)
		FROM ledger_totals WHERE `+where+` GROUP BY account_id, currency, account ORDER BY account_id, currency, account`, args)
}

// ledgerSums reads sums by account; the first two arguments are the merchant and the mode.
func (r Reader) ledgerSums(q string, args []any) ([]paylink.LedgerBalance, error) {
	var all []paylink.LedgerBalance
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		b := paylink.LedgerBalance{Book: paylink.Book{Merchant: paylink.MerchantID(args[0].(string)), Live: args[1].(int64) == 1}}
		err := scan((*string)(&b.Book.Account), (*string)(&b.Book.Currency), (*string)(&b.Account), &b.Debits, &b.Credits, &b.Postings)
		all = append(all, b)
		return err
	})
	return all, err
}

const ledgerEntryColumns = `merchant_id, id, livemode, account_id, currency, kind, payment_id, cause, link_id, at`

func ledgerEntryFrom(scan func(...any) error) (paylink.LedgerEntry, error) {
	var e paylink.LedgerEntry
	var live, at int64
	err := scan((*string)(&e.Book.Merchant), (*string)(&e.ID), &live, (*string)(&e.Book.Account), (*string)(&e.Book.Currency),
		(*string)(&e.Kind), (*string)(&e.Payment), &e.Cause, (*string)(&e.Link), &at)
	e.Book.Live, e.At = live == 1, fromMicros(at)
	return e, err
}

// LedgerEntry reads one entry with its postings; *paylink.NotFound if there is none.
func (r Reader) LedgerEntry(merchant paylink.MerchantID, live bool, id paylink.EntryID) (paylink.LedgerEntry, error) {
	const q = `SELECT ` + ledgerEntryColumns + ` FROM ledger_entries WHERE merchant_id = $1 AND livemode = $2 AND id = $3`
	e, err := ledgerEntryFrom(func(dest ...any) error { return r.row(q, []any{string(merchant), bit(live), string(id)}, dest...) })
	if err == errNoRow {
		return e, &paylink.NotFound{Kind: "ledger_entry", ID: string(id)}
	}
	all := []paylink.LedgerEntry{e}
	if err == nil {
		err = r.readPostings(merchant, all)
	}
	return all[0], err
}

// LedgerPosted tells whether a fact is in the books.
func (r Reader) LedgerPosted(merchant paylink.MerchantID, payment paylink.PaymentID, cause string, kind paylink.EntryKind) (bool, error) {
	const q = `SELECT COUNT(*) FROM ledger_entries WHERE merchant_id = $1 AND payment_id = $2 AND cause = $3 AND kind = $4`
	var n int64
	err := r.row(q, []any{string(merchant), string(payment), cause, string(kind)}, &n)
	return n > 0, err
}

// readPostings gives entries of one merchant their postings; at most 1,000 entries.
func (r Reader) readPostings(merchant paylink.MerchantID, entries []paylink.LedgerEntry) error {
	if len(entries) == 0 {
		return nil
	}
	of := map[paylink.EntryID]*paylink.LedgerEntry{}
	args, marks := []any{string(merchant)}, make([]string, len(entries))
	for i := range entries {
		of[entries[i].ID] = &entries[i]
		args = append(args, string(entries[i].ID))
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	q := `SELECT entry_id, account, amount FROM ledger_postings WHERE merchant_id = $1 AND entry_id IN (` + strings.Join(marks, ", ") + `) ORDER BY entry_id, line`
	return r.rows(q, args, func(scan func(...any) error) error {
		var id paylink.EntryID
		var p paylink.Posting
		err := scan((*string)(&id), (*string)(&p.Account), &p.Amount)
		if e := of[id]; e != nil {
			e.Postings = append(e.Postings, p)
		}
		return err
	})
}
