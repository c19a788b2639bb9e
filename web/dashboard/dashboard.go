// Package dashboard is where a merchant's people see and make payment links: sign-in, the day's
// figures with a live feed, the list of links, one link with its timeline, and the form for a new one.
// Under Settings (settings.go, templates.go, discounts.go, files.go, returns.go) is what a merchant decides
// and prepares once for many links.
//
// Every page is whole without JavaScript; the one module of ours only keeps pages live. Pages read
// the store and hand changes to issue; who may enter is access's to know, and what an event means for
// a merchant is said here, in English.
package dashboard

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"paylink"
	"paylink/access"
	"paylink/attach"
	"paylink/confirm"
	"paylink/connect"
	"paylink/customer"
	"paylink/inbox"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/keyring"
	"paylink/locale"
	"paylink/notify"
	"paylink/queue"
	"paylink/refund"
	"paylink/store"
	"paylink/web/respond"
)

// Root is the path below which every page of the dashboard stands.
const Root = "/dashboard"

// formLimit bounds the body of every form: the longest one has notes of 2,000 characters.
const formLimit = 64 << 10

// Deps is what the dashboard stands on.
type Deps struct {
	Store       *store.Store
	Access      *access.Access
	Issuer      *issue.Issuer
	Bulk        *bulk.Uploads
	Attachments *attach.Files
	Accounts    *connect.Accounts
	People      *customer.People
	Refunds     *refund.Refunds
	Confirm     *confirm.Confirm                      // what becomes of money on hold
	Health      func(paylink.AccountID) AccountHealth // nil: nobody knows
	Gateways    func(paylink.AccountID) GatewayHealth // the same for accounts that take payments
	Queue       *queue.Queue                          // whose parked jobs are retried and discarded
	Feed        *notify.Feed
	Notify      *notify.Notify // whose key browsers subscribe with
	Devices     *inbox.Access
	Ring        *keyring.Ring
	PublicURL   string          // where customers reach us, without a slash at the end
	SandboxURL  string          // the sandbox phone, named in test mode; empty: there is none
	Secure      bool            // the dashboard is reached by https, so its cookie is for https only
	Stop        <-chan struct{} // closed when the server begins to stop, so that streams end; nil: never
	Now         func() time.Time
	Log         *slog.Logger
}

// Dashboard answers for all pages. Its exported methods with a ResponseWriter are the routes; each
// says its own pattern. Routes with {mode} take test or live.
type Dashboard struct {
	Deps
	origin *http.CrossOriginProtection
}

// New makes a Dashboard.
func New(d Deps) *Dashboard {
	return &Dashboard{Deps: d, origin: http.NewCrossOriginProtection()}
}

// scene is who is looking, at which of the two worlds, and when.
type scene struct {
	Merchant paylink.Merchant
	Live     bool
	Staff    paylink.StaffID
	Now      time.Time // real
	World    time.Time // the time by which links are judged: the sandbox clock's in test mode
	Lang     locale.Language
}

// enter does what comes before every page that only staff may see: it refuses forms of other sites,
// asks who is there, and reads the mode. The page's error is answered here.
func (d *Dashboard) enter(w http.ResponseWriter, r *http.Request, page func(http.ResponseWriter, *http.Request, scene) error) {
	d.headers(w)
	if !d.readForm(w, r) {
		return
	}
	session, err := d.Access.Session(r.Context(), d.sessionToken(r))
	if nobody(err) {
		d.askToSignIn(w, r)
		return
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	s := scene{Live: r.PathValue("mode") == "live", Staff: session.Staff, Now: d.Now(), Lang: locale.Pick()}
	if mode := r.PathValue("mode"); mode != "live" && mode != "test" {
		d.fail(w, r, &paylink.NotFound{Kind: "page"})
		return
	}
	if s.Merchant, err = d.Store.Read(r.Context()).Merchant(session.Merchant); err != nil {
		d.fail(w, r, err)
		return
	}
	s.World = s.Merchant.Now(s.Live, s.Now)
	line := respond.LineOf(r.Context())
	line.Merchant, line.Actor = s.Merchant.ID, string(s.Staff)
	if err := page(w, r, s); err != nil {
		d.fail(w, r, err)
	}
}

// readForm reads the body of a POST, bounded, and refuses one that another site's page has sent. It
// has answered when it reports false.
func (d *Dashboard) readForm(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodPost {
		return true
	}
	if err := d.origin.Check(r); err != nil {
		d.fail(w, r, &paylink.Refused{Code: "cross_site", Detail: "This form came from another site. Nothing was changed."})
		return false
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return true // a file, which its own page reads as it comes; to every other page it is an empty form
	}
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		d.fail(w, r, respond.NewProblem(http.StatusRequestEntityTooLarge, "too_large", "The form is too large."))
	case err != nil:
		d.fail(w, r, respond.NewProblem(http.StatusBadRequest, "bad_form", "The form could not be read."))
	}
	return err == nil
}

// The dashboard's pages may load our style sheet, module and pictures, talk to our own address and
// send their forms there, and nothing else. No policy for trusted types is allowed: nothing of ours
// writes HTML in the browser.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (d *Dashboard) headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store") // pages hold links' addresses and customers' names
	// Same-origin, not none: without a Referer a browser sends "Origin: null" with our own forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// render writes a whole page at once, so that nobody sees half of one.
func (d *Dashboard) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var body bytes.Buffer
	body.Grow(32 << 10)
	if err := page.Render(r.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that has gone away is told nothing
	return nil
}

// Refuse answers a request that the server has no room for, with the page that says so.
func (d *Dashboard) Refuse(w http.ResponseWriter, r *http.Request, err error) { d.fail(w, r, err) }

// fail answers with a page that says what is wrong.
func (d *Dashboard) fail(w http.ResponseWriter, r *http.Request, err error) {
	d.headers(w)
	p := respond.ProblemOf(err)
	respond.Prepare(w.Header(), r.Context(), p)
	w.Header().Del("WWW-Authenticate") // a browser would open a window of its own
	v := trouble{Title: p.Title, Detail: p.Detail, RequestID: respond.LineOf(r.Context()).ID}
	if p.Status == http.StatusNotFound {
		v.Title, v.Detail = "There is nothing here", "The address may be wrong, or what was here belongs to the other mode."
	}
	if err := d.render(w, r, p.Status, troublePage(v)); err != nil {
		d.Log.ErrorContext(r.Context(), "dashboard.not_rendered", "error", err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
	}
}

// trouble is a page that could not be shown.
type trouble struct{ Title, Detail, RequestID string }

// clientIP is for the count of failed sign-ins.
func clientIP(r *http.Request) string {
	if client := respond.LineOf(r.Context()).Client; client.IsValid() {
		return client.String()
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// path is the address of a page in the scene's mode; path("links", id) is /dashboard/test/links/{id}.
func (s scene) path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return Root + "/" + s.mode() + "/" + strings.Join(escaped, "/")
}

func (s scene) mode() string {
	if s.Live {
		return "live"
	}
	return "test"
}

func (s scene) actor() issue.Actor {
	return issue.Actor{Merchant: s.Merchant, Live: s.Live, ID: string(s.Staff)}
}

func (s scene) money(minor int64, currency paylink.Currency) string {
	return s.Lang.Money(paylink.Money{Minor: minor, Currency: currency})
}

// linkID takes the id of a link out of the path; what cannot be one is not looked for.
func linkID(r *http.Request) (paylink.LinkID, error) {
	id := r.PathValue("id")
	if !paylink.HasTag(id, "plink") {
		return "", &paylink.NotFound{Kind: "payment_link"}
	}
	return paylink.LinkID(id), nil
}
