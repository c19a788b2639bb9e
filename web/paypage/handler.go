// Package paypage is the customer's page: what opens when a payment link is tapped, in whatever
// state the link is in, from "how do you want to pay?" over "approve in your app" to the receipt.
// Every state is a whole page without JavaScript; the one module of ours only keeps it fresh.
//
// It shows what checkout says and hands forms on to it. What may be paid, by whom and when is
// checkout's to know; that money has moved is the gateway's word; the words are the catalogues'.
package paypage

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/issue"
	"paylink/notify"
	"paylink/web/respond"
)

// Deps is what the page stands on.
type Deps struct {
	Checkout   *checkout.Checkout
	Issuer     *issue.Issuer // gives links new time when their customers ask
	Feed       *notify.Feed
	PublicURL  string          // where customers reach us; https makes the cookies Secure
	Proxies    respond.Proxies // whose word about the client is believed
	SandboxURL string          // the sandbox phone, which pages of test links name; empty: there is none
	Stop       <-chan struct{} // closed when the server begins to stop, so that streams end; nil: never
	Now        func() time.Time
	Log        *slog.Logger

	CountryHeader string // in which such a proxy says where the client is; empty: none does
}

// Handler serves the pages. It is the catch-all route: link codes share the root with everything
// else, and the standard mux refuses wildcards that overlap.
type Handler struct {
	Deps
	secure bool
	origin *http.CrossOriginProtection
	brands brands
}

// New makes the handler.
func New(d Deps) *Handler {
	return &Handler{
		Deps:   d,
		secure: strings.HasPrefix(d.PublicURL, "https://"),
		origin: http.NewCrossOriginProtection(),
	}
}

// ServeHTTP answers every address below a link's code, and the one uniform 404 for all else. What
// the answer is does not depend on the code before checkout has judged it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := readAddress(r.URL)
	if !ok {
		h.notFound(w, r)
		return
	}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case a.part == partPage && reading:
		h.show(w, r, a)
	case a.part == partPage && r.Method == http.MethodPost,
		a.part == partReturn && (r.Method == http.MethodPost || r.Method == http.MethodGet):
		h.returned(w, r, a)
	case a.part == partFiles && reading:
		h.file(w, r, a)
	case a.part == partBack && reading:
		h.leave(w, r, a)
	case a.part == partState && reading:
		h.state(w, r, a)
	case a.part == partStream && r.Method == http.MethodGet:
		h.stream(w, r, a)
	case a.part.form() && reading:
		http.Redirect(w, r, a.base(), http.StatusSeeOther) // a reloaded form address is not an error
	case a.part.form() && r.Method == http.MethodPost:
		h.form(w, r, a)
	default:
		w.Header().Set("Allow", a.part.methods())
		h.headers(w, nil)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// show is the page itself. A GET changes nothing but the cookies of this browser.
func (h *Handler) show(w http.ResponseWriter, r *http.Request, a address) {
	visitor := h.visitor(r)
	_, known := h.device(r)
	if !known {
		visitor.Device = checkout.NewDevice()
	}
	page, err := h.Checkout.Open(r.Context(), a.code, visitor)
	if err == nil {
		page, err = h.Checkout.WithCode(r.Context(), page, r.URL.Query().Get("code"))
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if !a.heldBy(page.Merchant) {
		h.notFound(w, r)
		return
	}
	if !known && r.Method == http.MethodGet {
		h.giveDevice(w, visitor.Device)
	}
	if r.Method == http.MethodGet {
		h.Checkout.Fetched(page.Link)
	}
	h.keepLanguage(w, r)
	h.render(w, r, http.StatusOK, h.view(r, a, page), page.PageOrigins)
}

// buffers are reused: pages are all about as long.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a whole page at once, so that a customer never sees half of one.
func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, v view, origins []string) {
	body := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(body)
	body.Reset()
	if err := document(v).Render(r.Context(), body); err != nil {
		h.Log.ErrorContext(r.Context(), "page.not_rendered", "error", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	h.headers(w, origins)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that has gone away is told nothing
}

// notFound is the same for every code that is not ours: unknown, malformed, forged, of another
// header. Nothing in it depends on the address.
func (h *Handler) notFound(w http.ResponseWriter, r *http.Request) {
	h.render(w, r, http.StatusNotFound, h.plainView(r, standNotFound), nil)
}

// Away says that the server is being upgraded, whatever was asked for. It needs nothing of Deps but the
// log and the public URL, and a browser asks again by itself.
func (h *Handler) Away(w http.ResponseWriter, r *http.Request) {
	again := strconv.Itoa(standAway.refresh())
	w.Header().Set("Retry-After", again)
	w.Header().Set("Refresh", again)
	h.render(w, r, http.StatusServiceUnavailable, h.plainView(r, standAway), nil)
}

// fail turns an error of checkout into a page.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if paylink.IsNotFound(err) {
		h.notFound(w, r)
		return
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the customer left
	}
	v := h.plainView(r, standError)
	if v.ErrorReference = w.Header().Get("X-Request-Id"); v.ErrorReference != "" {
		v.ErrorReference = v.Lang.T("error.reference", "reference", v.ErrorReference)
	}
	p := respond.ProblemOf(err)
	if p.Status != http.StatusServiceUnavailable { // a mistake of ours, whatever it is
		p.Status = http.StatusInternalServerError
		h.Log.ErrorContext(r.Context(), "page.failed", "error", err, "id", w.Header().Get("X-Request-Id"))
	}
	respond.Prepare(w.Header(), r.Context(), p)
	h.render(w, r, p.Status, v, nil)
}

// Refuse answers a request that the server has no room for, with the page that asks to try again.
func (h *Handler) Refuse(w http.ResponseWriter, r *http.Request, err error) { h.fail(w, r, err) }

// host is what the address bar shows, for the line that says how to check the page.
func (h *Handler) host(r *http.Request) string {
	if u, err := url.Parse(h.PublicURL); err == nil && u.Host != "" {
		return u.Host
	}
	return r.Host
}
