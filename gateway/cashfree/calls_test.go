package cashfree_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/cashfree"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

func order(m paylink.Method, minor int64, far *providertest.Far) gateway.Order {
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: minor, Currency: "INR"}, Method: m, Description: "Order 1042 – “tea” & <cups>", MerchantName: "Acme",
		ReturnURL: "https://pay.example/return", NotifyURL: far.Inbox, ExpiresAt: time.Now().Add(time.Hour),
		Customer: gateway.Customer{ID: "cus_01kaa", Name: "Asha", Email: "asha@example.com", Phone: "+919812345642"},
	}
}

func known(o gateway.Order) gateway.Known {
	return gateway.Known{Reference: o.Reference, Amount: o.Amount, Method: o.Method, Began: time.Now()}
}

// told waits for a notice with a word of a status.
func told(t *testing.T, g *cashfree.Gateway, a gateway.Account, far *providertest.Far, status paylink.PaymentStatus) (w gateway.Word) {
	t.Helper()
	far.Next(t, func(p providertest.Post) bool {
		if err := g.Verify(a, gateway.Post(p), time.Now()); err != nil {
			t.Errorf("a notice of Cashfree's: %v", err)
		}
		news, err := g.Read(a, gateway.Post(p))
		if err != nil {
			t.Errorf("a notice of Cashfree's: %v", err)
		}
		i := slices.IndexFunc(news.Words, func(w gateway.Word) bool { return w.Status == status })
		if i >= 0 {
			w = news.Words[i]
		}
		return i >= 0
	})
	return w
}

// Money that is reserved counts as paid, or is captured beyond what the customer agreed to.
func TestReservedMoneyIsCapturedOrGivenBack(t *testing.T) {
	f, far := serve(t)
	f.bank = "reserves"
	a, g := account(far), cashfree.New(client(t))
	o := order(paylink.MethodCard, 245000, far)
	o.Manual = true
	var refused *gateway.Rejected
	if _, err := g.Start(t.Context(), a, o); !errors.As(err, &refused) || refused.Code != "no_preauthorisation" {
		t.Errorf("an account that reserves nothing takes an order to reserve: %v", err)
	}
	a.Fields["preauthorisation"] = "on"
	reserve := func() gateway.Known {
		o.Reference = paylink.NewPaymentReference()
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Fatal(err)
		}
		pay(t, started, true)
		k := known(o)
		k.Payment = told(t, g, a, far, paylink.PaymentAuthorised).GatewayReference
		if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentAuthorised || w.Amount != o.Amount {
			t.Fatalf("the look-up of reserved money says %+v, %v", w, err)
		}
		return k
	}
	k, part := reserve(), paylink.Money{Minor: 200000, Currency: "INR"}
	if _, err := g.Capture(t.Context(), a, k, paylink.Money{Minor: 245001, Currency: "INR"}); !errors.As(err, &refused) || refused.Code != "amount" {
		t.Errorf("a capture of more: %v", err)
	}
	for range 2 { // the second is the answer of the first, repeated
		if w, err := g.Capture(t.Context(), a, k, part); err != nil || w.Status != paylink.PaymentCaptured || w.Amount != part || w.GatewayReference != k.Payment {
			t.Errorf("a capture: %+v, %v", w, err)
		}
	}
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentCaptured || w.Amount != part {
		t.Errorf("after the capture of a part the look-up says %+v, %v", w, err)
	}
	if _, err := g.Void(t.Context(), a, k); providertest.Ending(err) != "rejected" {
		t.Errorf("a void after a capture ended %q", providertest.Ending(err))
	}
	k = reserve()
	if w, err := g.Void(t.Context(), a, k); err != nil || w.Status != paylink.PaymentVoided || w.Amount != o.Amount {
		t.Errorf("a void: %+v, %v", w, err)
	}
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentVoided {
		t.Errorf("after a void the look-up says %+v, %v", w, err)
	}
	if _, err := g.Capture(t.Context(), a, k, part); providertest.Ending(err) != "rejected" {
		t.Errorf("a capture after a void ended %q", providertest.Ending(err))
	}
	k.Reference = paylink.NewPaymentReference()
	if _, err := g.Capture(t.Context(), a, k, part); !errors.As(err, &refused) || refused.Code != "payment_unknown" {
		t.Errorf("a capture of nothing: %v", err)
	}
}

// A customer tries twice on one page: the first no counts, although the second try was paid.
func TestAPaidTryCountsBeforeOthers(t *testing.T) {
	_, far := serve(t)
	a, g := account(far), cashfree.New(client(t))
	o := order(paylink.MethodUPI, 100, far)
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := g.Lookup(t.Context(), a, known(o)); err != nil || w.Status != paylink.PaymentActionRequired {
		t.Errorf("before any try: %+v, %v", w, err)
	}
	pay(t, started, false)
	if w, err := g.Lookup(t.Context(), a, known(o)); err != nil || w.Status != paylink.PaymentFailed || w.Decline.Group != "insufficient_funds" {
		t.Errorf("after a no: %+v, %v", w, err)
	}
	pay(t, started, true)
	pay(t, started, false)
	if w, err := g.Lookup(t.Context(), a, known(o)); err != nil || w.Status != paylink.PaymentCaptured {
		t.Errorf("after a yes between two noes: %+v, %v", w, err)
	}
}

// Cashfree is told a number that is nobody's, or one that it does not take.
func TestPhoneNumbersAreIndian(t *testing.T) {
	f, far := serve(t)
	a, g := account(far), cashfree.New(client(t))
	for number, want := range map[string]string{"+919812345642": "9812345642", "": "9000000000", "+14155550123": "9000000000", "+9198": "9000000000"} {
		o := order(paylink.MethodUPI, 100, far)
		o.Customer.Phone = number
		if _, err := g.Start(t.Context(), a, o); err != nil {
			t.Errorf("%q: %v", number, err)
			continue
		}
		f.mu.Lock()
		got := f.links[clientID+"/"+o.Reference].asked["customer_details"].(map[string]any)["customer_phone"]
		f.mu.Unlock()
		if got != want {
			t.Errorf("%q is told as %v, want %s", number, got, want)
		}
	}
	for name, o := range map[string]gateway.Order{
		"dollars":             {Reference: reference, Amount: paylink.Money{Minor: 100, Currency: "USD"}, Method: paylink.MethodCard},
		"nothing":             {Reference: reference, Amount: paylink.Money{Currency: "INR"}, Method: paylink.MethodCard},
		"a method of nobody":  {Reference: reference, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: paylink.MethodCash},
		"another's reference": {Reference: "x", Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: paylink.MethodCard},
	} {
		if _, err := g.Start(t.Context(), a, o); providertest.Ending(err) != "rejected" {
			t.Errorf("%s ended %q, want rejected", name, providertest.Ending(err))
		}
	}
}

// A busy Cashfree counts as a no, or something between us answers in its place and is believed.
func TestStrangeAnswersAreNotTaken(t *testing.T) {
	status, answer := http.StatusTooManyRequests, "<html><body>Too many requests</body></html>"
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(answer))
		})
	})
	a, g, o := account(far), cashfree.New(client(t)), order(paylink.MethodUPI, 100, &providertest.Far{})
	_, err := g.Start(t.Context(), a, o)
	var got *gateway.Rejected
	if !errors.As(err, &got) || !got.Temporary || got.After != 17*time.Second || got.Reason != provider.Throttled {
		t.Errorf("429 with Retry-After and HTML: %+v (%v)", got, err)
	}
	status = http.StatusOK
	good := `{"cf_link_id":"1996567","link_id":"` + o.Reference + `","link_status":"ACTIVE","link_currency":"INR","link_amount":1,"link_url":"https://payments-test.cashfree.com/links/x"}`
	for name, c := range map[string]struct{ answer, want string }{
		"itself":              {good, "well"},
		"a number for an id":  {strings.Replace(good, `"1996567"`, `1996567`, 1), "well"},
		"another reference":   {strings.Replace(good, o.Reference, strings.Repeat("Z", 20), 1), "unknown"},
		"another amount":      {strings.Replace(good, `:1,`, `:1.01,`, 1), "rejected"},
		"a script for a page": {strings.Replace(good, "https://payments-test.cashfree.com", "javascript:", 1), "unknown"},
		"a strange page":      {strings.Replace(good, "payments-test.cashfree.com", "cashfree.com.example", 1), "unknown"},
		"HTML":                {"<html>Sign in</html>", "unknown"},
	} {
		answer = c.answer
		if _, err := g.Start(t.Context(), a, o); providertest.Ending(err) != c.want {
			t.Errorf("an answer with %s ended %q, want %q", name, providertest.Ending(err), c.want)
		}
	}
}

// The button that tries an account says yes to a wrong key.
func TestAccountsAreTried(t *testing.T) {
	_, far := serve(t)
	a, g := account(far), cashfree.New(client(t))
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("a good account: %v", err)
	}
	a.Secret = "another"
	var got *gateway.Rejected
	if err := g.Test(t.Context(), a); !errors.As(err, &got) || got.Reason != provider.BadCredentials {
		t.Errorf("a wrong key: %v", err)
	}
	far.Break(http.StatusNotFound)
	if err := g.Test(t.Context(), a); err == nil {
		t.Error("a wrong address is a good account")
	}
}

// The adapter asks, or our fake answers, what Cashfree's own document does not allow.
func TestCashfreesSchemaAllowsWhatIsAskedAndAnswered(t *testing.T) {
	f, far := serve(t)
	proxy := schematest.Proxy(t, "cashfree_pg.yaml", far.Origin)
	if proxy == "" {
		return
	}
	f.bank, f.bare = "reserves", true
	a, g := account(far), cashfree.New(client(t))
	a.BaseURL, f.pages, a.Fields["preauthorisation"] = proxy, "https://payments-test.cashfree.com/links/", "on"
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("test: %v", err)
	}
	for _, m := range g.Capabilities().Methods {
		o := order(m, 245001, far)
		o.Manual = m == paylink.MethodCard
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Errorf("%s: start: %v", m, err)
			continue
		}
		if again, err := g.Start(t.Context(), a, o); err != nil || again != started {
			t.Errorf("%s: start again: %+v, %v; before %+v", m, again, err, started)
		}
		pay(t, gateway.Started{Action: paylink.Action{URL: far.Origin + "/page/" + clientID + "-" + o.Reference}}, true)
		k := known(o)
		if w, err := g.Lookup(t.Context(), a, k); err != nil || (w.Status == paylink.PaymentAuthorised) != o.Manual {
			t.Errorf("%s: look up: %+v, %v", m, w, err)
		}
		if _, err := g.Capture(t.Context(), a, k, o.Amount); o.Manual && err != nil {
			t.Errorf("%s: capture: %v", m, err)
		}
		r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: paylink.Money{Minor: 10081, Currency: "INR"}, Reason: "requested_by_customer", Instant: true}
		if w, err := g.Refund(t.Context(), a, r); err != nil || w.Status != paylink.RefundSucceeded {
			t.Errorf("%s: refund: %+v, %v", m, w, err)
		}
		if w, err := g.LookupRefund(t.Context(), a, r); err != nil || w.Amount != r.Amount {
			t.Errorf("%s: look up a refund: %+v, %v", m, w, err)
		}
	}
	if _, err := g.Lookup(t.Context(), a, gateway.Known{Reference: reference}); !paylink.IsNotFound(err) {
		t.Errorf("a link that is not: %v", err)
	}
	long := order(paylink.MethodUPI, 100, far)
	long.Customer.Email = ""
	a.Fields["client_id"] = ""
	if _, err := g.Start(t.Context(), a, long); providertest.Ending(err) != "rejected" {
		t.Errorf("the document's judge lets a call without an App ID pass: %q", providertest.Ending(err))
	}
}
