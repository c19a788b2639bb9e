package paypage

import (
	"net/http"
	"net/url"
	"strings"
)

// The page may load its own style sheets and its own module, talk to its own address, and send its
// forms there and on to the gateway's pages. Nothing else: no inline script or style, no frames, no
// other host. A browser holds form-action against redirects too, so the gateways' origins are named.
const (
	policyBefore = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'"
	policyAfter = "; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

func (h *Handler) headers(w http.ResponseWriter, origins []string) {
	var policy strings.Builder
	policy.WriteString(policyBefore)
	for _, origin := range origins {
		if o := cleanOrigin(origin); o != "" {
			policy.WriteString(" " + o)
		}
	}
	policy.WriteString(policyAfter)
	header := w.Header()
	header.Set("Content-Security-Policy", policy.String())
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // the address is the secret of the link
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	header.Set("Accept-CH", "Sec-CH-UA-Mobile")
}

// cleanOrigin keeps scheme and host; a setting must not be able to add a directive.
func cleanOrigin(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(u.Host, ";, '\"") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// foreign tells whether a form came from another site's page. Under our referrer policy, a browser
// that sends no Sec-Fetch-Site (it sends none over plain HTTP) says "Origin: null" even for our own
// pages; then the form's one-time token, which only this device can spend, is what protects.
func (h *Handler) foreign(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" {
		return false
	}
	return h.origin.Check(r) != nil
}
