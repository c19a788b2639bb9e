package razorpay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// fieldQR says that Razorpay has switched on QR codes with their content for the account. UPI is then approved in
// the customer's app: by buttons on a phone, and by a code on a desktop.
const fieldQR = "upi_qr"

// newQR is the request to make a code for one payment of one amount.
type newQR struct {
	Type        string            `json:"type"`
	Name        string            `json:"name,omitempty"`
	Usage       string            `json:"usage"`
	FixedAmount bool              `json:"fixed_amount"`
	Amount      int64             `json:"payment_amount"`
	Description string            `json:"description,omitempty"`
	CloseBy     int64             `json:"close_by,omitempty"`
	Notes       map[string]string `json:"notes"`
}

// code is Razorpay's word about a QR code.
type code struct {
	ID        string `json:"id"`
	Usage     string `json:"usage"`
	Status    string `json:"status"` // active, closed
	Fixed     bool   `json:"fixed_amount"`
	Amount    int64  `json:"payment_amount"`
	Content   string `json:"image_content"` // what the apps understand; empty: not switched on
	Notes     notes  `json:"notes"`
	CreatedAt int64  `json:"created_at"`
	CloseBy   int64  `json:"close_by"`
}

const qrPath = "/v1/payments/qr_codes"

// isQR tells whether an order's name at Razorpay is a code's.
func isQR(name string) bool { return strings.HasPrefix(name, "qr_") && paywire.IsID(name) }

// startQR makes a code for the order. made is false where Razorpay does not tell the code's content: nobody can
// pay such a code, because nobody is shown it.
func (g *Gateway) startQR(ctx context.Context, a gateway.Account, o gateway.Order) (s gateway.Started, made bool, err error) {
	request := newQR{
		Type: "upi_qr", Name: paywire.Cut(line(o.MerchantName), 100), Usage: "single_use", FixedAmount: true, Amount: o.Amount.Minor,
		Description: paywire.Cut(line(o.Description), 255), Notes: ours(a, o.Reference),
	}
	if !o.ExpiresAt.IsZero() {
		request.CloseBy = o.ExpiresAt.Unix()
	}
	var c code
	if _, err := g.ask(ctx, a, http.MethodPost, qrPath, request, &c); err != nil {
		return gateway.Started{}, false, err
	}
	if err := c.about(gateway.Known{Reference: o.Reference, Order: c.ID, Amount: o.Amount}); err != nil {
		return gateway.Started{}, false, httpwire.Unclear("%w", err)
	}
	if c.Content == "" {
		return gateway.Started{}, false, nil
	}
	if err := c.asks(o.Amount); err != nil {
		return gateway.Started{}, false, httpwire.Unclear("%w", err)
	}
	return gateway.Started{Order: c.ID, Action: c.action(o.ExpiresAt)}, true, nil
}

// about refuses a code that is not the one for an order.
func (c code) about(k gateway.Known) error {
	switch {
	case !isQR(c.ID) || c.ID != k.Order || c.Notes.reference != k.Reference:
		return errors.New("the answer is about another order")
	case c.Usage != "single_use" || !c.Fixed || c.Amount != k.Amount.Minor || k.Amount.Currency != "INR":
		return errors.New("the code is for another amount, or for many payments")
	case c.Status != "active" && c.Status != "closed" || c.CreatedAt <= 0:
		return errors.New("the code's status or time cannot be")
	}
	return nil
}

// asks refuses a text that no app takes, or that asks for another amount. It goes to the app to the letter.
func (c code) asks(amount paylink.Money) error {
	text, ok := strings.CutPrefix(c.Content, "upi://pay?")
	query, err := url.ParseQuery(text)
	if !ok || err != nil || len(c.Content) > 1000 || !paywire.Plain(c.Content, 1000) || query.Get("pa") == "" {
		return errors.New("the code is no request to pay by UPI")
	}
	if asked, err := paywire.ParseDecimal(query.Get("am"), "INR"); err != nil || asked != amount {
		return errors.New("the code asks for another amount")
	}
	return nil
}

func (c code) action(until time.Time) paylink.Action {
	return paylink.Action{Kind: paylink.ActionApprove, Intent: c.Content, ExpiresAt: until.UTC()}
}

// lookupQR asks how a code stands, and who paid it. One that nobody has paid still waits, or has ended.
func (g *Gateway) lookupQR(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	var c code
	res, err := g.ask(ctx, a, http.MethodGet, qrPath+"/"+k.Order, nil, &c)
	if missing(res) {
		return gateway.Word{}, &paylink.NotFound{Kind: "order", ID: k.Reference}
	}
	if err == nil {
		if odd := c.about(k); odd != nil {
			err = httpwire.Unclear("%w", odd)
		}
	}
	var list collection[payment]
	if err == nil {
		_, err = g.ask(ctx, a, http.MethodGet, qrPath+"/"+k.Order+"/payments?"+url.Values{"count": {"100"}}.Encode(), nil, &list)
	}
	if err != nil {
		return gateway.Word{}, lookup(k, err)
	}
	chosen, any := telling(list.Items, k.Payment)
	if any {
		w, err := chosen.word(k.Reference)
		if err != nil {
			return gateway.Word{}, lookup(k, &gateway.Broken{When: gateway.Unknown, Err: err})
		}
		w.Order = c.ID
		if w.Status != paylink.PaymentActionRequired {
			return w, nil
		}
	}
	w := gateway.Word{
		Reference: k.Reference, Order: c.ID, Amount: k.Amount, Method: k.Method, Status: paylink.PaymentActionRequired, At: time.Unix(c.CreatedAt, 0).UTC(),
	}
	switch {
	case c.Status == "closed" && !any:
		w.Status = paylink.PaymentAbandoned
	case c.asks(k.Amount) == nil && c.CloseBy > 0:
		w.Action = c.action(time.Unix(c.CloseBy, 0))
	}
	return w, nil
}
