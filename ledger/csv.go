package ledger

import (
	"encoding/csv"
	"io"
	"time"

	"paylink"
	"paylink/store"
)

// Files are for spreadsheets: UTF-8, comma, a header, amounts in major units with a point, times in UTC. No cell
// begins with a letter that a spreadsheet takes for a formula: all texts are ours but a payout's name, which is
// guarded.

// WriteTrialBalance writes trial balances as CSV, one row for each account.
func WriteTrialBalance(to io.Writer, trials []Trial, at time.Time) error {
	w := csv.NewWriter(to)
	w.Write([]string{"gateway_account", "currency", "account", "class", "meaning", "debit", "credit", "at"})
	for _, t := range trials {
		for _, b := range t.Accounts {
			line, _ := b.Account.Line()
			w.Write([]string{
				GatewayName(t.Book), string(t.Book.Currency), string(b.Account), line.Class, line.Says,
				major(max(b.Amount(), 0), t.Book), major(-min(b.Amount(), 0), t.Book), stamp(at),
			})
		}
		w.Write([]string{GatewayName(t.Book), string(t.Book.Currency), "total", "", "", major(t.Debit, t.Book), major(t.Credit, t.Book), stamp(at)})
	}
	w.Flush()
	return w.Error()
}

// WriteStatement writes a statement as CSV: an opening row, its lines, and a closing row that is their sum.
func WriteStatement(to io.Writer, read store.Reader, s Statement) error {
	w := csv.NewWriter(to)
	w.Write([]string{"at", "entry", "kind", "meaning", "payment", "link", "cause", "debit", "credit", "balance", "currency", "gateway_account", "account"})
	row := func(at time.Time, l Line, kind, says string) {
		w.Write([]string{
			stamp(at), string(l.Entry), kind, says, string(l.Payment), string(l.Link), guarded(l.Cause), major(l.Debit(), s.Book), major(l.Credit(), s.Book),
			major(l.Balance, s.Book), string(s.Book.Currency), GatewayName(s.Book), string(s.Account.Account),
		})
	}
	at := s.Begin()
	row(s.From, Line{Balance: s.Opening}, "opening", "")
	for {
		lines, err := s.Lines(read, at, 500)
		if err != nil {
			return err
		}
		for _, l := range lines {
			kind, _ := l.Kind.Line()
			row(l.At, l, string(l.Kind), kind.Says)
			at = l.Mark()
		}
		w.Flush()
		if err := w.Error(); err != nil {
			return err
		}
		if len(lines) < 500 {
			break
		}
	}
	row(s.Until, Line{Balance: at.Balance}, "closing", "")
	w.Flush()
	return w.Error()
}

// GatewayName names the gateway account of a book; money from outside has none.
func GatewayName(b paylink.Book) string {
	if b.Account == "" {
		return OutsideName
	}
	return string(b.Account)
}

// OutsideName stands where a gateway account would, for money that came without one.
const OutsideName = "outside"

func major(minor int64, b paylink.Book) string {
	return paylink.Money{Minor: minor, Currency: b.Currency}.Decimal()
}

// stamp writes a time; the beginning is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// guarded keeps a spreadsheet from taking a name that a gateway gave for a formula.
func guarded(text string) string {
	if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@' || text[0] == '\t') {
		return "'" + text
	}
	return text
}
