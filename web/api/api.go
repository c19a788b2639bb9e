// Package api is the door for merchants' programs: JSON over HTTP under /v1, as the public contract
// says, and the OpenAPI document that is produced from the same code.
// Who is asking, how fast, in which version, with which Idempotency-Key and with what body is settled
// once, before an operation runs. An operation then asks one step for a change, or the store for a
// read, and renders the answer.
// It leaves the rules about links to issue, sending to dispatch and notify, and how errors look to
// respond.
package api

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/access"
	"paylink/attach"
	"paylink/confirm"
	"paylink/connect"
	"paylink/customer"
	"paylink/dispatch"
	"paylink/inbox"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/keyring"
	"paylink/notify"
	"paylink/refund"
	"paylink/store"
	"paylink/web/respond"
)

// Version is the one version of the public contract so far, as Paylink-Version names it.
const Version = notify.APIVersion

// Deps are what the API works with.
type Deps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Access *access.Access
	Issuer *issue.Issuer
	Bulk   *bulk.Uploads

	Attachments *attach.Files
	Accounts    *connect.Accounts
	Customers   *customer.People
	Inbox       *inbox.Access
	Dispatch    *dispatch.Dispatch // what stands in an inbox

	Refunds *refund.Refunds
	Confirm *confirm.Confirm // what becomes of money on hold

	Notify    *notify.Notify
	Feed      *notify.Feed
	PublicURL string          // of the customer's pages, without a slash at the end
	Stop      <-chan struct{} // closed when the server begins to stop, so that streams end; nil: never
	Now       func() time.Time
	Log       *slog.Logger

	// PerSecond and Burst bound the requests of one key on this node; zero: 500 and 1,000.
	PerSecond float64
	Burst     int
	// Keyless tells for whom the sandbox clock moves when no key says so: whoever is signed in to the
	// dashboard, or the demo's merchant. nil: for nobody.
	Keyless func(*http.Request) (paylink.MerchantID, bool)
}

// API serves the merchants' programs.
type API struct {
	Deps
	mux       *http.ServeMux
	huma      huma.API
	limiter   *respond.Limiter
	strangers *respond.Limiter // failed authentication, by client address
	customers *respond.Limiter // requests with one customer's tokens
	streams   streams
	inboxes   streams
	whose     whose
}

// New makes the API.
func New(d Deps) *API {
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	if d.PerSecond == 0 {
		d.PerSecond, d.Burst = 500, 1000
	}
	a := &API{
		Deps: d, mux: http.NewServeMux(),
		limiter:   respond.NewLimiter("key", d.PerSecond, d.Burst, d.Now),
		strangers: respond.NewLimiter("stranger", 1, 30, d.Now),
		customers: respond.NewLimiter("customer", 10, 100, d.Now),
		streams:   streams{open: map[paylink.KeyID]int{}},
		inboxes:   streams{open: map[paylink.KeyID]int{}},
	}
	a.huma = humago.New(a.mux, configuration())
	a.huma.UseMiddleware(a.enter)
	a.linkOperations()
	a.moneyOperations()
	a.refundOperations()
	a.ledgerOperations()
	a.eventOperations()
	a.endpointOperations()
	a.discountOperations()
	a.reservationOperations()
	a.disputeOperations()
	a.customerOperations()
	a.suppressionOperations()
	a.accountOperations()
	a.deliveryOperations()
	a.merchantOperations()
	a.templateOperations()
	a.wordingOperations()
	a.bulkOperations()
	a.attachmentOperations()
	a.inboxOperations()
	complete(a.huma.OpenAPI())
	a.mux.HandleFunc("GET /openapi.json", a.documentJSON)
	a.mux.HandleFunc("GET /openapi.yaml", a.documentYAML)
	return a
}

// Paths lists the patterns under which Handler serves, for the server's list of routes.
var Paths = []string{"/v1/", "/openapi.json", "/openapi.yaml", ClockPath}

// ClockPath is where the sandbox clock is read and moved.
const ClockPath = "/sandbox/clock"

// Handler serves every operation. A path that is none, or a method that it has not, is a problem too.
func (a *API) Handler() http.Handler {
	routes := respond.Routes(a.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		respond.APIHeaders(w.Header())
		w.Header().Set("Paylink-Version", Version)
		if inboxPath(r.URL.Path) && preflight(w, r) {
			return
		}
		routes.ServeHTTP(w, r)
	})
}

// configuration is Huma without what would leave the house: no documentation page from a CDN, no
// $schema links, no other formats than JSON.
func configuration() huma.Config {
	plain := huma.Format{
		Marshal: func(w io.Writer, v any) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			return e.Encode(v)
		},
		Unmarshal: json.Unmarshal,
	}
	return huma.Config{
		OpenAPI:       description(),
		Formats:       map[string]huma.Format{"application/json": plain, "json": plain},
		DefaultFormat: "application/json",
	}
}

// Huma's own errors are made into problems of ours. They are rare: what a caller can get wrong is
// looked at before Huma sees it.
func init() {
	huma.DefaultArrayNullable = false // our lists are never null
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError {
		if status >= http.StatusInternalServerError {
			return respond.ProblemOf(fmt.Errorf("huma: status %d", status))
		}
		return respond.NewProblem(status, "invalid_request", "The request cannot be understood.")
	}
}

// now is real time as the database keeps it.
func (a *API) now() time.Time { return a.Now().UTC().Truncate(time.Microsecond) }
