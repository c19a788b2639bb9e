package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func tells(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, text)
	}
}

func event(sequence int) string {
	return fmt.Sprintf("id: %d\nevent: payment_link.paid\ndata: {\"sequence\":%d,\ndata: \"type\":\"payment_link.paid\"}\n\n", sequence, sequence)
}

// A stream is broken off in the middle of an event, by a restart and by a busy server. It goes on after the
// last event that was whole: none is missed and none comes twice.
func TestStreamGoesOnWhereItBroke(t *testing.T) {
	var from []string
	note := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			from = append(from, r.Header.Get("Last-Event-ID"))
			h(w, r)
		}
	}
	_, c := answer(t,
		says(200, `{"data":[{"sequence":7}],"next_cursor":"x"}`),
		note(tells("retry: 1\n\n: \n\n")),
		note(tells(event(8)+event(9)[:20])),
		note(breaks),
		note(says(503, `{"code":"busy"}`)),
		note(tells(event(8)+event(9)+event(10))),
	)
	var seen []int64
	var text json.RawMessage
	troubles := 0
	for e, err := range c.StreamEvents(t.Context(), FromNow, Verbatim(&text), OnTrouble(func(error) { troubles++ })) {
		if err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, e.Sequence); len(seen) == 3 {
			break
		}
	}
	if fmt.Sprint(seen) != "[8 9 10]" || fmt.Sprint(from) != "[7 7 8 8 8]" || troubles == 0 || string(text) != "{\"sequence\":10,\n\"type\":\"payment_link.paid\"}" {
		t.Errorf("saw %v, asked from %v, %d troubles, %q", seen, from, troubles, text)
	}
}

// A revoked key does not become good by asking again and again, nor does an event that cannot be read; and
// a caller who has gone is not kept.
func TestStreamEndsWhenRefused(t *testing.T) {
	_, c := answer(t, says(401, `{"code":"unauthenticated"}`))
	var p *Problem
	for _, err := range c.StreamEvents(t.Context(), 0) {
		if !errors.As(err, &p) || p.Status != 401 {
			t.Error(err)
		}
	}
	if p == nil {
		t.Error("it ended without a word")
	}
	for _, unreadable := range []string{"data: {\n\n", "data: " + strings.Repeat("x", longestLine+1) + "\n\n"} {
		_, c = answer(t, tells(unreadable))
		ended := 0
		for _, err := range c.StreamEvents(t.Context(), 0) {
			if ended++; err == nil {
				t.Error("an event that cannot be read was told")
			}
		}
		if ended != 1 {
			t.Errorf("it ended %d times", ended)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	_, c = answer(t, func(w http.ResponseWriter, r *http.Request) {
		tells(event(1))(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	var last error
	for e, err := range c.StreamEvents(ctx, 0) {
		if last = err; e.Sequence == 1 {
			stop()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("ended with %v", last)
	}
	stop()
}
