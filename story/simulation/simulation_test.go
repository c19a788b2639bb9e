// Package simulation_test runs the whole of paylink, wired as it ships, in virtual time over a network
// in memory that loses, repeats, reorders and holds up what companies say to each other. Each seed is
// a history of its own; after every step the books must be right.
package simulation_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
	"paylink/cmd/paylink/node"
)

var (
	seeds     = flag.Int("seeds", 4, "how many histories to run; script/test asks for 200")
	loud      = flag.Bool("loud", false, "show the log")
	firstSeed = flag.Uint64("seed", 1, "the first history's seed; a failed one is run again with -seed N -seeds 1")
)

const (
	payHost   = "pay.example.com"
	hooksHost = "hooks.example.com"
)

// Whatever the network does to notices, receipts, gateway calls and webhooks: one success is counted
// once, a paid link never expires, and every event reaches each endpoint under exactly one id.
func TestBooksAreRightWhateverTheNetworkDoes(t *testing.T) {
	t.Logf("seeds %d to %d", *firstSeed, *firstSeed+uint64(*seeds)-1)
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, dir, seed)
				w.live()
				w.settle()
				w.stop()
				proveBooks(t, "sqlite://"+filepath.Join(dir, "paylink.db"), filepath.Join(dir, "keys"))
			})
		})
	}
}

// world is one history.
type world struct {
	t        *testing.T
	dice     *mathrand.Rand
	network  *network
	chaos    *chaos
	merchant *merchant
	stop     func()

	links []link
	paid  map[paylink.LinkID]bool // links that were ever seen paid
}

type link struct {
	paylink.LinkSnapshot
	URL string `json:"url"`
}

func newWorld(t *testing.T, dir string, seed uint64) *world {
	t.Helper()
	ended := make(chan struct{})
	n := newNetwork()
	w := &world{
		t: t, dice: mathrand.New(mathrand.NewPCG(seed, 1)), network: n, paid: map[paylink.LinkID]bool{},
		chaos: &chaos{network: n, dice: mathrand.New(mathrand.NewPCG(seed, 2)), done: ended},
	}
	moods := mathrand.New(mathrand.NewPCG(seed, 3))
	w.merchant = &merchant{
		t: t, network: n, received: map[string]map[paylink.EventID]map[string]int{},
		moody: func() bool { return !w.chaos.isCalm() && moods.IntN(4) == 0 },
	}
	hooks := &http.Server{Handler: w.merchant}
	log := slog.New(slog.DiscardHandler)
	if *loud {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	key := make([]byte, 32)
	rand.Read(key)
	paylinkNode, err := node.Open(t.Context(), node.Settings{
		DatabaseURL: "sqlite://" + filepath.Join(dir, "paylink.db"), KeyFile: filepath.Join(dir, "keys"),
		PublicURL: "http://" + payHost, SandboxKey: key,
	}, node.World{Now: time.Now, Log: log, Transport: w.chaos})
	if err != nil {
		t.Fatal(err)
	}
	made, err := paylinkNode.CreateMerchant(t.Context(), node.NewMerchant{
		Name: "Acme", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.merchant.key = made.TestKey

	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { _ = hooks.Serve(n.listen(hooksHost)) })
	running.Go(func() {
		err := paylinkNode.Serve(ctx, n.listen(payHost), n.listen("admin.example.com"), func() error { close(ready); return nil })
		if err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	<-ready
	w.stop = func() {
		close(ended)
		w.chaos.late.Wait()
		n.plain.CloseIdleConnections()
		cancel()
		_ = hooks.Close()
		running.Wait()
		n.plain.CloseIdleConnections()
	}
	for _, path := range []string{"/one", "/two"} {
		w.merchant.must(http.MethodPost, "/v1/webhook_endpoints", map[string]any{"url": "https://" + hooksHost + path, "events": []string{"*"}}, nil)
	}
	return w
}

func (c *chaos) isCalm() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calm
}

// live runs through a history: steps that a merchant and customers would take, at odd times.
func (w *world) live() {
	for step := range 14 {
		switch throw := w.dice.IntN(10); {
		case step < 2 || throw < 3:
			w.create(step)
		case throw < 8:
			w.pay()
		case throw < 9:
			w.cancel()
		default:
			w.merchant.must(http.MethodPost, "/sandbox/clock", map[string]string{"advance": "20m"}, nil)
		}
		time.Sleep(time.Duration(w.dice.Int64N(int64(5 * time.Minute))))
		w.check()
		if w.t.Failed() {
			return
		}
	}
}

func (w *world) create(step int) {
	in := map[string]any{
		"amount": 100 + w.dice.Int64N(500000), "currency": "INR", "reference": fmt.Sprintf("order-%d", step),
		"expires_in": 600 + w.dice.Int64N(7200), "channels": []string{"sms", "email"},
		"customer": map[string]string{"phone": fmt.Sprintf("+9198123456%02d", 1+w.dice.IntN(5)), "email": "payer@example.com"},
	}
	if w.dice.IntN(3) == 0 {
		in["usage"] = map[string]any{"mode": "multi", "max_payments": 2}
	}
	var made link
	w.merchant.must(http.MethodPost, "/v1/payment_links", in, &made)
	w.links = append(w.links, made)
}

// pay sends up to three customers to one link at once, each in a mood of their own.
func (w *world) pay() {
	l := w.links[w.dice.IntN(len(w.links))]
	var together sync.WaitGroup
	for range 1 + w.dice.IntN(3) {
		in := map[string]string{
			"url":     l.URL,
			"method":  []string{"card", "upi", "netbanking"}[w.dice.IntN(3)],
			"outcome": []string{"success", "success", "success", "decline", "pending", "late", "unknown", "duplicate"}[w.dice.IntN(8)],
		}
		together.Go(func() { w.merchant.call(http.MethodPost, "/sandbox/pay", in, nil) })
	}
	together.Wait()
}

func (w *world) cancel() {
	l := w.links[w.dice.IntN(len(w.links))]
	w.merchant.call(http.MethodPost, "/v1/payment_links/"+string(l.ID)+"/cancel", nil, nil)
}

// settle lets the network heal and time pass, and then everything must come right: within the two days
// that the longest retries take.
func (w *world) settle() {
	w.chaos.quieten()
	var open error
	for range 48 {
		time.Sleep(time.Hour)
		if open = w.unsettled(w.check()); open == nil {
			return
		}
	}
	w.t.Errorf("two days later: %v", open)
}

// check holds the books against each other, as a merchant sees them.
func (w *world) check() books {
	w.t.Helper()
	synctest.Wait()
	b := books{
		links:    list[link](w.merchant, "/v1/payment_links"),
		payments: list[paylink.PaymentSnapshot](w.merchant, "/v1/payments"),
		events:   list[event](w.merchant, "/v1/events"),
	}

	counted := map[paylink.LinkID]int64{}
	captures := map[string]paylink.PaymentID{}
	for _, p := range b.payments {
		if p.Status != paylink.PaymentCaptured {
			continue
		}
		if other, twice := captures[p.GatewayReference]; twice {
			w.t.Errorf("one success is counted twice: %s and %s are both %s", p.ID, other, p.GatewayReference)
		}
		captures[p.GatewayReference] = p.ID
		if p.Disposition == "" || p.Disposition == paylink.PolicyAccept {
			counted[p.LinkID] += p.AmountCaptured
		}
	}
	for _, l := range b.links {
		if l.AmountPaid != counted[l.ID] {
			w.t.Errorf("link %s says %d paid, its payments say %d", l.ID, l.AmountPaid, counted[l.ID])
		}
		if l.Usage.Mode == paylink.UsageSingle && l.AmountPaid > l.Amount {
			w.t.Errorf("link %s over %d took %d", l.ID, l.Amount, l.AmountPaid)
		}
		if l.Usage.MaxPayments != nil && l.PaymentsCount > *l.Usage.MaxPayments {
			w.t.Errorf("link %s for %d payments counts %d", l.ID, *l.Usage.MaxPayments, l.PaymentsCount)
		}
		if w.paid[l.ID] && l.Status != paylink.LinkPaid {
			w.t.Errorf("link %s was paid and is %s", l.ID, l.Status)
		}
		w.paid[l.ID] = w.paid[l.ID] || l.Status == paylink.LinkPaid
	}
	w.checkEvents(b.events)
	if err := w.merchant.underOneID(b.events, false); err != nil {
		w.t.Error(err)
	}
	return b
}

// books is what a merchant sees.
type books struct {
	links    []link
	payments []paylink.PaymentSnapshot
	events   []event
}

// checkEvents wants one gapless sequence, and no expiry after the paying.
func (w *world) checkEvents(events []event) {
	w.t.Helper()
	slices.Reverse(events) // oldest first
	paid := map[paylink.LinkID]bool{}
	for i, e := range events {
		if e.Sequence != int64(i+1) {
			w.t.Fatalf("event %d has the sequence %d", i+1, e.Sequence)
		}
		if e.Data.Link == nil {
			continue
		}
		switch id := e.Data.Link.ID; e.Type {
		case paylink.EventLinkPaid:
			if paid[id] {
				w.t.Errorf("link %s was told paid twice", id)
			}
			paid[id] = true
		case paylink.EventLinkExpired, paylink.EventLinkCancelled, paylink.EventLinkFailed:
			if paid[id] {
				w.t.Errorf("link %s was paid, and then told %s", id, e.Type)
			}
		}
	}
}

// unsettled tells what has not come right yet: an attempt that nobody ended, a link past its time, a
// capture that was not told exactly once, an event that has not reached everybody.
func (w *world) unsettled(b books) error {
	for _, p := range b.payments {
		if p.Status == paylink.PaymentCreated || p.Status == paylink.PaymentActionRequired {
			return fmt.Errorf("payment %s is still %s", p.ID, p.Status)
		}
	}
	for _, l := range b.links {
		if l.Status == paylink.LinkPending || l.Status == paylink.LinkFailed {
			return fmt.Errorf("link %s is still %s", l.ID, l.Status)
		}
	}
	told := map[paylink.PaymentID]int{}
	for _, e := range b.events {
		if e.Type == paylink.EventPaymentCaptured {
			told[e.Data.Payment.ID]++
		}
	}
	for _, p := range b.payments {
		want := 0
		if p.Status == paylink.PaymentCaptured {
			want = 1
		}
		if told[p.ID] != want {
			return fmt.Errorf("payment %s is %s and was told captured %d times", p.ID, p.Status, told[p.ID])
		}
	}
	return w.merchant.underOneID(b.events, true)
}
