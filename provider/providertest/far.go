// Package providertest is what the suites of gateways and of channels have in common: a far side that
// can be made to fail, and the contracts of calling out, of believing a signature and of reading a
// body that a stranger can post.
//
// It is for gatewaytest and channeltest, which add what is peculiar to their port, and for the
// adapters' own tests, which give the far side its provider: the sandbox, or an independent fake.
package providertest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// Far is a provider on loopback, behind a fault that the test can set, and the inbox at which the
// provider's notices or receipts arrive. It ends with its test.
type Far struct {
	Origin string // of the provider: "http://127.0.0.1:1234"
	Inbox  string // URL that takes every POST with 200

	fault atomic.Int64         // status to answer instead of asking the provider; 0: healthy; hang: no answer
	page  atomic.Pointer[page] // to answer instead; nil: none
	ended chan struct{}
	posts chan Post
}

// Post is one request that arrived at the inbox.
type Post struct {
	URL    *url.URL
	Header http.Header
	Body   []byte
}

const hang = -1

// Serve starts a far side. provider is given the origin at which it will be reached.
func Serve(t testing.TB, provider func(f *Far) http.Handler) *Far {
	t.Helper()
	f := &Far{ended: make(chan struct{}), posts: make(chan Post, 256)}
	inbox := httptest.NewServer(http.HandlerFunc(f.take))
	t.Cleanup(inbox.Close)
	f.Inbox = inbox.URL + "/inbound"

	var handler http.Handler
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, r, handler)
	}))
	f.Origin = "http://" + server.Listener.Addr().String()
	handler = provider(f)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(f.ended) }) // before the servers close, which wait for hanging answers
	return f
}

// Break makes every call end with status from now on, without reaching the provider; 0 heals.
func (f *Far) Break(status int) { f.fault.Store(int64(status)) }

// Hang makes every call arrive and get no answer from now on.
func (f *Far) Hang() { f.fault.Store(hang) }

// Say makes every call end with a page of HTML from now on, as something between us and the provider answers, or
// the provider itself where it is busy; a status of 0 heals.
func (f *Far) Say(status int, header http.Header) {
	if status == 0 {
		f.page.Store(nil)
		return
	}
	f.page.Store(&page{status, header})
}

type page struct {
	status int
	header http.Header
}

// Next waits for the next body at the inbox that want accepts, and drops those before it.
func (f *Far) Next(t testing.TB, want func(Post) bool) Post {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	for {
		select {
		case p := <-f.posts:
			if want(p) {
				return p
			}
		case <-deadline.C:
			t.Fatal("nothing of the kind arrived from the provider within 10 s")
			return Post{}
		}
	}
}

func (f *Far) answer(w http.ResponseWriter, r *http.Request, provider http.Handler) {
	if p := f.page.Load(); p != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), p.header)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, "<!doctype html><html><body><h1>Please try again</h1></body></html>")
		return
	}
	switch fault := f.fault.Load(); fault {
	case 0:
		provider.ServeHTTP(w, r)
	case hang:
		// The body is read to its end: only then does net/http notice that the caller is gone.
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-f.ended:
		}
	default:
		w.WriteHeader(int(fault))
	}
}

func (f *Far) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case f.posts <- Post{f.called(r), r.Header.Clone(), body}:
	default: // a test that lets so many pass does not wait for them
	}
}

// called is the address as the provider called it.
func (f *Far) called(r *http.Request) *url.URL {
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	return &u
}
