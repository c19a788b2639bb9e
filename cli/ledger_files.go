package cli

import (
	"context"
	"encoding/json"
	"time"

	"paylink/client"
)

type ledgerStatementCommand struct {
	Server
	Output
	book
	Account string    `arg:"" help:"Whose statement: gateway_receivable, receipts, fees, …"`
	From    time.Time `help:"From this time on. Default: from the beginning."`
	Until   time.Time `help:"Before this time. Default: now."`
	CSV     bool      `name:"csv" help:"A file for a spreadsheet, on standard output."`
}

func (c *ledgerStatementCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	of := client.LedgerPeriod{LedgerBook: c.of(), Account: c.Account, From: c.From, Until: c.Until}
	if c.CSV {
		return api.GetLedgerStatementFile(ctx, of, t.Out, client.OnTrouble(t.trouble))
	}
	w, page := newTable(t.Out, "AT", "WHAT", "DEBIT", "CREDIT", "BALANCE", "PAYMENT"), client.Page{Limit: 100}
	for first := true; ; first = false {
		var text json.RawMessage
		s, err := api.GetLedgerStatement(ctx, of, page, client.Verbatim(&text), client.OnTrouble(t.trouble))
		if err != nil {
			return err
		}
		if c.JSON {
			if err := line(t.Out, text); err != nil {
				return err
			}
		}
		if first {
			w.row(local(s.From), "opening balance", " ", " ", money(s.Opening, s.Currency), " ")
		}
		for _, l := range s.Lines {
			w.row(local(&l.CreatedAt), l.Kind, side(l.Debit, s.Currency), side(l.Credit, s.Currency), money(l.Balance, s.Currency), orEmpty(l.PaymentID))
		}
		if s.NextCursor == nil {
			w.row(local(&s.Until), "closing balance", side(s.Debits, s.Currency), side(s.Credits, s.Currency), money(s.Closing, s.Currency), " ")
			break
		}
		page.Cursor = *s.NextCursor
	}
	if c.JSON {
		return nil
	}
	return w.flush()
}

type trialBalanceCommand struct {
	Server
	Output
	book
	At  time.Time `help:"As the books stood at this time. Default: now."`
	CSV bool      `name:"csv" help:"A file for a spreadsheet, on standard output."`
}

func (c *trialBalanceCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	of := client.LedgerMoment{LedgerBook: c.of(), At: c.At}
	if c.CSV {
		return api.GetTrialBalanceFile(ctx, of, t.Out, client.OnTrouble(t.trouble))
	}
	var text json.RawMessage
	trial, err := api.GetTrialBalance(ctx, of, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	w := newTable(t.Out, "BOOK", "ACCOUNT", "DEBIT", "CREDIT")
	for _, b := range trial.Books {
		for _, a := range b.Accounts {
			w.row(place(b.AccountID), a.Account, side(a.Debit, b.Currency), side(a.Credit, b.Currency))
		}
		w.row(place(b.AccountID), "total", money(b.Debit, b.Currency), money(b.Credit, b.Currency))
	}
	return w.flush()
}
