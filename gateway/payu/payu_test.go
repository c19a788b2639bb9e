package payu_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/payu"
	"paylink/provider"
	"paylink/provider/providertest"
)

// A customer's form is refused by PayU, or what PayU posts back is.
func TestPublishedHashesAreOurs(t *testing.T) {
	const (
		request  = "ffcdbf04fa5beefdcc2dd476c18bc410f02b3968e7f4f54e8f43f1e1a310bb32e3b4dec9305232bb89db5b1d0c009a53bcace6f4bd8ec2f695baf3d43ba730ce" // published
		response = "012af4d4cc8a3d93ef15ff56da20f74ac9f3f3d713f7d34fba17ff606793eda269b807ef06dd5c9267ed3113d0cc1050dd2ebc2079cad68e03215c2593c61d4f" // computed from the published rule
	)
	there, back := payu.Vector("C0Dr8m", "12345", "10", "Shopping", "Test", "test@test.com", [5]string{1: "abc", 3: "15"}, "3sf0jURk", "success", "")
	if there != request || back != response {
		t.Errorf("the request hash is %s, the response hash %s", there, back)
	}
	form := url.Values{
		"key": {"C0Dr8m"}, "txnid": {"12345"}, "amount": {"10"}, "productinfo": {"Shopping"}, "firstname": {"Test"}, "email": {"test@test.com"}, "udf2": {"abc"}, "udf4": {"15"},
		"status": {"success"}, "hash": {response},
	}
	a := gateway.Account{Secret: "3sf0jURk", Fields: map[string]string{"key": "C0Dr8m"}}
	p := posted(form)
	if err := payu.New(client(t)).Verify(a, p, time.Now()); err != nil {
		t.Errorf("the response hash: %v", err)
	}
	form.Set("additionalCharges", "2.50")
	if err := payu.New(client(t)).Verify(a, posted(form), time.Now()); err == nil {
		t.Error("charges that nobody signed are believed")
	}
	_, back = payu.Vector("C0Dr8m", "12345", "10", "Shopping", "Test", "test@test.com", [5]string{1: "abc", 3: "15"}, "3sf0jURk", "success", "2.50")
	form.Set("hash", back)
	if err := payu.New(client(t)).Verify(a, posted(form), time.Now()); err != nil {
		t.Errorf("charges on top: %v", err)
	}
}

func posted(form url.Values) gateway.Post {
	return gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode())}
}

func anOrder() gateway.Order {
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodCard, MerchantName: "Acme",
		Description: "Order 1042 | “tea”\n& <cups>", ReturnURL: "https://pay.example/c/return", ExpiresAt: time.Now().Add(time.Hour),
		Customer: gateway.Customer{Name: "Asha Rao", Email: "asha@example.com", Phone: "+919812345678"},
	}
}

// A customer whom the merchant does not know by name cannot pay, or is told a made-up number; a text that both
// sides hash differently is refused.
func TestFormOfTheHostedPage(t *testing.T) {
	f := serve(t)
	g, a, o := payu.New(client(t)), f.account(f.ours), anOrder()
	form, err := g.Form(a, o, gateway.Known{})
	hash := form.Fields[10].Value
	want := []gateway.FormField{
		{Name: "key", Value: "C0Dr8m"}, {Name: "txnid", Value: o.Reference}, {Name: "amount", Value: "2450.00"}, {Name: "productinfo", Value: "Order 1042 tea cups"},
		{Name: "firstname", Value: "Asha Rao"}, {Name: "email", Value: "asha@example.com"}, {Name: "phone", Value: "9812345678"}, {Name: "surl", Value: o.ReturnURL},
		{Name: "furl", Value: o.ReturnURL}, {Name: "udf1", Value: "mer_01kaa.acct_01kaa"}, {Name: "hash", Value: hash}, {Name: "enforce_paymethod", Value: "creditcard|debitcard"},
	}
	if err != nil || !slices.Equal(form.Fields, want) || form.URL != f.far.Origin+"/_payment" {
		t.Errorf("the form is %+v, %v", form, err)
	}
	o.Method, o.Description, o.Customer = paylink.MethodUPI, "चाय", gateway.Customer{Name: "आशा", Email: "आशा@example.com", Phone: "+14155550100"}
	form, err = g.Form(a, o, gateway.Known{})
	said := map[string]string{}
	for _, field := range form.Fields {
		said[field.Name] = field.Value
		if strings.Contains(field.Value, "canary") {
			t.Errorf("the salt stands in the form's %s", field.Name)
		}
	}
	if err != nil || said["productinfo"] != "Payment" || said["firstname"] != "Customer" || said["email"] != "payments@shop.example" || said["phone"] != "9812345642" || said["enforce_paymethod"] != "" {
		t.Errorf("of a customer without what PayU takes: %v, %v", said, err)
	}
	o.Amount.Currency = "USD"
	if _, err := g.Start(t.Context(), a, o); providertest.Ending(err) != "rejected" {
		t.Errorf("dollars ended %q, want rejected", providertest.Ending(err))
	}
}

// The form goes to the test page with live money, or the other way round.
func TestTestAndLiveAreApart(t *testing.T) {
	g := payu.New(client(t))
	for live, want := range map[bool]string{false: "https://test.payu.in", true: "https://secure.payu.in"} {
		a := gateway.Account{Live: live, Secret: "s", Fields: map[string]string{"key": "k"}}
		form, err := g.Form(a, anOrder(), gateway.Known{})
		if err != nil || form.URL != want+"/_payment" || g.Capabilities().PageOrigins(a)[0] != want {
			t.Errorf("live %t: %s, %v, %v", live, form.URL, g.Capabilities().PageOrigins(a), err)
		}
	}
}

// open makes the browser post the form of an order.
func (f *fake) open(t *testing.T, g *payu.Gateway, o gateway.Order) (gateway.Started, gateway.Known) {
	t.Helper()
	a := f.account(f.ours)
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	k := gateway.Known{Reference: o.Reference, Order: started.Order, Payment: o.Reference, Amount: o.Amount, Method: o.Method}
	form, err := g.Form(a, o, k)
	if err != nil {
		t.Fatal(err)
	}
	if status := submit(t, form); status != http.StatusOK {
		t.Fatalf("the page answers %d", status)
	}
	return started, k
}

// submit posts a form as the customer's browser does, and gives the status of the answer.
func submit(t *testing.T, form gateway.Form) int {
	t.Helper()
	values := url.Values{}
	for _, field := range form.Fields {
		values.Set(field.Name, field.Value)
	}
	browser := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(form.URL, values)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// The customer's browser has PayU's signature of a success and sends it once more with another number of
// PayU's: the money is counted twice, or given back without having come.
func TestWhatPayUDoesNotSignNamesNoSecondPayment(t *testing.T) {
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	started, _ := f.open(t, g, anOrder())
	f.pay(t, started, true)
	genuine := f.far.Next(t, func(providertest.Post) bool { return true })
	forged := gateway.Post(genuine)
	forged.Body = edit(genuine.Body, "mihpayid", "999")
	if err := g.Verify(a, forged, time.Now()); err != nil {
		t.Fatalf("PayU does not sign its own number: %v", err)
	}
	first, err1 := g.Read(a, gateway.Post(genuine))
	second, err2 := g.Read(a, forged)
	if err1 != nil || err2 != nil || first.Words[0] != second.Words[0] {
		t.Errorf("read as %+v (%v), with another number as %+v (%v)", first, err1, second, err2)
	}
}

// Money of another shop with the same key is alarmed about.
func TestNoticesAreAboutOurOwnPayments(t *testing.T) {
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	started, _ := f.open(t, g, anOrder())
	f.pay(t, started, true)
	genuine := gateway.Post(f.far.Next(t, func(providertest.Post) bool { return true }))
	genuine.Body = sign(f.ours.salt, edit(edit(genuine.Body, "udf1", "cart 7"), "txnid", "webshop-0042"))
	if err := g.Verify(a, genuine, time.Now()); err != nil {
		t.Fatal(err)
	}
	if news, err := g.Read(a, genuine); err != nil || news.Words != nil {
		t.Errorf("another shop's payment is read as %+v, %v", news, err)
	}
}

// The customer leaves PayU's page, the bank thinks, or only reserves: the payment is told as paid or as failed.
func TestEveryStateIsTold(t *testing.T) {
	f := serve(t)
	g, a, o := payu.New(client(t)), f.account(f.ours), anOrder()
	_, k := f.open(t, g, o)
	for _, c := range []struct {
		status, unmapped string
		want             paylink.PaymentStatus
	}{
		{"pending", "initiated", paylink.PaymentActionRequired}, {"pending", "in progress", paylink.PaymentPending}, {"pending", "pending", paylink.PaymentPending},
		{"pending", "dropped", paylink.PaymentActionRequired}, {"failure", "userCancelled", paylink.PaymentFailed}, {"success", "auth", paylink.PaymentAuthorised},
		{"success", "captured", paylink.PaymentCaptured},
	} {
		f.mu.Lock()
		p := f.tries[f.ours.key+" "+o.Reference]
		p.status, p.unmapped, p.mode = c.status, c.unmapped, "CC"
		f.mu.Unlock()
		w, err := g.Lookup(t.Context(), a, k)
		if err != nil || w.Status != c.want || (w.Action.Kind == paylink.ActionSubmit) != (c.want == paylink.PaymentActionRequired) {
			t.Errorf("%s, %s: %+v, %v", c.status, c.unmapped, w, err)
		}
	}
}

// Why a bank said no is told to the customer as something else.
func TestDeclinesAreGrouped(t *testing.T) {
	f := serve(t)
	g, a, o := payu.New(client(t)), f.account(f.ours), anOrder()
	_, k := f.open(t, g, o)
	for message, want := range map[string]string{
		"Insufficient funds": "insufficient_funds", "Your card has expired": "expired_card", "Incorrect OTP entered": "wrong_code", "Authentication failed at the bank": "authentication_failed",
		"Transaction timed out": "timeout", "Bank is unavailable": "provider_down", "Bank denied transaction on card": "not_approved", "": "not_approved",
	} {
		f.mu.Lock()
		p := f.tries[f.ours.key+" "+o.Reference]
		p.status, p.unmapped, p.mode, p.code, p.message = "failure", "failed", "CC", "E500", message
		f.mu.Unlock()
		if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Decline.Group != want || w.Decline.Code != "E500" {
			t.Errorf("%q: %+v, %v", message, w.Decline, err)
		}
	}
}

// A refund's answer was lost and it is begun again: the customer has the money twice.
func TestRefundWhoseAnswerWasLostIsNotBegunAgain(t *testing.T) {
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	started, k := f.open(t, g, anOrder())
	f.pay(t, started, true)
	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Began: time.Now()}
	f.lose = "cancel_refund_transaction"
	if _, err := g.Refund(t.Context(), a, r); providertest.Ending(err) != "unknown" {
		t.Fatalf("a lost answer ended %q, want unknown", providertest.Ending(err))
	}
	w, err := g.Refund(t.Context(), a, r)
	if n := len(f.tries[f.ours.key+" "+k.Reference].actions); err != nil || w.Reference != r.Reference || n != 1 {
		t.Errorf("again: %+v, %v; there are %d refunds", w, err, n)
	}
}

// Good credentials are called bad, or bad ones good until the first customer pays.
func TestCredentialsAreTested(t *testing.T) {
	f := serve(t)
	g, a := payu.New(client(t)), f.account(f.ours)
	providertest.Calling(t, f.far, a, g.Test)
	a.Secret = "wrong"
	var rejected *gateway.Rejected
	if err := g.Test(t.Context(), a); !errors.As(err, &rejected) || rejected.Reason != provider.BadCredentials {
		t.Errorf("a wrong salt: %v", err)
	}
}

// A body that a stranger makes up brings the inbound door down, or money that cannot be.
func FuzzReadOfNotices(f *testing.F) {
	f.Add("txnid=0123456789ABCDEFGHJK&status=success&amount=1.00&mode=UPI&addedon=2026-11-23+10:00:00&udf1=mer_1.acct_1&key=k&hash=" + strings.Repeat("a", 128))
	g := payu.New(client(f))
	f.Fuzz(func(t *testing.T, body string) {
		news, err := g.Read(gateway.Account{}, gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(body)})
		if err != nil && (news.Words != nil || len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\x00\n\r")) {
			t.Fatalf("refused with %+v and %q", news, err)
		}
		for _, w := range news.Words {
			if len(w.Reference) != 20 || w.Amount.Minor <= 0 || w.Amount.Minor > paylink.MaxMinor || w.Account == "" || len(w.Details.Last4) > 4 {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
	})
}
