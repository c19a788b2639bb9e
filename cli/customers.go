package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"paylink/client"
)

type customersCommand struct {
	List     customerListCommand     `cmd:"" help:"List customers, newest first."`
	Get      customerGetCommand      `cmd:"" help:"Show a customer, and how you stand with it."`
	Create   customerCreateCommand   `cmd:"" help:"Add a customer."`
	Update   customerUpdateCommand   `cmd:"" help:"Change a customer."`
	Consents customerConsentsCommand `cmd:"" help:"List what a customer allowed and took back, newest first."`
	Consent  customerConsentCommand  `cmd:"" help:"Write down what a customer allowed or took back."`
	Merge    customerMergeCommand    `cmd:"" help:"Make two customers one. It cannot be taken back."`
	Export   customerExportCommand   `cmd:"" help:"Write everything that is held about a customer as one JSON document."`
	Erase    customerEraseCommand    `cmd:"" help:"Forget a customer, for good."`
}

type customerListCommand struct {
	Server
	Output
	Text  string `arg:"" optional:"" help:"A phone number, an e-mail address, or a part of a name."`
	Phone string `help:"Only with this phone number."`
	Email string `help:"Only with this e-mail address."`
}

func (c *customerListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	f := client.CustomerFilter{Page: client.Page{Limit: 100}, Phone: c.Phone, Email: c.Email, Q: c.Text}
	return list(t, c.Output, []string{"NAME", "PHONE", "E-MAIL", "SINCE", "ID"}, func(p client.Customer) []string {
		return []string{p.Name, p.Phone, p.Email, local(&p.CreatedAt), p.ID}
	}, func(o ...client.Option) iter.Seq2[client.Customer, error] { return api.ListCustomers(ctx, f, o...) })
}

type customerGetCommand struct {
	Server
	Output
	ID string `arg:"" help:"cust_…; of a contact or of a merged customer it shows the person."`
}

func (c *customerGetCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.GetCustomer(ctx, c.ID, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	return c.show(t, p, text)
}

// show writes a customer for people, or as it came.
func (o Output) show(t *Terminal, p client.Customer, text json.RawMessage) error {
	if o.JSON {
		return line(t.Out, text)
	}
	w := newTable(t.Out, "CUSTOMER", p.ID)
	w.row("Name", p.Name)
	w.row("Phone", p.Phone)
	w.row("E-mail", p.Email)
	if s := p.Standing; s != nil {
		w.row("Links", fmt.Sprint(s.Links))
		w.row("Open", sums(s.OpenBalance))
		w.row("Paid", sums(s.Paid))
		w.row("Last contact", local(s.LastContactAt))
		w.row("Opted out", strings.Join(s.OptedOut, ", "))
	}
	w.row("Since", local(&p.CreatedAt))
	if p.ErasedAt != nil {
		w.row("Erased", local(p.ErasedAt))
	}
	w.row("Revision", fmt.Sprint(p.Revision))
	return w.flush()
}

func sums(all []client.Sum) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = money(s.Amount, s.Currency)
	}
	return strings.Join(texts, ", ")
}

type customerCreateCommand struct {
	Server
	Output
	Name   string `help:"As pages and messages greet the customer."`
	Phone  string `help:"With its country, such as +91, or as it is written in yours."`
	Email  string `help:"Where e-mail goes."`
	Locale string `help:"The customer's language, such as hi."`
	TaxID  string `name:"tax-id" help:"As the customer's country writes it."`
	Notes  string `help:"Your own; the customer never sees them."`
}

func (c *customerCreateCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.CreateCustomer(ctx, client.CustomerDetails{
		Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID, Notes: c.Notes,
	}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	return c.show(t, p, text)
}

type customerUpdateCommand struct {
	Server
	Output
	ID         string  `arg:"" help:"cust_…"`
	Name       *string `help:"As pages and messages greet the customer; empty: none."`
	Phone      *string `help:"Links that name the customer by its id go there from now on; empty: none."`
	Email      *string `help:"Where e-mail goes; empty: nowhere."`
	Locale     *string `help:"The customer's language; empty: yours."`
	TaxID      *string `name:"tax-id" help:"Empty: none."`
	Notes      *string `help:"Your own; the customer never sees them."`
	IfRevision int64   `help:"Only if the customer still has this revision."`
}

func (c *customerUpdateCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	o := []client.Option{client.Verbatim(&text), client.OnTrouble(t.trouble)}
	if c.IfRevision > 0 {
		o = append(o, client.IfRevision(c.IfRevision))
	}
	p, err := api.UpdateCustomer(ctx, c.ID, client.CustomerChange{Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID, Notes: c.Notes}, o...)
	if err != nil {
		return err
	}
	return c.show(t, p, text)
}
