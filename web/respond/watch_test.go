package respond_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"paylink/web/respond"
)

type seenKey struct{}

// A label for everything that a stranger makes up is a series for ever: who counts is given the pattern
// and a method that exists, also for what matches nothing, and sees a stream as one.
func TestWhoCountsIsToldPatternsOnly(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /links/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(seenKey{}) != true {
			t.Error("the door did not get the watcher's context")
		}
		w.WriteHeader(http.StatusTeapot)
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
	})
	mux.HandleFunc("/sandbox", func(w http.ResponseWriter, r *http.Request) {
		respond.LineOf(r.Context()).Route = r.Method + " /sandbox"
		respond.Fail(w, r, respond.Busy())
	})
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("!") })
	var told []respond.Answered
	edge := respond.Edge{Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Watch: respond.Watch{
		Began: func(ctx context.Context, _ *http.Request) context.Context {
			return context.WithValue(ctx, seenKey{}, true)
		},
		Ended: func(ctx context.Context, a respond.Answered) {
			if ctx.Value(seenKey{}) != true {
				t.Error("the watcher did not get his context back")
			}
			a.Took = 0
			told = append(told, a)
		},
	}}
	h := edge.Around(mux)
	for _, c := range []struct {
		method, path string
		want         respond.Answered
	}{
		{"GET", "/links/plink_1", respond.Answered{Method: "GET", Route: "/links/{id}", Status: 418}},
		{"GET", "/stream", respond.Answered{Method: "GET", Route: "/stream", Status: 200, Stream: true}},
		{"FROBNICATE", "/sandbox", respond.Answered{Method: "other", Route: "/sandbox", Status: 503, Code: "busy"}},
		{"GET", "/code-of-a-link", respond.Answered{Method: "GET", Route: "none", Status: 404}},
		{"GET", "/panic", respond.Answered{Method: "GET", Route: "/panic", Status: 500, Code: "internal"}},
	} {
		told = nil
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.path, nil))
		if len(told) != 1 || told[0] != c.want {
			t.Errorf("%s %s was told as %+v, want %+v", c.method, c.path, told, c.want)
		}
	}
}
