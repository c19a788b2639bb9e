package simulation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"paylink"
)

// merchant is a program of a merchant's: it calls the API and takes webhooks.
type merchant struct {
	t       *testing.T
	network *network
	key     string

	mu       sync.Mutex
	received map[string]map[paylink.EventID]map[string]int // endpoint path, event, webhook-id: how often
	moody    func() bool                                   // tells whether to refuse a webhook
}

// call asks the API and reads its answer into out, which may be nil. It returns the status.
func (m *merchant) call(method, path string, in, out any) int {
	m.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			m.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(m.t.Context(), method, "http://"+payHost+path, body)
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+m.key)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := m.network.RoundTrip(r)
	if err != nil {
		m.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatalf("%s %s: %v", method, path, err)
	}
	if out != nil && answer.StatusCode < 300 {
		if err := json.Unmarshal(text, out); err != nil {
			m.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	// The pretend customer may give up on a bank that the network keeps away: 502.
	if answer.StatusCode >= 500 && path != "/sandbox/pay" {
		m.t.Errorf("%s %s answered %d: %s", method, path, answer.StatusCode, text)
	}
	return answer.StatusCode
}

// must is call for what has to go well.
func (m *merchant) must(method, path string, in, out any) {
	m.t.Helper()
	if status := m.call(method, path, in, out); status >= 300 {
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
// every event came at all.
func (m *merchant) underOneID(events []event, complete bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, path := range []string{"/one", "/two"} {
		for id, ids := range m.received[path] {
			if len(ids) != 1 {
				return fmt.Errorf("event %s reached %s under %d ids", id, path, len(ids))
			}
		}
		for _, e := range events {
			if complete && len(m.received[path][e.ID]) != 1 {
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
