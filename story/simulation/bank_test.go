package simulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/cmd/paylink/node"
	"paylink/sandbox"
)

// outside is the world around paylink, the bank and the carriers, in a process of its own: it survives
// every node. What it knows is read from its journal.
type outside struct {
	t       *testing.T
	network *network
	journal string
	lost    atomic.Int64 // letters that it gave up
	world   *sandbox.Sandbox
	running sync.WaitGroup
}

const sandboxURL = "http://sandbox.example.com/sandbox"

func newOutside(t *testing.T, n *network, way http.RoundTripper, journal string, key []byte) *outside {
	t.Helper()
	o := &outside{t: t, network: n, journal: journal}
	var err error
	o.world, err = sandbox.New(sandbox.Config{
		Master: key, URL: sandboxURL, Paylink: "http://" + payHost, Now: time.Now, Transport: way, Journal: journal, Log: slog.New(o),
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// serve runs until ctx is done; wait afterwards.
func (o *outside) serve(ctx context.Context) {
	listener := o.network.listen("sandbox.example.com", &fate{})
	o.running.Go(func() {
		if err := node.ServeSandbox(ctx, listener, o.world); err != nil && !errors.Is(err, http.ErrServerClosed) {
			o.t.Errorf("serve the sandbox: %v", err)
		}
		if err := o.world.Close(); err != nil {
			o.t.Error(err)
		}
	})
}

// The sandbox's log tells of letters that it gave up, whose news paylink may never learn.

func (o *outside) Enabled(context.Context, slog.Level) bool { return true }
func (o *outside) WithAttrs([]slog.Attr) slog.Handler       { return o }
func (o *outside) WithGroup(string) slog.Handler            { return o }
func (o *outside) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "sandbox.letter_given_up" {
		o.lost.Add(1)
	}
	return nil
}

// order is what the bank knows of a payment.
type order struct {
	Page, Reference string
	Status          paylink.PaymentStatus
	Payment         struct{ ID string }
	Second          *struct{ ID string }
}

// refund is what the bank knows of money that went back.
type refund struct {
	ID, Reference, Payment string
	Amount                 paylink.Money
	Status                 paylink.RefundStatus
}

// said is a line of the sandbox's journal.
type said struct {
	Order  *order
	Refund *refund
}

// reads the sandbox's journal, the oldest line first.
func (o *outside) reads(each func(said)) {
	o.t.Helper()
	text, err := os.ReadFile(o.journal)
	if err != nil {
		o.t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var is said
		if err := json.Unmarshal(line, &is); err != nil {
			o.t.Fatalf("the sandbox's journal: %v", err)
		}
		each(is)
	}
}

// orders are what the bank knows: the last line about an order is how it stands.
func (o *outside) orders() map[string]order {
	o.t.Helper()
	all := map[string]order{}
	o.reads(func(is said) {
		if is.Order != nil {
			all[is.Order.Page] = *is.Order
		}
	})
	return all
}

// agreesOnRefunds holds what the bank gave back against paylink's books: of every debit as much, under no reference
// twice, never more than was taken, and all of what a merchant did not ask for.
func (o *outside) agreesOnRefunds(payments []paylink.PaymentSnapshot) error {
	o.t.Helper()
	made := map[string]refund{}
	o.reads(func(is said) {
		if is.Refund != nil {
			made[is.Refund.ID] = *is.Refund
		}
	})
	back, named := map[string]int64{}, map[string]string{}
	for id, r := range made {
		if other := named[r.Reference]; r.Reference != "" && other != "" {
			o.t.Errorf("the refund %s was made twice: %s and %s", r.Reference, id, other)
		}
		if named[r.Reference] = id; r.Status == paylink.RefundSucceeded {
			back[r.Payment] += r.Amount.Minor
		}
	}
	for _, p := range payments {
		if back[p.GatewayReference] > p.AmountCaptured {
			o.t.Errorf("of %d captured by %s the bank gave %d back", p.AmountCaptured, p.ID, back[p.GatewayReference])
		}
		if p.AmountRefunded != back[p.GatewayReference] {
			return fmt.Errorf("payment %s says that %d went back, the bank %d", p.ID, p.AmountRefunded, back[p.GatewayReference])
		}
		if p.Status == paylink.PaymentCaptured && p.Disposition == paylink.PolicyRefund && p.Abnormal != paylink.AbnormalOverpaid && p.AmountRefunded != p.AmountCaptured {
			return fmt.Errorf("of payment %s, which nobody asked for, %d of %d went back", p.ID, p.AmountRefunded, p.AmountCaptured)
		}
	}
	return nil
}

// speak ends the bank's silence: whatever it has not decided, it decides now.
func (o *outside) speak(decide func() string) {
	o.t.Helper()
	for page, order := range o.orders() {
		if order.Status != paylink.PaymentPending && order.Status != paylink.PaymentUnknown {
			continue
		}
		form := url.Values{"outcome": {decide()}}
		r, err := http.NewRequest(http.MethodPost, sandboxURL+"/orders/"+page+"/outcome", strings.NewReader(form.Encode()))
		if err != nil {
			o.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := o.network.RoundTrip(r)
		if err != nil {
			o.t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// agrees holds the bank's captures against paylink's: each once, and none that the bank does not know.
// A second debit, or a success after the bank's no, is told by a letter only; while letters were given
// up, it may be missing.
func (o *outside) agrees(payments []paylink.PaymentSnapshot) error {
	ours := map[string]int{}
	for _, p := range payments {
		if p.Status == paylink.PaymentCaptured {
			ours[p.GatewayReference]++
		}
	}
	for _, order := range o.orders() {
		if order.Status != paylink.PaymentCaptured {
			continue
		}
		debits := []string{order.Payment.ID}
		if order.Second != nil {
			debits = append(debits, order.Second.ID)
		}
		for _, id := range debits {
			if ours[id] != 1 && (ours[id] != 0 || o.lost.Load() == 0) {
				return fmt.Errorf("the bank's debit %s of %s is in the books %d times", id, order.Reference, ours[id])
			}
			delete(ours, id)
		}
	}
	for id := range ours {
		o.t.Errorf("the bank knows nothing of the captured %s", id)
	}
	return nil
}

// These are under what receipts and notices of refunds are counted: they go by e-mail.
const (
	receipts = "receipt"
	refunds  = "refund"
)

// messages counts what the carriers took, by link and channel, receipts and notices of refunds apart from requests.
func (o *outside) messages(m *merchant) map[[2]string]int {
	o.t.Helper()
	var received struct {
		Data []struct {
			URL     string `json:"url"`
			Channel string `json:"channel"`
			Text    string `json:"text"`
		} `json:"data"`
	}
	m.must(http.MethodGet, sandboxURL+"/messages?limit=100", nil, &received)
	counts := map[[2]string]int{}
	for _, r := range received.Data {
		switch {
		case strings.Contains(r.Text, "has received your payment"):
			r.Channel = receipts
		case strings.Contains(r.Text, "is refunding"):
			r.Channel = refunds
		}
		counts[[2]string{r.URL, r.Channel}]++
	}
	return counts
}
