// Package sandbox is the gateway adapter for the sandbox, the pretend bank world in the binary.
//
// It is for checkout and confirm, through the port gateway.Gateway, and speaks to the sandbox over
// HTTP as to any gateway far away. What is pretended happens on the other side; nothing here knows
// that the money is not real. The wire's credentials, calls and signatures are sandboxwire's.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider/sandboxwire"
)

// Gateway speaks to the sandbox. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client, which must be allowed to reach the sandbox's host.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// Capabilities says what the sandbox can do. Its pages are on the host of its API.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name:        "sandbox",
		Title:       "Sandbox",
		Judge:       "the sandbox in this program",
		Methods:     []paylink.Method{paylink.MethodCard, paylink.MethodUPI, paylink.MethodNetbanking},
		Idempotent:  true,
		Reserves:    map[paylink.Method]time.Duration{paylink.MethodCard: 7 * 24 * time.Hour, paylink.MethodUPI: 7 * 24 * time.Hour},
		PageOrigins: pageOrigins,
	}
}

func pageOrigins(a gateway.Account) []string {
	scheme, rest, _ := strings.Cut(a.BaseURL, "://")
	host, _, _ := strings.Cut(rest, "/")
	if scheme == "" || host == "" {
		return nil
	}
	return []string{scheme + "://" + host}
}

// order is the wire's request to take a payment; times are RFC 3339.
type order struct {
	Reference    string           `json:"reference"`
	Amount       int64            `json:"amount"` // minor units
	Currency     paylink.Currency `json:"currency"`
	Method       paylink.Method   `json:"method"`
	Description  string           `json:"description"`
	MerchantName string           `json:"merchant_name"`
	ReturnURL    string           `json:"return_url"`
	NotifyURL    string           `json:"notify_url"`
	ExpiresAt    time.Time        `json:"expires_at"`
	Manual       bool             `json:"manual"`
}

// Start tells the sandbox about an order. The same order again answers the same; the same reference
// with another amount is *gateway.Rejected.
func (g *Gateway) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	var answer started
	err := sandboxwire.Do(ctx, g.client, sandboxwire.Call{
		Account: a, Method: http.MethodPost, Path: "/gateway/orders",
		Body: order{
			Reference: o.Reference, Amount: o.Amount.Minor, Currency: o.Amount.Currency, Method: o.Method,
			Description: o.Description, MerchantName: o.MerchantName, ReturnURL: o.ReturnURL, NotifyURL: o.NotifyURL,
			ExpiresAt: o.ExpiresAt.UTC(), Manual: o.Manual,
		},
	}, &answer)
	if err != nil {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
	}
	s, err := answer.check(o.Reference)
	if err != nil {
		// The order may well stand there, so this is no refusal.
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, &gateway.Broken{When: gateway.Unknown, Err: err})
	}
	return s, nil
}

// started is the wire's answer to an order.
type started struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	ExpiresAt time.Time `json:"expires_at"`
	Action    struct {
		Kind   paylink.ActionKind `json:"kind"`
		URL    string             `json:"url"`
		Intent string             `json:"intent"`
	} `json:"action"`
}

func (s started) check(reference string) (gateway.Started, error) {
	page, err := url.Parse(s.Action.URL)
	upi, errUPI := url.Parse(s.Action.Intent)
	switch {
	case s.Reference != reference:
		return gateway.Started{}, errors.New("the answer is about another order")
	case !plain(s.ID, 64) || s.ID == "":
		return gateway.Started{}, errors.New("the answer has no order id")
	case err != nil || (page.Scheme != "https" && page.Scheme != "http") || page.Host == "":
		return gateway.Started{}, errors.New("the answer has no page to send the customer to")
	case s.Action.Kind == paylink.ActionApprove && (errUPI != nil || upi.Scheme != "upi"):
		return gateway.Started{}, errors.New("the answer has no upi intent")
	case s.Action.Kind != paylink.ActionApprove && s.Action.Kind != paylink.ActionRedirect:
		return gateway.Started{}, errors.New("the answer asks for an action that we do not know")
	}
	return gateway.Started{Order: s.ID, Action: paylink.Action{
		Kind: s.Action.Kind, URL: s.Action.URL, Intent: s.Action.Intent, ExpiresAt: s.ExpiresAt.UTC(),
	}}, nil
}

// Lookup asks what became of the order with our reference.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	var answer word
	reference := k.Reference
	err := sandboxwire.Do(ctx, g.client, sandboxwire.Call{
		Account: a, Method: http.MethodGet, Path: "/gateway/orders/" + url.PathEscape(reference),
	}, &answer)
	switch {
	case errors.Is(err, sandboxwire.ErrNoSuchThing):
		return gateway.Word{}, &paylink.NotFound{Kind: "order", ID: reference}
	case err != nil:
		return gateway.Word{}, fmt.Errorf("look up payment %s: %w", reference, err)
	}
	w, err := answer.check()
	if err == nil && w.Reference != reference {
		err = errors.New("the answer is about another order")
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("look up payment %s: %w", reference, &gateway.Broken{When: gateway.Unknown, Err: err})
	}
	return w, nil
}

// Verify tells whether the sandbox posted body for this account, and lately.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, now time.Time) error {
	return sandboxwire.Verify(a, p.Header, p.Body, now)
}
