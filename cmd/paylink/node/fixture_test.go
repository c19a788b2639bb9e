package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/cmd/paylink/node"
	"paylink/web/respond"
)

// Words that no trace, no metric and no log may hold: they are the customer's.
const (
	canaryName  = "Zzyzx Quagmire"
	canaryPhone = "9876501234"
	canaryEmail = "zzyzx@quagmire.example"
)

// town is a running node with a merchant and his receiver of webhooks.
type town struct {
	t          *testing.T
	url, admin string
	key        string
	log        lines
	hooks      sync.Map // types of events that were told
}

type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newTown starts a node on a new SQLite database; change may adjust its settings.
func newTown(t *testing.T, change func(*node.Settings)) *town {
	t.Helper()
	w := &town{t: t}
	public, admin := listen(t), listen(t)
	dir := t.TempDir()
	s := node.Settings{
		DatabaseURL: "sqlite://" + filepath.Join(dir, "paylink.db"), KeyFile: filepath.Join(dir, "keys"),
		PublicURL: "http://" + public.Addr().String(), Demo: true,
	}
	if change != nil {
		change(&s)
	}
	n, err := node.Open(t.Context(), s, node.World{Now: time.Now, Log: slog.New(slog.NewJSONHandler(&w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	made, err := n.CreateMerchant(t.Context(), node.NewMerchant{
		Name: "Acme", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.url, w.admin, w.key = s.PublicURL, "http://"+admin.Addr().String(), made.TestKey
	n.DemoMerchant(made.MerchantID)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	ready := make(chan struct{})
	running.Go(func() {
		if err := n.Serve(ctx, public, admin, func() error { close(ready); return nil }); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	select {
	case <-ready:
	case <-time.After(30 * time.Second):
		t.Fatal("the node is not ready")
	}
	return w
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// receive begins to take webhooks.
func (w *town) receive() {
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Type string `json:"type"`
		}
		if json.NewDecoder(r.Body).Decode(&event) == nil {
			w.hooks.Store(event.Type, true)
		}
	}))
	w.t.Cleanup(hooks.Close)
	w.call("POST", "/v1/webhook_endpoints", map[string]any{"url": hooks.URL, "events": []string{"*"}}, nil)
}

// told waits until an event of the type has come to the merchant.
func (w *town) told(kind string) {
	w.t.Helper()
	w.until("the webhook "+kind, func() bool { _, ok := w.hooks.Load(kind); return ok })
}

func (w *town) until(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s never came; the log ends:\n%s", what, w.log.String()[max(0, len(w.log.String())-3000):])
		}
	}
}

// call asks the API, or the sandbox under the same address.
func (w *town) call(method, path string, in, out any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.key)
	r.Header.Set("Content-Type", "application/json")
	text := w.ask(r)
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

func (w *town) ask(r *http.Request) []byte {
	w.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %s, %v: %s", r.Method, r.URL.Path, answer.Status, err, text)
	}
	return text
}

func (w *town) get(url string) string {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(w.ask(r))
}

// paidLink makes a link for the canary customer, has it paid and waits until the merchant was told. It
// gives the link's id and its code.
func (w *town) paidLink() (id, code string) {
	w.t.Helper()
	w.receive()
	var link struct{ ID, URL string }
	w.call("POST", "/v1/payment_links", map[string]any{
		"amount": 245000, "currency": "INR", "description": "Order 1042", "channels": []string{"sms", "email"},
		"customer": map[string]any{"name": canaryName, "phone": "+91" + canaryPhone, "email": canaryEmail},
	}, &link)
	w.told("message.delivered")
	w.get(link.URL)
	w.call("POST", "/sandbox/pay", map[string]any{"url": link.URL, "method": "card", "outcome": "success"}, nil)
	w.told("payment.captured")
	return link.ID, link.URL[strings.LastIndex(link.URL, "/")+1:]
}

// loopback trusts whoever calls from this machine.
func loopback(t *testing.T) respond.Proxies {
	t.Helper()
	p, err := respond.ParseProxies([]string{"127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// silent fails when a text holds what belongs to the customer, or opens his link.
func silent(t *testing.T, where, text, code string) {
	t.Helper()
	for _, secret := range []string{canaryName, "Zzyzx", "Quagmire", canaryPhone, canaryEmail, code} {
		if at := strings.Index(strings.ToLower(text), strings.ToLower(secret)); at >= 0 {
			t.Errorf("%s holds %q: …%s…", where, secret, text[max(0, at-100):min(len(text), at+100)])
		}
	}
}
