package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"paylink/client"
)

type eventsCommand struct {
	Tail tailCommand `cmd:"" help:"Follow events as they happen, through broken connections and restarts."`
}

type tailCommand struct {
	Server
	Output
	Type  []string `help:"Only these types; * stands for anything: payment_link.*"`
	After int64    `default:"-1" placeholder:"SEQUENCE" help:"Begin after the event with this sequence; 0 for the first ever. Default: now."`
	Count int      `help:"End after so many events."`
}

func (c *tailCommand) Run(ctx context.Context, t *Terminal) error {
	if err := patterns(c.Type); err != nil {
		return err
	}
	api, p, err := c.open(t)
	if err != nil {
		return err
	}
	after, err := start(ctx, api, c.After)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "Following %s after event %d. Ctrl+C ends it.\n", p.Server, after)
	var text json.RawMessage
	shown := 0
	for e, err := range api.StreamEvents(ctx, after, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil {
			return ended(ctx, err)
		}
		if !chosen(c.Type, e.Type) {
			continue
		}
		if c.JSON {
			err = line(t.Out, text)
		} else {
			_, err = fmt.Fprintln(t.Out, eventLine(e))
		}
		if shown++; err != nil || shown == c.Count {
			return err
		}
	}
	return nil
}

// start gives the sequence after which a stream begins. Now is looked up before anybody is told that the
// stream is followed, so that what is caused afterwards is in it.
func start(ctx context.Context, api *client.Client, after int64) (int64, error) {
	if after != client.FromNow {
		return max(after, 0), nil
	}
	for e, err := range api.ListEvents(ctx, client.Page{Limit: 1}) {
		return e.Sequence, err
	}
	return 0, nil
}

func patterns(all []string) error {
	for _, p := range all {
		if _, err := path.Match(p, ""); err != nil {
			return usage("%q is no type of event", p)
		}
	}
	return nil
}

// chosen tells whether a type is wanted; with no patterns all are.
func chosen(patterns []string, kind string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, kind); ok {
			return true
		}
	}
	return len(patterns) == 0
}

// eventLine is an event for people: when, what, about what.
func eventLine(e client.Event) string {
	var about []string
	switch d := e.Data; {
	case d.PaymentLink != nil && strings.HasPrefix(e.Type, "payment_link."):
		about = []string{d.PaymentLink.ID, money(d.PaymentLink.Amount, d.PaymentLink.Currency), d.PaymentLink.Status}
	case d.Payment != nil:
		about = []string{d.Payment.ID, money(d.Payment.Amount, d.Payment.Currency), d.Payment.Status}
	case d.Message != nil:
		about = []string{d.Message.ID, d.Message.Channel, d.Message.Status, d.Message.Error}
	case d.WebhookEndpoint != nil:
		about = []string{d.WebhookEndpoint.ID, d.WebhookEndpoint.Status}
	}
	text := fmt.Sprintf("%s  %-24s  %s", e.Timestamp.Local().Format("15:04:05"), e.Type, strings.Join(about, "  "))
	return strings.TrimRight(clean(text), " ")
}
