package nodes

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// front is a load balancer of the plainest kind: it asks each node's /readyz ten times a second, gives
// requests to those that are ready in turn, and never tries one again: a request that a node fails is
// a failed request.
type front struct {
	server   *httptest.Server
	backends []*backend
	turn     atomic.Int64
	stop     chan struct{}
	asking   sync.WaitGroup
}

type backend struct {
	ready atomic.Bool
	role  string // api or pages: it is sent the requests of this role alone; empty: all
	proxy *httputil.ReverseProxy
}

func newFront(t *testing.T) *front {
	f := &front{stop: make(chan struct{})}
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		close(f.stop)
		f.asking.Wait()
		f.server.CloseClientConnections()
		f.server.Close()
	})
	return f
}

// add puts a node behind the front. It is called before requests come.
func (f *front) add(t *testing.T, public, admin string) *backend {
	b := &backend{proxy: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: public})}
	b.proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: 90 * time.Second}
	b.proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
		if r.Context().Err() == nil {
			t.Logf("%s %s at %s: %v", r.Method, r.Pattern, public, err)
		}
		w.WriteHeader(http.StatusBadGateway)
	}
	f.backends = append(f.backends, b)
	f.asking.Go(func() {
		for {
			b.ready.Store(answers("http://" + admin + "/readyz"))
			select {
			case <-f.stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	return b
}

// roleOf is the rule by which an operator's load balancer splits requests.
func roleOf(path string) string {
	if strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/inbound/") {
		return "api"
	}
	return "pages"
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for range f.backends {
		b := f.backends[int(f.turn.Add(1))%len(f.backends)]
		if b.ready.Load() && (b.role == "" || b.role == roleOf(r.URL.Path)) {
			b.proxy.ServeHTTP(w, r)
			return
		}
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, "no node is ready", http.StatusServiceUnavailable)
}
