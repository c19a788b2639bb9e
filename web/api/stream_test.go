package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/api"
)

// reader follows a stream over a real connection.
type reader struct {
	w     *town
	lines *bufio.Scanner
}

// follow opens a stream; it ends with the test.
func (w *town) follow(url, key, last string) *reader {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	w.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/v1/events/stream", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		w.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	s := &reader{w, bufio.NewScanner(answer.Body)}
	if line := s.line(); line != "retry: 1000" {
		w.Fatalf("the stream begins with %q", line)
	}
	return s
}

func (s *reader) line() string {
	s.w.Helper()
	if !s.lines.Scan() {
		s.w.Fatalf("the stream ended: %v", s.lines.Err())
	}
	return s.lines.Text()
}

// next reads one event: its id, its name, and whether the data is of the same event.
func (s *reader) next() string {
	s.w.Helper()
	var id, name string
	for {
		switch kind, value, _ := strings.Cut(s.line(), ": "); kind {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			if !strings.Contains(value, fmt.Sprintf(`"type":%q`, name)) || !strings.Contains(value, fmt.Sprintf(`"sequence":%s,`, id)) {
				s.w.Errorf("the data is of another event: %s", value)
			}
			return id + " " + name
		}
	}
}

// A dashboard that loses its connection must miss nothing and see nothing twice; a stranger sees
// nothing at all.
func TestStreamResumesWhereItEnded(t *testing.T) {
	each(t, func(w *town) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.feed.Work(ctx) }()
		server := httptest.NewServer(w.handler)
		defer func() {
			cancel()
			<-done
			server.CloseClientConnections()
			server.Close()
		}()

		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		w.seal()
		now := w.follow(server.URL, w.test, "")
		fromStart := w.follow(server.URL, w.test, "0")
		stranger := w.follow(server.URL, w.stranger, "0")
		if got := fromStart.next(); got != "1 payment_link.created" {
			t.Error(got)
		}
		w.pass(time.Second)
		w.ask(w.test, "POST", "/v1/payment_links/"+id+"/cancel", "").want(200)
		w.seal()
		for name, s := range map[string]*reader{"from now": now, "from the start": fromStart} {
			if got := s.next(); got != "2 payment_link.cancelled" {
				t.Errorf("%s: %s", name, got)
			}
		}
		w.pass(time.Second)
		w.ask(w.test, "POST", "/v1/payment_links/"+id+"/reactivate", "").want(200)
		w.seal()
		resumed := w.follow(server.URL, w.test, "1")
		for _, want := range []string{"2 payment_link.cancelled", "3 payment_link.refreshed"} {
			if got := resumed.next(); got != want {
				t.Errorf("resumed: %s, want %s", got, want)
			}
		}
		w.ask(w.stranger, "POST", "/v1/payment_links", order).want(201)
		w.seal()
		if got := stranger.next(); got != "1 payment_link.created" {
			t.Errorf("the stranger's first event is %s", got)
		}
	})
}

// A stream is not a way around a revoked key, a made-up place, or a limit.
func TestStreamIsRefused(t *testing.T) {
	w := onSQLite(t)
	if got := w.ask("", "GET", "/v1/events/stream", "").problem(); got != "401 unauthenticated" {
		t.Error(got)
	}
	for _, last := range []string{"x", "-1", "9223372036854775808"} {
		if got := w.ask(w.test, "GET", "/v1/events/stream", "", "Last-Event-ID: "+last).problem(); got != "400 bad_last_event_id" {
			t.Errorf("%s: %s", last, got)
		}
	}
	w.write(func(tx *store.Tx) { tx.RevokeKey(w.acme, false, w.testKey, start) })
	w.pass(time.Second) // so long a revoked key may still work
	if got := w.ask(w.test, "GET", "/v1/events/stream", "").problem(); got != "401 unauthenticated" {
		t.Error(got)
	}
}

// A server that stops must not wait an hour for a stream.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	stop := make(chan struct{})
	w := newTown(t, storetest.Open(t, "sqlite"), func(d *api.Deps) { d.Stop = stop })
	server := httptest.NewServer(w.handler)
	s := w.follow(server.URL, w.test, "")
	close(stop)
	for s.lines.Scan() { // until the end
	}
	if err := s.lines.Err(); err != nil {
		t.Error(err)
	}
	server.Close() // returns when nobody is served any more
}
