package web

import (
	"log/slog"
	"net/http"
	"strings"

	"paylink/web/dashboard"
	"paylink/web/paypage"
	"paylink/web/respond"
	"paylink/web/static"
)

// Meanwhile answers every URL while the server is being upgraded and has no database yet: programs get a
// problem, browsers a page, both with the time after which to ask again. Gateways send their notices
// again, as after any 503.
func Meanwhile(edge respond.Edge, publicURL string, log *slog.Logger) http.Handler {
	pages := paypage.New(paypage.Deps{PublicURL: publicURL, Log: log})
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler(paypage.Assets, dashboard.Assets))
	mux.HandleFunc("GET /brand/", pages.Brand)
	mux.HandleFunc("/v1/", upgrading)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			pages.Away(w, r)
			return
		}
		upgrading(w, r)
	})
	return edge.Around(mux)
}

func upgrading(w http.ResponseWriter, r *http.Request) {
	respond.Fail(w, r, respond.NewProblem(http.StatusServiceUnavailable, "upgrading",
		"The server is being upgraded. Nothing happened; ask again in a moment."))
}
