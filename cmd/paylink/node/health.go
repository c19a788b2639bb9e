package node

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"paylink/web"
	"paylink/web/respond"
)

// standing is where a node is in its life: why it may not be sent requests yet, or no more. The empty
// text says that it may. Whoever reaches the admin port reads it, so nothing secret is in it.
type standing struct{ text atomic.Pointer[string] }

func (s *standing) become(text string) { s.text.Store(&text) }

func (s *standing) why() string {
	if text := s.text.Load(); text != nil {
		return *text
	}
	return "starting"
}

// health answers the questions of whoever runs the process: is it alive, may it be sent requests.
func (n *Node) health() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", n.see.metrics.Handler())
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if why := n.standing.why(); why != "" {
			say(w, http.StatusServiceUnavailable, why)
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), 2*time.Second)
		defer stop()
		if err := n.store.Ping(ctx); err != nil {
			n.world.Log.Error("ready.failed", "error", err)
			say(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		say(w, http.StatusOK, "ready")
	})
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// door is what the public port leads to: a page that asks for patience, until the rooms are wired.
type door struct{ to atomic.Pointer[http.Handler] }

func (d *door) lead(to http.Handler) { d.to.Store(&to) }

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*d.to.Load()).ServeHTTP(w, r) }

// meanwhile answers the public port before there is anything behind it.
func (n *Node) meanwhile() http.Handler {
	return web.Meanwhile(n.edge(), n.settings.PublicURL, n.world.Log)
}

func (n *Node) edge() respond.Edge {
	return respond.Edge{
		Log: n.world.Log, Now: n.world.Now, Proxies: n.settings.Proxies, Secure: strings.HasPrefix(n.settings.PublicURL, "https://"),
		Watch: n.see.requests(),
	}
}
