package respond

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Watch sees every request from outside the doors, for metrics and traces. Its zero value sees nothing.
type Watch struct {
	Began func(ctx context.Context, r *http.Request) context.Context // gives the context to answer with
	Ended func(ctx context.Context, a Answered)
}

// Answered is one request with its answer, in words that are few: no path, no id, nothing that a
// stranger made up.
type Answered struct {
	Method string // of HTTP, or "other"
	Route  string // the pattern, without its method; "none" when nothing matched
	Status int
	Stream bool   // it stayed open as long as somebody listened
	Code   string // of the problem, if it was one
	Took   time.Duration
}

func (w Watch) begin(ctx context.Context, r *http.Request) context.Context {
	if w.Began == nil {
		return ctx
	}
	return w.Began(ctx, r)
}

func (w Watch) end(r *http.Request, line *Line, told *answer, took time.Duration) {
	if w.Ended == nil {
		return
	}
	route := line.Route
	if _, path, found := strings.Cut(route, " "); found {
		route = path
	}
	if route == "" {
		route = "none"
	}
	w.Ended(r.Context(), Answered{
		Method: method(r.Method), Route: route, Status: told.code(), Code: line.Code, Took: took,
		Stream: strings.HasPrefix(told.Header().Get("Content-Type"), "text/event-stream"),
	})
}

// Trusts tells whether a request was handed over by one of our own proxies, whose other headers may be
// believed too.
func (p Proxies) Trusts(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.trusts(peer.Addr().Unmap())
}
