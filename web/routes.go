// Package web puts the doors of the server side by side: every URL in one list.
//
// It is for cmd/paylink, which makes the doors. What a door answers is its own business; here stand
// only the addresses, the edge around them all, and who may enter the sandbox.
package web

import (
	"net/http"

	"paylink/web/api"
	"paylink/web/dashboard"
	"paylink/web/inbound"
	"paylink/web/paypage"
	"paylink/web/respond"
	"paylink/web/static"
)

// Doors is everything that answers.
type Doors struct {
	Edge      respond.Edge
	API       *api.API
	Inbound   *inbound.Inbound
	Pages     *paypage.Handler
	Dashboard *dashboard.Dashboard
	Sandbox   *Sandbox // nil when the pretend world is a process of its own
}

// Routes is every URL of the public server. Customers' codes stand at the root, so what is not named
// here is the payment page's; the first segments that it may never answer for are paypage.Reserved.
func Routes(d Doors) http.Handler {
	mux := http.NewServeMux()
	for _, path := range api.Paths {
		if path != api.ClockPath {
			mux.Handle(path, d.API.Handler())
		}
	}
	mux.Handle(api.ClockPath, clock(d.API.Handler(), d.Sandbox))

	mux.HandleFunc("POST /inbound/gateway/{provider}/{account}", d.Inbound.Gateway)
	mux.HandleFunc("POST /inbound/channel/{provider}/{account}", d.Inbound.Channel)

	b := d.Dashboard
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /dashboard/login":                         b.SignInForm,
		"POST /dashboard/login":                        b.SignIn,
		"POST /dashboard/logout":                       b.SignOut,
		"GET /dashboard":                               b.Front,
		"GET /dashboard/{$}":                           b.Front,
		"GET /dashboard/{mode}/{$}":                    b.Home,
		"GET /dashboard/{mode}/feed":                   b.Stream,
		"GET /dashboard/{mode}/links":                  b.Links,
		"GET /dashboard/{mode}/links/new":              b.NewLink,
		"POST /dashboard/{mode}/links":                 b.Create,
		"GET /dashboard/{mode}/links/{id}":             b.Link,
		"GET /dashboard/{mode}/links/{id}/row":         b.Row,
		"GET /dashboard/{mode}/links/{id}/qr.svg":      b.QR,
		"POST /dashboard/{mode}/links/{id}/send":       b.Send,
		"GET /dashboard/{mode}/links/{id}/cancel":      b.ConfirmCancel,
		"POST /dashboard/{mode}/links/{id}/cancel":     b.Cancel,
		"POST /dashboard/{mode}/links/{id}/reactivate": b.Reactivate,
		"POST /dashboard/{mode}/links/{id}/refresh":    b.Refresh,
		"POST /dashboard/{mode}/links/{id}/extend":     b.Extend,
	} {
		mux.HandleFunc(pattern, h)
	}
	if d.Sandbox != nil {
		mux.Handle("/sandbox", d.Sandbox)
		mux.Handle("/sandbox/", d.Sandbox)
	}
	mux.Handle("GET "+static.Prefix, static.Handler(paypage.Assets, dashboard.Assets))
	mux.HandleFunc("GET /brand/", d.Pages.Brand)
	mux.Handle("GET /robots.txt", text("User-agent: *\nDisallow: /\n"))
	mux.Handle("/", d.Pages)
	return d.Edge.Around(mux)
}

// text serves a few words that never change.
func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(s)) // a reader who has gone away is told nothing
	})
}
