package sandbox

import (
	"embed"
	"net/http"
	"net/url"
	"strings"
)

//go:embed static
var static embed.FS

// routes lists every URL of the sandbox. Gateway and carriers know their callers by credentials; the
// bank's and the UPI app's pages stand under unguessable ids; the rest is control.
func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	on := func(method, path string, h http.HandlerFunc) { mux.HandleFunc(method+" "+s.base+path, h) }

	on("POST", "/gateway/orders", s.createOrder)
	on("GET", "/gateway/orders/{reference}", s.lookUpOrder)
	on("POST", "/gateway/orders/{reference}/capture", s.captureOrder)
	on("POST", "/gateway/orders/{reference}/void", s.voidOrder)
	on("GET", "/gateway/disputes", s.listDisputes)
	on("POST", "/gateway/disputes/{id}/evidence", s.takeEvidence)
	on("POST", "/gateway/disputes/{id}/accept", s.acceptDispute)
	on("POST", "/gateway/refunds", s.createRefund)
	on("GET", "/gateway/refunds/{reference}", s.lookUpRefund)
	on("POST", "/carrier/{channel}/messages", s.acceptMessage)

	on("GET", "/bank/card/{page}", s.showCard)
	on("POST", "/bank/card/{page}", s.payByCard)
	on("GET", "/bank/challenge/{page}", s.showChallenge)
	on("POST", "/bank/challenge/{page}", s.answerChallenge)
	on("GET", "/bank/netbanking/{page}", s.showBank)
	on("POST", "/bank/netbanking/{page}", s.payByBank)
	on("GET", "/upi/{page}", s.showUPI)
	on("POST", "/upi/{page}", s.payByUPI)
	mux.Handle("GET "+s.base+"/static/", http.StripPrefix(s.base, fresh(http.FileServerFS(static))))

	on("GET", "/{$}", s.showPhone)
	if s.base != "" {
		mux.HandleFunc("GET "+s.base, s.showPhone)
	}
	on("GET", "/stream", s.stream)
	on("GET", "/messages", s.listMessages)
	on("POST", "/messages/{id}/{act}", s.actOnMessage)
	on("POST", "/orders/{page}/outcome", s.settleOrder)
	on("POST", "/orders/{page}/lapse", s.lapseOrder)
	on("POST", "/orders/{page}/dispute", s.disputeOrder)
	on("POST", "/disputes/{id}/outcome", s.decideDispute)
	on("GET", "/refunds", s.listRefunds)
	on("POST", "/refunds", s.refundElsewhere)
	on("POST", "/refunds/{id}/outcome", s.decideRefund)
	on("POST", "/pay", s.pay)
	on("GET", "/clock", s.readClock)
	on("POST", "/clock", s.moveClock)

	// A page of another site must not press our buttons in the reader's browser.
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		// Same-origin, not none: without a Referer a browser sends "Origin: null" with our own forms.
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		most := int64(maxBody)
		if strings.HasPrefix(r.URL.Path, s.base+"/gateway/disputes/") {
			most = maxEvidence
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		guarded.ServeHTTP(w, r)
	})
}

// Control tells whether a path under the sandbox is for the merchant (phone page, message list, pay,
// clock) rather than for a customer, a gateway client or a carrier client. The server that mounts
// the sandbox lets only those it knows through to these, and says who it is in Sandbox-Merchant.
func (s *Sandbox) Control(path string) bool {
	rest := strings.TrimPrefix(path, s.base)
	for _, open := range []string{"/gateway/", "/carrier/", "/bank/", "/upi/", "/static/"} {
		if strings.HasPrefix(rest, open) {
			return false
		}
	}
	return true
}

// page sets the headers of an HTML page. Browsers hold a form's redirect to form-action too, so the
// way back to the merchant is named.
func page(w http.ResponseWriter, back string) {
	form := "'self'"
	if u, err := url.Parse(back); err == nil && u.Host != "" {
		form += " " + u.Scheme + "://" + u.Host
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "+
		"connect-src 'self'; img-src 'self' data:; form-action "+form+"; frame-ancestors 'none'; base-uri 'none'")
}

// fresh makes browsers ask again: the files change with the binary, and there is no version in
// their names.
func fresh(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}
