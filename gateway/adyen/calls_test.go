package adyen_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/adyen"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

func order(m paylink.Method, sum paylink.Money) gateway.Order {
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: sum, Method: m, Description: "Order 1042 – “tea” & <cups>", MerchantName: "Acme",
		ReturnURL: "https://pay.example/return", ExpiresAt: time.Now().Add(time.Hour),
		Customer: gateway.Customer{ID: "cus_01kaa", Email: "asha@example.com", Phone: "+919812345642"},
	}
}

func rupees(minor int64) paylink.Money { return paylink.Money{Minor: minor, Currency: "INR"} }

// told waits for the next words that a notice brings about a payment.
func told(t *testing.T, g *adyen.Gateway, a gateway.Account, far *providertest.Far, want func(gateway.News) bool) gateway.News {
	t.Helper()
	var news gateway.News
	far.Next(t, func(p providertest.Post) bool {
		if err := g.Verify(a, gateway.Post(p), time.Now()); err != nil {
			t.Errorf("a notice of Adyen's: %v", err)
		}
		var err error
		if news, err = g.Read(a, gateway.Post(p)); err != nil {
			t.Errorf("a notice of Adyen's: %v", err)
		}
		return want(news)
	})
	return news
}

func says(status paylink.PaymentStatus) func(gateway.News) bool {
	return func(n gateway.News) bool {
		return slices.ContainsFunc(n.Words, func(w gateway.Word) bool { return w.Status == status })
	}
}

// reserve begins an order whose money is captured later, and pays it.
func reserve(t *testing.T, g *adyen.Gateway, a gateway.Account, far *providertest.Far) gateway.Known {
	t.Helper()
	o := order(paylink.MethodCard, rupees(245000))
	o.Manual = true
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	pay(t, started, true)
	w := told(t, g, a, far, says(paylink.PaymentAuthorised)).Words[0]
	k := gateway.Known{Reference: o.Reference, Order: started.Order, Payment: w.GatewayReference, Amount: o.Amount, Method: o.Method}
	if w.Reference != k.Reference || w.Amount != k.Amount || w.GatewayReference == "" {
		t.Fatalf("the notice says %+v", w)
	}
	if found, err := g.Lookup(t.Context(), a, k); err != nil || found.Status != paylink.PaymentAuthorised {
		t.Fatalf("the look-up of reserved money says %+v, %v", found, err)
	}
	return k
}

// A part is captured as the whole, a reservation is given back after it was captured, or nobody hears of it.
func TestReservedMoneyIsCapturedOrGivenBack(t *testing.T) {
	_, far := serve(t)
	a, g := account(far), adyen.New(client(t))
	k := reserve(t, g, a, far)
	var refused *gateway.Rejected
	if _, err := g.Capture(t.Context(), a, k, rupees(245001)); !errors.As(err, &refused) || refused.Code != "amount" {
		t.Errorf("a capture of more: %v", err)
	}
	for range 2 {
		if w, err := g.Capture(t.Context(), a, k, rupees(200000)); err != nil || w.Status != paylink.PaymentAuthorised || w.Amount != rupees(200000) || w.GatewayReference != k.Payment {
			t.Errorf("a capture: %+v, %v", w, err)
		}
	}
	if w := told(t, g, a, far, says(paylink.PaymentCaptured)).Words[0]; w.Reference != k.Reference || w.Amount != rupees(200000) || w.GatewayReference != k.Payment {
		t.Errorf("the notice of the capture says %+v", w)
	}
	if _, err := g.Void(t.Context(), a, k); err != nil {
		t.Errorf("Adyen receives a cancel of what is captured, and refuses it later: %v", err)
	}
	if w := told(t, g, a, far, says(paylink.PaymentAuthorised)).Words[0]; w.Reference != k.Reference {
		t.Errorf("the notice of a cancel that failed says %+v", w)
	}

	k = reserve(t, g, a, far)
	if w, err := g.Void(t.Context(), a, k); err != nil || w.Status != paylink.PaymentAuthorised {
		t.Errorf("a cancel: %+v, %v", w, err)
	}
	if w := told(t, g, a, far, says(paylink.PaymentVoided)).Words[0]; w.Reference != k.Reference || w.Amount != k.Amount {
		t.Errorf("the notice of the cancel says %+v", w)
	}
	k.Payment = ""
	if _, err := g.Void(t.Context(), a, k); providertest.Ending(err) != "rejected for now" {
		t.Errorf("a cancel of a payment that no notice has named yet ended %q", providertest.Ending(err))
	}
}

// An amount in a currency that Adyen counts otherwise is a hundred times too large, or too small.
func TestCurrenciesThatAdyenCountsOtherwise(t *testing.T) {
	f, far := serve(t)
	a, g := account(far), adyen.New(client(t))
	for currency, c := range map[paylink.Currency]struct{ ours, adyens int64 }{
		"CLP": {500, 50000}, "ISK": {500, 50000}, "IDR": {150000, 1500}, "CVE": {150000, 1500}, "JPY": {500, 500}, "KWD": {1250, 1250}, "INR": {100, 100},
	} {
		sum := paylink.Money{Minor: c.ours, Currency: currency}
		o := order(paylink.MethodCard, sum)
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Errorf("%s: %v", currency, err)
			continue
		}
		f.mu.Lock()
		asked := f.links[started.Order].asked["amount"].(map[string]any)["value"]
		f.mu.Unlock()
		if asked != float64(c.adyens) {
			t.Errorf("%d of %s was asked for as %v, want %d", c.ours, currency, asked, c.adyens)
		}
		pay(t, started, true)
		if w := told(t, g, a, far, says(paylink.PaymentCaptured)).Words[0]; w.Amount != sum {
			t.Errorf("%v was paid as %v", sum, w.Amount)
		}
	}
	for name, o := range map[string]gateway.Order{
		"a part of a rupiah":  order(paylink.MethodCard, paylink.Money{Minor: 150050, Currency: "IDR"}),
		"UPI in dollars":      order(paylink.MethodUPI, paylink.Money{Minor: 100, Currency: "USD"}),
		"a method of nobody":  order(paylink.MethodCash, rupees(100)),
		"nothing":             order(paylink.MethodCard, rupees(0)),
		"beyond the largest":  order(paylink.MethodCard, rupees(paylink.MaxMinor+1)),
		"another's reference": {Reference: "x", Amount: rupees(1), Method: paylink.MethodCard},
	} {
		if _, err := g.Start(t.Context(), a, o); providertest.Ending(err) != "rejected" {
			t.Errorf("%s ended %q, want rejected", name, providertest.Ending(err))
		}
	}
}

// An answer that cannot be trusted sends the customer to a strange page, or pays for another order.
func TestStrangeAnswersAreNotTaken(t *testing.T) {
	o := order(paylink.MethodCard, rupees(100))
	good := `{"id":"PL1","merchantAccount":"AcmeECOM","reference":"` + o.Reference + `","amount":{"currency":"INR","value":100},"status":"active","url":"https://eu.adyen.link/PL1"}`
	for name, c := range map[string]struct{ answer, want string }{
		"itself":              {good, "well"},
		"HTML":                {"<html>busy</html>", "unknown"},
		"another reference":   {strings.Replace(good, o.Reference, strings.Repeat("Z", 20), 1), "unknown"},
		"another account":     {strings.Replace(good, "AcmeECOM", "OtherECOM", 1), "unknown"},
		"another amount":      {strings.Replace(good, ":100}", ":101}", 1), "rejected"},
		"no id":               {strings.Replace(good, "PL1", "", 1), "unknown"},
		"a script for a page": {strings.Replace(good, "https://eu.adyen.link/PL1", "javascript:alert(1)", 1), "unknown"},
		"a strange page":      {strings.Replace(good, "eu.adyen.link", "adyen.link.example", 1), "unknown"},
		"a key twice":         {strings.Replace(good, `"id"`, `"id":"PL2","id"`, 1), "unknown"},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusCreated)
				_, _ = w.Write([]byte(c.answer))
			})
		})
		_, err := adyen.New(client(t)).Start(t.Context(), account(far), o)
		if got := providertest.Ending(err); got != c.want {
			t.Errorf("an answer with %s ended %q, want %q", name, got, c.want)
		}
	}
}

// A merchant's clock is off against Adyen's, or Adyen is busy: the payment is told at a wrong time, or given up.
func TestBusyAdyenIsAskedLater(t *testing.T) {
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte("<html><body>Too many requests</body></html>"))
		})
	})
	_, err := adyen.New(client(t)).Start(t.Context(), account(far), order(paylink.MethodCard, rupees(100)))
	var got *gateway.Rejected
	if !errors.As(err, &got) || !got.Temporary || got.After != 17*time.Second || got.Reason != provider.Throttled {
		t.Errorf("429 with Retry-After and HTML: %+v (%v)", got, err)
	}

	f, far := serve(t)
	f.ahead = 10 * time.Minute
	a, g := account(far), adyen.New(client(t))
	started, err := g.Start(t.Context(), a, order(paylink.MethodCard, rupees(100)))
	if err != nil {
		t.Fatal(err)
	}
	pay(t, started, true)
	if w := told(t, g, a, far, says(paylink.PaymentCaptured)).Words[0]; time.Until(w.At) < 9*time.Minute {
		t.Errorf("the notice is dated %v, which is not Adyen's clock", w.At)
	}
}

// A test account is called where live money is, or a live one without its own host.
func TestAccountsAreTried(t *testing.T) {
	_, far := serve(t)
	a, g := account(far), adyen.New(client(t))
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("a good account: %v", err)
	}
	var refused *gateway.Rejected
	for name, fields := range map[string]map[string]string{
		"a wrong key":                {"merchant_account": "AcmeECOM", "api_key": "AQE-key-three"},
		"another's merchant account": {"merchant_account": "OtherECOM", "api_key": "AQE-key-one"},
	} {
		a.Fields = fields
		if err := g.Test(t.Context(), a); !errors.As(err, &refused) || refused.Reason != provider.BadCredentials {
			t.Errorf("%s: %v", name, err)
		}
	}
	live := gateway.Account{Live: true, Fields: map[string]string{"merchant_account": "AcmeECOM", "api_key": "AQE-key-one"}}
	if err := g.Test(t.Context(), live); !errors.As(err, &refused) || refused.Code != "no_live_prefix" {
		t.Errorf("a live account without a prefix: %v", err)
	}
}

// The adapter asks, or our fake answers, what Adyen's own document does not allow.
func TestAdyensSchemaAllowsWhatIsAskedAndAnswered(t *testing.T) {
	f, far := serve(t)
	proxy := schematest.Proxy(t, "adyen_checkout_v71.json", far.Origin)
	if proxy == "" {
		return
	}
	a, g := account(far), adyen.New(client(t))
	a.BaseURL, f.pages = proxy, "https://test.adyen.link/"
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("test: %v", err)
	}
	for _, m := range g.Capabilities().Methods {
		o := order(m, rupees(245000))
		o.Manual = m == paylink.MethodCard
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Errorf("%s: start: %v", m, err)
			continue
		}
		k := gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: m}
		if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentActionRequired {
			t.Errorf("%s: look up: %+v, %v", m, w, err)
		}
		pay(t, gateway.Started{Action: paylink.Action{URL: far.Origin + "/pay/" + started.Order}}, true)
		if w, err := g.Lookup(t.Context(), a, k); err != nil || w.At.IsZero() {
			t.Errorf("%s: look up: %+v, %v", m, w, err)
		}
		k.Payment = told(t, g, a, far, func(n gateway.News) bool { return len(n.Words) > 0 }).Words[0].GatewayReference
		if o.Manual {
			if _, err := g.Capture(t.Context(), a, k, rupees(200000)); err != nil {
				t.Errorf("capture: %v", err)
			}
			if _, err := g.Void(t.Context(), a, k); err != nil {
				t.Errorf("void: %v", err)
			}
		}
		r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: k, Amount: rupees(100), Reason: "requested_by_customer"}
		if w, err := g.Refund(t.Context(), a, r); err != nil || w.Status != paylink.RefundPending {
			t.Errorf("%s: refund: %+v, %v", m, w, err)
		}
	}
	if _, err := g.Lookup(t.Context(), a, gateway.Known{Reference: reference, Order: "PL404"}); !paylink.IsNotFound(err) {
		t.Errorf("a link that is not: %v", err)
	}
	wrong := order(paylink.MethodCard, rupees(100))
	wrong.Customer.Phone = strings.Repeat("9", 40)
	if _, err := g.Start(t.Context(), a, wrong); providertest.Ending(err) != "rejected" {
		t.Errorf("the document's judge lets a phone number of 40 digits pass: %q", providertest.Ending(err))
	}
}
