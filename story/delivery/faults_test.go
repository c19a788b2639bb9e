package delivery_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"paylink"
	"paylink/cmd/paylink/node"
	"paylink/store/storetest"
)

// fault is what happens on the line to a provider, by one of toxiproxy's toxics, and how the first call that
// meets it must end.
type fault struct {
	name     string
	provider string // twilio can be asked what became of a call; vonage and a mail server cannot
	toxic    string // as toxiproxy's API takes it
	within   bool   // the toxic comes when the provider has the message, before it answers; otherwise from the beginning
	ends     paylink.AttemptState
	copies   int64 // of the message that the provider is given in all
	becomes  paylink.MessageStatus
}

const (
	slow     = `{"name":"f","type":"latency","stream":"downstream","attributes":{"latency":1500}}`
	reset    = `{"name":"f","type":"reset_peer","stream":"upstream","attributes":{"timeout":0}}`
	cut      = `{"name":"f","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`
	halfOpen = `{"name":"f","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`
	goesDark = `{"name":"f","type":"timeout","stream":"upstream","attributes":{"timeout":3000}}`
)

// faults say what is right. Whoever cannot be asked is never given a message twice, even one that it did not
// get: the next step of the plan, by another provider, is for that. What was certainly not sent goes out by the
// same one when the fault is over.
var faults = []fault{
	{"slow", "twilio", slow, false, paylink.AttemptTaken, 1, paylink.MessageDelivered},
	{"slow", "vonage", slow, false, paylink.AttemptTaken, 1, paylink.MessageDelivered},
	{"slow", "smtp", slow, false, paylink.AttemptTaken, 1, paylink.MessageSent},
	{"reset before anything is read", "twilio", reset, false, paylink.AttemptUnknown, 1, paylink.MessageDelivered},
	{"reset before anything is read", "vonage", reset, false, paylink.AttemptUnknown, 0, paylink.MessageUnknown},
	{"reset before anything is read", "smtp", reset, false, paylink.AttemptBroken, 1, paylink.MessageSent},
	{"cut after the request", "twilio", cut, true, paylink.AttemptUnknown, 1, paylink.MessageDelivered},
	{"cut after the request", "vonage", cut, true, paylink.AttemptUnknown, 1, paylink.MessageDelivered},
	{"cut after the request", "smtp", cut, true, paylink.AttemptUnknown, 1, paylink.MessageUnknown},
	{"half-open", "twilio", halfOpen, true, paylink.AttemptUnknown, 1, paylink.MessageDelivered},
	{"half-open", "vonage", halfOpen, true, paylink.AttemptUnknown, 1, paylink.MessageDelivered},
	{"goes dark for seconds", "vonage", goesDark, false, paylink.AttemptUnknown, 0, paylink.MessageUnknown},
	{"goes dark for seconds", "smtp", goesDark, false, paylink.AttemptBroken, 1, paylink.MessageSent},
}

// The line to a provider is slow, is reset, is cut after the request, or says nothing any more. The call ends as
// what it was, nobody gets the message twice from one provider, and the customer gets it when the fault is over.
func TestFaultsOnTheLineEndRight(t *testing.T) {
	w, proxies := onLoopback(t)
	var all sync.WaitGroup // they wait much and do little, so that all of them run at once on any machine
	for customer, f := range faults {
		all.Go(func() {
			t.Run(f.provider+" "+f.name, func(t *testing.T) { w.meets(t, proxies[customer], f, customer) })
		})
	}
	all.Wait()
}

// tellsAfter is after how long a provider whose answer was lost reports: by then the call has ended.
const tellsAfter = 18 * time.Second

// line is a provider behind a proxy.
type line struct {
	far   *far
	proxy *toxiproxy.Proxy
}

// meets sends one link through the faulty line.
func (w *world) meets(t *testing.T, l line, f fault, customer int) {
	strike := func() {
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(f.toxic)); err != nil {
			t.Errorf("put a fault on the line: %v", err)
		}
	}
	if f.within {
		l.far.taking, l.far.tells = strike, tellsAfter
	} else {
		strike()
	}
	channel := "sms"
	if f.provider == "smtp" {
		channel = "email"
	}
	var made made
	w.must("POST", "/v1/payment_links", map[string]any{
		"amount": 100 + customer, "currency": "GBP", "customer": map[string]string{"phone": w.phones[customer], "email": mailOf(customer)},
		"delivery": map[string]any{"steps": []any{
			map[string]any{"channel": channel, "providers": []string{l.far.id}},
			map[string]any{"channel": "sms", "providers": []string{w.fars[0].id}, "after": "25s", "unless": "delivered"},
		}},
	}, &made)
	first := w.await(t, made, func(d delivery) bool { return len(d.Attempts) > 0 && d.Attempts[0].State != paylink.AttemptCalling })
	if len(first.Attempts) == 0 || first.Attempts[0].State != f.ends {
		t.Errorf("the first call should be %s: %+v", f.ends, first)
	}
	l.far.taking = nil
	l.proxy.Toxics.ResetToxics(context.Background())
	var got []arrival
	for end := time.Now().Add(45 * time.Second); len(got) == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = w.handsets.of(customer, made.code())
	}
	if last := w.await(t, made, func(d delivery) bool { return d.Status == f.becomes }); last.Status != f.becomes {
		t.Errorf("the message should become %s: %+v", f.becomes, last)
	}
	time.Sleep(2 * time.Second) // for whatever would come twice
	l.far.mu.Lock()
	defer l.far.mu.Unlock()
	if len(got) == 0 || l.far.taken != f.copies {
		t.Errorf("the customer got %d messages; the provider was given %d, and should be %d", len(got), l.far.taken, f.copies)
	}
}

// delivery is a message as the API shows it.
type delivery struct {
	Status   paylink.MessageStatus
	Attempts []struct{ State paylink.AttemptState }
}

// await waits until a link's first message is as it should be, at most half a minute, and gives how it is.
func (w *world) await(t *testing.T, l made, so func(delivery) bool) (first delivery) {
	var link struct{ Deliveries []delivery }
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		w.must("GET", "/v1/payment_links/"+string(l.ID)+"?include=attempts", nil, &link)
		if len(link.Deliveries) == 0 {
			t.Fatalf("link %s has no deliveries", l.ID)
		}
		if first = link.Deliveries[0]; so(first) {
			break
		}
	}
	return first
}

// onLoopback is a node on real connections, with one provider for each fault behind a proxy, and before them
// one that always works.
func onLoopback(t *testing.T) (*world, []line) {
	t.Helper()
	w := &world{
		t: t, plan: plan{links: len(faults), seed: 1}, network: newNetwork(), handsets: newHandsets(), phone: map[string]int{}, first: map[int]time.Time{},
	}
	w.network.plain = &http.Transport{}
	database, keys := storetest.URL(t, "sqlite"), filepath.Join(t.TempDir(), "keys") // which outlive the node
	w.meet(len(faults))
	public, admin := listenLoopback(t), listenLoopback(t)
	w.origin = "http://" + public.Addr().String()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	lines, hosts := make([]line, len(faults)), []string{}
	ctx, cancel := context.WithCancel(t.Context())
	sure := listenLoopback(t)
	behind := make([]net.Listener, len(faults))
	for i := range faults {
		behind[i] = listenLoopback(t)
		lines[i].proxy = toxiproxy.NewProxy(server, fmt.Sprint(i), "127.0.0.1:0", behind[i].Addr().String())
		if err := lines[i].proxy.Start(); err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(lines[i].proxy.Listen)
		hosts = append(hosts, lines[i].proxy.Listen, "localhost:"+port)
	}
	t.Cleanup(func() {
		w.events.Wait()
		cancel()
		for _, c := range append(behind, sure) {
			_ = c.Close()
		}
		for _, l := range lines {
			l.proxy.Stop()
		}
		for _, c := range w.closers {
			_ = c.Close()
		}
		w.running.Wait()
	})
	w.serve(ctx, node.Settings{
		DatabaseURL: database, KeyFile: keys, PublicURL: w.origin, ProviderHosts: append(hosts, sure.Addr().String()),
	}, node.World{Now: time.Now}, public, admin)
	w.stand("twilio", "sure", sure, sure.Addr().String())
	for i, f := range faults {
		lines[i].far = w.stand(f.provider, fmt.Sprintf("%s %d", f.provider, i), behind[i], lines[i].proxy.Listen)
	}
	return w, lines
}

// stand opens a provider that takes everything and loses nothing, and has the merchant connect an account with
// it at an address.
func (w *world) stand(provider, label string, at net.Listener, address string) *far {
	f := w.newFar(label, provider, strings.Repeat("s", 32), 100)
	f.steady, f.losses = true, make([]loss, w.plan.links)
	serve := func(h http.Handler) {
		server := &http.Server{Handler: h}
		w.running.Go(func() { _ = server.Serve(at) }) // it ends by Close
		w.closers = append(w.closers, server)
	}
	switch provider {
	case "twilio":
		face := &twilio{far: f, sid: "AC" + strings.Repeat("0a", 16), held: map[string][]map[string]any{}}
		serve(face)
		w.account(f, "sms", "http://"+address, map[string]string{"account_sid": face.sid, "from": "+447400000001"})
	case "vonage":
		face := &vonage{far: f, key: "0a0a0a0a", password: "right-password"}
		serve(face)
		w.account(f, "sms", "http://"+address, map[string]string{"api_key": face.key, "api_secret": face.password, "from": "447400000002"})
	default:
		f.silent = true
		face := &mail{far: f, tls: &tls.Config{Certificates: []tls.Certificate{identity}, SessionTicketsDisabled: true}}
		w.running.Go(func() { face.serve(at) })
		_, port, _ := net.SplitHostPort(address)
		w.account(f, "email", "smtp://localhost:"+port, map[string]string{"username": "payments", "password": "right", "from_address": "payments@acme.example"})
	}
	return f
}

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
