// Package razorpay is the gateway adapter for Razorpay, by which merchants in India take cards, UPI and net
// banking.
//
// It is for checkout, confirm and the rooms that follow a payment, through the port gateway.Gateway. An
// order is made by the API; the customer pays it on Razorpay's hosted page, which a form in the browser
// opens, so that no script of theirs runs on ours. Amounts are minor units on their side as on ours. How a
// call ended and what it may lead to are paywire's and the steps'. What of this no judge has seen is listed
// in docs/gateways/razorpay.md.
package razorpay

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Gateway speaks to Razorpay. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// own is where Razorpay's API and its hosted page are, for test and live keys alike.
const own = "https://api.razorpay.com"

// The names of an account's fields; the webhook secret is its Secret.
const (
	fieldKeyID     = "key_id"
	fieldKeySecret = "key_secret"
)

// held is how long a reservation surely waits: Razorpay's pages say three days or five.
const held = 3 * 24 * time.Hour

// Capabilities says what Razorpay can do. A repeated Start is not harmless: Razorpay makes a second order
// with the same receipt.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "razorpay", Title: "Razorpay",
		Methods:    []paylink.Method{paylink.MethodUPI, paylink.MethodCard, paylink.MethodNetbanking},
		Currencies: []paylink.Currency{"INR"},
		Reserves:   map[paylink.Method]time.Duration{paylink.MethodUPI: held, paylink.MethodCard: held, paylink.MethodNetbanking: held},
		Fields: []provider.Field{
			{
				Name: fieldKeyID, Label: "Key ID", Required: true, Pattern: `rzp_(test|live)_[A-Za-z0-9]{1,40}`, Example: "rzp_test_00000000000000",
				Help: "In Razorpay's dashboard under Account & Settings, API Keys. Test keys begin with rzp_test_.",
			},
			{Name: fieldKeySecret, Label: "Key Secret", Required: true, Secret: true, Help: "Shown once, when the key is made."},
			{
				Name: provider.Secret, Label: "Webhook secret", Required: true, Secret: true,
				Help: "Chosen by you when you add the webhook. It is not the Key Secret.",
			},
			{
				Name: fieldQR, Label: "UPI in the customer's app", Options: []string{"off", "on"},
				Help: "On when Razorpay has switched on QR codes with image content for your account: customers then approve in their UPI app, without Razorpay's page. It works with live keys only.",
			},
		},
		Lacks: map[gateway.Ability]string{
			gateway.CanCancel: "no such call", gateway.CanVoid: "by itself, after three to five days",
		},
		Judge:       "razorpay-go's test data and signature functions, Razorpay's published signature vectors",
		PageOrigins: func(a gateway.Account) []string { return paywire.Origins(a.Base(own)) },
	}
}

// wire judges Razorpay's refusals. Its codes are coarse; the reason, where there is one, says more.
var wire = httpwire.API{
	Name: "razorpay",
	Read: func(body []byte) httpwire.Complaint {
		said := complaintIn(body)
		code := said.Code
		if said.Reason != "" && said.Reason != "NA" && said.Reason != "input_validation_failed" {
			code = said.Reason
		}
		return httpwire.Complaint{Code: code, Words: said.Description}
	},
}

// complaint is the error of an answer that refuses.
type complaint struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
}

func complaintIn(body []byte) complaint {
	var answer struct {
		Error complaint `json:"error"`
	}
	if httpwire.Decode(body, &answer) != nil {
		return complaint{}
	}
	return answer.Error
}

// missing tells whether Razorpay itself says that there is no such object; a bare status is a wrong address.
func missing(res outbound.Response) bool {
	return res.Status == http.StatusBadRequest && complaintIn(res.Body).Description == "The id provided does not exist"
}

// ask makes one call to path, which begins with "/v1/", and reads the answer into v. The response tells more
// about a refusal.
func (g *Gateway) ask(ctx context.Context, a gateway.Account, method, path string, body, v any) (outbound.Response, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return outbound.Response{}, &gateway.Broken{When: gateway.NotSent, Err: err}
		}
	}
	return g.send(ctx, a, httpwire.Call{Method: method, URL: path, Body: text, Header: http.Header{}}, v)
}

// send makes a call whose URL is a path, with the account's key.
func (g *Gateway) send(ctx context.Context, a gateway.Account, call httpwire.Call, v any) (outbound.Response, error) {
	call.URL = a.Base(own) + call.URL
	key := base64.StdEncoding.EncodeToString([]byte(a.Fields[fieldKeyID] + ":" + a.Fields[fieldKeySecret]))
	call.Header.Set("Authorization", "Basic "+key)
	res, err := wire.Do(ctx, g.client, call)
	if err != nil {
		return res, err
	}
	if err := httpwire.Decode(res.Body, v); err != nil {
		return res, httpwire.Unclear("read the answer: %w", err)
	}
	return res, nil
}

// Test asks for one payment of the account, which a good key may always do.
func (g *Gateway) Test(ctx context.Context, a gateway.Account) error {
	var list collection[payment]
	if _, err := g.ask(ctx, a, http.MethodGet, "/v1/payments?"+url.Values{"count": {"1"}}.Encode(), nil, &list); err != nil {
		return err
	}
	if list.Entity != "collection" {
		return httpwire.Unclear("the answer is no list of payments")
	}
	return nil
}

// collection is a page of a list.
type collection[T any] struct {
	Entity string `json:"entity"`
	Items  []T    `json:"items"`
}
