// Package inbound is the door through which gateways and carriers call: their notices about payments
// and their receipts for messages.
// It takes the body as it came, up to a limit, and hands it to the step that keeps and judges it:
// confirm for gateways, dispatch for carriers. The answer tells the sender whether to call again, and
// nothing else.
// It leaves signatures and meaning to the steps.
package inbound

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"paylink"
	"paylink/confirm"
	"paylink/dispatch"
	"paylink/provider"
	"paylink/web/respond"
)

// Deps are what the door hands over to.
type Deps struct {
	Confirm  *confirm.Confirm
	Dispatch *dispatch.Dispatch

	PublicURL string // with which the addresses begin that providers are given
}

// Inbound serves POST …/{provider}/{account}.
type Inbound struct{ Deps }

// New makes an Inbound.
func New(d Deps) *Inbound { return &Inbound{d} }

// Paths are where providers call, for the server's list of routes; adapters are given these URLs.
const (
	GatewayPath = "POST /inbound/gateway/{provider}/{account}"
	ChannelPath = "POST /inbound/channel/{provider}/{account}"
	GreetPath   = "GET /inbound/channel/{provider}/{account}"
)

// Gateway takes a gateway's notice.
func (in *Inbound) Gateway(w http.ResponseWriter, r *http.Request) {
	in.take(w, r, in.Confirm.Receive)
}

// Channel takes a carrier's receipt.
func (in *Inbound) Channel(w http.ResponseWriter, r *http.Request) {
	in.take(w, r, in.Dispatch.Receive)
}

// Greet answers a carrier that asks whether an address is ours before it posts there.
func (in *Inbound) Greet(w http.ResponseWriter, r *http.Request) {
	respond.APIHeaders(w.Header())
	account := r.PathValue("account")
	if !paylink.HasTag(account, "acct") {
		respond.Fail(w, r, &paylink.NotFound{Kind: "account"})
		return
	}
	answer, err := in.Dispatch.Greet(r.Context(), r.PathValue("provider"), paylink.AccountID(account), provider.Post{URL: in.calledAt(r), Header: r.Header})
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, answer)
}

// calledAt is the address that a provider called, as it knows it: some sign it. Proxies may have changed
// what arrives here, so the origin is the one that providers are given.
func (in *Inbound) calledAt(r *http.Request) *url.URL {
	called := *r.URL
	if public, err := url.Parse(in.PublicURL); err == nil {
		called.Scheme, called.Host, called.Path = public.Scheme, public.Host, strings.TrimRight(public.Path, "/")+called.Path
	}
	return &called
}

type receive func(ctx context.Context, provider string, account paylink.AccountID, p provider.Post) (paylink.Verdict, error)

// taken is the answer to a notice that was kept. It is the same for a first and for a repeated one: a
// sender that repeats himself has done nothing wrong.
type taken struct {
	Received bool `json:"received"`
}

func (in *Inbound) take(w http.ResponseWriter, r *http.Request, receive receive) {
	respond.APIHeaders(w.Header())
	body, err := respond.ReadBody(w, r)
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	account := r.PathValue("account")
	if !paylink.HasTag(account, "acct") { // also spares the database what it cannot read
		respond.Fail(w, r, &paylink.NotFound{Kind: "account"})
		return
	}
	verdict, err := receive(r.Context(), r.PathValue("provider"), paylink.AccountID(account), provider.Post{URL: in.calledAt(r), Header: r.Header, Body: body})
	switch {
	case err != nil:
		respond.Fail(w, r, err) // busy, full or broken: the sender calls again
	case verdict == paylink.NoticeRefused:
		respond.Fail(w, r, &paylink.Refused{Code: "bad_signature", Detail: "The signature is missing, wrong or too old."})
	default:
		respond.JSON(w, http.StatusOK, taken{true})
	}
}
