package razorpay_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/razorpay"
	"paylink/provider"
	"paylink/provider/providertest"
)

func anOrder() gateway.Order {
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodUPI, MerchantName: "Acme",
		Description: "Order\n1042", ReturnURL: "https://pay.example/c/return", ExpiresAt: time.Now().Add(time.Hour),
		Customer: gateway.Customer{Name: "Asha  Rao", Email: "asha@example.com", Phone: "+919812345642"},
	}
}

// started is an order that was begun, and what we know of it; its page is open in the browser.
func (f *fake) started(t *testing.T, g *razorpay.Gateway, o gateway.Order) (gateway.Started, gateway.Known) {
	t.Helper()
	started, err := g.Start(t.Context(), f.account(f.ours), o)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.page[started.Order] = "upi"
	return started, gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: o.Method}
}

// The answer to a start is lost: the payment stays unknown for ever, although its order stands there.
func TestOrderWhoseAnswerWasLostIsFoundByReceipt(t *testing.T) {
	f := serve(t)
	g, a, o := razorpay.New(client(t)), f.account(f.ours), anOrder()
	f.lose = "/orders"
	_, err := g.Start(t.Context(), a, o)
	if got := providertest.Ending(err); got != "unknown" {
		t.Fatalf("a start answered with a page of a proxy ended %q, want unknown", got)
	}
	k := gateway.Known{Reference: o.Reference, Amount: o.Amount, Method: o.Method}
	w, err := g.Lookup(t.Context(), a, k)
	if err != nil || w.Order == "" || w.Status != paylink.PaymentActionRequired || w.Action.Kind != paylink.ActionSubmit {
		t.Fatalf("found %+v, %v", w, err)
	}
	k.Order = w.Order
	if form, err := g.Form(a, o, k); err != nil || form.URL != f.far.Origin+"/v1/checkout/embedded" {
		t.Errorf("the form of the order that was found: %+v, %v", form, err)
	}

	// A second order with the same receipt is made all the same, and paid: it is the one that counts.
	second, _ := f.started(t, g, o)
	f.pay(t, second, true)
	k.Order = ""
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Order != second.Order || w.Status != paylink.PaymentCaptured {
		t.Errorf("of two orders %+v, %v", w, err)
	}
}

// A customer's page has somebody's name in two lines, or the form lacks what makes notices ours.
func TestFormOfTheHostedPage(t *testing.T) {
	f := serve(t)
	g, a, o := razorpay.New(client(t)), f.account(f.ours), anOrder()
	_, k := f.started(t, g, o)
	form, err := g.Form(a, o, k)
	want := []gateway.FormField{
		{Name: "key_id", Value: f.ours.keyID}, {Name: "order_id", Value: k.Order}, {Name: "amount", Value: "245000"}, {Name: "currency", Value: "INR"},
		{Name: "name", Value: "Acme"}, {Name: "description", Value: "Order 1042"}, {Name: "prefill[name]", Value: "Asha Rao"}, {Name: "prefill[email]", Value: "asha@example.com"},
		{Name: "prefill[contact]", Value: "+919812345642"}, {Name: "prefill[method]", Value: "upi"}, {Name: "notes[paylink_reference]", Value: o.Reference},
		{Name: "notes[paylink_account]", Value: "mer_01kaa.acct_01kaa"}, {Name: "callback_url", Value: o.ReturnURL}, {Name: "cancel_url", Value: o.ReturnURL},
	}
	if err != nil || !slices.Equal(form.Fields, want) {
		t.Errorf("the form is %+v, %v", form, err)
	}
	for _, field := range form.Fields {
		if strings.Contains(field.Value, "canary") {
			t.Errorf("a secret stands in the form's %s", field.Name)
		}
	}
	if form, err := g.Form(a, o, gateway.Known{Reference: o.Reference}); err == nil {
		t.Errorf("a form without an order: %+v", form)
	}
}

// A payment that failed is given up, although the bank says yes in the end; or the customer tried twice and the
// failure counts.
func TestLateYesOutranksTheNoBeforeIt(t *testing.T) {
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	started, k := f.started(t, g, anOrder())
	f.pay(t, started, false)
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentFailed || w.Decline.Group != "insufficient_funds" ||
		w.Decline.Code != "insufficient_funds" || strings.Contains(w.Decline.Message, "919812345642") {
		t.Fatalf("declined: %+v, %v", w, err)
	}
	f.pay(t, started, true)
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentCaptured || w.Fee != 4900 || w.Tax != 882 || w.Decline != (paylink.Decline{}) {
		t.Errorf("paid after all: %+v, %v", w, err)
	}
}

// The capture's answer was lost, or the bank's time is over: the same capture again reads as a failure, and
// goods that are paid for are not delivered.
func TestCaptureIsWholeAndOnce(t *testing.T) {
	f := serve(t)
	g, a, o := razorpay.New(client(t)), f.account(f.ours), anOrder()
	o.Manual = true
	started, k := f.started(t, g, o)
	f.pay(t, started, true)
	w, err := g.Lookup(t.Context(), a, k)
	if err != nil || w.Status != paylink.PaymentAuthorised || w.Fee != 0 {
		t.Fatalf("reserved: %+v, %v", w, err)
	}
	part := k.Amount
	part.Minor--
	if _, err := g.Capture(t.Context(), a, k, part); providertest.Ending(err) != "rejected" {
		t.Errorf("a part ended %q, want rejected", providertest.Ending(err))
	}
	f.lose = "/capture"
	if _, err := g.Capture(t.Context(), a, k, k.Amount); providertest.Ending(err) != "unknown" {
		t.Errorf("a lost answer ended %q, want unknown", providertest.Ending(err))
	}
	for range 2 {
		if w, err := g.Capture(t.Context(), a, k, k.Amount); err != nil || w.Status != paylink.PaymentCaptured || w.Amount != k.Amount {
			t.Errorf("captured again: %+v, %v", w, err)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(f.asked), func(c string) bool { return !strings.HasSuffix(c, "/capture") })); n != 3 {
		t.Errorf("%d captures were asked for", n)
	}
}

// Five days pass and Razorpay gives the money back: the payment stays "authorised", or the books show a refund
// of money that never came.
func TestReservationThatLapsedIsVoided(t *testing.T) {
	f := serve(t)
	g, a, o := razorpay.New(client(t)), f.account(f.ours), anOrder()
	o.Manual = true
	started, k := f.started(t, g, o)
	f.mu.Lock()
	f.page[started.Order+" reference"], f.page[started.Order+" account"] = o.Reference, a.Name()
	f.mu.Unlock()
	f.pay(t, started, true)
	w, err := g.Lookup(t.Context(), a, k)
	if err != nil {
		t.Fatal(err)
	}
	k.Payment = w.GatewayReference
	f.lapse(t, k)
	f.far.Next(t, func(p providertest.Post) bool {
		news, err := g.Read(a, gateway.Post(p))
		return err == nil && len(news.Refunds) == 0 && len(news.Words) == 1 && news.Words[0].Status == paylink.PaymentVoided
	})
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentVoided {
		t.Errorf("the look-up says %+v, %v", w, err)
	}
}

// A refund's answer was lost and it is begun again: the customer has the money twice.
func TestRefundWhoseAnswerWasLostIsNotBegunAgain(t *testing.T) {
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	started, k := f.started(t, g, anOrder())
	f.pay(t, started, true)
	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: paylink.Money{Minor: 100, Currency: "INR"}}
	f.lose = "/refund"
	if _, err := g.Refund(t.Context(), a, r); providertest.Ending(err) != "unknown" {
		t.Fatalf("a lost answer ended %q, want unknown", providertest.Ending(err))
	}
	first, err := g.LookupRefund(t.Context(), a, r)
	again, err2 := g.Refund(t.Context(), a, r)
	if err != nil || err2 != nil || first != again || len(f.refunds) != 1 || first.Status != paylink.RefundSucceeded {
		t.Errorf("found %+v (%v), again %+v (%v); there are %d refunds", first, err, again, err2, len(f.refunds))
	}
}

// With the hundred and first refund of a payment, ours is not found and is begun again.
func TestRefundIsFoundBehindAHundredOthers(t *testing.T) {
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	started, k := f.started(t, g, anOrder())
	f.pay(t, started, true)
	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: paylink.Money{Minor: 100, Currency: "INR"}}
	if _, err := g.Refund(t.Context(), a, r); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	p, _ := f.find(f.ours.keyID, f.payments, f.payments[0].text("id"))
	for range 230 {
		f.newRefund(p, 1, "processed", object{})
	}
	f.mu.Unlock()
	if w, err := g.LookupRefund(t.Context(), a, r); err != nil || w.Reference != r.Reference {
		t.Errorf("found %+v, %v", w, err)
	}
}

// Too many calls: the order is given up instead of being begun again when Razorpay says.
func TestTooManyCallsAreTriedLater(t *testing.T) {
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			answer(w, http.StatusTooManyRequests, fault("Request failed. Please try after sometime."))
		})
	})
	_, err := razorpay.New(client(t)).Start(t.Context(), gateway.Account{BaseURL: far.Origin}, anOrder())
	var rejected *gateway.Rejected
	if !errors.As(err, &rejected) || !rejected.Temporary || rejected.After != 7*time.Second || rejected.Reason != provider.Throttled {
		t.Errorf("ended %+v, %v", rejected, err)
	}
}

// Good keys are called bad, or bad ones good until the first customer pays.
func TestCredentialsAreTested(t *testing.T) {
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	providertest.Calling(t, f.far, a, g.Test)
}

// A page of payouts is left out, told twice, or told in another order than they were made.
func TestSettlementsAreListedOldestFirst(t *testing.T) {
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	const n = 230
	for i := range n {
		f.settlements = append(f.settlements, object{
			"id": f.id("setl", f.ours.keyID), "entity": "settlement", "amount": int64(1000 + i), "status": "processed", "fees": int64(118), "tax": int64(18), "utr": "UTR1", "created_at": int64(1_700_000_000 + i),
		})
	}
	var told []gateway.Settlement
	for cursor := ""; ; {
		page, next, err := g.Settlements(t.Context(), a, time.Unix(1_700_000_000, 0), time.Unix(1_700_000_000+n-2, 0), cursor)
		if err != nil || len(page) > 100 {
			t.Fatalf("%d at once, %v", len(page), err)
		}
		told = append(told, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	for i, s := range told {
		if s.Amount.Minor != int64(1000+i) || s.Fee != 100 || s.Tax != 18 || s.Status != gateway.SettlementPaid {
			t.Errorf("number %d is %+v", i, s)
		}
	}
	if len(told) != n-1 {
		t.Errorf("%d payouts, want %d", len(told), n-1)
	}
}
