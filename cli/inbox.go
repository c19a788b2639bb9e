package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"paylink/client"
)

type inboxCommand struct {
	Token   inboxTokenCommand   `cmd:"" help:"Make a token with which your own app opens a customer's inbox."`
	End     inboxEndCommand     `cmd:"" help:"End every token for a customer's inbox."`
	Devices inboxDevicesCommand `cmd:"" help:"List the devices that are told of what is new in a customer's inbox."`
	Remove  inboxRemoveCommand  `cmd:"" help:"Send no more notifications to a device."`
}

type inboxTokenCommand struct {
	Server
	Output
	Customer string        `arg:"" help:"cust_…"`
	For      time.Duration `default:"24h" help:"How long it opens the inbox, from a minute to thirty days."`
}

func (c *inboxTokenCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	seconds := int64(c.For / time.Second)
	made, err := api.CreateInboxToken(ctx, c.Customer, client.NewInboxToken{ExpiresIn: &seconds}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	_, err = fmt.Fprintln(t.Out, made.Token)
	return err
}

type inboxEndCommand struct {
	Server
	Customer string `arg:"" help:"cust_…"`
}

func (c *inboxEndCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return api.EndInboxTokens(ctx, c.Customer, client.OnTrouble(t.trouble))
}

type inboxDevicesCommand struct {
	Server
	Output
	Customer string `arg:"" help:"cust_…"`
}

func (c *inboxDevicesCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"KIND", "SINCE", "SEEN", "ID"}, func(d client.Device) []string {
		return []string{d.Kind, local(&d.CreatedAt), local(&d.SeenAt), d.ID}
	}, func(o ...client.Option) iter.Seq2[client.Device, error] {
		return api.ListDevices(ctx, c.Customer, o...)
	})
}

type inboxRemoveCommand struct {
	Server
	Customer string `arg:"" help:"cust_…"`
	Device   string `arg:"" help:"dev_…"`
}

func (c *inboxRemoveCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return api.RemoveDevice(ctx, c.Customer, c.Device, client.OnTrouble(t.trouble))
}
