package cli

import (
	"context"
	"strconv"
	"strings"

	"paylink/client"
)

type linkPromiseCommand struct {
	linkChange
	Date   string `arg:"" help:"The promised day, such as 2026-12-11, in your time zone."`
	Amount int64  `help:"Minor units that are to come by then; what is due next when absent."`
	Note   string `help:"For your own people."`
}

func (c *linkPromiseCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.PromisePaymentLink(ctx, c.ID, client.NewPromise{Date: c.Date, Amount: c.Amount, Note: c.Note}, o...)
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
	Instalment []string `required:"" help:"DAY=AMOUNT in minor units, such as 2027-01-02=125000; once for each, in their order."`
	GraceDays  int64    `help:"An instalment is missed when it is not paid so many days after its date."`
}

func (c *linkReplanCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	to := client.Replan{GraceDays: c.GraceDays}
	for _, text := range c.Instalment {
		day, amount, ok := strings.Cut(text, "=")
		minor, wrong := strconv.ParseInt(amount, 10, 64)
		if !ok || wrong != nil {
			return usage("--instalment is a day and minor units, such as 2027-01-02=125000")
		}
		at, err := dueDate(ctx, api, day)
		if err != nil {
			return err
		}
		to.Instalments = append(to.Instalments, client.Instalment{Amount: minor, DueAt: at})
	}
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ReplanPaymentLink(ctx, c.ID, to, o...)
	})
}
