package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"paylink/client"
)

type suppressionsCommand struct {
	List   suppressionListCommand   `cmd:"" help:"List the addresses that get no more messages, newest first."`
	Add    suppressionAddCommand    `cmd:"" help:"Send no more messages to an address."`
	Remove suppressionRemoveCommand `cmd:"" help:"Send messages to an address again."`
}

type suppressionListCommand struct {
	Server
	Output
}

func (c *suppressionListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"ADDRESS", "CHANNEL", "REASON", "SINCE", "ID"}, func(s client.Suppression) []string {
		return []string{s.Address, s.Channel, s.Reason, local(&s.CreatedAt), s.ID}
	}, func(o ...client.Option) iter.Seq2[client.Suppression, error] {
		return api.ListSuppressions(ctx, client.Page{Limit: 100}, o...)
	})
}

type suppressionAddCommand struct {
	Server
	Output
	Channel string `arg:"" enum:"sms,whatsapp,email,in_app" help:"sms, whatsapp, email or in_app."`
	Address string `arg:"" help:"Phone number, e-mail address, or for in_app the customer's id."`
}

func (c *suppressionAddCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	s, err := api.CreateSuppression(ctx, client.NewSuppression{Channel: c.Channel, Address: c.Address}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintf(t.Out, "%s  %s\n", s.ID, s.Reason)
	return err
}

type suppressionRemoveCommand struct {
	Server
	ID      string `arg:"" help:"supp_…"`
	Because string `placeholder:"WHY" enum:",asked,works,mistake" default:"" help:"Why: asked (the customer wants messages again), works (the mailbox or number works again) or mistake."`
}

func (c *suppressionRemoveCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return api.DeleteSuppression(ctx, c.ID, client.Lift{Reason: c.Because}, client.OnTrouble(t.trouble))
}
