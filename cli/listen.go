package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"paylink/client"
)

// forwardWithin is how long a receiver may take, as long as a webhook's may.
const forwardWithin = 15 * time.Second

type listenCommand struct {
	Server
	Output
	ForwardTo string   `required:"" placeholder:"URL" help:"Where each event is posted: http://127.0.0.1:3000/hooks."`
	Type      []string `help:"Only these types; * stands for anything: payment_link.*"`
	After     int64    `default:"-1" placeholder:"SEQUENCE" help:"Begin after the event with this sequence; 0 for the first ever. Default: now."`
	Count     int      `help:"End after so many events."`
}

// handed is what became of one event, as --json tells it.
type handed struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Status int    `json:"status"` // of the receiver's answer; 0: there was none
	TookMs int64  `json:"took_ms"`
	Error  string `json:"error,omitempty"`
}

// Run hands events on one after the other, in their order. An event that the receiver refuses is not sent
// again: it stands in the feed, and the real webhooks have their own schedule.
func (c *listenCommand) Run(ctx context.Context, t *Terminal) error {
	to, err := url.Parse(c.ForwardTo)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return usage("--forward-to is a whole address, such as http://127.0.0.1:3000/hooks")
	}
	if err := patterns(c.Type); err != nil {
		return err
	}
	api, p, err := c.open(t)
	if err != nil {
		return err
	}
	s, given, err := listenSecret()
	if err != nil {
		return err
	}
	after, err := start(ctx, api, c.After)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "Handing the events of %s on to %s. Ctrl+C ends it.\n", p.Server, to.Redacted())
	if !given {
		fmt.Fprintf(t.Err, "Signing secret, for this run: %s\n", s)
	}
	f := forward{to: c.ForwardTo, secret: s, now: t.Now, http: &http.Client{
		Timeout: forwardWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	told := 0
	var text json.RawMessage
	for e, err := range api.StreamEvents(ctx, after, client.Verbatim(&text), client.OnTrouble(t.trouble)) {
		if err != nil {
			return ended(ctx, err)
		}
		if !chosen(c.Type, e.Type) {
			continue
		}
		h, err := f.hand(ctx, e, text)
		if err != nil {
			return err
		}
		if err := c.show(t, e, h); err != nil {
			return err
		}
		if told++; told == c.Count {
			return nil
		}
	}
	return nil
}

func (c *listenCommand) show(t *Terminal, e client.Event, h handed) error {
	if c.JSON {
		return json.NewEncoder(t.Out).Encode(h)
	}
	outcome := fmt.Sprintf("%d in %d ms", h.Status, h.TookMs)
	if h.Status == 0 {
		outcome = h.Error
	}
	_, err := fmt.Fprintf(t.Out, "%s  → %s\n", eventLine(e), clean(outcome))
	return err
}

// listenSecret is the one that PAYLINK_LISTEN_SECRET keeps over several runs, or a new one.
func listenSecret() (s secret, given bool, err error) {
	text := os.Getenv("PAYLINK_LISTEN_SECRET")
	if text == "" {
		return newSecret(), false, nil
	}
	s, err = parseSecret(text)
	return s, true, err
}

// forward posts events to one receiver.
type forward struct {
	to     string
	secret secret
	now    func() time.Time
	http   *http.Client
}

// body is the event as webhooks carry it: the feed's, without the fields that only the feed has. Personal
// data stays masked, as the feed masks it.
type body struct {
	Type       json.RawMessage `json:"type"`
	Timestamp  json.RawMessage `json:"timestamp"`
	Data       json.RawMessage `json:"data"`
	ID         json.RawMessage `json:"id"`
	Livemode   json.RawMessage `json:"livemode"`
	MerchantID json.RawMessage `json:"merchant_id"`
	Sequence   json.RawMessage `json:"sequence"`
	APIVersion json.RawMessage `json:"api_version"`
}

// hand posts one event. An answer that is not 2xx is an outcome like another.
func (f *forward) hand(ctx context.Context, e client.Event, text json.RawMessage) (handed, error) {
	h := handed{ID: e.ID, Type: e.Type}
	var b body
	if err := json.Unmarshal(text, &b); err != nil {
		return h, fmt.Errorf("read the event %s: %w", e.ID, err)
	}
	content, err := json.Marshal(b)
	if err != nil {
		return h, err
	}
	began := f.now()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.to, bytes.NewReader(content))
	if err != nil {
		return h, err
	}
	r.Header = f.secret.header(e.ID, began, content)
	r.Header.Set("User-Agent", "paylink-cli")
	res, err := f.http.Do(r)
	h.TookMs = f.now().Sub(began).Milliseconds()
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if err != nil {
		h.Error = err.Error()
		return h, nil
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // so that the connection can be used again
	h.Status = res.StatusCode
	return h, nil
}
