package gateways

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/outbound"
	"paylink/provider"
)

// toy is a whole gateway adapter, as small as one can be: docs/new-gateway.md explains it. Cards are paid on the
// gateway's page, which a form opens; UPI by a text that an app takes.
type toy struct {
	name   string
	client *outbound.Client
}

func (g toy) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: g.name, Title: "Toy " + g.name, Methods: []paylink.Method{paylink.MethodCard, paylink.MethodUPI}, Currencies: []paylink.Currency{"INR"},
		Judge: "the far side beside it",
		Fields: []provider.Field{
			{Name: provider.Secret, Label: "API key", Secret: true, Required: true},
			{Name: "hook_secret", Label: "Webhook secret", Secret: true},
		},
		PageOrigins: func(a gateway.Account) []string { return []string{a.Base("https://toy.example")} },
	}
}

// wireOrder is an order as the far side takes and tells it.
type wireOrder struct {
	ID        string `json:"id,omitempty"`
	Reference string `json:"reference"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	Method    string `json:"method"`
	Status    string `json:"status,omitempty"` // waiting, paid, declined
	Payment   string `json:"payment,omitempty"`
	Customer  string `json:"customer,omitempty"`
	Return    string `json:"return_url,omitempty"`
	Notify    string `json:"notify_url,omitempty"`
}

// Start tells the far side about an order.
func (g toy) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	said := wireOrder{
		Reference: o.Reference, Amount: o.Amount.Minor, Currency: string(o.Amount.Currency), Method: string(o.Method),
		Customer: o.Customer.Name, Return: o.ReturnURL, Notify: o.NotifyURL,
	}
	var made wireOrder
	if err := g.call(ctx, a, http.MethodPost, "/orders", said, &made); err != nil {
		return gateway.Started{}, err
	}
	return gateway.Started{Order: made.ID, Action: action(o.Method, o.Reference, o.ExpiresAt)}, nil
}

func action(m paylink.Method, reference string, until time.Time) paylink.Action {
	if m == paylink.MethodUPI {
		return paylink.Action{Kind: paylink.ActionApprove, Intent: "upi://pay?pa=acme@toy&tr=" + reference + "&tn=a%20b&sign=MEUC+/=", ExpiresAt: until}
	}
	return paylink.Action{Kind: paylink.ActionSubmit, ExpiresAt: until}
}

// Form opens the page for cards.
func (g toy) Form(a gateway.Account, o gateway.Order, k gateway.Known) (gateway.Form, error) {
	return gateway.Form{URL: a.Base("") + "/page", Fields: []gateway.FormField{{Name: "reference", Value: o.Reference}, {Name: "order", Value: k.Order}}}, nil
}

// Test asks whether the key is good.
func (g toy) Test(ctx context.Context, a gateway.Account) error {
	return g.call(ctx, a, http.MethodGet, "/me", nil, nil)
}

// Lookup asks what became of an order.
func (g toy) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	var o wireOrder
	if err := g.call(ctx, a, http.MethodGet, "/orders/"+url.PathEscape(k.Reference), nil, &o); err != nil {
		return gateway.Word{}, err
	}
	return o.word("")
}

func (o wireOrder) word(account string) (gateway.Word, error) {
	w := gateway.Word{
		Reference: o.Reference, GatewayReference: o.Payment, Account: account, Amount: paylink.Money{Minor: o.Amount, Currency: paylink.Currency(o.Currency)},
		Method: paylink.Method(o.Method), At: time.Now().UTC(),
	}
	switch o.Status {
	case "waiting":
		w.Status, w.Action = paylink.PaymentActionRequired, action(w.Method, o.Reference, w.At.Add(time.Hour))
	case "paid":
		w.Status, w.BankReference = paylink.PaymentCaptured, "RRN"+o.Payment
	case "declined":
		w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "insufficient_funds", Code: "no_money"}
	default:
		return w, fmt.Errorf("an order that is %q", o.Status)
	}
	return w, nil
}

// Verify believes what is signed with the webhook secret.
func (g toy) Verify(a gateway.Account, p gateway.Post, _ time.Time) error {
	if hmac.Equal([]byte(p.Header.Get("X-Toy-Signature")), []byte(signed(a.Fields["hook_secret"], p.Body))) && a.Fields["hook_secret"] != "" {
		return nil
	}
	return &gateway.Unverified{Reason: provider.BadSignature}
}

// Read understands a notice, which is the order as it now is.
func (g toy) Read(a gateway.Account, p gateway.Post) (gateway.News, error) {
	var o wireOrder
	strict := json.NewDecoder(bytes.NewReader(p.Body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&o); err != nil {
		return gateway.News{}, err
	}
	w, err := o.word(a.Name())
	return gateway.News{Words: []gateway.Word{w}}, err
}

func signed(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// call makes one call and says how it ended.
func (g toy) call(ctx context.Context, a gateway.Account, method, path string, said, answer any) error {
	body, err := json.Marshal(said)
	if err != nil {
		return &gateway.Broken{When: gateway.NotSent, Err: err}
	}
	req, err := http.NewRequest(method, a.Base("https://toy.example")+path, bytes.NewReader(body))
	if err != nil {
		return &gateway.Broken{When: gateway.NotSent, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+a.Secret)
	res, err := g.client.Do(ctx, req)
	switch {
	case err != nil:
		return err // outbound says when it broke
	case res.Status == http.StatusUnauthorized:
		return &gateway.Rejected{Code: "bad_key", Reason: provider.BadCredentials}
	case res.Status == http.StatusNotFound:
		return &paylink.NotFound{Kind: "order", ID: path[len("/orders/"):]}
	case res.Status == http.StatusServiceUnavailable:
		return &gateway.Rejected{Code: "down", Temporary: true, Reason: provider.ProviderDown}
	case res.Status != http.StatusOK:
		return &gateway.Broken{When: gateway.Unknown, Err: fmt.Errorf("status %d", res.Status)}
	case answer != nil:
		if err := json.Unmarshal(res.Body, answer); err != nil {
			return &gateway.Broken{When: gateway.Unknown, Err: err}
		}
	}
	return nil
}
