package gatewaytest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/provider/providertest"
)

// The customer is sent nowhere, or to a page that the payment page's CSP does not let through.
func startAnswers(t *testing.T, s suite) {
	c := s.Capabilities()
	for _, m := range c.Methods {
		o := s.order(m)
		started := s.start(t, o)
		if started.Order == "" {
			t.Errorf("%s: no order at the gateway", m)
		}
		if started.Action.Kind == paylink.ActionSubmit {
			s.form(t, o, started)
			continue
		}
		if started.Action.Kind != paylink.ActionApprove || started.Action.URL != "" { // an app needs no page
			page, err := url.Parse(started.Action.URL)
			if err != nil || page.Host == "" {
				t.Errorf("%s: the action's URL %q leads nowhere", m, started.Action.URL)
				continue
			}
			if origins := c.PageOrigins(s.account); !slices.Contains(origins, page.Scheme+"://"+page.Host) {
				t.Errorf("%s: the page %s is not on one of %v", m, started.Action.URL, origins)
			}
		}
		intent, err := url.Parse(started.Action.Intent)
		switch started.Action.Kind {
		case paylink.ActionRedirect:
		case paylink.ActionApprove:
			if err != nil || intent.Scheme != "upi" || intent.Query().Get("tr") != o.Reference && !s.world.OwnIntent || intent.Query().Get("am") != o.Amount.Decimal() {
				t.Errorf("%s: the intent %q does not ask for this order", m, started.Action.Intent)
			}
		default:
			t.Errorf("%s: an action of kind %q", m, started.Action.Kind)
		}
	}
}

// An answer was lost, checkout starts the payment again, and the customer's bank is asked twice.
func startTwice(t *testing.T, s suite) {
	if !s.Capabilities().Idempotent {
		return // the gateway says so, and checkout looks up before it starts again
	}
	o := s.order(s.Capabilities().Methods[0])
	first, second := s.start(t, o), s.start(t, o)
	if first != second {
		t.Errorf("the same order again answered %+v, before %+v", second, first)
	}
	o.Amount.Minor++
	if _, err := s.Start(t.Context(), s.account, o); providertest.Ending(err) != "rejected" {
		t.Errorf("the same reference with another amount ended %q, want rejected", providertest.Ending(err))
	}
}

// A payment that the gateway never heard of stays "unknown" for ever, or a refusal reads as "never
// heard of it" and the payment is given up.
func lookupUnknown(t *testing.T, s suite) {
	reference := paylink.NewPaymentReference()
	never := gateway.Known{Reference: reference, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: s.Capabilities().Methods[0], Began: s.world.Now()}
	_, err := s.Lookup(t.Context(), s.account, never)
	var missing *paylink.NotFound
	if !errors.As(err, &missing) || missing.ID != reference {
		t.Errorf("look-up of an order that was never started: %v, want *NotFound of %s", err, reference)
	}
	for _, odd := range []string{"../orders", "A/B", "%2e%2e", "?x=1", " "} {
		never.Reference = odd
		if w, err := s.Lookup(t.Context(), s.account, never); err == nil {
			t.Errorf("look-up of %q answered %+v", odd, w)
		}
	}
}

// An amount passes through a float or a wrong exponent and comes back another.
func amounts(t *testing.T, s suite) {
	c := s.Capabilities()
	method := c.Methods[0]
	if slices.Contains(c.Methods, paylink.MethodCard) {
		method = paylink.MethodCard // the one that takes every currency
	}
	for _, amount := range []paylink.Money{
		{Minor: 1, Currency: "INR"}, {Minor: 245001, Currency: "INR"}, {Minor: 9007199254, Currency: "INR"},
		{Minor: paylink.MaxMinor, Currency: "INR"}, {Minor: paylink.MaxMinor - 1, Currency: "USD"},
		{Minor: 500, Currency: "JPY"}, {Minor: 1250, Currency: "KWD"},
	} {
		if c.Currencies != nil && !slices.Contains(c.Currencies, amount.Currency) {
			continue
		}
		o := s.order(method)
		o.Amount = amount
		w, err := s.Lookup(t.Context(), s.account, known(o, s.start(t, o)))
		if err != nil {
			t.Errorf("look-up of an order of %v: %v", amount, err)
			continue
		}
		want := gateway.Word{Reference: o.Reference, Amount: amount, Method: o.Method, Status: w.Status, At: w.At, Order: w.Order, Action: w.Action}
		if w != want || w.At.IsZero() || (w.Status != paylink.PaymentCreated && w.Status != paylink.PaymentActionRequired) {
			t.Errorf("an order of %v that nobody has paid looks up as %+v", amount, w)
		}
	}
}

// The customer has paid, and paylink does not hear of it, or hears different things on its two ears.
func yes(t *testing.T, s suite) {
	for _, m := range s.Capabilities().Methods {
		o := s.order(m)
		started := s.start(t, o)
		s.world.Pay(t, started, true)
		_, told := s.notice(t, o.Reference, paylink.PaymentCaptured)
		want := gateway.Word{
			Reference: o.Reference, Account: s.account.Name(), Amount: o.Amount, Status: paylink.PaymentCaptured, Method: m,
			GatewayReference: told.GatewayReference, BankReference: told.BankReference, Details: told.Details,
			Fee: told.Fee, Tax: told.Tax, At: told.At, Order: told.Order,
		}
		if told != want || told.GatewayReference == "" || told.BankReference == "" && !s.untold("a bank reference") || told.At.IsZero() {
			t.Errorf("%s: the notice says %+v", m, told)
		}
		found, err := s.Lookup(t.Context(), s.account, known(o, started))
		s.sameFound(t, told, found, err)
	}
}

// The customer is told "declined" without a reason that the page knows a sentence for.
func no(t *testing.T, s suite) {
	for _, m := range s.Capabilities().Methods {
		o := s.order(m)
		started := s.start(t, o)
		s.world.Pay(t, started, false)
		_, told := s.notice(t, o.Reference, paylink.PaymentFailed)
		if !slices.Contains(gateway.Declines, told.Decline.Group) || told.Decline.Code == "" || told.Amount != o.Amount {
			t.Errorf("%s: the notice says %+v", m, told)
		}
		found, err := s.Lookup(t.Context(), s.account, known(o, started))
		s.sameFound(t, told, found, err)
	}
}

// One merchant reads another's payments by guessing a reference, with credentials of its own.
func strangers(t *testing.T, s suite) {
	o := s.order(s.Capabilities().Methods[0])
	ours := s.start(t, o)
	w, err := s.Lookup(t.Context(), s.world.Stranger, known(o, ours))
	if !paylink.IsNotFound(err) {
		t.Errorf("another account's look-up answered %+v (%v), want *NotFound", w, err)
	}
	if _, err := s.Start(t.Context(), s.world.Stranger, o); err != nil {
		t.Errorf("another account's order with the same reference: %v", err)
	}
	if !s.Capabilities().Idempotent {
		return
	}
	if again := s.start(t, o); again != ours {
		t.Errorf("after another account's order ours answers %+v, before %+v", again, ours)
	}
}

// A payment is started twice, or given up while the bank is taking the money.
func endings(t *testing.T, s suite) {
	method := s.Capabilities().Methods[0]
	if !s.world.Alone {
		providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
			_, err := s.Start(ctx, a, s.order(method))
			return err
		})
	}
	o := s.order(method)
	started := s.start(t, o)
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := s.Lookup(ctx, a, known(o, started))
		return err
	})
}
