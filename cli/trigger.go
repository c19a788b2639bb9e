package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"paylink/client"
)

type triggerCommand struct {
	Server
	Output
	Event  string        `arg:"" optional:"" help:"The type of event, such as payment_link.paid."`
	Within time.Duration `default:"1m" help:"How long to wait for it."`
}

// Run makes the event happen and waits until the server tells it, so that whoever listens has it too.
func (c *triggerCommand) Run(ctx context.Context, t *Terminal) error {
	if c.Event == "" {
		return c.list(t)
	}
	cause, ok := causeOf(c.Event)
	if !ok {
		return usage("%q cannot be caused in the sandbox; what can be: %s", c.Event, strings.Join(causable(), ", "))
	}
	api, p, err := c.open(t)
	if err != nil {
		return err
	}
	m, err := api.GetMerchant(ctx)
	if err != nil {
		return err
	}
	if m.Livemode {
		return usage("events are caused in the test world only; use a test key")
	}
	after, err := start(ctx, api, client.FromNow)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "On %s: %s.\n", p.Server, cause.how)
	link, err := cause.run(ctx, &stage{api: api, merchant: m})
	if err != nil {
		return err
	}
	return c.await(ctx, t, api, after, link)
}

func (c *triggerCommand) list(t *Terminal) error {
	w := newTable(t.Out)
	if !c.JSON {
		w.row("EVENT", "WHAT HAPPENS")
	}
	for _, one := range causes {
		if c.JSON {
			if err := json.NewEncoder(t.Out).Encode(map[string]string{"type": one.event, "how": one.how}); err != nil {
				return err
			}
			continue
		}
		w.row(one.event, one.how)
	}
	return w.flush()
}

// await follows the feed until it tells the event of the link.
func (c *triggerCommand) await(ctx context.Context, t *Terminal, api *client.Client, after int64, link string) error {
	within, stop := context.WithTimeout(ctx, c.Within)
	defer stop()
	var text json.RawMessage
	for e, err := range api.StreamEvents(within, after, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil && within.Err() != nil && ctx.Err() == nil {
			return fmt.Errorf("%s did not happen within %v; the link is %s", c.Event, c.Within, link)
		}
		if err != nil {
			return err
		}
		if e.Type != c.Event || linkOf(e) != link {
			continue
		}
		if c.JSON {
			return line(t.Out, text)
		}
		_, err = fmt.Fprintln(t.Out, eventLine(e))
		return err
	}
	return nil
}

func linkOf(e client.Event) string {
	switch {
	case e.Data.PaymentLink != nil:
		return e.Data.PaymentLink.ID
	case e.Data.Payment != nil:
		return e.Data.Payment.LinkID
	case e.Data.Message != nil:
		return e.Data.Message.LinkID
	}
	return ""
}
