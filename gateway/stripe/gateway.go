// Package stripe is the gateway adapter for Stripe: payments by card and UPI on Stripe's own Checkout page, what
// follows them, and Stripe's events.
//
// It is for checkout, confirm and the steps behind them, through the port gateway.Gateway. Calls follow
// Stripe's OpenAPI document of one pinned version, which also judges them in its tests. Every payment is one
// Checkout Session, made when the customer pays, with one payment intent behind it; the intent's id is the
// payment's name. How a call ended is paywire's, and what a word leads to is for the steps.
package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Version is the version of Stripe's API that calls are written for.
const Version = "2026-08-26.dahlia"

const (
	apiBase   = "https://api.stripe.com"
	filesBase = "https://files.stripe.com"
	pageBase  = "https://checkout.stripe.com"
)

// Names of an account's fields, beside provider.Secret.
const (
	fieldKey     = "api_key"
	fieldAccount = "stripe_account"
	fieldDomain  = "checkout_domain"
)

// reserveLife is how long Stripe keeps money on a card for its capture, when its holder was there.
const reserveLife = 7 * 24 * time.Hour

// Gateway speaks to Stripe. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client. Lists of Stripe's are long: the client should read answers of
// a quarter of a megabyte.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// Capabilities says what Stripe takes and what an account with it needs.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "stripe", Title: "Stripe", Methods: []paylink.Method{paylink.MethodCard, paylink.MethodUPI}, Currencies: currencies, Idempotent: true,
		Fields: []provider.Field{
			{
				Name: fieldKey, Label: "Secret key", Required: true, Secret: true, Pattern: `(sk|rk)_(test|live)_[A-Za-z0-9]{10,200}`, Most: 255,
				Help: "Under Developers, API keys. A restricted key needs write access to Checkout Sessions, Payment Intents, Refunds, Disputes and Files, and read access to Balance, Charges, Events and Payouts.",
			},
			{
				Name: provider.Secret, Label: "Signing secret", Required: true, Secret: true, Pattern: `whsec_[A-Za-z0-9]+([ ,]+whsec_[A-Za-z0-9]+){0,3}`, Most: 500,
				Help: "Of the webhook endpoint that you make for this account. While you roll it, put the new one first and leave the old one behind it.",
			},
			{
				Name: fieldAccount, Label: "Connected account", Pattern: `acct_[A-Za-z0-9]{8,64}`, Example: "acct_00000000000000",
				Help: "Only where the key is a platform's and the payments are one of its connected accounts'.",
			},
			{
				Name: fieldDomain, Label: "Checkout domain", Pattern: `[a-z0-9-]+(\.[a-z0-9-]+)+`, Example: "pay.example.com",
				Help: "Only where you have a domain of your own for Stripe's pages.",
			},
		},
		Judge:       "Stripe's OpenAPI document by stripe-mock, both ways; stripe-go's webhook verifier",
		Reserves:    map[paylink.Method]time.Duration{paylink.MethodCard: reserveLife},
		Sparse:      true,
		PageOrigins: pageOrigins,
	}
}

// pageOrigins are Stripe's own, or the domain that the merchant has there. A base URL stands for all of Stripe.
func pageOrigins(a gateway.Account) []string {
	if base, err := url.Parse(a.BaseURL); a.BaseURL != "" && err == nil && base.Host != "" {
		return []string{base.Scheme + "://" + base.Host}
	}
	if domain := a.Fields[fieldDomain]; domain != "" {
		return []string{pageBase, "https://" + domain}
	}
	return []string{pageBase}
}

// Test asks for the account's balance, which moves nothing and tells whether the key is for live money.
func (g *Gateway) Test(ctx context.Context, a gateway.Account) error {
	var balance struct {
		Object   string `json:"object"`
		Livemode *bool  `json:"livemode"`
	}
	if err := g.get(ctx, a, "/v1/balance", nil, &balance); err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	switch {
	case balance.Object != "balance" || balance.Livemode == nil:
		return fmt.Errorf("test the account: %w", httpwire.Unclear("the answer is no balance"))
	case *balance.Livemode != a.Live:
		return &gateway.Rejected{Code: "stripe_other_mode", Reason: provider.BadCredentials, Words: "The key is for Stripe's other mode: test keys begin with sk_test."}
	}
	return nil
}

// get reads an object of Stripe's into v.
func (g *Gateway) get(ctx context.Context, a gateway.Account, path string, query url.Values, v any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return g.call(ctx, a, httpwire.Call{Method: http.MethodGet, URL: a.Base(apiBase) + path, Header: http.Header{}}, v)
}

// post changes something at Stripe. key is what keeps Stripe from doing it twice: the same key again gives the
// same answer for a day, and with another form it is refused.
func (g *Gateway) post(ctx context.Context, a gateway.Account, path, key string, form url.Values, v any) error {
	return g.call(ctx, a, httpwire.Call{
		Method: http.MethodPost, URL: a.Base(apiBase) + path, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Idempotency-Key": {key}}, // Stripe wants the type of an empty body as well
	}, v)
}

func (g *Gateway) call(ctx context.Context, a gateway.Account, c httpwire.Call, v any) error {
	c.Header.Set("Authorization", "Bearer "+a.Fields[fieldKey])
	c.Header.Set("Stripe-Version", Version)
	if account := a.Fields[fieldAccount]; account != "" {
		c.Header.Set("Stripe-Account", account)
	}
	res, err := wire.Do(ctx, g.client, c)
	var rejected *gateway.Rejected
	switch {
	case errors.As(err, &rejected) && res.Status == http.StatusNotFound && rejected.Code == "stripe_resource_missing":
		return errMissing{rejected}
	case err != nil:
		return err
	}
	if err := httpwire.Decode(res.Body, v); err != nil {
		return &gateway.Broken{When: gateway.Unknown, Err: err}
	}
	return nil
}

// errMissing is Stripe's word that it has no such object, in this account and mode. A bare 404 is none: it comes
// from a wrong address.
type errMissing struct{ *gateway.Rejected }

func (e errMissing) Unwrap() error { return e.Rejected }

func isMissing(err error) bool { return errors.As(err, new(errMissing)) }

// wire is how Stripe refuses. Keys in use and locks are somebody else's call for the same thing, under way now.
var wire = httpwire.API{Name: "stripe", Read: complained, Refused: map[string]httpwire.Refused{
	"rate_limit":                       {Reason: provider.Throttled, Temporary: true},
	"lock_timeout":                     {Reason: provider.Throttled, Temporary: true},
	"idempotency_key_in_use":           {Reason: provider.Throttled, Temporary: true},
	"api_key_expired":                  {Reason: provider.BadCredentials},
	"platform_api_key_expired":         {Reason: provider.BadCredentials},
	"account_invalid":                  {Reason: provider.BadCredentials},
	"secret_key_required":              {Reason: provider.BadCredentials},
	"testmode_charges_only":            {Reason: provider.BadCredentials},
	"livemode_mismatch":                {Reason: provider.BadCredentials},
	"balance_insufficient":             {Reason: provider.NoBalance},
	"insufficient_funds":               {Reason: provider.NoBalance},
	"payouts_not_allowed":              {Reason: provider.BadCredentials},
	"card_decline_rate_limit_exceeded": {Reason: provider.Throttled},
}, Status: map[int]httpwire.Refused{
	http.StatusPaymentRequired: {Reason: provider.BadRequest}, // at Stripe a call that was right and failed all the same
}}

// complained reads the body of an answer that refuses: what the bank says before what Stripe says, and that
// before the kind of error.
func complained(body []byte) httpwire.Complaint {
	var answer struct {
		Error apiError `json:"error"`
	}
	if httpwire.Decode(body, &answer) != nil {
		return httpwire.Complaint{}
	}
	return httpwire.Complaint{Code: answer.Error.code(), Words: answer.Error.Message}
}

// objectID is how Stripe names its objects: a kind and letters. Sessions have longer names than the rest.
var objectID = regexp.MustCompile(`^[a-z]{2,8}_[A-Za-z0-9_]{1,240}$`)

// isObject tells whether an id is of one of the kinds: "cs_", "pi_". What is none is not put into an address.
func isObject(id string, kinds ...string) bool {
	if !objectID.MatchString(id) {
		return false
	}
	for _, kind := range kinds {
		if strings.HasPrefix(id, kind) {
			return true
		}
	}
	return false
}
