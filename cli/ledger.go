package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"paylink/client"
)

type balanceCommand struct {
	Server
	Output
	book
}

// book says which books are meant.
type book struct {
	Gateway  string `placeholder:"ACCT" help:"Only your account at this gateway, acct_…; outside: money that came without one."`
	Currency string `help:"Only this currency: ISO 4217."`
}

func (b book) of() client.LedgerBook {
	return client.LedgerBook{AccountID: b.Gateway, Currency: b.Currency}
}

func (c *balanceCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	b, err := api.GetBalance(ctx, c.of(), client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	for i, book := range b.Books {
		if i > 0 {
			fmt.Fprintln(t.Out)
		}
		w := newTable(t.Out)
		w.fact("Book", place(book.AccountID)+" "+book.Currency)
		for _, f := range []struct {
			name  string
			minor int64
		}{
			{"At the gateway", book.AtGateway}, {"On its way to your bank", book.InTransit}, {"At your bank", book.AtBank}, {"Taken outside", book.Outside},
			{"On hold", book.OnHold}, {"Going back to customers", book.RefundsPending}, {"Customers' credit", book.CustomerCredit},
			{"Disputed", book.Disputed}, {"Held back by the gateway", book.Reserved},
		} {
			if f.minor != 0 {
				w.fact(f.name, money(f.minor, book.Currency))
			}
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(b.Books) == 0 {
		fmt.Fprintln(t.Err, "Nothing has been paid yet.")
	}
	return nil
}

// place names where a book's money is.
func place(account *string) string {
	if account == nil {
		return "outside"
	}
	return *account
}

type ledgerCommand struct {
	Accounts     ledgerAccountsCommand  `cmd:"" help:"List the accounts of your books with their balances."`
	Entries      ledgerEntriesCommand   `cmd:"" help:"List the entries of your books, newest first."`
	Statement    ledgerStatementCommand `cmd:"" help:"Show what happened to one account."`
	TrialBalance trialBalanceCommand    `cmd:"" help:"Show all accounts at one time; both sides are the same."`
}

type ledgerAccountsCommand struct {
	Server
	Output
	book
	At time.Time `help:"As they stood at this time, such as 2026-12-01T00:00:00Z. Default: now."`
}

func (c *ledgerAccountsCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	f := client.LedgerAccountFilter{Page: client.Page{Limit: 100}, LedgerBook: c.of(), At: c.At}
	return list(t, c.Output, []string{"BOOK", "ACCOUNT", "BALANCE", "SIDE", "WHAT IT IS"}, func(a client.LedgerAccount) []string {
		return []string{place(a.AccountID), a.Account, money(a.Balance, a.Currency), a.Side, a.Description}
	}, func(o ...client.Option) iter.Seq2[client.LedgerAccount, error] {
		return api.ListLedgerAccounts(ctx, f, o...)
	})
}

type ledgerEntriesCommand struct {
	Server
	Output
	book
	Account string    `help:"Only those that touch this account, such as receipts."`
	Payment string    `help:"Only those about this payment, pay_…."`
	Since   time.Time `help:"From this time on."`
	Before  time.Time `help:"Before this time."`
	Limit   int       `default:"100" help:"How many at most."`
}

func (c *ledgerEntriesCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	w, shown := newTable(t.Out, "AT", "ENTRY", "WHAT", "ACCOUNT", "DEBIT", "CREDIT", "PAYMENT"), 0
	f := client.LedgerEntryFilter{
		Page: client.Page{Limit: min(max(c.Limit, 1), 100)}, LedgerBook: c.of(), Account: c.Account, Payment: c.Payment, CreatedAfter: c.Since, CreatedBefore: c.Before,
	}
	for e, err := range api.ListLedgerEntries(ctx, f, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil {
			return err
		}
		if shown++; c.JSON {
			if err := line(t.Out, text); err != nil {
				return err
			}
		}
		for i, p := range e.Postings {
			if c.JSON {
				break
			}
			row := []string{local(&e.CreatedAt), e.ID, e.Kind, p.Account, side(p.Debit, e.Currency), side(p.Credit, e.Currency), orEmpty(e.PaymentID)}
			if i > 0 {
				row[0], row[1], row[2], row[6] = " ", " ", " ", " "
			}
			w.row(row...)
		}
		if shown >= c.Limit {
			break
		}
	}
	if c.JSON {
		return nil
	}
	return w.flush()
}

// side is one of an entry's two columns, empty where it stands in the other.
func side(minor int64, currency string) string {
	if minor == 0 {
		return " "
	}
	return money(minor, currency)
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
