package paypage

import (
	"net/url"
	"slices"
	"strings"

	"paylink"
)

// Reserved lists the first segments of paths that belong to others, so that no sender header may be
// one of them and the catch-all never answers for them. The route list is tested against it.
var Reserved = []string{
	".well-known", "api", "assets", "brand", "dashboard", "desk", "docs", "docs.md", "driver", "favicon.ico", "health",
	"inbound", "invoice", "live", "livez", "llms.txt", "login", "logout", "metrics", "openapi.json", "openapi.yaml", "p",
	"readyz", "robots.txt", "sandbox", "sign-in", "sign-out", "static", "test", "u", "v1", "v2",
}

// part is what of a link's page is asked for.
type part string

const (
	partPage    part = ""
	partPay     part = "pay"
	partAbandon part = "abandon"
	partAsk     part = "ask"
	partOpened  part = "opened"
	partRenew   part = "renew"
	partReturn  part = "return"
	partPromise part = "promise"
	partBack    part = "back" // to the merchant's site
	partFiles   part = "files"
	partState   part = "state"
	partStream  part = "stream"
	partProve   part = "prove"
	partCode    part = "code"
)

var parts = []part{partPay, partAbandon, partAsk, partOpened, partRenew, partReturn, partPromise, partBack, partState, partStream, partProve, partCode}

// form tells whether the part takes a form or a beacon.
func (p part) form() bool {
	switch p {
	case partPay, partAbandon, partAsk, partOpened, partRenew, partPromise, partProve, partCode:
		return true
	}
	return false
}

// methods is the Allow header of a part.
func (p part) methods() string {
	switch {
	case p == partStream:
		return "GET"
	case p == partState, p == partBack, p == partFiles:
		return "GET, HEAD"
	}
	return "GET, HEAD, POST"
}

// address is a path below a link's code: /{code}, /{HEADER}/{code}, or /p?c={code}, and a part of
// it. Its code is a secret and has not been judged yet.
type address struct {
	header string // the sender header of an Indian text message, which the merchant must hold
	code   string
	part   part
	file   paylink.AttachmentID // of partFiles
}

// readAddress takes a path apart. It does not look at the code's form: what is malformed costs the
// same work as what is forged, and that work is checkout's.
func readAddress(u *url.URL) (a address, ok bool) {
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if segments[0] == "p" { // the form for templates whose address must be fixed up to a question mark
		segments[0] = u.Query().Get("c")
	} else if slices.Contains(Reserved, segments[0]) {
		return address{}, false
	}
	if n := len(segments); n > 2 && part(segments[n-2]) == partFiles {
		a.part, a.file = partFiles, paylink.AttachmentID(segments[n-1])
		segments = segments[:n-2]
	} else if last := part(segments[len(segments)-1]); len(segments) > 1 && slices.Contains(parts, last) {
		a.part = last
		segments = segments[:len(segments)-1]
	}
	switch len(segments) {
	case 1:
		a.code = segments[0]
	case 2:
		a.header, a.code = segments[0], segments[1]
	default:
		return address{}, false
	}
	return a, a.code != ""
}

// heldBy tells whether the address may stand for the merchant's link: one with a sender header is
// the merchant's who holds that header.
func (a address) heldBy(m paylink.Merchant) bool { return a.header == "" || m.Holds(a.header) }

// base is the page's own path; the form /p?c= continues under the plain one.
func (a address) base() string {
	path := "/" + url.PathEscape(a.code)
	if a.header != "" {
		path = "/" + url.PathEscape(a.header) + path
	}
	return path
}

// to is the path of a part of the page.
func (a address) to(p part) string { return a.base() + "/" + string(p) }
