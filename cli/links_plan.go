package cli

import (
	"context"
	"strings"

	"paylink/client"
)

type linkPromiseCommand struct {
	linkChange
	Date   string `arg:"" help:"The promised day, such as 2026-12-11, in your time zone."`
	Amount string `help:"How much is to come by then, in major units: 1250 or 1250.00. Default: what is due next."`
	Note   string `help:"For your own people."`
}

func (c *linkPromiseCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		said := client.NewPromise{Date: c.Date, Note: c.Note}
		if c.Amount != "" {
			var err error
			if said.Amount, err = inCurrency(ctx, api, c.ID, c.Amount); err != nil {
				return client.PaymentLink{}, err
			}
		}
		return api.PromisePaymentLink(ctx, c.ID, said, o...)
	})
}

type linkWithdrawPromiseCommand struct{ linkChange }

func (c *linkWithdrawPromiseCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.WithdrawPromise(ctx, c.ID, o...)
	})
}

type linkReplanCommand struct {
	linkChange
	Instalment []string `required:"" placeholder:"DAY=AMOUNT" help:"In major units, such as 2027-01-02=1250.00; once for each, in their order."`
	GraceDays  int64    `help:"An instalment is missed when it is not paid so many days after its date."`
}

func (c *linkReplanCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		l, err := api.GetPaymentLink(ctx, c.ID, client.Shown{Include: "none"})
		if err != nil {
			return l, err
		}
		parts, err := instalments(ctx, api, "--instalment", c.Instalment, l.Currency)
		if err != nil {
			return l, err
		}
		return api.ReplanPaymentLink(ctx, c.ID, client.Replan{Instalments: parts, GraceDays: c.GraceDays}, o...)
	})
}

// instalments reads the parts of a plan, each a day or a time and an amount in major units.
func instalments(ctx context.Context, api *client.Client, flag string, texts []string, currency string) ([]client.Instalment, error) {
	var all []client.Instalment
	for _, text := range texts {
		day, amount, _ := strings.Cut(text, "=")
		minor, err := client.Minor(amount, currency)
		if err != nil {
			return nil, usage("%s is a day and an amount, such as 2027-01-02=1250.00: %w", flag, err)
		}
		at, err := dueDate(ctx, api, flag, day)
		if err != nil {
			return nil, err
		}
		all = append(all, client.Instalment{Amount: minor, DueAt: at})
	}
	return all, nil
}
