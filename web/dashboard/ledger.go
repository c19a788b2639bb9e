package dashboard

import (
	"io"
	"net/http"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/locale"
	"paylink/store"
	"paylink/web/respond"
)

// shownLines is how many lines of a statement a page lists.
const shownLines = 50

// books is the page of a merchant's books: the trial balance of each, in a shopkeeper's words beside the
// accountant's.
type books struct {
	frame
	On    string // the day that is shown, as its field holds it; empty: now
	As    string // "as of 22 Nov 2026"
	Wrong bool   // the day cannot be read
	File  string // address of the same as CSV
	Books []bookTable
}

// bookTable is the trial balance of one book.
type bookTable struct {
	ID            string
	Title         string // "Sandbox · INR"
	Rows          []bookRow
	Debit, Credit string
}

type bookRow struct {
	Words, Account, Says string
	Debit, Credit        string // one of them is empty
	Href                 string
}

// Ledger shows the trial balance of each book: GET /dashboard/{mode}/ledger.
func (d *Dashboard) Ledger(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		v := books{frame: d.frame(s, "Ledger", "ledger"), On: r.URL.Query().Get("on"), File: s.path("ledger", "trial_balance.csv")}
		var err error
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		at, ok := s.endOfDay(v.On)
		if v.Wrong = !ok; ok && v.On != "" {
			v.File += "?on=" + v.On
			v.As = "At the end of " + at.Add(-time.Second).In(locale.Zone(s.Merchant.TimeZone)).Format("2 January 2006")
		}
		read := d.Store.Read(r.Context())
		trials, err := ledger.TrialBalance(read, store.LedgerFilter{Merchant: s.Merchant.ID, Live: s.Live}, at, s.Now)
		if err != nil {
			return err
		}
		for _, t := range trials {
			title, err := d.bookTitle(read, t.Book)
			if err != nil {
				return err
			}
			v.Books = append(v.Books, s.bookTable(t, title))
		}
		return d.render(w, r, http.StatusOK, booksPage(v))
	})
}

// LedgerFile is the trial balance as CSV: GET /dashboard/{mode}/ledger/trial_balance.csv.
func (d *Dashboard) LedgerFile(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		at, ok := s.endOfDay(r.URL.Query().Get("on"))
		if !ok {
			at = time.Time{}
		}
		trials, err := ledger.TrialBalance(d.Store.Read(r.Context()), store.LedgerFilter{Merchant: s.Merchant.ID, Live: s.Live}, at, s.Now)
		if err != nil {
			return err
		}
		if at.IsZero() {
			at = s.Now
		}
		d.sendTable(w, r, "trial_balance.csv", func(to io.Writer) error { return ledger.WriteTrialBalance(to, trials, at) })
		return nil
	})
}

// endOfDay reads a day on the merchant's clock and gives the instant at which it ends; the zero time for none.
func (s scene) endOfDay(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	day, err := time.ParseInLocation(time.DateOnly, text, locale.Zone(s.Merchant.TimeZone))
	if err != nil {
		return time.Time{}, false
	}
	return day.AddDate(0, 0, 1), true
}

// bookTitle names a book as people know it.
func (d *Dashboard) bookTitle(read store.Reader, b paylink.Book) (string, error) {
	if b.Account == "" {
		return "Without a gateway · " + string(b.Currency), nil
	}
	a, err := read.Account(b.Account)
	switch {
	case paylink.IsNotFound(err):
		return string(b.Account) + " · " + string(b.Currency), nil
	case err != nil:
		return "", err
	}
	name := a.Name
	if name == "" {
		name = a.Provider
	}
	return name + " · " + string(b.Currency), nil
}

func (s scene) bookTable(t ledger.Trial, title string) bookTable {
	table := bookTable{
		ID: "book-" + ledger.GatewayName(t.Book) + "-" + string(t.Book.Currency), Title: title,
		Debit: s.money(t.Debit, t.Book.Currency), Credit: s.money(t.Credit, t.Book.Currency),
	}
	for _, b := range t.Accounts {
		line, _ := b.Account.Line()
		row := bookRow{Words: word(accountsWords, b.Account), Account: string(b.Account), Says: line.Says, Href: s.statementPath(t.Book, b.Account)}
		if n := b.Amount(); n > 0 || n == 0 && line.Side == paylink.Debit {
			row.Debit = s.money(n, t.Book.Currency)
		} else {
			row.Credit = s.money(-n, t.Book.Currency)
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (s scene) statementPath(b paylink.Book, a paylink.LedgerAccount) string {
	return s.path("ledger", ledger.GatewayName(b), string(b.Currency), string(a))
}

// sendTable answers a CSV file as it is written.
func (d *Dashboard) sendTable(w http.ResponseWriter, r *http.Request, name string, write func(io.Writer) error) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	if err := write(respond.Patiently(w)); err != nil {
		d.Log.WarnContext(r.Context(), "ledger.file_not_written", "file", name, "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// accountsWords are what a shopkeeper would call the accounts.
var accountsWords = map[paylink.LedgerAccount]string{
	paylink.LedgerGatewayReceivable: "At the gateway", paylink.LedgerInTransit: "On its way to your bank", paylink.LedgerBank: "At your bank",
	paylink.LedgerOutside: "Taken outside", paylink.LedgerReserve: "Held back by the gateway", paylink.LedgerTDSReceivable: "Tax kept back for you",
	paylink.LedgerDisputeReceivable: "Disputed", paylink.LedgerReceipts: "Paid by customers", paylink.LedgerRefunds: "Given back",
	paylink.LedgerRefundsPending: "Going back to customers", paylink.LedgerSuspense: "On hold", paylink.LedgerCustomerCredit: "Customers’ credit",
	paylink.LedgerFees: "Gateway fees", paylink.LedgerInputTax: "Tax on fees", paylink.LedgerChargebackLoss: "Lost to disputes", paylink.LedgerWriteOff: "Given up",
}
