package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"

	"paylink/client"
)

type customerConsentsCommand struct {
	Server
	Output
	ID string `arg:"" help:"cust_…"`
}

func (c *customerConsentsCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"WHEN", "CHANNEL", "ABOUT", "SAID", "HOW IT IS KNOWN", "WRITTEN BY"}, func(said client.CustomerConsent) []string {
		return []string{local(&said.At), said.Channel, said.Purpose, said.State, said.Source, said.Actor}
	}, func(o ...client.Option) iter.Seq2[client.CustomerConsent, error] {
		return api.ListCustomerConsents(ctx, c.ID, client.Page{Limit: 100}, o...)
	})
}

type customerConsentCommand struct {
	Server
	Output
	ID      string `arg:"" help:"cust_…"`
	State   string `arg:"" enum:"granted,withdrawn" help:"granted or withdrawn."`
	Channel string `arg:"" enum:"sms,whatsapp,email,in_app" help:"sms, whatsapp, email or in_app."`
	Purpose string `default:"transactional" enum:"transactional,promotional,all" help:"transactional, promotional, or, only to withdraw, all."`
	Source  string `required:"" help:"How you know, such as: checkout box."`
}

func (c *customerConsentCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	said, err := api.RecordCustomerConsent(ctx, c.ID, client.NewConsent{
		Channel: c.Channel, Purpose: c.Purpose, State: c.State, Source: c.Source,
	}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s %s %s\n", said.ID, said.Channel, said.Purpose, said.State)
	return err
}

type customerMergeCommand struct {
	Server
	Output
	ID   string `arg:"" help:"cust_… that stays."`
	From string `arg:"" help:"cust_… that turned out to be the same person."`
}

func (c *customerMergeCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.MergeCustomer(ctx, c.ID, client.CustomerMerge{From: c.From}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	return c.show(t, p, text)
}

type customerExportCommand struct {
	Server
	ID string `arg:"" help:"cust_…"`
	To string `help:"A new file, which only you can read; absent: standard output."`
}

func (c *customerExportCommand) Run(ctx context.Context, t *Terminal) (err error) {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	if c.To == "" {
		return api.ExportCustomer(ctx, c.ID, t.Out, client.OnTrouble(t.trouble))
	}
	file, err := os.OpenFile(c.To, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	return api.ExportCustomer(ctx, c.ID, file, client.OnTrouble(t.trouble))
}

type customerEraseCommand struct {
	Server
	Output
	ID          string `arg:"" help:"cust_…"`
	CancelLinks bool   `help:"Cancel the links that can still be paid first; without it they refuse the erasure."`
	Yes         bool   `required:"" help:"It cannot be taken back."`
}

func (c *customerEraseCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.EraseCustomer(ctx, c.ID, client.CustomerErasure{CancelLinks: c.CancelLinks}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	return c.show(t, p, text)
}
