package paylink

import (
	"fmt"
	"slices"
	"time"
)

// A LedgerAccount is one account of a merchant's books. Amounts are signed: a debit is above zero, a credit
// below. What the merchant has or is owed therefore stands above zero, what came in as sales or is owed to
// others below.
type LedgerAccount string

const (
	LedgerGatewayReceivable LedgerAccount = "gateway_receivable"
	LedgerInTransit         LedgerAccount = "in_transit"
	LedgerBank              LedgerAccount = "bank"
	LedgerOutside           LedgerAccount = "outside"
	LedgerReserve           LedgerAccount = "reserve"
	LedgerTDSReceivable     LedgerAccount = "tds_receivable"
	LedgerDisputeReceivable LedgerAccount = "dispute_receivable"
	LedgerReceipts          LedgerAccount = "receipts"
	LedgerRefunds           LedgerAccount = "refunds"
	LedgerRefundsPending    LedgerAccount = "refunds_pending"
	LedgerSuspense          LedgerAccount = "suspense"
	LedgerCustomerCredit    LedgerAccount = "customer_credit"
	LedgerFees              LedgerAccount = "fees"
	LedgerInputTax          LedgerAccount = "input_tax"
	LedgerChargebackLoss    LedgerAccount = "chargeback_loss"
	LedgerWriteOff          LedgerAccount = "write_off"
)

// LedgerSide is the side on which an account stands as a rule.
type LedgerSide int64

const (
	Debit  LedgerSide = 1
	Credit LedgerSide = -1
)

// ChartLine is what the chart says of one account.
type ChartLine struct {
	Account LedgerAccount
	Class   string // asset, liability, income or expense
	Side    LedgerSide
	Either  bool // it may also stand on the other side; all others never do
	Says    string
}

// Chart is the chart of accounts, in the order in which books are read. Every book has all of them, per
// merchant, mode, gateway account and currency.
var Chart = []ChartLine{
	{LedgerGatewayReceivable, "asset", Debit, true, "what the gateway holds for you; below zero: what you owe it"},
	{LedgerInTransit, "asset", Debit, true, "paid out by the gateway, not seen at your bank yet"},
	{LedgerBank, "asset", Debit, true, "arrived at your bank from the gateway"},
	{LedgerOutside, "asset", Debit, false, "taken without a gateway: cash, cheques, transfers"},
	{LedgerReserve, "asset", Debit, false, "held back by the gateway as security"},
	{LedgerTDSReceivable, "asset", Debit, false, "tax that was kept back on your behalf; you claim it"},
	{LedgerDisputeReceivable, "asset", Debit, false, "withdrawn because a customer objected, not decided yet"},
	{LedgerReceipts, "income", Credit, false, "what customers paid you"},
	{LedgerRefunds, "expense", Debit, false, "what you gave back of it"},
	{LedgerRefundsPending, "liability", Credit, false, "refunds that are decided and not with the customer yet"},
	{LedgerSuspense, "liability", Credit, false, "money on hold: somebody has to say what it is"},
	{LedgerCustomerCredit, "liability", Credit, false, "what customers paid too much and may use later"},
	{LedgerFees, "expense", Debit, true, "what the gateway charges"},
	{LedgerInputTax, "asset", Debit, true, "tax on those fees, which you may set off"},
	{LedgerChargebackLoss, "expense", Debit, false, "lost to customers' objections"},
	{LedgerWriteOff, "expense", Debit, true, "differences that you gave up"},
}

// Line gives what the chart says of the account; false for one that it does not have.
func (a LedgerAccount) Line() (ChartLine, bool) {
	for _, line := range Chart {
		if line.Account == a {
			return line, true
		}
	}
	return ChartLine{}, false
}

// Book is one set of accounts. Nothing is ever posted from one book to another: currencies are not mixed, and
// what one gateway owes is not set off against another.
type Book struct {
	Merchant MerchantID
	Live     bool
	Account  AccountID // the merchant's account at the gateway; empty: money that came without one
	Currency Currency
}

// BookOf is the book in which a payment stands.
func BookOf(p Payment) Book {
	return Book{Merchant: p.Merchant, Live: p.Live, Account: p.Account, Currency: p.Amount.Currency}
}

// Posting is one line of an entry: minor units of the book's currency, a debit above zero, a credit below.
type Posting struct {
	Account LedgerAccount
	Amount  int64
}

// LedgerEntry is one fact in the books. It is written once, in the transaction that makes it true, and never
// changed: what was wrong is put right by another entry.
type LedgerEntry struct {
	ID   EntryID
	Book Book
	Kind EntryKind

	// Kind, Payment and Cause together name the fact; the books take each but once.
	Payment PaymentID // empty: it is about no single payment
	Cause   string    // the refund, the dispute and its turn, the payout; empty: the payment itself
	Link    LinkID

	At       time.Time // when it was written
	Postings []Posting
}

// LedgerBalance is what was posted to one account of a book, in minor units.
type LedgerBalance struct {
	Book            Book
	Account         LedgerAccount
	Debits, Credits int64 // both at least zero
	Postings        int64 // how many
}

// Amount is the balance, signed as postings are.
func (b LedgerBalance) Amount() int64 { return b.Debits - b.Credits }

// mostPosted bounds one posting: a payout may gather many payments.
const mostPosted = 1000 * MaxMinor

// Balanced gives an error unless the entry may be written: its postings sum to zero, each is to an account of
// the chart that its kind may touch and says something, and none is so large that a sum of many could overflow.
func (e LedgerEntry) Balanced() error {
	kind, ok := e.Kind.Line()
	if !ok {
		return fmt.Errorf("entry of %s%s: no kind %q", e.Payment, e.Cause, e.Kind)
	}
	var sum int64
	for _, p := range e.Postings {
		if _, ok := p.Account.Line(); !ok || kind.Accounts != nil && !slices.Contains(kind.Accounts, p.Account) {
			return fmt.Errorf("%s entry of %s%s: it may not touch account %q", e.Kind, e.Payment, e.Cause, p.Account)
		}
		if p.Amount == 0 || p.Amount > mostPosted || p.Amount < -mostPosted {
			return fmt.Errorf("%s entry of %s%s: %d to %s", e.Kind, e.Payment, e.Cause, p.Amount, p.Account)
		}
		sum += p.Amount
	}
	if sum != 0 || len(e.Postings) < 2 {
		return fmt.Errorf("%s entry of %s%s: %d postings sum to %d", e.Kind, e.Payment, e.Cause, len(e.Postings), sum)
	}
	return nil
}
