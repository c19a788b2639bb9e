package listen

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// redirect leads a browser that came by http to the same page by https. It knows its own names: a
// redirect to whatever Host says would send customers where a stranger wants them.
type redirect struct {
	hosts []string
	port  string // of https; empty or 443 is not written
}

func (to redirect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	host := strings.ToLower(strings.TrimSuffix(withoutPort(r.Host), "."))
	if !slices.Contains(to.hosts, host) {
		http.Error(w, "This server does not answer for that name.", http.StatusMisdirectedRequest)
		return
	}
	path := r.URL.RequestURI()
	if !strings.HasPrefix(path, "/") {
		path = "/" // "OPTIONS *" and opaque forms: anything else would run into the host's name
	}
	if to.port != "" && to.port != "443" {
		host = net.JoinHostPort(host, to.port)
	}
	w.Header().Set("Location", "https://"+host+path)
	w.WriteHeader(http.StatusPermanentRedirect)
}

func withoutPort(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
