package respond

import (
	"net/http"
)

// Routes serves a mux with problems in the place of its plain texts: 404 for a path that nobody
// serves, 405 with Allow for a method that nobody expects there.
func Routes(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// Only the mux's own refusal knows which methods the path has.
		refusal := &discard{header: http.Header{}}
		h.ServeHTTP(refusal, r)
		if refusal.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", refusal.header.Get("Allow"))
			Fail(w, r, NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "The Allow header names the methods that this path has."))
			return
		}
		Fail(w, r, NewProblem(http.StatusNotFound, "not_found", "There is nothing at this path."))
	})
}

// discard takes an answer in and forgets its body.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// APIHeaders are for answers that no browser shows: nothing in them is ever run, framed or kept.
func APIHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}
