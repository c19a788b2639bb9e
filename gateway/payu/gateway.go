// Package payu is the gateway adapter for PayU India, by which merchants take cards, UPI and net banking in
// rupees.
//
// It is for checkout, confirm and the room of refunds, through the port gateway.Gateway. PayU is told of an
// order by the customer's browser, which posts a form that is signed here; so Start calls nobody. What PayU
// posts back is signed over some of its fields only, and the customer's browser sees the same signature:
// whatever decides about money comes from those fields. How a call ended and what it may lead to are
// paywire's and the steps'. What of this no judge has seen is listed in docs/gateways/payu.md.
package payu

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Gateway speaks to PayU. Make it with New.
type Gateway struct{ client *outbound.Client }

// New makes an adapter that calls out by client.
func New(client *outbound.Client) *Gateway { return &Gateway{client: client} }

// The names of an account's fields; the salt is its Secret.
const (
	fieldKey   = "key"
	fieldEmail = "contact_email"
	fieldPhone = "contact_phone"
)

// Capabilities says what PayU can do.
func (g *Gateway) Capabilities() gateway.Capabilities {
	return gateway.Capabilities{
		Name: "payu", Title: "PayU India",
		Methods:    []paylink.Method{paylink.MethodUPI, paylink.MethodCard, paylink.MethodNetbanking},
		Currencies: []paylink.Currency{rupees},
		Reserves:   map[paylink.Method]time.Duration{paylink.MethodCard: 5 * 24 * time.Hour}, // PayU says five to seven days
		Fields: []provider.Field{
			{
				Name: fieldKey, Label: "Merchant key", Required: true, Pattern: `[A-Za-z0-9]{4,32}`, Example: "C0Dr8m",
				Help: "In PayU's dashboard under Developers, API Details.",
			},
			{Name: provider.Secret, Label: "Salt", Required: true, Secret: true, Help: "Beside the key. It signs in both directions."},
			{
				Name: fieldEmail, Label: "Your e-mail address", Required: true, Pattern: `[A-Za-z0-9._+-]{1,40}@[A-Za-z0-9.-]{3,60}`, Example: "payments@shop.example",
				Help: "PayU wants an address of every customer. It is told yours where a link names none.",
			},
			{
				Name: fieldPhone, Label: "Your phone number", Required: true, Pattern: `[0-9]{10}`, Example: "9812345642",
				Help: "The same for the phone number: ten digits.",
			},
			{
				Name: fieldPreauth, Label: "Pre-authorisation", Options: []string{"off", "on"},
				Help: "On when PayU has switched it on for your account: credit cards are then reserved, and captured by you.",
			},
		},
		Lacks: map[gateway.Ability]string{
			gateway.CanCancel:  "no such call",
			gateway.CanDispute: "in PayU's dashboard", gateway.CanContest: "in PayU's dashboard",
		},
		Judge:       "PayU's published vector of the request hash",
		PageOrigins: pageOrigins,
	}
}

const rupees paylink.Currency = "INR"

// hosts are where PayU is: the page that takes the form, and the commands.
type hosts struct{ page, commands string }

func hostsOf(a gateway.Account) hosts {
	switch {
	case a.BaseURL != "":
		return hosts{a.Base(""), a.Base("")}
	case a.Live:
		return hosts{"https://secure.payu.in", "https://info.payu.in"}
	}
	return hosts{"https://test.payu.in", "https://test.payu.in"}
}

// pageOrigins are where the form goes, and where PayU's answer to it sends the browser on.
func pageOrigins(a gateway.Account) []string {
	origins := paywire.Origins(hostsOf(a).page)
	switch {
	case a.BaseURL != "":
		return origins
	case a.Live:
		return append(origins, "https://api.payu.in")
	}
	return append(origins, "https://apitest.payu.in")
}

var wire = httpwire.API{Name: "payu"}

// command calls PayU's one address for commands and reads the answer into v. What PayU refuses it refuses in
// an answer of success, by a status of nought.
func (g *Gateway) command(ctx context.Context, a gateway.Account, name string, v any, vars ...string) error {
	form := url.Values{"key": {a.Fields[fieldKey]}, "command": {name}}
	for i, value := range vars {
		form.Set(fmt.Sprintf("var%d", i+1), value)
	}
	form.Set("hash", digest(a.Fields[fieldKey], name, vars[0], a.Secret))
	res, err := wire.Do(ctx, g.client, httpwire.Call{
		Method: http.MethodPost, URL: hostsOf(a).commands + "/merchant/postservice?form=2",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
	})
	if err != nil {
		return err
	}
	if err := httpwire.Decode(res.Body, v); err != nil {
		return httpwire.Unclear("read the answer: %w", err)
	}
	return nil
}

// refused is PayU's no in an answer of success.
func refused(code, message string) *gateway.Rejected {
	words := strings.ToLower(message)
	rejected := wire.Reject(httpwire.Complaint{Code: code, Words: message}, http.StatusOK)
	if strings.Contains(words, "hash") || strings.Contains(words, "key") {
		rejected.Reason = provider.BadCredentials
	}
	return rejected
}

// Test asks about a payment that never was, which good credentials may.
func (g *Gateway) Test(ctx context.Context, a gateway.Account) error {
	_, err := g.find(ctx, a, paylink.NewPaymentReference())
	if paylink.IsNotFound(err) {
		return nil
	}
	return err
}

// Start tells PayU nothing: the form does. The order's name there is our reference.
func (g *Gateway) Start(_ context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	if o.Amount.Currency != rupees || !paywire.Possible(o.Amount) || !paywire.IsReference(o.Reference) {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, &gateway.Rejected{Code: "payu_rupees_only", Reason: provider.BadRequest})
	}
	if err := reservable(a, o); err != nil {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
	}
	return gateway.Started{Order: o.Reference, Action: paylink.Action{Kind: paylink.ActionSubmit, ExpiresAt: o.ExpiresAt.UTC()}}, nil
}

// Form signs the order for PayU's page.
func (g *Gateway) Form(a gateway.Account, o gateway.Order, _ gateway.Known) (gateway.Form, error) {
	r := request{
		key: a.Fields[fieldKey], txnid: o.Reference, amount: o.Amount.Decimal(), product: words(o.Description, "Payment", 100),
		name: words(o.Customer.Name, "Customer", 60), email: email(o.Customer.Email, a.Fields[fieldEmail]), udf: [5]string{a.Name()},
	}
	if o.Manual {
		r.udf[1] = reserves
	}
	f := gateway.Form{URL: hostsOf(a).page + "/_payment", Fields: []gateway.FormField{
		{Name: "key", Value: r.key}, {Name: "txnid", Value: r.txnid}, {Name: "amount", Value: r.amount}, {Name: "productinfo", Value: r.product},
		{Name: "firstname", Value: r.name}, {Name: "email", Value: r.email}, {Name: "phone", Value: phone(o.Customer.Phone, a.Fields[fieldPhone])},
		{Name: "surl", Value: o.ReturnURL}, {Name: "furl", Value: o.ReturnURL}, {Name: "udf1", Value: r.udf[0]}, {Name: "hash", Value: r.hash(a.Secret)},
	}}
	if o.Manual { // PayU reserves by credit card only
		f.Fields = append(f.Fields, gateway.FormField{Name: "udf2", Value: r.udf[1]}, gateway.FormField{Name: "pre_authorize", Value: "1"}, gateway.FormField{Name: "enforce_paymethod", Value: "creditcard"})
	} else if enforced := enforce[o.Method]; enforced != "" {
		f.Fields = append(f.Fields, gateway.FormField{Name: "enforce_paymethod", Value: enforced})
	}
	return f, nil
}

// enforce makes PayU's page show one method only. PayU's word for UPI alone was not to be had: its page shows all.
var enforce = map[paylink.Method]string{paylink.MethodCard: "creditcard|debitcard", paylink.MethodNetbanking: "netbanking"}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9 .,:#()_/-]+`)

// words is a text as both sides hash it alike: letters, digits and a few signs. filler stands for a text of
// which nothing is left.
func words(s, filler string, most int) string {
	s = strings.Join(strings.Fields(unsafe.ReplaceAllString(s, " ")), " ")
	if s == "" {
		return filler
	}
	return strings.TrimSpace(s[:min(len(s), most)])
}

var (
	plainEmail = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,40}@[A-Za-z0-9.-]{3,60}$`)
	indian     = regexp.MustCompile(`^\+91[0-9]{10}$`)
)

// email is the customer's address, or the merchant's where there is none that PayU takes.
func email(customer, merchant string) string {
	if plainEmail.MatchString(customer) {
		return customer
	}
	return merchant
}

// phone is the customer's number as PayU takes it, ten digits in India, or the merchant's.
func phone(customer, merchant string) string {
	if indian.MatchString(customer) {
		return strings.TrimPrefix(customer, "+91")
	}
	return merchant
}
