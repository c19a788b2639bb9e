package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"paylink/client"
)

// mostLink bounds what is read as a link, in bytes; the server takes as much.
const mostLink = 256 << 10

type linkCreateCommand struct {
	Server
	Output
	From        string            `placeholder:"FILE" help:"A link as JSON, as the API takes it; - for standard input. Flags stand before what it says."`
	Amount      string            `help:"How much, in major units: 2450 or 2450.00."`
	Currency    string            `help:"ISO 4217, such as INR. Default: yours."`
	Description string            `short:"d" help:"What the customer pays for."`
	Reference   string            `short:"r" help:"Yours; unique among the links that are neither cancelled nor expired."`
	Name        string            `help:"The customer's name."`
	Phone       string            `help:"The customer's phone, such as +919812345642."`
	Email       string            `help:"The customer's e-mail address."`
	Locale      string            `help:"The language of page and messages, such as hi."`
	Customer    string            `help:"A customer that you have: cust_…"`
	Channel     []string          `short:"c" enum:"sms,whatsapp,email,in_app" help:"Where to send it: sms, whatsapp, email, in_app. Default: nowhere."`
	Deliver     string            `placeholder:"PHRASE" help:"Send it in steps, instead of --channel: 'whatsapp, then sms after 60s unless delivered'."`
	Method      []string          `enum:"card,upi,netbanking" help:"How it may be paid: card, upi, netbanking. Default: every way."`
	Uses        string            `help:"How often it may be paid: a number, or unlimited. Default: once."`
	ExpiresIn   string            `help:"How long it lives: 24h, 7d, never. Default: as you have set."`
	Purpose     string            `enum:"requested,transactional,recovery,promotional," default:"" help:"Why messages about it go out, which decides when they may: requested, transactional, recovery, promotional."`
	Template    string            `placeholder:"NAME" help:"A template, which fills in what is not said here."`
	Plan        []string          `placeholder:"DAY=AMOUNT" help:"Instalments with dates, in major units, in their order: 2027-01-02=1250.00. Without --amount they make it."`
	GraceDays   int64             `help:"With --plan: an instalment is missed when it is not paid so many days after its date."`
	Discount    []string          `placeholder:"CODE" help:"Discount codes that a payment may use; * for all of them."`
	Due         string            `placeholder:"DAY" help:"When the money is due: 2026-12-01, or a time as 2026-12-01T18:00:00Z. The link can be paid after that too."`
	Remind      []string          `placeholder:"WHEN" help:"Remind the customer: 2h after it was sent, end-24h before it expires, due+3d after the due date. Several: with commas."`
	ReturnURL   string            `name:"return-url" help:"Where the receipt leads back to."`
	Receipt     []string          `enum:"sms,whatsapp,email,in_app,none" help:"Where its receipts go: sms, whatsapp, email, in_app; none: nowhere. Default: as the settings say."`
	Attach      []string          `placeholder:"ID" help:"Files that the page hands over, as 'paylink attachments upload' names them: att_…"`
	Metadata    map[string]string `placeholder:"KEY=TEXT" mapsep:"none" help:"Texts of your own."`
	Replaces    string            `placeholder:"ID" help:"A link for which this one stands in: that one is cancelled, and its page leads to the new one."`
	Proof       string            `enum:"phone_digits,code,pin," default:"" help:"Who may open it: whoever gives phone_digits, code, pin. Default: whoever has the link."`
	PINFile     string            `name:"pin-file" placeholder:"FILE" help:"A file with the PIN of --proof pin, and nothing else; - for standard input."`
	Country     []string          `placeholder:"CODE" help:"Open it in these countries only, such as IN."`
	Notes       string            `help:"For yourselves; the customer never sees them."`

	IdempotencyKey string `help:"Name this creation, so that repeating the command makes no second link."`
}

func (c *linkCreateCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	link, err := c.link(ctx, t, api)
	if err != nil {
		return err
	}
	return showLink(t, c.Output, func(o ...client.Option) (client.PaymentLink, error) {
		if c.IdempotencyKey != "" {
			o = append(o, client.IdempotencyKey(c.IdempotencyKey))
		}
		return api.CreatePaymentLink(ctx, link, o...)
	})
}

// link is the file with the flags over it. What the fields may hold is judged by the server, apart from
// what only the command line has: amounts in major units, and durations.
func (c *linkCreateCommand) link(ctx context.Context, t *Terminal, api *client.Client) (l client.NewPaymentLink, err error) {
	if c.From != "" {
		if l, err = readLink(t, c.From); err != nil {
			return l, err
		}
	}
	over(&l.Currency, strings.ToUpper(c.Currency))
	over(&l.Description, c.Description)
	over(&l.Reference, c.Reference)
	over(&l.ReturnURL, c.ReturnURL)
	over(&l.Notes, c.Notes)
	over(&l.Replaces, c.Replaces)
	over(&l.Template, c.Template)
	over(&l.Purpose, c.Purpose)
	if given := (client.NewCustomer{ID: c.Customer, Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale}); given != (client.NewCustomer{}) {
		if l.Customer == nil {
			l.Customer = &client.NewCustomer{}
		}
		over(&l.Customer.ID, given.ID)
		over(&l.Customer.Name, given.Name)
		over(&l.Customer.Phone, given.Phone)
		over(&l.Customer.Email, given.Email)
		over(&l.Customer.Locale, given.Locale)
	}
	if len(c.Channel) > 0 {
		l.Channels = c.Channel
	}
	if c.Deliver != "" {
		if l.Delivery, err = deliveryPlan(c.Deliver); err != nil {
			return l, err
		}
	}
	if len(c.Receipt) > 0 {
		l.Receipts = receipts(c.Receipt)
	}
	if len(c.Method) > 0 {
		l.Methods = c.Method
	}
	if len(c.Discount) > 0 {
		l.AllowDiscountCodes = c.Discount
	}
	if len(c.Attach) > 0 {
		l.Attachments = c.Attach
	}
	if len(c.Metadata) > 0 {
		l.Metadata = c.Metadata
	}
	if err = c.restrict(t, &l); err != nil {
		return l, err
	}
	if c.Uses != "" {
		if l.Usage, err = uses(c.Uses); err != nil {
			return l, err
		}
	}
	if c.ExpiresIn != "" {
		l.ExpiresAt = client.Nullable[time.Time]{}
		if l.ExpiresIn, err = lifetime(c.ExpiresIn); err != nil {
			return l, err
		}
	}
	if len(c.Remind) > 0 {
		if l.Reminders, err = reminders(c.Remind); err != nil {
			return l, err
		}
	}
	if c.Due != "" {
		due, err := dueDate(ctx, api, "--due", c.Due)
		if err != nil {
			return l, err
		}
		l.DueAt = &due
	}
	return l, c.money(ctx, t, api, &l)
}

// money reads the amount and the plan in the link's currency.
func (c *linkCreateCommand) money(ctx context.Context, t *Terminal, api *client.Client, l *client.NewPaymentLink) error {
	switch {
	case len(c.Plan) == 0 && c.GraceDays != 0:
		return usage("--grace-days stands beside --plan")
	case c.Amount == "" && len(c.Plan) == 0 && c.From == "" && c.Template == "":
		return usage("give --amount, --plan, --template, or --from a file")
	case c.Amount == "" && len(c.Plan) == 0:
		return nil
	}
	// Decimals are to be known before an amount is read.
	err := c.currency(ctx, t, api, l)
	if err != nil {
		return err
	}
	if c.Amount != "" {
		if l.Amount, err = client.Minor(c.Amount, l.Currency); err != nil {
			return usage("--amount: %w", err)
		}
	}
	if len(c.Plan) == 0 {
		return nil
	}
	parts, err := instalments(ctx, api, "--plan", c.Plan, l.Currency)
	if err != nil {
		return err
	}
	l.Plan = &client.NewPlan{Instalments: parts, GraceDays: c.GraceDays}
	if l.Amount == 0 && l.LineItems == nil && c.Template == "" {
		for _, p := range parts {
			l.Amount += p.Amount
		}
	}
	return nil
}

// currency fills in the link's currency: the template's, or the merchant's.
func (c *linkCreateCommand) currency(ctx context.Context, t *Terminal, api *client.Client, l *client.NewPaymentLink) error {
	if l.Currency != "" {
		return nil
	}
	if l.Template != "" {
		s, _, err := templateNamed(ctx, api, l.Template, client.OnTrouble(t.trouble))
		if err != nil {
			return err
		}
		if l.Currency, _ = s.Settings["currency"].(string); l.Currency != "" {
			return nil
		}
	}
	m, err := api.GetMerchant(ctx)
	l.Currency = m.Currency
	return err
}

func over(field *string, given string) {
	if given != "" {
		*field = given
	}
}

func readLink(t *Terminal, name string) (l client.NewPaymentLink, err error) {
	err = readObject(t, name, "the link", &l)
	return l, err
}

// readObject reads one JSON object of a file. A field that is misspelt would be lost without a word, so it is
// refused.
func readObject(t *Terminal, name, what string, into any) (err error) {
	file := t.In
	if name != "-" {
		if file, err = os.Open(name); err != nil {
			return usage("read %s: %w", what, err)
		}
		defer func() { _ = file.Close() }() // it is only read
	}
	d := json.NewDecoder(io.LimitReader(file, mostLink))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return usage("read %s of %s: %w", what, name, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return usage("read %s of %s: there is more than one JSON object, or more than %d KB", what, name, mostLink>>10)
	}
	return nil
}

func uses(text string) (*client.NewUsage, error) {
	if text == "unlimited" {
		return &client.NewUsage{Mode: "multi"}, nil
	}
	var n int64
	if _, err := fmt.Sscanf(text+"\n", "%d\n", &n); err != nil || n < 1 {
		return nil, usage("--uses is a number from 1, or unlimited")
	}
	if n == 1 {
		return &client.NewUsage{Mode: "single"}, nil
	}
	return &client.NewUsage{Mode: "multi", MaxPayments: n}, nil
}
