package api

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/ledger"
	"paylink/store"
	"paylink/web/respond"
)

// LedgerBook says which books are meant. It is exported for the same reason as Page.
type LedgerBook struct {
	AccountID string `query:"account_id" maxLength:"40" doc:"your account at the gateway, acct_…; outside: money that came without one; absent: all"`
	Currency  string `query:"currency" minLength:"3" maxLength:"3" doc:"of the book; absent: all"`
}

var threeLetters = regexp.MustCompile(`^[A-Z]{3}$`)

// filter is the books of the caller that are meant.
func (b LedgerBook) filter(c *call) (store.LedgerFilter, error) {
	if b.Currency != "" && !threeLetters.MatchString(b.Currency) {
		return store.LedgerFilter{}, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/currency", Code: "unknown_currency", Detail: "Must be an ISO 4217 code in capitals, such as INR."}}}
	}
	f := store.LedgerFilter{Merchant: c.Merchant, Live: c.Live, Currency: paylink.Currency(b.Currency)}
	if b.AccountID != "" {
		id := paylink.AccountID(b.AccountID)
		if b.AccountID == ledger.OutsideName {
			id = ""
		}
		f.Gateway = &id
	}
	return f, nil
}

// LedgerAt is a time at which books are looked at. It is exported for the same reason as Page.
type LedgerAt struct {
	At time.Time `query:"at" doc:"as they stood at this instant; absent: now"`
}

type ledgerAccountFilter struct {
	Page
	LedgerBook
	LedgerAt
}

type ledgerTrialFilter struct {
	LedgerBook
	LedgerAt
}

type ledgerEntryFilter struct {
	Page
	LedgerBook
	Account       paylink.LedgerAccount `query:"account" enum:"gateway_receivable,in_transit,bank,outside,reserve,tds_receivable,dispute_receivable,receipts,refunds,refunds_pending,suspense,customer_credit,fees,input_tax,chargeback_loss,write_off" doc:"that touch this account"`
	Payment       string                `query:"payment" doc:"about this payment, pay_…"`
	CreatedAfter  time.Time             `query:"created_after"`
	CreatedBefore time.Time             `query:"created_before"`
}

// LedgerStatementQuery says whose statement is meant. It is exported for the same reason as Page.
type LedgerStatementQuery struct {
	LedgerBook
	Account paylink.LedgerAccount `query:"account" required:"true" enum:"gateway_receivable,in_transit,bank,outside,reserve,tds_receivable,dispute_receivable,receipts,refunds,refunds_pending,suspense,customer_credit,fees,input_tax,chargeback_loss,write_off" doc:"whose statement it is"`
	From    time.Time             `query:"from" doc:"from this instant on; absent: from the beginning"`
	Until   time.Time             `query:"until" doc:"before this instant; absent: now"`
}

type ledgerStatementFilter struct {
	Page
	LedgerStatementQuery
}

type ledgerEntryID struct {
	ID string `path:"id" doc:"entry_…"`
}

func (a *API) ledgerOperations() {
	about := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{"Ledger"}, Summary: summary}
	}
	file := func(op huma.Operation, text string) huma.Operation {
		op.Responses = map[string]*huma.Response{"200": {
			Description: text, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}}
		return op
	}
	add(a, about("get_balance", "/v1/balance", "How you stand: what gateways hold for you, what is on its way, what is on hold"), a.getBalance)
	add(a, about("list_ledger_accounts", "/v1/ledger/accounts", "List the accounts of your books with their balances"), a.listLedgerAccounts)
	add(a, about("list_ledger_entries", "/v1/ledger/entries", "List the entries of your books, newest first"), a.listLedgerEntries)
	add(a, about("get_ledger_entry", "/v1/ledger/entries/{id}", "Read an entry"), a.getLedgerEntry)
	add(a, about("get_trial_balance", "/v1/ledger/trial_balance", "The trial balance of each book"), a.getTrialBalance)
	add(a, file(about("get_trial_balance_file", "/v1/ledger/trial_balance.csv", "The trial balance as a file"),
		"gateway_account, currency, account, class, meaning, debit, credit, at; amounts in major units, a row of totals for each book."), a.trialBalanceFile)
	add(a, about("get_ledger_statement", "/v1/ledger/statement", "The statement of one account over a stretch of time"), a.getLedgerStatement)
	add(a, file(about("get_ledger_statement_file", "/v1/ledger/statement.csv", "The statement of one account as a file"),
		"at, entry, kind, meaning, payment, link, cause, debit, credit, balance, currency, gateway_account, account; amounts in major units, between a row opening and a row closing."), a.ledgerStatementFile)
}

func (a *API) getBalance(ctx context.Context, c *call, in *LedgerBook) (*struct{ Body balanceView }, error) {
	books, err := in.filter(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.Read(ctx).LedgerBalances(books)
	return &struct{ Body balanceView }{viewBalance(c.Live, all)}, err
}

func (a *API) listLedgerAccounts(ctx context.Context, c *call, in *ledgerAccountFilter) (*listAnswer[ledgerAccountView], error) {
	after, err := in.position(c)
	if err != nil {
		return nil, err
	}
	books, err := in.filter(c)
	if err != nil {
		return nil, err
	}
	trials, err := ledger.TrialBalance(a.Store.Read(ctx), books, in.At, a.Now())
	if err != nil {
		return nil, err
	}
	var views []ledgerAccountView
	for _, t := range trials {
		for _, b := range t.Accounts {
			views = append(views, viewLedgerAccount(b))
		}
	}
	from := 0
	for i, v := range views {
		if v.place() == after {
			from = i + 1
		}
	}
	return answer(c, in.Page, views[from:], ledgerAccountView.place), nil
}

func (a *API) listLedgerEntries(ctx context.Context, c *call, in *ledgerEntryFilter) (*listAnswer[ledgerEntryView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	read := a.Store.Read(ctx)
	f := store.EntryFilter{
		Merchant: c.Merchant, Live: c.Live, Account: in.Account, Payment: paylink.PaymentID(in.Payment), Before: paylink.EntryID(before), Limit: in.size(),
	}
	if !in.CreatedAfter.IsZero() {
		f.From = paylink.EntryIDFrom(in.CreatedAfter)
	}
	if until := paylink.EntryIDFrom(in.CreatedBefore); !in.CreatedBefore.IsZero() && (f.Before == "" || until < f.Before) {
		f.Before = until
	}
	if in.Account != "" || in.AccountID != "" || in.Currency != "" {
		books, err := in.filter(c)
		if err != nil {
			return nil, err
		}
		books.Account = in.Account
		if f.Books, err = ledger.BooksOf(read, books); err != nil {
			return nil, err
		}
		f.OfBooks = true
	}
	entries, err := read.LedgerEntries(f)
	return answer(c, in.Page, each(entries, viewLedgerEntry), func(e ledgerEntryView) string { return string(e.ID) }), err
}

func (a *API) getLedgerEntry(ctx context.Context, c *call, in *ledgerEntryID) (*struct{ Body ledgerEntryView }, error) {
	e, err := a.Store.Read(ctx).LedgerEntry(c.Merchant, c.Live, paylink.EntryID(in.ID))
	return &struct{ Body ledgerEntryView }{viewLedgerEntry(e)}, err
}

func (a *API) getTrialBalance(ctx context.Context, c *call, in *ledgerTrialFilter) (*struct{ Body trialBalanceView }, error) {
	now := a.Now()
	books, err := in.filter(c)
	if err != nil {
		return nil, err
	}
	trials, err := ledger.TrialBalance(a.Store.Read(ctx), books, in.At, now)
	return &struct{ Body trialBalanceView }{viewTrialBalance(c.Live, trials, orNow(in.At, now))}, err
}

func (a *API) trialBalanceFile(ctx context.Context, c *call, in *ledgerTrialFilter) (*streamAnswer, error) {
	now := a.Now()
	books, err := in.filter(c)
	if err != nil {
		return nil, err
	}
	trials, err := ledger.TrialBalance(a.Store.Read(ctx), books, in.At, now)
	if err != nil {
		return nil, err
	}
	return a.ledgerFile(c, "trial_balance.csv", func(to io.Writer) error { return ledger.WriteTrialBalance(to, trials, orNow(in.At, now)) }), nil
}

func (a *API) getLedgerStatement(ctx context.Context, c *call, in *ledgerStatementFilter) (*struct{ Body ledgerStatementView }, error) {
	position, err := in.position(c)
	if err != nil {
		return nil, err
	}
	read := a.Store.Read(ctx)
	s, err := a.statement(read, c, in.LedgerStatementQuery)
	if err != nil {
		return nil, err
	}
	at := s.Begin()
	if m, ok := ledger.ReadMark(position); ok {
		at = m
	}
	lines, err := s.Lines(read, at, in.size())
	if err != nil {
		return nil, err
	}
	page := answer(c, in.Page, each(lines, viewLedgerLine), func(l ledgerLineView) string { return l.mark.String() })
	return &struct{ Body ledgerStatementView }{viewLedgerStatement(s, page.Body)}, nil
}

func (a *API) ledgerStatementFile(ctx context.Context, c *call, in *LedgerStatementQuery) (*streamAnswer, error) {
	read := a.Store.Read(ctx)
	s, err := a.statement(read, c, *in)
	if err != nil {
		return nil, err
	}
	return a.ledgerFile(c, string(in.Account)+".csv", func(to io.Writer) error { return ledger.WriteStatement(to, read, s) }), nil
}

// statement finds the one book that is meant and reads the account's statement.
func (a *API) statement(read store.Reader, c *call, in LedgerStatementQuery) (ledger.Statement, error) {
	f, err := in.filter(c)
	if err != nil {
		return ledger.Statement{}, err
	}
	f.Account = in.Account
	books, err := ledger.BooksOf(read, f)
	if err != nil {
		return ledger.Statement{}, err
	}
	wrong := &paylink.Invalid{}
	if len(books) == 0 {
		return ledger.Statement{}, &paylink.NotFound{Kind: "ledger_account", ID: string(in.Account)}
	}
	if len(books) > 1 {
		wrong.Add("/account_id", "ambiguous", "You have this account in several books. Say which by account_id and currency.")
		return ledger.Statement{}, wrong
	}
	return ledger.ReadStatement(read, books[0], in.Account, in.From, in.Until, a.Now())
}

// ledgerFile answers a CSV file as it is written.
func (a *API) ledgerFile(c *call, name string, write func(io.Writer) error) *streamAnswer {
	return &streamAnswer{func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		w.WriteHeader(http.StatusOK)
		if err := write(respond.Patiently(w)); err != nil {
			a.Log.Warn("ledger.file_not_written", "merchant", string(c.Merchant), "file", name, "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}}
}

func orNow(at, now time.Time) time.Time {
	if at.IsZero() {
		return now
	}
	return at
}
