package ledger

import (
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// Statement is what happened to one account of a book in a stretch of time. Amounts stand on the account's own
// side: above zero is where it stands as a rule.
type Statement struct {
	Book    paylink.Book
	Account paylink.ChartLine
	From    time.Time // the zero time: from the beginning
	Until   time.Time // not included

	Opening, Debits, Credits, Closing int64
}

// Line is one posting of a statement, with the balance after it.
type Line struct {
	store.LedgerLine
	Balance int64
}

// Debit and Credit are the two columns in which a line stands; one of them is zero.
func (l Line) Debit() int64  { return max(l.Amount, 0) }
func (l Line) Credit() int64 { return -min(l.Amount, 0) }

// mostBooks bounds how many books of one merchant are looked at together.
const mostBooks = store.MaxBooks

// BooksOf lists the books that have postings to what the filter names.
func BooksOf(read store.Reader, f store.LedgerFilter) ([]paylink.Book, error) {
	all, err := read.LedgerBalances(f)
	var books []paylink.Book
	for _, b := range all {
		if len(books) == 0 || books[len(books)-1] != b.Book {
			books = append(books, b.Book)
		}
	}
	return books[:min(len(books), mostBooks)], err
}

// ReadStatement sums up an account from one time to another; until is now where it is zero.
func ReadStatement(read store.Reader, b paylink.Book, account paylink.LedgerAccount, from, until, now time.Time) (Statement, error) {
	s := Statement{Book: b, From: from, Until: until}
	if until.IsZero() {
		s.Until = now.Truncate(time.Millisecond).Add(time.Millisecond) // with what is posted in this very moment
	}
	s.Account, _ = account.Line()
	f := store.LedgerFilter{Merchant: b.Merchant, Live: b.Live, Gateway: &b.Account, Currency: b.Currency, Account: account}
	var before paylink.LedgerBalance
	if !from.IsZero() {
		var err error
		if before, err = standing(read, f, from, now); err != nil {
			return s, err
		}
	}
	after, err := standing(read, f, s.Until, now)
	side := int64(s.Account.Side)
	s.Opening, s.Closing = before.Amount()*side, after.Amount()*side
	s.Debits, s.Credits = after.Debits-before.Debits, after.Credits-before.Credits
	return s, err
}

// standing is how an account stood at a time.
func standing(read store.Reader, f store.LedgerFilter, at, now time.Time) (paylink.LedgerBalance, error) {
	all, err := read.LedgerBalancesBefore(f, at, now)
	if err != nil || len(all) == 0 {
		return paylink.LedgerBalance{}, err
	}
	return all[0], nil
}

// Mark is a place in a statement: behind a line, with the balance there. Its text is for a cursor.
type Mark struct {
	Entry   paylink.EntryID
	Line    int64
	Balance int64
}

// Begin is the place before the first line.
func (s Statement) Begin() Mark {
	return Mark{Entry: paylink.EntryIDFrom(s.From), Line: -1, Balance: s.Opening}
}

// Lines lists the statement's lines behind a mark, oldest first.
func (s Statement) Lines(read store.Reader, after Mark, limit int) ([]Line, error) {
	found, err := read.LedgerLines(s.Book, s.Account.Account, after.Entry, after.Line, paylink.EntryIDFrom(s.Until), limit)
	lines := make([]Line, len(found))
	for i, l := range found {
		after.Balance += l.Amount * int64(s.Account.Side)
		lines[i] = Line{l, after.Balance}
	}
	return lines, err
}

// Mark is the place behind the line.
func (l Line) Mark() Mark { return Mark{l.Entry, l.LedgerLine.Line, l.Balance} }

// String writes a mark in letters, digits and underscores.
func (m Mark) String() string {
	return string(m.Entry) + "_" + strconv.FormatInt(m.Line, 10) + "_" + strings.Replace(strconv.FormatInt(m.Balance, 10), "-", "n", 1)
}

// ReadMark reads what String wrote; false for anything else.
func ReadMark(text string) (m Mark, ok bool) {
	parts := strings.Split(text, "_")
	if len(parts) != 4 {
		return m, false
	}
	m.Entry = paylink.EntryID(parts[0] + "_" + parts[1])
	var wrongLine, wrongBalance error
	m.Line, wrongLine = strconv.ParseInt(parts[2], 10, 64)
	m.Balance, wrongBalance = strconv.ParseInt(strings.Replace(parts[3], "n", "-", 1), 10, 64)
	return m, wrongLine == nil && wrongBalance == nil && !paylink.MadeAt(m.Entry).IsZero()
}

// Trial is the trial balance of one book: each account stands on one side, and both sides are the same.
type Trial struct {
	Book          paylink.Book
	Accounts      []paylink.LedgerBalance // in the order of the chart
	Debit, Credit int64
}

// TrialBalance reads how a merchant's books stood at a time; at is now where it is zero.
func TrialBalance(read store.Reader, f store.LedgerFilter, at, now time.Time) ([]Trial, error) {
	all, err := read.LedgerBalances(f)
	if !at.IsZero() {
		all, err = read.LedgerBalancesBefore(f, at, now)
	}
	var trials []Trial
	for i := 0; i < len(all); {
		t := Trial{Book: all[i].Book}
		of := map[paylink.LedgerAccount]paylink.LedgerBalance{}
		for ; i < len(all) && all[i].Book == t.Book; i++ {
			of[all[i].Account] = all[i]
			t.Debit += max(all[i].Amount(), 0)
			t.Credit -= min(all[i].Amount(), 0)
		}
		for _, line := range paylink.Chart {
			if b, ok := of[line.Account]; ok {
				t.Accounts = append(t.Accounts, b)
			}
		}
		trials = append(trials, t)
	}
	return trials, err
}
