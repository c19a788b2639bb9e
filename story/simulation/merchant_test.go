package simulation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
)

// merchant is a program of a merchant's: it calls the API and takes webhooks.
type merchant struct {
	t       *testing.T
	network *network
	key     string
	calls   atomic.Int64
	waits   atomic.Int64 // how often nobody answered

	mu       sync.Mutex
	follows  []endpoint
	received map[string]map[paylink.EventID]map[string]int // endpoint path, event, webhook-id: how often
	moody    func() bool                                   // tells whether to refuse a webhook
}

// endpoint is where the merchant hears of events.
type endpoint struct {
	path   string
	events []string
}

// patience is how often a merchant tries a call again that nobody answers, two seconds apart: a node
// comes back within a minute.
const patience = 60

// call asks the API, or the sandbox by its whole URL, and reads its answer into out, which may be nil.
// It returns the status. Where nobody answers it tries again under the same Idempotency-Key, as a
// careful program does; it reports 0 when it gives up. The pretend customer's walk is not repeated.
func (m *merchant) call(method, path string, in, out any) int {
	m.t.Helper()
	key, walk := fmt.Sprintf("call-%d", m.calls.Add(1)), strings.HasSuffix(path, "/pay")
	for range patience {
		status, text, err := m.once(method, path, key, in)
		switch {
		case walk:
			return status // 5xx too: the network, or death, keeps the bank or paylink away
		case err != nil, status == http.StatusConflict && bytes.Contains(text, []byte("idempotency_in_flight")):
			m.waits.Add(1)
			time.Sleep(2 * time.Second)
			continue
		case status >= 500:
			m.t.Errorf("%s %s answered %d: %s", method, path, status, text)
		case out != nil && status < 300:
			if err := json.Unmarshal(text, out); err != nil {
				m.t.Errorf("%s %s: %v in %s", method, path, err, text)
			}
		}
		return status
	}
	m.t.Errorf("%s %s: nobody answers", method, path)
	return 0
}

// once makes one call.
func (m *merchant) once(method, path, key string, in any) (status int, text []byte, err error) {
	m.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(text)
	}
	if strings.HasPrefix(path, "/") {
		path = "http://" + payHost + path
	}
	r, err := http.NewRequestWithContext(m.t.Context(), method, path, body)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+m.key)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := m.network.RoundTrip(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// must is call for what has to go well.
func (m *merchant) must(method, path string, in, out any) {
	m.t.Helper()
	if status := m.call(method, path, in, out); status == 0 || status >= 300 {
		m.t.Fatalf("%s %s answered %d", method, path, status)
	}
}

// list reads every page of a list.
func list[T any](m *merchant, path string) []T {
	m.t.Helper()
	var all []T
	for cursor := ""; ; {
		var page struct {
			Data []T     `json:"data"`
			Next *string `json:"next_cursor"`
		}
		m.must(http.MethodGet, path+"?limit=100"+cursor, nil, &page)
		all = append(all, page.Data...)
		if page.Next == nil || *page.Next == "" {
			return all
		}
		cursor = "&cursor=" + *page.Next
	}
}

// ServeHTTP takes webhooks, and is sometimes in no mood to.
func (m *merchant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var event struct {
		ID paylink.EventID `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		m.t.Errorf("a webhook's body: %v", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.moody() {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if m.received[r.URL.Path] == nil {
		m.received[r.URL.Path] = map[paylink.EventID]map[string]int{}
	}
	ids := m.received[r.URL.Path]
	if ids[event.ID] == nil {
		ids[event.ID] = map[string]int{}
	}
	ids[event.ID][r.Header.Get("webhook-id")]++
}

// underOneID checks that every event came to each endpoint under exactly one id. complete adds that
// every event that the endpoint asked for came at all.
func (m *merchant) underOneID(events []event, complete bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.follows {
		path := f.path
		for id, ids := range m.received[path] {
			if len(ids) != 1 {
				return fmt.Errorf("event %s reached %s under %d ids", id, path, len(ids))
			}
		}
		for _, e := range events {
			wanted := f.events[0] == "*" || slices.Contains(f.events, string(e.Type))
			if complete && wanted && len(m.received[path][e.ID]) != 1 {
				return fmt.Errorf("event %s, %s, never reached %s", e.ID, e.Type, path)
			}
		}
	}
	return nil
}

type event struct {
	ID       paylink.EventID   `json:"id"`
	Type     paylink.EventType `json:"type"`
	Sequence int64             `json:"sequence"`
	Data     paylink.EventData `json:"data"`
}
