package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"paylink"
)

// ledgerStripes is into how many rows the total of an account and a day is divided on a database where
// transactions wait for each other's rows: those of one merchant seldom meet.
const ledgerStripes = 16

// LedgerDay is the day in whose totals an entry of that time is counted: days since 1970, in UTC.
func LedgerDay(at time.Time) int64 { return micros(at) / (24 * time.Hour).Microseconds() }

// InsertEntries writes entries of one merchant, which are balanced and have ids, and counts them in the
// totals. It fails with *paylink.Conflict "posted_already" when one of the facts is in the books. It is best
// called once and last in a transaction: on PostgreSQL others wait for the rows of the totals.
func (tx *Tx) InsertEntries(entries []paylink.LedgerEntry) {
	if len(entries) == 0 {
		return
	}
	var heads, lines ledgerRows
	for _, e := range entries {
		heads.add(string(e.Book.Merchant), string(e.ID), bit(e.Book.Live), string(e.Book.Account), string(e.Book.Currency),
			string(e.Kind), string(e.Payment), e.Cause, string(e.Link), micros(e.At))
		for i, p := range e.Postings {
			lines.add(string(e.Book.Merchant), string(e.ID), int64(i), bit(e.Book.Live), string(e.Book.Account), string(e.Book.Currency),
				string(p.Account), p.Amount)
		}
	}
	const intoEntries = `INSERT INTO ledger_entries (merchant_id, id, livemode, account_id, currency, kind, payment_id, cause, link_id, at) VALUES `
	tx.putAllUnless(&paylink.Conflict{Code: "posted_already", Detail: "This is in the books already."}, heads.n,
		intoEntries+heads.text()+` ON CONFLICT DO NOTHING`, heads.args...)
	const intoPostings = `INSERT INTO ledger_postings (merchant_id, entry_id, line, livemode, account_id, currency, account, amount) VALUES `
	tx.putAllUnless(nil, lines.n, intoPostings+lines.text(), lines.args...)
	tx.addTotals(totalsOf(entries))
}

// A ledgerTotal is one row of the totals, or what is to be added to it.
type ledgerTotal struct {
	book                      paylink.Book
	account                   paylink.LedgerAccount
	day                       int64
	debits, credits, postings int64
}

// totalsOf sums what entries add to the totals, in the order in which everybody locks them.
func totalsOf(entries []paylink.LedgerEntry) (all []ledgerTotal) {
	for _, e := range entries {
		for _, p := range e.Postings {
			all = merge(all, ledgerTotal{
				book: e.Book, account: p.Account, day: LedgerDay(e.At), debits: max(p.Amount, 0), credits: -min(p.Amount, 0), postings: 1,
			})
		}
	}
	return all
}

// merge adds one total to others, which are in order.
func merge(all []ledgerTotal, t ledgerTotal) []ledgerTotal {
	i, found := slices.BinarySearchFunc(all, t, ledgerTotal.compare)
	if !found {
		return slices.Insert(all, i, t)
	}
	all[i].debits, all[i].credits, all[i].postings = all[i].debits+t.debits, all[i].credits+t.credits, all[i].postings+t.postings
	return all
}

func (t ledgerTotal) compare(o ledgerTotal) int {
	return cmp.Or(
		cmp.Compare(t.book.Merchant, o.book.Merchant), cmp.Compare(bit(t.book.Live), bit(o.book.Live)),
		cmp.Compare(t.book.Account, o.book.Account), cmp.Compare(t.book.Currency, o.book.Currency),
		cmp.Compare(t.account, o.account), cmp.Compare(t.day, o.day))
}

// key gives the arguments that name a row, and more behind them.
func (t ledgerTotal) key(more ...any) []any {
	return append([]any{string(t.book.Merchant), bit(t.book.Live), string(t.book.Account), string(t.book.Currency), string(t.account), t.day}, more...)
}

// addTotals counts postings. A transaction uses one stripe throughout, so that two meet in a fixed order.
func (tx *Tx) addTotals(totals []ledgerTotal) {
	if tx.stripe == 0 && tx.session.locksRows() {
		tx.stripe = 1 + rand.Int64N(ledgerStripes)
	}
	tx.addToStripe(tx.stripe, totals)
}

func (tx *Tx) addToStripe(stripe int64, totals []ledgerTotal) {
	if len(totals) == 0 {
		return
	}
	var sums ledgerRows
	for _, t := range totals {
		sums.add(t.key(stripe, t.debits, t.credits, t.postings)...)
	}
	const into = `INSERT INTO ledger_totals (merchant_id, livemode, account_id, currency, account, day, stripe, debits, credits, postings) VALUES `
	const onto = ` ON CONFLICT (merchant_id, livemode, account_id, currency, account, day, stripe) DO UPDATE SET
		debits = ledger_totals.debits + excluded.debits, credits = ledger_totals.credits + excluded.credits,
		postings = ledger_totals.postings + excluded.postings`
	tx.putAllUnless(nil, sums.n, into+sums.text()+onto, sums.args...)
}

// ledgerRows gathers the rows of one INSERT.
type ledgerRows struct {
	n    int
	args []any
}

func (r *ledgerRows) add(columns ...any) {
	r.n++
	r.args = append(r.args, columns...)
}

// text is what stands behind VALUES.
func (r *ledgerRows) text() string {
	var b strings.Builder
	width := len(r.args) / r.n
	for i := range r.args {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%width == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String() + ")"
}
