package nodes

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// carriers stands between the nodes and the sandbox's carriers. It can hold what is handed over, and
// it remembers what the carriers took for new, by address: that is what customers have received.
type carriers struct {
	server *httptest.Server

	mu    sync.Mutex
	gate  chan struct{} // nil: open
	held  int
	taken map[string]int // messages that were new to the carrier, by address
	again int            // messages that it knew already
}

func newCarriers(t *testing.T, sandbox string) *carriers {
	to, err := url.Parse(sandbox)
	if err != nil {
		t.Fatal(err)
	}
	to.Path = ""
	c := &carriers{taken: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/carrier/") {
			proxy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil || !c.pass(r) {
			return // the node is gone: nobody has handed anything over
		}
		var letter struct{ To string }
		if json.Unmarshal(body, &letter) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r = r.WithContext(context.WithoutCancel(r.Context())) // what is on its way arrives, and is counted
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen := &status{ResponseWriter: w}
		proxy.ServeHTTP(seen, r)
		c.note(letter.To, seen.code)
	}))
	t.Cleanup(c.server.Close)
	t.Cleanup(c.open)
	return c
}

// pass waits while the gate is closed, and reports false when the caller has gone meanwhile.
func (c *carriers) pass(r *http.Request) bool {
	c.mu.Lock()
	gate := c.gate
	if gate != nil {
		c.held++
	}
	c.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}
	return r.Context().Err() == nil
}

func (c *carriers) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate, c.held = make(chan struct{}), 0
}

func (c *carriers) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gate != nil {
		close(c.gate)
		c.gate = nil
	}
}

func (c *carriers) holds() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

func (c *carriers) note(to string, code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch code {
	case http.StatusAccepted:
		c.taken[to]++
	case http.StatusOK:
		c.again++
	}
}

// received gives how many messages came to an address.
func (c *carriers) received(to string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[to]
}

func (c *carriers) repeated() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.again
}

// status notes what was answered.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}
