package cli

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"paylink/client"
)

// linkChange is what commands take that change one link.
type linkChange struct {
	Server
	Output
	ID string `arg:"" help:"plink_…"`
}

// run makes a change and shows the link as it left it.
func (c linkChange) run(t *Terminal, change func(api *client.Client, o []client.Option) (client.PaymentLink, error)) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return showLink(t, c.Output, func(o ...client.Option) (client.PaymentLink, error) { return change(api, o) })
}

type linkCancelCommand struct{ linkChange }

func (c *linkCancelCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.CancelPaymentLink(ctx, c.ID, o...)
	})
}

type linkReactivateCommand struct{ linkChange }

func (c *linkReactivateCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ReactivatePaymentLink(ctx, c.ID, o...)
	})
}

type linkExtendCommand struct {
	linkChange
	ExpiresIn string `required:"" help:"How long it lives from now: 24h, 7d."`
}

func (c *linkExtendCommand) Run(ctx context.Context, t *Terminal) error {
	seconds, err := seconds(c.ExpiresIn)
	if err != nil {
		return err
	}
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ExtendPaymentLink(ctx, c.ID, client.NewExpiry{ExpiresIn: seconds}, o...)
	})
}

type linkRefreshCommand struct {
	linkChange
	ExpiresIn string `help:"How long it lives from now: 24h, 7d. Default: as you have set."`
}

func (c *linkRefreshCommand) Run(ctx context.Context, t *Terminal) error {
	by := client.NewExpiry{}
	if c.ExpiresIn != "" {
		var err error
		if by.ExpiresIn, err = seconds(c.ExpiresIn); err != nil {
			return err
		}
	}
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.RefreshPaymentLink(ctx, c.ID, by, o...)
	})
}

type linkDeclineRefreshCommand struct{ linkChange }

func (c *linkDeclineRefreshCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.DeclineRefreshPaymentLink(ctx, c.ID, o...)
	})
}

type linkSendCommand struct {
	linkChange
	Channel []string          `short:"c" enum:"sms,whatsapp,email,in_app" help:"On which: sms, whatsapp, email, in_app."`
	Deliver string            `placeholder:"PHRASE" help:"In steps instead: 'whatsapp, then sms after 60s unless delivered'."`
	To      map[string]string `placeholder:"CHANNEL=ADDRESS" mapsep:"none" help:"A corrected address, for this sending only."`
	Remind  bool              `help:"In the words of a reminder, at most once an hour."`
}

func (c *linkSendCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	if (len(c.Channel) == 0) == (c.Deliver == "") {
		return usage("say where with --channel, or in which steps with --deliver")
	}
	to := client.SendPaymentLink{Channels: c.Channel, To: c.To}
	if c.Remind {
		to.Purpose = "reminder"
	}
	if c.Deliver != "" {
		if to.Delivery, err = deliveryPlan(c.Deliver); err != nil {
			return err
		}
	}
	var text json.RawMessage
	sent, err := api.SendPaymentLink(ctx, c.ID, to, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	w := newTable(t.Out, "MESSAGE", "CHANNEL", "TO", "STATUS")
	for _, m := range sent.Deliveries {
		w.row(m.ID, m.Channel, m.To, m.Status)
	}
	return w.flush()
}

// lifetime reads a duration, or never.
func lifetime(text string) (client.Nullable[int64], error) {
	if text == "never" {
		return client.Null[int64](), nil
	}
	n, err := seconds(text)
	return client.Value(n), err
}

// seconds reads a duration in whole seconds; besides Go's units there are days.
func seconds(text string) (int64, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseInt(days, 10, 32); err == nil && n > 0 {
			return n * 24 * 60 * 60, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d%time.Second != 0 {
		return 0, usage("%q is no time of whole seconds such as 90m, 24h or 7d", text)
	}
	return int64(d / time.Second), nil
}
