package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// spare is how much longer a session lives at Stripe than the order may be paid. Stripe takes no session that ends
// sooner than 30 minutes after it is made, which is just the life of an attempt: without it every start
// would come a moment too late. What is paid in that time is late by minutes and told as what it is; Cancel ends
// it before.
const spare = 10 * time.Minute

// Start makes a Checkout Session, which takes nothing but the order's one method. The form is made of the order
// alone, so that the same order again is the same call for Stripe.
func (g *Gateway) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	form, err := orderForm(a, o)
	var s session
	if err == nil {
		err = g.post(ctx, a, "/v1/checkout/sessions", o.Reference, form, &s)
	}
	if err == nil {
		err = s.checkStarted(a, o)
	}
	if err != nil {
		return gateway.Started{}, fmt.Errorf("start payment %s: %w", o.Reference, err)
	}
	return gateway.Started{Order: s.ID, Action: s.action()}, nil
}

var email = regexp.MustCompile(`^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$`)

func orderForm(a gateway.Account, o gateway.Order) (url.Values, error) {
	units, err := toUnits(o.Amount)
	method := string(o.Method)
	switch {
	case err != nil:
		return nil, &gateway.Rejected{Code: "stripe_amount", Reason: provider.BadRequest, Words: "Stripe takes no such fraction of the currency."}
	case o.Method != paylink.MethodCard && o.Method != paylink.MethodUPI:
		return nil, &gateway.Rejected{Code: "stripe_method", Reason: provider.BadRequest, Words: "Stripe has no such way to pay here."}
	}
	name := o.Description
	if name == "" {
		name = o.MerchantName
	}
	if name == "" {
		name = o.Reference
	}
	form := url.Values{
		"mode": {"payment"}, "ui_mode": {"hosted_page"}, "payment_method_types[0]": {method},
		"line_items[0][quantity]":                       {"1"},
		"line_items[0][price_data][currency]":           {currencyOf(o.Amount)},
		"line_items[0][price_data][unit_amount]":        {strconv.FormatInt(units, 10)},
		"line_items[0][price_data][product_data][name]": {paywire.Cut(name, 250)},
		"client_reference_id":                           {o.Reference},
		"success_url":                                   {o.ReturnURL}, "cancel_url": {o.ReturnURL},
		"expires_at": {strconv.FormatInt(o.ExpiresAt.Add(spare).Unix(), 10)},
		// Otherwise Stripe asks for another currency than the merchant did, wherever the customer comes from.
		"adaptive_pricing[enabled]": {"false"},
		// With automatic_async, which Stripe takes otherwise, the fee is not known when the payment is told.
		"payment_intent_data[capture_method]": {"automatic"},
		"payment_intent_data[description]":    {paywire.Cut(name, 500)},
	}
	if o.Manual {
		form.Set("payment_intent_data[capture_method]", "manual")
	}
	for _, on := range []string{"metadata", "payment_intent_data[metadata]"} {
		form.Set(on+"["+metaReference+"]", o.Reference)
		form.Set(on+"["+metaAccount+"]", a.Name())
	}
	if email.MatchString(o.Customer.Email) {
		form.Set("customer_email", o.Customer.Email)
	}
	return form, nil
}

// checkStarted holds Stripe's answer to the order. Something else may stand there, so what does not fit is no
// refusal.
func (s session) checkStarted(a gateway.Account, o gateway.Order) error {
	page, err := url.Parse(s.URL)
	if err != nil || s.Status != "open" || !slices.Contains(pageOrigins(a), page.Scheme+"://"+page.Host) {
		return httpwire.Unclear("the answer has no page to send the customer to")
	}
	amount, err := s.amount()
	if err != nil || s.Reference != o.Reference || amount != o.Amount || !isObject(s.ID, "cs_") || s.ExpiresAt == 0 {
		return httpwire.Unclear("the answer is about another order")
	}
	return nil
}

// action is what an open session asks of the customer.
func (s session) action() paylink.Action {
	return paylink.Action{Kind: paylink.ActionRedirect, URL: s.URL, ExpiresAt: second(s.ExpiresAt).Add(-spare)}
}

func (s session) amount() (paylink.Money, error) {
	if s.AmountTotal == nil {
		return paylink.Money{}, errors.New("the session has no amount")
	}
	return money(*s.AmountTotal, s.Currency)
}

// Cancel expires the session, so that nobody can pay it any more. A session that ended before is told as it ended.
func (g *Gateway) Cancel(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	s, err := g.find(ctx, a, k)
	if err == nil && s.Status == "open" {
		var ended session
		err = g.post(ctx, a, "/v1/checkout/sessions/"+s.ID+"/expire", k.Reference+"-cancel", url.Values{}, &ended)
		var rejected *gateway.Rejected
		if err == nil || errors.As(err, &rejected) && !rejected.Temporary {
			// Refused when the customer was faster. What became of it is asked either way.
			s, err = g.find(ctx, a, k)
		}
	}
	var w gateway.Word
	if err == nil {
		w, err = s.found(k)
	}
	if err == nil && s.Status == "open" {
		err = httpwire.Unclear("the order is still open")
	}
	if err != nil {
		return gateway.Word{}, about("cancel", k.Reference, err)
	}
	return w, nil
}

// about says what was done to which payment. One that Stripe does not have is *paylink.NotFound.
func about(doing, reference string, err error) error {
	if isMissing(err) {
		return &paylink.NotFound{Kind: "order", ID: reference}
	}
	return fmt.Errorf("%s payment %s: %w", doing, reference, err)
}
