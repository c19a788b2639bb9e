package cashfree

import (
	"context"
	"encoding/json"
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

// linkRequest makes a payment link, which is paid whole and once.
type linkRequest struct {
	ID            string           `json:"link_id"`
	Amount        json.Number      `json:"link_amount"` // rupees, with two decimals
	Currency      paylink.Currency `json:"link_currency"`
	Purpose       string           `json:"link_purpose"`
	Customer      customer         `json:"customer_details"`
	Partial       bool             `json:"link_partial_payments"`
	ExpiresAt     string           `json:"link_expiry_time,omitempty"`
	Notify        notify           `json:"link_notify"` // paylink writes to customers, Cashfree does not
	AutoReminders bool             `json:"link_auto_reminders"`
	Notes         notes            `json:"link_notes"`
	Meta          meta             `json:"link_meta"`
}

type customer struct {
	Phone string `json:"customer_phone"`
	Email string `json:"customer_email,omitempty"`
	Name  string `json:"customer_name,omitempty"`
}

type notify struct {
	SMS   bool `json:"send_sms"`
	Email bool `json:"send_email"`
}

type notes struct {
	Reference string `json:"paylink_reference"`
}

type meta struct {
	NotifyURL string `json:"notify_url,omitempty"`
	ReturnURL string `json:"return_url,omitempty"`
	UPIIntent string `json:"upi_intent,omitempty"` // a text: "true" opens the UPI apps of a phone at once
	Methods   string `json:"payment_methods"`
}

// offered are Cashfree's names of what the page shows for a method of ours.
var offered = map[paylink.Method]string{
	paylink.MethodCard: "cc,dc,ccc,ppc", paylink.MethodUPI: "upi", paylink.MethodNetbanking: "nb",
}

// link is Cashfree's answer about one.
type link struct {
	CFID     httpwire.Word    `json:"cf_link_id"`
	ID       string           `json:"link_id"`
	Status   string           `json:"link_status"`
	Currency paylink.Currency `json:"link_currency"`
	Amount   number           `json:"link_amount"`
	URL      string           `json:"link_url"`
	Expires  string           `json:"link_expiry_time"`
	Created  string           `json:"link_created_at"`
}

// Start makes a payment link for the order and sends the customer to it. One that is there already under our
// reference is taken when it asks for the same.
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
	err = g.do(ctx, ask{account: a, method: http.MethodPost, path: "/links", key: "link " + o.Reference, body: request}, &l)
	if told(err, http.StatusConflict) || told(err, http.StatusUnprocessableEntity) {
		// It may be there since a call whose answer was lost, or with other terms.
		if again := g.do(ctx, ask{account: a, method: http.MethodGet, path: "/links/" + o.Reference}, &l); again == nil || !told(again, http.StatusNotFound) {
			err = again
		}
	}
	if err != nil {
		return gateway.Started{}, err
	}
	sum, err := paywire.ParseDecimal(string(l.Amount), l.Currency)
	switch {
	case l.ID != o.Reference || err != nil:
		return gateway.Started{}, httpwire.Unclear("the answer is about another order")
	case sum != o.Amount:
		return gateway.Started{}, &gateway.Rejected{Code: "other_terms", Reason: provider.BadRequest, Words: "The order is known with another amount."}
	case !onOurList(a, l.URL):
		return gateway.Started{}, httpwire.Unclear("the answer has no page to send the customer to")
	}
	expires := when(l.Expires)
	if expires.IsZero() {
		expires = o.ExpiresAt.UTC()
	}
	name := string(l.CFID)
	if !paywire.IsID(name) {
		name = l.ID
	}
	return gateway.Started{Order: name, Action: paylink.Action{Kind: paylink.ActionRedirect, URL: l.URL, ExpiresAt: expires}}, nil
}

func requestFor(a gateway.Account, o gateway.Order) (linkRequest, error) {
	refuse := func(code, words string) (linkRequest, error) {
		return linkRequest{}, &gateway.Rejected{Code: code, Reason: provider.BadRequest, Words: words}
	}
	switch {
	case o.Amount.Currency != "INR" || !paywire.Possible(o.Amount):
		return refuse("amount", "Cashfree takes rupees.")
	case offered[o.Method] == "":
		return refuse("method", "Cashfree does not take the method.")
	case !paywire.IsReference(o.Reference):
		return refuse("reference", "The reference is not one of ours.")
	case o.Manual && (o.Method != paylink.MethodCard || a.Fields[fieldPreauth] != "on"):
		return refuse("no_preauthorisation", "The account reserves no money by this method.")
	}
	purpose := paywire.Cut(strings.TrimSpace(o.Description), 500)
	if purpose == "" {
		purpose = paywire.Cut("Payment to "+o.MerchantName, 500)
	}
	r := linkRequest{
		ID: o.Reference, Amount: json.Number(o.Amount.Decimal()), Currency: o.Amount.Currency, Purpose: purpose,
		Customer: customer{Phone: phone(a, o.Customer.Phone), Email: o.Customer.Email, Name: paywire.Cut(o.Customer.Name, 100)},
		Notes:    notes{Reference: o.Reference}, Meta: meta{NotifyURL: o.NotifyURL, Methods: offered[o.Method]},
	}
	if len(o.ReturnURL) <= 250 {
		r.Meta.ReturnURL = o.ReturnURL
	}
	if o.Method == paylink.MethodUPI {
		r.Meta.UPIIntent = "true"
	}
	if !o.ExpiresAt.IsZero() {
		r.ExpiresAt = o.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return r, nil
}

// phone is the customer's number in ten digits, where it is an Indian one, else the account's own: Cashfree
// takes no payment without one.
func phone(a gateway.Account, number string) string {
	if digits, indian := strings.CutPrefix(number, "+91"); indian && len(digits) == 10 && strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	return a.Fields["phone"]
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
