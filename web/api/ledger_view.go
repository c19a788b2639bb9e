package api

import (
	"strings"
	"time"

	"paylink"
	"paylink/ledger"
)

// balanceView is how a merchant stands, in words that need no accountant.
type balanceView struct {
	Object   string        `json:"object" enum:"balance"`
	Livemode bool          `json:"livemode"`
	Books    []bookBalance `json:"books" doc:"one for each gateway account and currency; currencies are never added up"`
}

type bookBalance struct {
	AccountID      *paylink.AccountID `json:"account_id" doc:"your account at the gateway, acct_…; null: money that came without one"`
	Currency       paylink.Currency   `json:"currency"`
	AtGateway      int64              `json:"at_gateway" doc:"what the gateway holds for you; below zero: what you owe it"`
	InTransit      int64              `json:"in_transit" doc:"paid out, not seen at your bank yet"`
	AtBank         int64              `json:"at_bank" doc:"arrived at your bank from the gateway"`
	Outside        int64              `json:"outside" doc:"cash, cheques and transfers that you recorded"`
	OnHold         int64              `json:"on_hold" doc:"of all this, what somebody has to decide about"`
	RefundsPending int64              `json:"refunds_pending" doc:"of all this, what goes back to customers"`
	CustomerCredit int64              `json:"customer_credit" doc:"of all this, what customers paid too much and may use later"`
	Disputed       int64              `json:"disputed" doc:"withdrawn because customers objected, not decided yet"`
	Reserved       int64              `json:"reserved" doc:"held back by the gateway as security"`
}

func viewBalance(live bool, all []paylink.LedgerBalance) balanceView {
	v := balanceView{Object: "balance", Livemode: live, Books: []bookBalance{}}
	for i, b := range all {
		if i == 0 || b.Book != all[i-1].Book {
			v.Books = append(v.Books, bookBalance{AccountID: gatewayOrNil(b.Book), Currency: b.Book.Currency})
		}
		last := &v.Books[len(v.Books)-1]
		for account, field := range map[paylink.LedgerAccount]*int64{
			paylink.LedgerGatewayReceivable: &last.AtGateway, paylink.LedgerInTransit: &last.InTransit, paylink.LedgerBank: &last.AtBank,
			paylink.LedgerOutside: &last.Outside, paylink.LedgerSuspense: &last.OnHold, paylink.LedgerRefundsPending: &last.RefundsPending,
			paylink.LedgerCustomerCredit: &last.CustomerCredit, paylink.LedgerDisputeReceivable: &last.Disputed, paylink.LedgerReserve: &last.Reserved,
		} {
			if account == b.Account {
				*field = ownSide(b)
			}
		}
	}
	return v
}

// ownSide is a balance that is above zero where its account stands as a rule.
func ownSide(b paylink.LedgerBalance) int64 {
	line, _ := b.Account.Line()
	return b.Amount() * int64(line.Side)
}

func gatewayOrNil(b paylink.Book) *paylink.AccountID {
	if b.Account == "" {
		return nil
	}
	return &b.Account
}

// ledgerAccountView is one account of one book.
type ledgerAccountView struct {
	Object      string                `json:"object" enum:"ledger_account"`
	Livemode    bool                  `json:"livemode"`
	AccountID   *paylink.AccountID    `json:"account_id" doc:"your account at the gateway, acct_…; null: money that came without one"`
	Currency    paylink.Currency      `json:"currency"`
	Account     paylink.LedgerAccount `json:"account"`
	Class       string                `json:"class" enum:"asset,liability,income,expense" doc:"what kind of account it is"`
	Side        string                `json:"side" enum:"debit,credit" doc:"where it stands as a rule"`
	Description string                `json:"description" doc:"what it is, in plain words"`
	Debits      int64                 `json:"debits" minimum:"0" doc:"all that was debited to it; minor units"`
	Credits     int64                 `json:"credits" minimum:"0" doc:"all that was credited to it; minor units"`
	Balance     int64                 `json:"balance" doc:"the difference, above zero on the account's side; minor units"`
	Postings    int64                 `json:"postings" minimum:"0" doc:"how many"`
}

func viewLedgerAccount(b paylink.LedgerBalance) ledgerAccountView {
	line, _ := b.Account.Line()
	return ledgerAccountView{
		Object: "ledger_account", Livemode: b.Book.Live, AccountID: gatewayOrNil(b.Book), Currency: b.Book.Currency, Account: b.Account, Class: line.Class,
		Side: sideName(line.Side), Description: line.Says, Debits: b.Debits, Credits: b.Credits, Balance: ownSide(b), Postings: b.Postings,
	}
}

func sideName(s paylink.LedgerSide) string {
	if s == paylink.Credit {
		return "credit"
	}
	return "debit"
}

// place names the account among the caller's, for a cursor.
func (v ledgerAccountView) place() string {
	id := paylink.AccountID("outside")
	if v.AccountID != nil {
		id = *v.AccountID
	}
	return strings.ToLower(string(id) + "_" + string(v.Currency) + "_" + string(v.Account))
}

// ledgerEntryView is one fact in the books.
type ledgerEntryView struct {
	ID          paylink.EntryID    `json:"id" doc:"entry_…"`
	Object      string             `json:"object" enum:"ledger_entry"`
	Livemode    bool               `json:"livemode"`
	Kind        paylink.EntryKind  `json:"kind"`
	Description string             `json:"description" doc:"what has happened, in plain words"`
	AccountID   *paylink.AccountID `json:"account_id" doc:"your account at the gateway, acct_…; null: money that came without one"`
	Currency    paylink.Currency   `json:"currency"`
	PaymentID   *paylink.PaymentID `json:"payment_id" doc:"the payment that it is about; null: about no single one"`
	LinkID      *paylink.LinkID    `json:"link_id" doc:"the payment link; null: about no single one"`
	Cause       string             `json:"cause" maxLength:"255" doc:"what brought it about beside the payment: a refund, a dispute, a payout, another entry; empty: the payment itself"`
	CreatedAt   time.Time          `json:"created_at"`
	Postings    []postingView      `json:"postings" doc:"its lines, which sum to zero"`
}

type postingView struct {
	Account paylink.LedgerAccount `json:"account"`
	Debit   int64                 `json:"debit" minimum:"0" doc:"minor units; zero when it is a credit"`
	Credit  int64                 `json:"credit" minimum:"0" doc:"minor units; zero when it is a debit"`
}

func viewLedgerEntry(e paylink.LedgerEntry) ledgerEntryView {
	kind, _ := e.Kind.Line()
	v := ledgerEntryView{
		ID: e.ID, Object: "ledger_entry", Livemode: e.Book.Live, Kind: e.Kind, Description: kind.Says, AccountID: gatewayOrNil(e.Book),
		Currency: e.Book.Currency, Cause: e.Cause, CreatedAt: e.At,
		Postings: each(e.Postings, func(p paylink.Posting) postingView {
			return postingView{p.Account, max(p.Amount, 0), -min(p.Amount, 0)}
		}),
	}
	if e.Payment != "" {
		v.PaymentID, v.LinkID = &e.Payment, &e.Link
	}
	return v
}

// trialBalanceView is the trial balance of all books that were asked for.
type trialBalanceView struct {
	Object   string      `json:"object" enum:"trial_balance"`
	Livemode bool        `json:"livemode"`
	At       time.Time   `json:"at" doc:"when the books stood so"`
	Books    []trialBook `json:"books" doc:"one for each gateway account and currency"`
}

type trialBook struct {
	AccountID *paylink.AccountID `json:"account_id" doc:"your account at the gateway, acct_…; null: money that came without one"`
	Currency  paylink.Currency   `json:"currency"`
	Accounts  []postingView      `json:"accounts" doc:"each on the side on which it stands"`
	Debit     int64              `json:"debit" doc:"the sum of one side; minor units"`
	Credit    int64              `json:"credit" doc:"the sum of the other, which is the same; minor units"`
}

func viewTrialBalance(live bool, trials []ledger.Trial, at time.Time) trialBalanceView {
	return trialBalanceView{Object: "trial_balance", Livemode: live, At: at, Books: each(trials, func(t ledger.Trial) trialBook {
		return trialBook{gatewayOrNil(t.Book), t.Book.Currency, each(t.Accounts, func(b paylink.LedgerBalance) postingView {
			return postingView{b.Account, max(b.Amount(), 0), -min(b.Amount(), 0)}
		}), t.Debit, t.Credit}
	})}
}

// ledgerStatementView is a statement with one page of its lines.
type ledgerStatementView struct {
	Object    string                `json:"object" enum:"ledger_statement"`
	Livemode  bool                  `json:"livemode"`
	AccountID *paylink.AccountID    `json:"account_id" doc:"your account at the gateway, acct_…; null: money that came without one"`
	Currency  paylink.Currency      `json:"currency"`
	Account   paylink.LedgerAccount `json:"account"`
	From      *time.Time            `json:"from" doc:"from this instant on; null: from the beginning"`
	Until     time.Time             `json:"until" doc:"before this instant"`
	Opening   int64                 `json:"opening" doc:"the balance before the first line, above zero on the account's side; minor units"`
	Debits    int64                 `json:"debits" minimum:"0" doc:"of all lines; minor units"`
	Credits   int64                 `json:"credits" minimum:"0" doc:"of all lines; minor units"`
	Closing   int64                 `json:"closing" doc:"the balance after the last line; minor units"`
	Lines     []ledgerLineView      `json:"lines" doc:"of this page, oldest first"`
	Next      *string               `json:"next_cursor" doc:"where the lines go on; null at their end"`
}

type ledgerLineView struct {
	EntryID   paylink.EntryID    `json:"entry_id" doc:"entry_…"`
	Kind      paylink.EntryKind  `json:"kind"`
	PaymentID *paylink.PaymentID `json:"payment_id" doc:"the payment that it is about; null: about no single one"`
	LinkID    *paylink.LinkID    `json:"link_id" doc:"the payment link; null: about no single one"`
	Cause     string             `json:"cause" maxLength:"255" doc:"what brought it about beside the payment; empty: the payment itself"`
	CreatedAt time.Time          `json:"created_at"`
	Debit     int64              `json:"debit" minimum:"0" doc:"minor units"`
	Credit    int64              `json:"credit" minimum:"0" doc:"minor units"`
	Balance   int64              `json:"balance" doc:"after this line, above zero on the account's side; minor units"`

	mark ledger.Mark
}

func viewLedgerLine(l ledger.Line) ledgerLineView {
	v := ledgerLineView{EntryID: l.Entry, Kind: l.Kind, Cause: l.Cause, CreatedAt: l.At, Debit: l.Debit(), Credit: l.Credit(), Balance: l.Balance, mark: l.Mark()}
	if l.Payment != "" {
		v.PaymentID, v.LinkID = &l.Payment, &l.Link
	}
	return v
}

func viewLedgerStatement(s ledger.Statement, page listOf[ledgerLineView]) ledgerStatementView {
	return ledgerStatementView{
		Object: "ledger_statement", Livemode: s.Book.Live, AccountID: gatewayOrNil(s.Book), Currency: s.Book.Currency, Account: s.Account.Account,
		From: timeOrNil(s.From), Until: s.Until, Opening: s.Opening, Debits: s.Debits, Credits: s.Credits, Closing: s.Closing,
		Lines: page.Data, Next: page.NextCursor,
	}
}
