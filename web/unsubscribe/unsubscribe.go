// Package unsubscribe is the door that a letter's "unsubscribe" leads to: GET shows a small page with one
// button, POST ends such letters, also when a mail program posts for its reader (RFC 8058). No cookies, no
// redirect, no sign-in: the address itself says whose letters end.
//
// It leaves the list, and what is on it, to dispatch; the words are the catalogues'.
package unsubscribe

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"

	"paylink"
	"paylink/dispatch"
	"paylink/locale"
	"paylink/web/respond"
)

// Deps are what the door stands on.
type Deps struct {
	Dispatch *dispatch.Dispatch
	Log      *slog.Logger
}

// Door serves /u/{token}.
type Door struct{ Deps }

// New makes a Door.
func New(d Deps) *Door { return &Door{d} }

// Path is where letters point to, for the server's list of routes.
const Path = "/u/{token}"

// longest is how much of a merchant's name stands on the page, in characters.
const longest = 60

// view is what the page shows.
type view struct {
	Lang   locale.Language
	Title  string
	Lead   string
	Button string // empty: there is nothing to press
}

// ServeHTTP shows the page, or does what its button says. The answer to a mail program is the same page,
// which it does not read.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ask, status := d.Dispatch.Leaving, http.StatusOK
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		ask = d.Dispatch.Unsubscribe
	default:
		headers(w.Header())
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	l, err := ask(r.Context(), r.PathValue("token"))
	v := d.view(r, l)
	switch {
	case paylink.IsNotFound(err):
		status = http.StatusNotFound
		v.Title, v.Lead, v.Button = v.Lang.T("not_found.heading"), v.Lang.T("unsubscribe.void"), ""
	case err != nil:
		p := respond.ProblemOf(err)
		if status = p.Status; status != http.StatusServiceUnavailable { // a mistake of ours, whatever it is
			status = http.StatusInternalServerError
			d.Log.ErrorContext(r.Context(), "page.failed", "error", err, "id", w.Header().Get("X-Request-Id"))
		}
		respond.Prepare(w.Header(), r.Context(), p)
		v.Title, v.Lead, v.Button = v.Lang.T("error.heading"), v.Lang.T("unsubscribe.again"), ""
	}
	d.render(w, r, status, v)
}

func (d *Door) view(r *http.Request, l dispatch.Leaving) view {
	v := view{Lang: locale.Pick(r.Header.Get("Accept-Language"), l.Merchant.Locale)}
	merchant, address := locale.Plain(l.Merchant.Name, longest), l.Masked
	if address == "" {
		address = v.Lang.T("unsubscribe.you")
	}
	if l.Done {
		v.Title, v.Lead = v.Lang.T("unsubscribe.done"), v.Lang.T("unsubscribe.done.text", "merchant", merchant, "address", address)
		return v
	}
	v.Title = v.Lang.T("unsubscribe.heading", "merchant", merchant)
	v.Lead, v.Button = v.Lang.T("unsubscribe.text", "merchant", merchant, "address", address), v.Lang.T("unsubscribe.button")
	return v
}

func (d *Door) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	var body bytes.Buffer
	if err := page(v).Render(r.Context(), &body); err != nil {
		d.Log.ErrorContext(r.Context(), "page.not_rendered", "error", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	headers(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes()) // a browser that has gone away is told nothing
	}
}

// headers keep the address, which is the secret of the click, out of caches, search and other sites.
func headers(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
