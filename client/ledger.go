package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"
)

// Balance is how you stand: one book for each gateway account and currency.
type Balance struct {
	Object   string        `json:"object"` // balance
	Livemode bool          `json:"livemode"`
	Books    []BookBalance `json:"books"`
}

// BookBalance is how you stand at one gateway account, in minor units of one currency.
type BookBalance struct {
	AccountID      *string `json:"account_id"` // acct_…; nil: money that came without a gateway
	Currency       string  `json:"currency"`
	AtGateway      int64   `json:"at_gateway"` // below zero: what you owe the gateway
	InTransit      int64   `json:"in_transit"` // paid out, not seen at your bank yet
	AtBank         int64   `json:"at_bank"`
	Outside        int64   `json:"outside"` // recorded: cash, cheques, transfers
	OnHold         int64   `json:"on_hold"`
	RefundsPending int64   `json:"refunds_pending"`
	CustomerCredit int64   `json:"customer_credit"`
	Disputed       int64   `json:"disputed"`
	Reserved       int64   `json:"reserved"`
}

// LedgerBook says which books are meant; empty: all.
type LedgerBook struct {
	AccountID string `query:"account_id"` // acct_…, or outside
	Currency  string `query:"currency"`
}

// GetBalance tells how you stand.
func (c *Client) GetBalance(ctx context.Context, of LedgerBook, options ...Option) (Balance, error) {
	return get[Balance](ctx, c, path("balance"), of, options)
}

// LedgerAccount is one account of one book. Amounts are minor units.
type LedgerAccount struct {
	Object      string  `json:"object"` // ledger_account
	Livemode    bool    `json:"livemode"`
	AccountID   *string `json:"account_id"`
	Currency    string  `json:"currency"`
	Account     string  `json:"account"` // gateway_receivable, receipts, fees, …
	Class       string  `json:"class"`   // asset, liability, income, expense
	Side        string  `json:"side"`    // debit or credit: where it stands as a rule
	Description string  `json:"description"`
	Debits      int64   `json:"debits"`
	Credits     int64   `json:"credits"`
	Balance     int64   `json:"balance"` // above zero on the account's side
	Postings    int64   `json:"postings"`
}

// LedgerAccountFilter chooses accounts, and when.
type LedgerAccountFilter struct {
	Page
	LedgerBook
	At time.Time `query:"at"` // zero: now
}

// ListLedgerAccounts yields the accounts that something was posted to.
func (c *Client) ListLedgerAccounts(ctx context.Context, filter LedgerAccountFilter, options ...Option) iter.Seq2[LedgerAccount, error] {
	return list[LedgerAccount](ctx, c, path("ledger", "accounts"), filter, options)
}

// LedgerEntry is one fact in the books; its postings sum to zero.
type LedgerEntry struct {
	ID          string          `json:"id"`     // entry_…
	Object      string          `json:"object"` // ledger_entry
	Livemode    bool            `json:"livemode"`
	Kind        string          `json:"kind"` // capture, fee, refund, payout, …
	Description string          `json:"description"`
	AccountID   *string         `json:"account_id"`
	Currency    string          `json:"currency"`
	PaymentID   *string         `json:"payment_id"`
	LinkID      *string         `json:"link_id"`
	Cause       string          `json:"cause"` // a refund, a dispute, a payout, another entry; empty: the payment itself
	CreatedAt   time.Time       `json:"created_at"`
	Postings    []LedgerPosting `json:"postings"`
}

// LedgerPosting is one line of an entry, or one account of a trial balance; one of the two amounts is zero.
type LedgerPosting struct {
	Account string `json:"account"`
	Debit   int64  `json:"debit"`
	Credit  int64  `json:"credit"`
}

// LedgerEntryFilter chooses entries.
type LedgerEntryFilter struct {
	Page
	LedgerBook
	Account       string    `query:"account"`
	Payment       string    `query:"payment"` // pay_…
	CreatedAfter  time.Time `query:"created_after"`
	CreatedBefore time.Time `query:"created_before"`
}

// ListLedgerEntries yields entries, newest first.
func (c *Client) ListLedgerEntries(ctx context.Context, filter LedgerEntryFilter, options ...Option) iter.Seq2[LedgerEntry, error] {
	return list[LedgerEntry](ctx, c, path("ledger", "entries"), filter, options)
}

// GetLedgerEntry reads an entry.
func (c *Client) GetLedgerEntry(ctx context.Context, id string, options ...Option) (LedgerEntry, error) {
	return get[LedgerEntry](ctx, c, path("ledger", "entries", id), nil, options)
}

// TrialBalance is how all accounts stood at one time.
type TrialBalance struct {
	Object   string      `json:"object"` // trial_balance
	Livemode bool        `json:"livemode"`
	At       time.Time   `json:"at"`
	Books    []TrialBook `json:"books"`
}

// TrialBook is the trial balance of one book: both sides are the same.
type TrialBook struct {
	AccountID *string         `json:"account_id"`
	Currency  string          `json:"currency"`
	Accounts  []LedgerPosting `json:"accounts"`
	Debit     int64           `json:"debit"`
	Credit    int64           `json:"credit"`
}

// LedgerMoment chooses books, and when.
type LedgerMoment struct {
	LedgerBook
	At time.Time `query:"at"` // zero: now
}

// GetTrialBalance reads the trial balance of each book.
func (c *Client) GetTrialBalance(ctx context.Context, of LedgerMoment, options ...Option) (TrialBalance, error) {
	return get[TrialBalance](ctx, c, path("ledger", "trial_balance"), of, options)
}

// GetTrialBalanceFile writes it as CSV.
func (c *Client) GetTrialBalanceFile(ctx context.Context, of LedgerMoment, to io.Writer, options ...Option) error {
	return c.downloadWhere(ctx, path("ledger", "trial_balance.csv"), of, to, options)
}

// LedgerStatement is what happened to one account, with one page of its lines, oldest first.
type LedgerStatement struct {
	Object     string       `json:"object"` // ledger_statement
	Livemode   bool         `json:"livemode"`
	AccountID  *string      `json:"account_id"`
	Currency   string       `json:"currency"`
	Account    string       `json:"account"`
	From       *time.Time   `json:"from"`
	Until      time.Time    `json:"until"`
	Opening    int64        `json:"opening"`
	Debits     int64        `json:"debits"`
	Credits    int64        `json:"credits"`
	Closing    int64        `json:"closing"`
	Lines      []LedgerLine `json:"lines"`
	NextCursor *string      `json:"next_cursor"`
}

// LedgerLine is one posting, with the balance after it.
type LedgerLine struct {
	EntryID   string    `json:"entry_id"`
	Kind      string    `json:"kind"`
	PaymentID *string   `json:"payment_id"`
	LinkID    *string   `json:"link_id"`
	Cause     string    `json:"cause"`
	CreatedAt time.Time `json:"created_at"`
	Debit     int64     `json:"debit"`
	Credit    int64     `json:"credit"`
	Balance   int64     `json:"balance"`
}

// LedgerPeriod chooses the account and the stretch of time of a statement. Where you have the account in several
// books, AccountID and Currency say which.
type LedgerPeriod struct {
	LedgerBook
	Account string    `query:"account"`
	From    time.Time `query:"from"`  // zero: from the beginning
	Until   time.Time `query:"until"` // not included; zero: now
}

// GetLedgerStatement reads a statement with the page of its lines that from names.
func (c *Client) GetLedgerStatement(ctx context.Context, of LedgerPeriod, from Page, options ...Option) (LedgerStatement, error) {
	return get[LedgerStatement](ctx, c, path("ledger", "statement"), struct {
		LedgerPeriod
		Page
	}{of, from}, options)
}

// GetLedgerStatementFile writes all of a statement as CSV.
func (c *Client) GetLedgerStatementFile(ctx context.Context, of LedgerPeriod, to io.Writer, options ...Option) error {
	return c.downloadWhere(ctx, path("ledger", "statement.csv"), of, to, options)
}

func (c *Client) downloadWhere(ctx context.Context, path []string, of any, to io.Writer, options []Option) error {
	k := c.call(http.MethodGet, path, options)
	k.query = values(of)
	return c.download(ctx, k, to)
}
