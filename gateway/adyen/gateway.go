// Package adyen is the gateway adapter for Adyen, whose hosted payment page takes the customer's money.
//
// It is for checkout and confirm, through the port gateway.Gateway. Calls follow Adyen's own OpenAPI document of
// Checkout API v71, which also judges them in its tests; notices are believed by the HMAC that each of their
// items carries. The page is that of a payment link of Adyen's: its state can be asked for at any time by what
// we keep, while a session tells its state only to whoever has what the customer's browser brought back. Adyen
// answers what follows a payment (a capture, a cancel, a refund) with "received": notices tell what came of it.
package adyen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Gateway speaks to Adyen. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// Capabilities says what Adyen can do and what an account with it needs.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "adyen", Title: "Adyen",
		Methods:    []paylink.Method{paylink.MethodCard, paylink.MethodUPI, paylink.MethodNetbanking},
		Idempotent: true,
		// Schemes give it back after a week or more; who has other terms with Adyen has longer.
		Reserves: map[paylink.Method]time.Duration{paylink.MethodCard: 7 * 24 * time.Hour},
		Fields: []provider.Field{
			{
				Name: "merchant_account", Label: "Merchant account", Required: true, Pattern: `[A-Za-z0-9_.-]{1,80}`, Example: "AcmeECOM",
				Help: "The account that takes the money, as the Customer Area names it.",
			},
			{
				Name: "api_key", Label: "API key", Required: true, Secret: true, Most: 500,
				Help: "Developers, API credentials. It needs the roles of Checkout and of Pay by Link.",
			},
			{
				Name: provider.Secret, Label: "HMAC key", Required: true, Secret: true, Pattern: `[0-9A-Fa-f]{64}`,
				Help: "Developers, Webhooks, your standard webhook: it signs the notices.",
			},
			{
				Name: "live_prefix", Label: "Prefix of live URLs", Pattern: `[A-Za-z0-9-]{1,100}`, Example: "1797a841fbb37ca7-Acme",
				Help: "Needed for a live account. Developers, API URLs.",
			},
		},
		Lacks: map[gateway.Ability]string{
			gateway.CanDispute: "by notice", gateway.CanContest: "in the Customer Area", gateway.CanSettle: "as reports only, no list",
		},
		Judge:       "Adyen's OpenAPI document of Checkout v71 by Prism, Adyen's published HMAC vectors and sample notices",
		PageOrigins: pageOrigins,
	}
}

// pages is where Adyen's payment links live: "test.adyen.link", "eu.adyen.link" and others by region.
const pages = "adyen.link"

func pageOrigins(a gateway.Account) []string {
	origins := []string{"https://*." + pages}
	if scheme, rest, ok := strings.Cut(a.BaseURL, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		origins = append(origins, scheme+"://"+host)
	}
	return origins
}

// base is the URL that calls begin with. Every live merchant has a host of its own.
func base(a gateway.Account) (string, error) {
	own := "https://checkout-test.adyen.com/v71"
	if a.Live {
		prefix := a.Fields["live_prefix"]
		if prefix == "" && a.BaseURL == "" {
			return "", &gateway.Rejected{Code: "no_live_prefix", Reason: provider.BadCredentials, Words: "The account has no prefix of live URLs."}
		}
		own = "https://" + prefix + "-checkout-live.adyenpayments.com/checkout/v71"
	}
	return a.Base(own), nil
}

// wire is how Adyen refuses. A code that is not here is judged by the status that it came with.
var wire = httpwire.API{
	Name: "adyen",
	Read: func(body []byte) httpwire.Complaint {
		var refusal struct {
			Code    string `json:"errorCode"`
			Message string `json:"message"`
		}
		if httpwire.Decode(body, &refusal) != nil {
			return httpwire.Complaint{}
		}
		return httpwire.Complaint{Code: refusal.Code, Words: refusal.Message}
	},
	Refused: map[string]httpwire.Refused{
		"704": {Reason: provider.Throttled, Temporary: true}, // the same Idempotency-Key is being worked on
	},
}

// ask is one call, and answer what its yes says. A repeated key makes Adyen repeat its answer.
type ask struct {
	account           gateway.Account
	method, path, key string
	body              any
}

// do makes the call and reads its answer. The time is the answer's own.
func (g *Gateway) do(ctx context.Context, c ask, answer any) (at time.Time, err error) {
	address, err := base(c.account)
	if err != nil {
		return at, err
	}
	header := http.Header{"X-Api-Key": {c.account.Fields["api_key"]}}
	if c.key != "" {
		header.Set("Idempotency-Key", c.key)
	}
	var body []byte
	if c.body != nil {
		if body, err = json.Marshal(c.body); err != nil {
			return at, fmt.Errorf("write the request: %w", err)
		}
	}
	res, err := wire.Do(ctx, g.client, httpwire.Call{Method: c.method, URL: address + c.path, Header: header, Body: body})
	var rejected *gateway.Rejected
	if errors.As(err, &rejected) && said(rejected, res) {
		return at, &missing{rejected}
	}
	if err != nil {
		return at, err
	}
	if err := httpwire.Decode(res.Body, answer); err != nil {
		return at, httpwire.Unclear("%v", err)
	}
	at, _ = http.ParseTime(res.Header.Get("Date"))
	return at.UTC(), nil
}

// missing is a refusal of a thing that Adyen does not know, in Adyen's own words: a bare 404 is a wrong address.
type missing struct{ *gateway.Rejected }

func (m *missing) Unwrap() error { return m.Rejected }

func said(r *gateway.Rejected, res outbound.Response) bool {
	return (res.Status == http.StatusNotFound || res.Status == http.StatusUnprocessableEntity) && strings.HasPrefix(r.Code, "adyen_")
}

// Test asks which methods the account may take, which needs the same credentials as a payment.
func (g *Gateway) Test(ctx context.Context, a gateway.Account) error {
	var answer struct {
		Methods *[]any `json:"paymentMethods"`
	}
	_, err := g.do(ctx, ask{account: a, method: http.MethodPost, path: "/paymentMethods", body: map[string]string{"merchantAccount": a.Fields["merchant_account"]}}, &answer)
	if err == nil && answer.Methods == nil {
		err = httpwire.Unclear("the answer lists no methods")
	}
	if err != nil {
		return fmt.Errorf("test the account: %w", err)
	}
	return nil
}
