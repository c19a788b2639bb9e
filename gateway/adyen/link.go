package adyen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// linkRequest makes a payment link, which may be paid once.
type linkRequest struct {
	MerchantAccount       string   `json:"merchantAccount"`
	Reference             string   `json:"reference"`
	Amount                amount   `json:"amount"`
	Description           string   `json:"description,omitempty"`
	CountryCode           string   `json:"countryCode,omitempty"`
	AllowedPaymentMethods []string `json:"allowedPaymentMethods"`
	ReturnURL             string   `json:"returnUrl,omitempty"`
	ExpiresAt             string   `json:"expiresAt,omitempty"`
	Reusable              bool     `json:"reusable"`
	ManualCapture         bool     `json:"manualCapture,omitempty"`
	CaptureDelayHours     *int     `json:"captureDelayHours,omitempty"`
	ShopperReference      string   `json:"shopperReference,omitempty"`
	ShopperEmail          string   `json:"shopperEmail,omitempty"`
	TelephoneNumber       string   `json:"telephoneNumber,omitempty"`
}

// link is Adyen's answer about one.
type link struct {
	ID              string    `json:"id"`
	MerchantAccount string    `json:"merchantAccount"`
	Reference       string    `json:"reference"`
	Amount          amount    `json:"amount"`
	Status          string    `json:"status"`
	URL             string    `json:"url"`
	ExpiresAt       time.Time `json:"expiresAt"`
	UpdatedAt       time.Time `json:"updatedAt"`
	ManualCapture   bool      `json:"manualCapture"`
}

// Start makes a payment link for the order and sends the customer to it. Our reference is the key by which
// Adyen knows a repeated call.
func (g *Gateway) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	started, err := g.start(ctx, a, o)
	if err != nil {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
	}
	return started, nil
}

func (g *Gateway) start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	request, err := requestFor(a, o)
	if err != nil {
		return gateway.Started{}, err
	}
	var l link
	if _, err := g.do(ctx, ask{account: a, method: http.MethodPost, path: "/paymentLinks", key: request.Reference, body: request}, &l); err != nil {
		return gateway.Started{}, err
	}
	if err := l.check(a, request.Reference); err != nil {
		return gateway.Started{}, httpwire.Unclear("%v", err)
	}
	// Adyen repeats its first answer whatever is asked for by the same key the second time.
	if told, err := l.Amount.money(); err != nil || told != o.Amount {
		return gateway.Started{}, &gateway.Rejected{Code: "other_terms", Reason: provider.BadRequest, Words: "The order is known with another amount."}
	}
	if !onOurList(a, l.URL) {
		return gateway.Started{}, httpwire.Unclear("the answer has no page to send the customer to")
	}
	expires := o.ExpiresAt
	if !l.ExpiresAt.IsZero() {
		expires = l.ExpiresAt
	}
	return gateway.Started{Order: l.ID, Action: paylink.Action{Kind: paylink.ActionRedirect, URL: l.URL, ExpiresAt: expires.UTC()}}, nil
}

func requestFor(a gateway.Account, o gateway.Order) (linkRequest, error) {
	refuse := func(code, words string) (linkRequest, error) {
		return linkRequest{}, &gateway.Rejected{Code: code, Reason: provider.BadRequest, Words: words}
	}
	sum, err := toAdyen(o.Amount)
	switch {
	case err != nil:
		return refuse("amount", "Adyen does not count the currency so finely.")
	case len(offered[o.Method]) == 0:
		return refuse("method", "Adyen does not take the method.")
	case slices.Contains(indian, o.Method) && o.Amount.Currency != "INR":
		return refuse("method_currency", "The method takes rupees only.")
	case o.Manual && o.Method != paylink.MethodCard:
		return refuse("not_reserved", "The method reserves no money.")
	case !paywire.IsReference(o.Reference):
		return refuse("reference", "The reference is not one of ours.")
	}
	r := linkRequest{
		MerchantAccount: a.Fields["merchant_account"], Reference: o.Reference, Amount: sum,
		Description: paywire.Cut(o.Description, 280), AllowedPaymentMethods: offered[o.Method], ReturnURL: o.ReturnURL,
		ShopperReference: o.Customer.ID, ShopperEmail: o.Customer.Email, TelephoneNumber: o.Customer.Phone,
	}
	if o.Amount.Currency == "INR" {
		r.CountryCode = "IN" // which methods the page offers depends on it
	}
	if !o.ExpiresAt.IsZero() {
		r.ExpiresAt = o.ExpiresAt.UTC().Format(time.RFC3339)
	}
	if o.Manual {
		r.Reference, r.ManualCapture = o.Reference+manualMark, true
	} else {
		r.CaptureDelayHours = new(int) // at once, whatever the account does otherwise
	}
	return r, nil
}

// onOurList tells whether the customer's browser may be sent to a page: the payment page's CSP lets it go to
// the origins of our list only.
func onOurList(a gateway.Account, page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" && strings.HasSuffix(u.Host, "."+pages) || slices.Contains(pageOrigins(a)[1:], u.Scheme+"://"+u.Host)
}

// check refuses an answer that is not about the link that was asked for.
func (l link) check(a gateway.Account, reference string) error {
	switch {
	case !paywire.IsID(l.ID):
		return errors.New("the answer names no payment link")
	case l.Reference != reference || l.MerchantAccount != a.Fields["merchant_account"]:
		return errors.New("the answer is about another order")
	}
	return nil
}

// Lookup asks how the order's payment link stands. Adyen does not tell there which payment it was paid by: the
// notice does. A link whose making was never answered cannot be asked for, and nobody can pay it either: its
// address was never told.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	unknown := &paylink.NotFound{Kind: "order", ID: k.Reference}
	if !paywire.IsReference(k.Reference) || !paywire.IsID(k.Order) {
		return gateway.Word{}, unknown
	}
	var l link
	at, err := g.do(ctx, ask{account: a, method: http.MethodGet, path: "/paymentLinks/" + k.Order}, &l)
	var gone *missing
	if errors.As(err, &gone) {
		return gateway.Word{}, unknown
	}
	var w gateway.Word
	if err == nil {
		w, err = l.word(a, k, at)
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("look up payment %s: %w", k.Reference, err)
	}
	return w, nil
}

// word is what a link's state means for the order that it is for.
func (l link) word(a gateway.Account, k gateway.Known, at time.Time) (gateway.Word, error) {
	reference, manual := strings.CutSuffix(l.Reference, manualMark)
	told, err := l.Amount.money()
	if failed := l.check(a, l.Reference); failed != nil || err != nil || reference != k.Reference || manual != l.ManualCapture {
		return gateway.Word{}, httpwire.Unclear("the answer is about another order")
	}
	if !l.UpdatedAt.IsZero() {
		at = l.UpdatedAt
	}
	if at.IsZero() {
		at = k.Began
	}
	w := gateway.Word{Reference: reference, Order: l.ID, Amount: told, Method: k.Method, At: at.UTC()}
	switch l.Status {
	case "active":
		w.Status = paylink.PaymentActionRequired
	case "paymentPending":
		w.Status = paylink.PaymentPending
	case "completed", "paid":
		w.Status = paylink.PaymentCaptured
		if manual {
			w.Status = paylink.PaymentAuthorised
		}
	case "expired":
		w.Status = paylink.PaymentAbandoned
	default:
		return gateway.Word{}, httpwire.Unclear("the status is not one that we know")
	}
	return w, nil
}

// Cancel expires the order's payment link, so that nobody can pay it any more. One that does not wait for its
// customer is told as it stands.
func (g *Gateway) Cancel(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	w, err := g.Lookup(ctx, a, k)
	if err == nil && w.Status == paylink.PaymentActionRequired {
		w, err = g.expire(ctx, a, k)
	}
	switch {
	case paylink.IsNotFound(err):
		return gateway.Word{}, err
	case err == nil && w.Status == paylink.PaymentActionRequired:
		err = httpwire.Unclear("the order is still open")
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("cancel payment %s: %w", k.Reference, err)
	}
	if w.Status == paylink.PaymentAbandoned {
		w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "timeout", Code: "adyen_expired"}
	}
	return w, nil
}

func (g *Gateway) expire(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	var l link
	c := ask{account: a, method: http.MethodPatch, path: "/paymentLinks/" + k.Order, body: map[string]string{"status": "expired"}}
	at, err := g.do(ctx, c, &l)
	var rejected *gateway.Rejected
	switch {
	case err == nil:
		return l.word(a, k, at)
	case errors.As(err, &rejected) && !rejected.Temporary:
		return g.Lookup(ctx, a, k) // refused when the customer was faster: what became of it is asked
	}
	return gateway.Word{}, err
}
