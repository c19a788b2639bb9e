package dashboard

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
)

// statement is what happened to one account of a book, a page of it at a time.
type statement struct {
	frame
	Words, Account, Says, Book string
	From, Until                string // days, as their fields hold them
	Wrong                      bool   // one of them cannot be read
	Opening, Closing           string
	Lines                      []statementLine
	File                       string // address of the whole as CSV
	Newer                      string // address of the next page; empty: there is none
	Later                      bool   // it is not the first page
}

type statementLine struct {
	At            when
	What          string
	Debit, Credit string
	Balance       string
	Link          paylink.LinkID // whose payment it is about; empty: no single one's
	Cause         string
}

// Statement lists what happened to an account, oldest first:
// GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}.
func (d *Dashboard) Statement(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		read := d.Store.Read(r.Context())
		st, wrong, err := s.statement(read, r)
		if err != nil {
			return err
		}
		q := r.URL.Query()
		v := statement{
			frame: d.frame(s, word(accountsWords, st.Account.Account), "ledger"), Words: word(accountsWords, st.Account.Account), Account: string(st.Account.Account),
			Says: st.Account.Says, From: q.Get("from"), Until: q.Get("until"), Wrong: wrong, Opening: s.money(st.Opening, st.Book.Currency), Closing: s.money(st.Closing, st.Book.Currency),
		}
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		if v.Book, err = d.bookTitle(read, st.Book); err != nil {
			return err
		}
		days := url.Values{"from": {v.From}, "until": {v.Until}}
		v.File = s.statementPath(st.Book, st.Account.Account) + "/statement.csv?" + days.Encode()
		at := st.Begin()
		if m, ok := ledger.ReadMark(q.Get("after")); ok {
			at, v.Later, v.Opening = m, true, s.money(m.Balance, st.Book.Currency)
		}
		lines, err := st.Lines(read, at, shownLines+1)
		if err != nil {
			return err
		}
		if len(lines) > shownLines {
			lines = lines[:shownLines]
			days.Set("after", lines[shownLines-1].Mark().String())
			v.Newer = s.statementPath(st.Book, st.Account.Account) + "?" + days.Encode()
		}
		for _, l := range lines {
			v.Lines = append(v.Lines, s.statementLine(l, st.Book.Currency))
		}
		return d.render(w, r, http.StatusOK, statementPage(v))
	})
}

// StatementFile is a statement as CSV: GET /dashboard/{mode}/ledger/{gateway}/{currency}/{account}/statement.csv.
func (d *Dashboard) StatementFile(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		read := d.Store.Read(r.Context())
		st, _, err := s.statement(read, r)
		if err != nil {
			return err
		}
		d.sendTable(w, r, string(st.Account.Account)+".csv", func(to io.Writer) error { return ledger.WriteStatement(to, read, st) })
		return nil
	})
}

// statement reads the account and the days that an address names. A day that cannot be read is left out, and told.
func (s scene) statement(read store.Reader, r *http.Request) (st ledger.Statement, wrong bool, err error) {
	book := paylink.Book{Merchant: s.Merchant.ID, Live: s.Live, Account: paylink.AccountID(r.PathValue("gateway")), Currency: paylink.Currency(r.PathValue("currency"))}
	if book.Account == ledger.OutsideName {
		book.Account = ""
	}
	account := paylink.LedgerAccount(r.PathValue("account"))
	known, err := ledger.BooksOf(read, store.LedgerFilter{Merchant: s.Merchant.ID, Live: s.Live, Account: account})
	if err != nil {
		return st, false, err
	}
	if _, ok := account.Line(); !ok || !slices.Contains(known, book) {
		return st, false, &paylink.NotFound{Kind: "ledger_account"}
	}
	from, okFrom := s.endOfDay(r.URL.Query().Get("from"))
	if okFrom && !from.IsZero() {
		from = from.AddDate(0, 0, -1) // from the beginning of its day
	}
	until, okUntil := s.endOfDay(r.URL.Query().Get("until"))
	if !okFrom || !okUntil {
		from, until, wrong = time.Time{}, time.Time{}, true
	}
	st, err = ledger.ReadStatement(read, book, account, from, until, s.Now)
	return st, wrong, err
}

func (s scene) statementLine(l ledger.Line, c paylink.Currency) statementLine {
	kind, _ := l.Kind.Line()
	row := statementLine{At: s.when(l.At, s.Now), What: kind.Says, Balance: s.money(l.Balance, c), Link: l.Link, Cause: l.Cause}
	if l.Amount >= 0 {
		row.Debit = s.money(l.Amount, c)
	} else {
		row.Credit = s.money(-l.Amount, c)
	}
	return row
}
