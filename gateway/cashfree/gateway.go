// Package cashfree is the gateway adapter for Cashfree Payments, which takes rupees in India.
//
// It is for checkout and confirm, through the port gateway.Gateway. Calls follow Cashfree's own OpenAPI document
// of API version 2025-01-01, which also judges them in its tests; notices are believed by the HMAC over their
// time and their exact bytes. The page is that of a payment link of Cashfree's, because it is the only page for
// all methods whose address the document gives: an order's page needs Cashfree's script in ours, and the
// endpoint that pays an order takes card numbers. The link has our reference; Cashfree itself names the order
// that a customer pays on it.
package cashfree

import (
	"context"
	"crypto/sha256"
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

// Gateway speaks to Cashfree. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// fieldPreauth says that the account's card payments are reserved first; Cashfree switches that on by account.
const fieldPreauth = "preauthorisation"

// Capabilities says what Cashfree can do and what an account with it needs.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "cashfree", Title: "Cashfree Payments",
		Methods:    []paylink.Method{paylink.MethodUPI, paylink.MethodCard, paylink.MethodNetbanking},
		Currencies: []paylink.Currency{"INR"},
		Idempotent: true,
		Reserves:   map[paylink.Method]time.Duration{paylink.MethodCard: 7 * 24 * time.Hour},
		Fields: []provider.Field{
			{
				Name: "client_id", Label: "App ID", Required: true, Pattern: `[A-Za-z0-9_-]{4,100}`,
				Help: "Developers, API keys, of Payment Gateway.",
			},
			{
				Name: provider.Secret, Label: "Secret key", Required: true, Secret: true, Pattern: `[A-Za-z0-9_-]{8,200}`,
				Help: "Beside the App ID. It signs the notices as well.",
			},
			{
				Name: "phone", Label: "Phone number for customers without one", Required: true, Pattern: `[6-9][0-9]{9}`, Example: "9812345642",
				Help: "One of yours, 10 digits. Cashfree wants a number with every payment; it is told where your customer's is not known or not Indian, and nobody is called or written to.",
			},
			{
				Name: fieldPreauth, Label: "Pre-authorisation", Options: []string{"off", "on"},
				Help: "On when Cashfree has switched it on for your account: cards are then reserved, and captured by you.",
			},
		},
		Lacks: map[gateway.Ability]string{
			gateway.CanDispute: "by notice", gateway.CanContest: "in the Merchant Dashboard",
		},
		Judge:       "Cashfree's OpenAPI document of 2025-01-01 by Prism",
		PageOrigins: pageOrigins,
	}
}

const pages = "cashfree.com" // "payments.cashfree.com", "payments-test.cashfree.com"

func pageOrigins(a gateway.Account) []string {
	origins := []string{"https://*." + pages}
	if scheme, rest, ok := strings.Cut(a.BaseURL, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		origins = append(origins, scheme+"://"+host)
	}
	return origins
}

// version is the API's that every call names.
const version = "2025-01-01"

// wire is how Cashfree refuses; what a code means stands in the status that it comes with.
var wire = httpwire.API{
	Name: "cashfree",
	Read: func(body []byte) httpwire.Complaint {
		var refusal struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		}
		if httpwire.Decode(body, &refusal) != nil {
			return httpwire.Complaint{}
		}
		return httpwire.Complaint{Code: refusal.Code, Words: refusal.Message}
	},
}

// ask is one call. A repeated key makes Cashfree repeat its answer.
type ask struct {
	account           gateway.Account
	method, path, key string
	body              any
}

// refused is a refusal in Cashfree's own words with the status that it came with: a bare 404 is a wrong
// address, and not a thing that Cashfree does not know.
type refused struct {
	*gateway.Rejected
	status int
}

func (r *refused) Unwrap() error { return r.Rejected }

// told tells whether an error is Cashfree's own word with a status.
func told(err error, status int) bool {
	var r *refused
	return errors.As(err, &r) && r.status == status
}

// do makes the call and reads its answer, which is an object.
func (g *Gateway) do(ctx context.Context, c ask, answer any) error {
	body, err := g.send(ctx, c)
	if err != nil {
		return err
	}
	if err := httpwire.Decode(body, answer); err != nil {
		return httpwire.Unclear("%v", err)
	}
	return nil
}

// list is do for an answer that is an array.
func list[T any](ctx context.Context, g *Gateway, c ask) ([]T, error) {
	body, err := g.send(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer struct {
		List *[]T `json:"list"`
	}
	if err := httpwire.Decode(fmt.Appendf(nil, `{"list":%s}`, body), &answer); err != nil || answer.List == nil {
		return nil, httpwire.Unclear("the answer is no list")
	}
	return *answer.List, nil
}

func (g *Gateway) send(ctx context.Context, c ask) ([]byte, error) {
	own := "https://sandbox.cashfree.com/pg"
	if c.account.Live {
		own = "https://api.cashfree.com/pg"
	}
	header := http.Header{}
	header.Set("X-Client-Id", c.account.Fields["client_id"])
	header.Set("X-Client-Secret", c.account.Secret)
	header.Set("X-Api-Version", version)
	if c.key != "" {
		header.Set("X-Idempotency-Key", keyFor(c.key))
	}
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
	}
	res, err := wire.Do(ctx, g.client, httpwire.Call{Method: c.method, URL: c.account.Base(own) + c.path, Header: header, Body: body})
	var rejected *gateway.Rejected
	if errors.As(err, &rejected) && strings.HasPrefix(rejected.Code, "cashfree_") {
		return nil, &refused{rejected, res.Status}
	}
	return res.Body, err
}

// keyFor is the same UUID for the same thing that we ask for: Cashfree takes no other form of key.
func keyFor(what string) string {
	sum := sha256.Sum256([]byte("paylink " + what))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8, the one of a form of its own
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// Test asks for a payment link that cannot be: with good credentials Cashfree says that it does not know it.
func (g *Gateway) Test(ctx context.Context, a gateway.Account) error {
	var l link
	err := g.do(ctx, ask{account: a, method: http.MethodGet, path: "/links/paylink-tries-the-account"}, &l)
	if err == nil || told(err, http.StatusNotFound) {
		return nil
	}
	return fmt.Errorf("test the account: %w", err)
}

// number is an amount as Cashfree writes it in JSON: a number, and no text.
type number string

func (n *number) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return errors.New("a text is no number")
	}
	if string(b) != "null" {
		*n = number(b)
	}
	return nil
}

// ist is the zone of times that Cashfree writes without one.
var ist = time.FixedZone("IST", 5*3600+1800)

// when reads Cashfree's times, which it writes in three ways; zero for none and for one that is none.
func when(said string) time.Time {
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00"} {
		if at, err := time.Parse(form, said); err == nil {
			return at.UTC()
		}
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(form, said, ist); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
