package store

import (
	"fmt"
	"strings"
	"time"

	"paylink"
)

// EntryFilter says which entries are meant. Its zero fields leave out nothing.
type EntryFilter struct {
	Merchant paylink.MerchantID
	Live     bool
	OfBooks  bool
	Books    []paylink.Book // with OfBooks or Account: only of these; at most MaxBooks
	Account  paylink.LedgerAccount
	Payment  paylink.PaymentID
	From     paylink.EntryID // no older ones
	Before   paylink.EntryID // the cursor: only older ones
	Limit    int
}

// MaxBooks bounds the books of one merchant and mode that are looked at together.
const MaxBooks = 64

// LedgerEntries lists entries with their postings, newest first.
func (r Reader) LedgerEntries(f EntryFilter) ([]paylink.LedgerEntry, error) {
	args := []any{string(f.Merchant), bit(f.Live), string(f.From), below(string(f.Before)), int64(f.Limit)}
	q := `
		SELECT ` + ledgerEntryColumns + ` FROM ledger_entries
		WHERE merchant_id = $1 AND livemode = $2 AND id >= $3 AND id < $4`
	if (f.OfBooks || f.Account != "") && len(f.Books) == 0 {
		return nil, nil
	}
	arg := func(v string) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	var books []string
	for _, b := range f.Books {
		books = append(books, `account_id = `+arg(string(b.Account))+` AND currency = `+arg(string(b.Currency)))
	}
	switch {
	case f.Payment != "":
		q += ` AND payment_id = ` + arg(string(f.Payment))
		if f.Account != "" {
			q += ` AND EXISTS (SELECT 1 FROM ledger_postings p WHERE p.merchant_id = $1 AND p.entry_id = ledger_entries.id AND p.account = ` + arg(string(f.Account)) + `)`
		}
	case f.Account != "":
		account := arg(string(f.Account))
		for i, book := range books {
			books[i] = fmt.Sprintf(`
				SELECT * FROM (SELECT DISTINCT entry_id FROM ledger_postings
					WHERE merchant_id = $1 AND livemode = $2 AND %s AND account = %s AND entry_id >= $3 AND entry_id < $4
					ORDER BY entry_id DESC LIMIT $5) AS of%d`, book, account, i)
		}
		q += ` AND id IN (` + strings.Join(books, ` UNION ALL `) + `)`
		books = nil
	}
	if len(books) > 0 {
		q += ` AND (` + strings.Join(books, ` OR `) + `)`
	}
	var all []paylink.LedgerEntry
	err := r.rows(q+` ORDER BY id DESC LIMIT $5`, args, func(scan func(...any) error) error {
		e, err := ledgerEntryFrom(scan)
		all = append(all, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, r.readPostings(f.Merchant, all)
}

// A LedgerLine is one posting to an account, as a statement lists it.
type LedgerLine struct {
	Entry   paylink.EntryID
	Line    int64
	At      time.Time
	Kind    paylink.EntryKind
	Payment paylink.PaymentID
	Cause   string
	Link    paylink.LinkID
	Amount  int64 // a debit above zero, a credit below
}

// LedgerLines lists the postings to one account of a book, oldest first, after a line of an entry and below
// another entry.
func (r Reader) LedgerLines(b paylink.Book, account paylink.LedgerAccount, after paylink.EntryID, line int64, until paylink.EntryID, limit int) ([]LedgerLine, error) {
	const q = `
		SELECT p.entry_id, p.line, e.at, e.kind, e.payment_id, e.cause, e.link_id, p.amount
		FROM ledger_postings p JOIN ledger_entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
		WHERE p.merchant_id = $1 AND p.livemode = $2 AND p.account_id = $3 AND p.currency = $4 AND p.account = $5
		AND (p.entry_id, p.line) > ($6, $7) AND p.entry_id < $8
		ORDER BY p.entry_id, p.line LIMIT $9`
	args := []any{string(b.Merchant), bit(b.Live), string(b.Account), string(b.Currency), string(account), string(after), line, below(string(until)), int64(limit)}
	var all []LedgerLine
	err := r.rows(q, args, func(scan func(...any) error) error {
		var l LedgerLine
		var at int64
		err := scan((*string)(&l.Entry), &l.Line, &at, (*string)(&l.Kind), (*string)(&l.Payment), &l.Cause, (*string)(&l.Link), &l.Amount)
		l.At = fromMicros(at)
		all = append(all, l)
		return err
	})
	return all, err
}

// LedgerBalancesBefore is LedgerBalances as they stood at a time, to the millisecond: what was posted earlier. It
// counts the postings of that day itself, or of the weeks around it where it is long past.
func (r Reader) LedgerBalancesBefore(f LedgerFilter, at, now time.Time) ([]paylink.LedgerBalance, error) {
	day := LedgerDay(at)
	if day < LedgerDay(now)-ledgerKeepDays {
		day -= day % ledgerBlock
	}
	from := fromMicros(day * (24 * time.Hour).Microseconds())
	totals, args := f.where("t.")
	postings, _ := f.where("p.")
	args = append(args, day, string(paylink.EntryIDFrom(from)), string(paylink.EntryIDFrom(at)))
	n := len(args)
	q := fmt.Sprintf(`
		SELECT account_id, currency, account, CAST(SUM(debits) AS BIGINT), CAST(SUM(credits) AS BIGINT), CAST(SUM(postings) AS BIGINT)
		FROM (
			SELECT account_id, currency, account, debits, credits, postings FROM ledger_totals t WHERE %s AND t.day < $%d
			UNION ALL
			SELECT account_id, currency, account, CASE WHEN amount > 0 THEN amount ELSE 0 END, CASE WHEN amount < 0 THEN -amount ELSE 0 END, 1
			FROM ledger_postings p WHERE %s AND p.entry_id >= $%d AND p.entry_id < $%d) AS posted
		GROUP BY account_id, currency, account ORDER BY account_id, currency, account`, totals, n-2, postings, n-1, n)
	return r.ledgerSums(q, args)
}
