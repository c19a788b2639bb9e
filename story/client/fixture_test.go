package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"paylink/client"
	"paylink/cmd/paylink/node"
	"paylink/store/storetest"
)

// town is a running server with a merchant, and the client that has the merchant's key.
type town struct {
	*testing.T
	settings node.Settings
	at       string // host:port
	merchant string
	client   *client.Client
	stop     func()
}

// each runs a test against a server on each database.
func each(t *testing.T, run func(w *town)) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			w := &town{T: t, at: "127.0.0.1:0"}
			w.settings = node.Settings{DatabaseURL: storetest.URL(t, kind), KeyFile: filepath.Join(t.TempDir(), "keys"), Demo: true}
			w.start()
			t.Cleanup(func() { w.stop() })
			run(w)
		})
	}
}

// start lets the server serve at the address that it had before, if it ran.
func (w *town) start() {
	w.Helper()
	public, err := net.Listen("tcp", w.at)
	w.must(err)
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.at = public.Addr().String()
	w.settings.PublicURL = "http://" + w.at
	n, err := node.Open(w.Context(), w.settings, node.World{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	w.must(err)
	w.must(n.Prepare(w.Context()))
	if w.client == nil {
		w.settle(n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Serve(ctx, public, admin, nil) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("serve: %v", err)
		}
	}
}

// settle makes the merchant and the client.
func (w *town) settle(n *node.Node) {
	w.Helper()
	made, err := n.CreateMerchant(w.Context(), node.NewMerchant{
		Name: "Acme", Email: "owner@acme.example", Country: "IN", Currency: "INR", TimeZone: "Asia/Kolkata",
	})
	w.must(err)
	w.merchant = string(made.MerchantID)
	w.client, err = client.New(client.Config{Server: w.settings.PublicURL, Key: made.TestKey, Attempts: 8})
	w.must(err)
}

func (w *town) restart() {
	w.Helper()
	w.stop()
	w.start()
}

func (w *town) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *town) is(what string, want, got int) {
	w.Helper()
	if got != want {
		w.Errorf("%s: %d, want %d", what, got, want)
	}
}

// count reads a list to its end.
func count[T any](w *town, list iter.Seq2[T, error]) (n int) {
	w.Helper()
	for _, err := range list {
		w.must(err)
		n++
	}
	return n
}

// lastSequence is that of the newest event; 0 when there is none.
func (w *town) lastSequence() int64 {
	w.Helper()
	for e, err := range w.client.ListEvents(w.Context(), client.Page{Limit: 1}) {
		w.must(err)
		return e.Sequence
	}
	return 0
}

// receiver takes webhooks.
type receiver struct {
	w   *town
	url string

	mu   sync.Mutex
	seen map[string]bool
}

func (w *town) receiver() *receiver {
	r := &receiver{w: w, seen: map[string]bool{}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		var event struct{ Type string }
		if err := json.NewDecoder(q.Body).Decode(&event); err == nil {
			r.mu.Lock()
			r.seen[event.Type] = true
			r.mu.Unlock()
		}
	}))
	w.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// wait waits until an event of a type has come.
func (r *receiver) wait(kind string) {
	r.w.Helper()
	ctx, stop := context.WithTimeout(r.w.Context(), 30*time.Second)
	defer stop()
	for {
		r.mu.Lock()
		came := r.seen[kind]
		r.mu.Unlock()
		if came {
			return
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			r.w.Fatalf("%s never came", kind)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
