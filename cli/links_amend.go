package cli

import (
	"context"
	"time"

	"paylink/client"
)

type linkAmendCommand struct {
	linkChange
	Amount      string   `help:"In major units, with a point and without commas: 2450 or 2450.00."`
	Description *string  `help:"What the customer pays for."`
	ExpiresIn   string   `help:"How long it lives from now: 24h, 7d, never."`
	Due         string   `placeholder:"DAY" help:"When the money is due: 2026-12-01, a time as 2026-12-01T18:00:00Z, or never."`
	Remind      []string `placeholder:"WHEN" help:"All reminders anew: 2h after it was sent, end-24h before it expires, due+3d after the due date; none: no reminder."`
	Notes       *string  `help:"Internal; the customer never sees them."`
	ReturnURL   *string  `name:"return-url" help:"Where the receipt leads back to; empty: nowhere."`
	Discount    []string `placeholder:"CODE" help:"All discount codes anew that a payment may use; * for all of yours, none for none."`
	IfRevision  int64    `help:"Only if the link still has this revision."`
}

func (c *linkAmendCommand) Run(ctx context.Context, t *Terminal) error {
	to := client.PaymentLinkAmendment{Description: c.Description, Notes: c.Notes, ReturnURL: c.ReturnURL, AllowDiscountCodes: c.Discount}
	if len(c.Discount) == 1 && c.Discount[0] == "none" {
		to.AllowDiscountCodes = []string{}
	}
	if len(c.Remind) > 0 {
		var err error
		if to.Reminders, err = reminders(c.Remind); err != nil {
			return err
		}
	}
	if c.ExpiresIn != "" {
		var err error
		if to.ExpiresIn, err = lifetime(c.ExpiresIn); err != nil {
			return err
		}
	}
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		if err := c.amount(ctx, api, &to.Amount); err != nil {
			return client.PaymentLink{}, err
		}
		if c.Due == "never" {
			to.DueAt = client.Null[time.Time]()
		} else if c.Due != "" {
			at, err := dueDate(ctx, api, "--due", c.Due)
			if err != nil {
				return client.PaymentLink{}, err
			}
			to.DueAt = client.Value(at)
		}
		if c.IfRevision > 0 {
			o = append(o, client.IfRevision(c.IfRevision))
		}
		return api.AmendPaymentLink(ctx, c.ID, to, o...)
	})
}

// amount reads the new amount in the currency of the link.
func (c *linkAmendCommand) amount(ctx context.Context, api *client.Client, into **int64) error {
	if c.Amount == "" {
		return nil
	}
	minor, err := inCurrency(ctx, api, c.ID, c.Amount)
	*into = &minor
	return err
}

// inCurrency reads an amount in major units of a link's currency.
func inCurrency(ctx context.Context, api *client.Client, id, text string) (int64, error) {
	l, err := api.GetPaymentLink(ctx, id, client.Shown{})
	if err != nil {
		return 0, err
	}
	minor, err := client.Minor(text, l.Currency)
	if err != nil {
		return 0, &UsageError{err}
	}
	return minor, nil
}

type linkPauseCommand struct{ linkChange }

func (c *linkPauseCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.PausePaymentLink(ctx, c.ID, o...)
	})
}

type linkResumeCommand struct{ linkChange }

func (c *linkResumeCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ResumePaymentLink(ctx, c.ID, o...)
	})
}

type linkArchiveCommand struct{ linkChange }

func (c *linkArchiveCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ArchivePaymentLink(ctx, c.ID, o...)
	})
}

type linkRecordCommand struct {
	linkChange
	Method        string `required:"" enum:"cash,cheque,bank_transfer,other" help:"How: cash, cheque, bank_transfer, other."`
	Amount        string `help:"In major units, with a point and without commas. Default: what is due."`
	BankReference string `help:"Of a cheque or a transfer."`
}

func (c *linkRecordCommand) Run(ctx context.Context, t *Terminal) error {
	taken := client.OutsidePayment{Method: c.Method, BankReference: c.BankReference}
	return c.run(t, func(api *client.Client, o []client.Option) (_ client.PaymentLink, err error) {
		if c.Amount != "" {
			if taken.Amount, err = inCurrency(ctx, api, c.ID, c.Amount); err != nil {
				return client.PaymentLink{}, err
			}
		}
		return api.RecordPayment(ctx, c.ID, taken, o...)
	})
}

type linkDuplicateCommand struct {
	linkChange
	Reference string   `help:"The new link's own; default: none."`
	ExpiresIn string   `help:"How long it lives from now: 24h, 7d. Default: as you have set."`
	Channel   []string `short:"c" enum:"sms,whatsapp,email,in_app" help:"Send it on: sms, whatsapp, email, in_app. Default: not at all."`
}

func (c *linkDuplicateCommand) Run(ctx context.Context, t *Terminal) error {
	like := client.PaymentLinkCopy{Reference: c.Reference, Channels: c.Channel}
	if c.ExpiresIn != "" {
		var err error
		if like.ExpiresIn, err = seconds(c.ExpiresIn); err != nil {
			return err
		}
	}
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.DuplicatePaymentLink(ctx, c.ID, like, o...)
	})
}
