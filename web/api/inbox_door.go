package api

import (
	"errors"
	"net/http"
	"strings"

	"paylink"
	"paylink/access"
	"paylink/token"
	"paylink/web/respond"
)

// Whoever comes with a token for an inbox is a customer's own app, mostly in a browser, on a page of the
// merchant's: other keys, other limits, and an origin that is judged.

// metaInbox marks an operation that a token for an inbox opens, and no API key.
const metaInbox = "inbox"

// inboxPath tells the addresses that pages of other origins may call.
func inboxPath(path string) bool { return path == "/v1/inbox" || strings.HasPrefix(path, "/v1/inbox/") }

var (
	errInboxToken = respond.NewProblem(http.StatusForbidden, "inbox_token_required", "An inbox is opened by a token of its customer, and not by an API key.")
	errKey        = respond.NewProblem(http.StatusForbidden, "api_key_required", "A token for an inbox opens nothing else. Use an API key.")
	errOrigin     = respond.NewProblem(http.StatusForbidden, "origin_not_allowed", "The page that asks is of an origin that the merchant has not registered (return_origins).")
)

// preflight answers a browser that asks what a page of another origin may do. It cannot know yet which
// merchant's inbox is meant: whether the origin is one of the merchant's is judged with the token.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if r.Method != http.MethodOptions || origin == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if paylink.Origin(origin) != origin {
		respond.Fail(w, r, errOrigin)
		return true
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Paylink-Version")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// identifyCustomer tells whose inbox is opened, and whether the page that asks may.
func (a *API) identifyCustomer(r *http.Request, c *call) error {
	var given bool
	c.secret, given = respond.Credentials(r)
	if given && !strings.HasPrefix(c.secret, token.InboxPrefix) {
		return errInboxToken
	}
	client := respond.LineOf(r.Context()).Client.String()
	if a.strangers.Empty(client) {
		return a.strangers.Take(c.header, client)
	}
	owner, err := a.Inbox.Enter(r.Context(), c.secret)
	var refused *paylink.Refused
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	if owner.Merchant == "" {
		if limited := a.strangers.Take(http.Header{}, client); limited != nil {
			return limited
		}
		return err
	}
	c.Principal, c.customer = access.Principal{Merchant: owner.Merchant, Live: owner.Live}, owner.Customer
	c.route += " " + string(owner.Customer) // an Idempotency-Key is the customer's own
	if wrong := a.fromOrigin(r, c); wrong != nil {
		return wrong
	}
	return err
}

// fromOrigin lets pages of the merchant's registered origins read the answer, and pages of others do nothing.
func (a *API) fromOrigin(r *http.Request, c *call) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	m, err := a.Store.Read(r.Context()).Merchant(c.Merchant)
	if err != nil {
		return err
	}
	if paylink.Origin(origin) != origin || !m.Settings.LeadsBack(c.Live, origin) {
		return errOrigin
	}
	c.header.Set("Access-Control-Allow-Origin", origin)
	c.header.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
	return nil
}
