package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	paymentsMade = 200
	payers       = 4 // at once
)

// ear notes when it heard of each event of one type for the first time, and how long after it happened.
type ear struct {
	of    string
	mu    sync.Mutex
	heard map[string]time.Duration
}

func newEar(of string) *ear { return &ear{of: of, heard: map[string]time.Duration{}} }

func (e *ear) listen(body []byte) {
	now := time.Now()
	var event struct {
		ID   string    `json:"id"`
		Type string    `json:"type"`
		At   time.Time `json:"timestamp"`
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Type != e.of {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, again := e.heard[event.ID]; !again {
		e.heard[event.ID] = now.Sub(event.At)
	}
}

func (e *ear) fact(what, hold string) fact {
	e.mu.Lock()
	defer e.mu.Unlock()
	took := slices.Sorted(maps.Values(e.heard))
	return fact{what, hold, fmt.Sprintf("p50 %s, p99 %s (%d of %s)", ms(quantile(took, 50)), ms(quantile(took, 99)), len(took), e.of)}
}

// telling pays links by card and compares the time of each payment.captured with its arrival at a
// webhook endpoint and on the live feed, both ours and on this machine's clock.
func (b *bench) telling(ctx context.Context, p *program) ([]fact, error) {
	hook, feed := newEar("payment.captured"), newEar("payment.captured")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			hook.listen(body)
		}
		w.WriteHeader(http.StatusNoContent)
	})}
	var wait sync.WaitGroup
	defer wait.Wait()
	defer func() { _ = server.Close() }()
	wait.Go(func() { _ = server.Serve(listener) }) // it ends by Close
	endpoint := fmt.Sprintf(`{"url":"http://%s/","events":["payment.captured"]}`, listener.Addr())
	if err := p.post(ctx, "/v1/webhook_endpoints", endpoint, http.StatusCreated, new(any)); err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	events, err := p.stream(following)
	if err != nil {
		return nil, err
	}
	wait.Go(func() { follow(events, feed) })
	if err := b.payAll(ctx, p); err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	return []fact{
		hook.fact("payment captured → first webhook attempt arrives", "p99 < 250 ms"),
		feed.fact("payment captured → event on the live feed (the API's stream; the dashboard's stands on the same one)", "p99 < 250 ms"),
	}, nil
}

// stream opens the API's live feed.
func (p *program) stream(ctx context.Context) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.listen+"/v1/events/stream", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close() // the status is the news
		return nil, fmt.Errorf("GET /v1/events/stream: %s", answer.Status)
	}
	return answer.Body, nil
}

func follow(events io.ReadCloser, feed *ear) { followLines(events, feed.listen) }

// followLines hands over the data of each event of a live feed until it ends.
func followLines(events io.ReadCloser, listen func(data []byte)) {
	defer func() { _ = events.Close() }()
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:")); ok {
			listen(data)
		}
	}
}

// payAll makes links and has the sandbox pay them as a browser would.
func (b *bench) payAll(ctx context.Context, p *program) error {
	errs := make([]error, payers)
	var left atomic.Int64
	left.Store(paymentsMade)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			for left.Add(-1) >= 0 && errs[i] == nil {
				errs[i] = b.payOne(ctx, p)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) payOne(ctx context.Context, p *program) error {
	made, err := b.create(ctx, p)
	if err != nil {
		return err
	}
	return p.pay(ctx, made.URL)
}

// pay has the sandbox walk a link's page as a browser would, to the bank and back.
func (p *program) pay(ctx context.Context, url string) error {
	var paid struct {
		Status string `json:"status"`
	}
	walk := fmt.Sprintf(`{"url":%q,"method":"card","outcome":"success"}`, url)
	if err := p.post(ctx, "/sandbox/pay", walk, http.StatusOK, &paid); err != nil {
		return err
	}
	if paid.Status != "captured" {
		return fmt.Errorf("a payment of the load ended %s", paid.Status)
	}
	return nil
}
