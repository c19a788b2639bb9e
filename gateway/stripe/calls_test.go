package stripe_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/stripe"
	"paylink/provider"
	"paylink/provider/providertest"
)

func everything(providertest.Post) bool { return true }

// order is one of ₹2,450 whose attempt began now.
func order() gateway.Order {
	return gateway.Order{
		Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodCard, Description: "Order 1042",
		MerchantName: "Acme", ReturnURL: "https://pay.example/x/return", ExpiresAt: time.Now().Add(paylink.AttemptLife), Customer: gateway.Customer{Email: "asha@example.com"},
	}
}

func (f *fake) begin(t *testing.T, o gateway.Order) gateway.Started {
	t.Helper()
	started, err := stripe.New(client(t)).Start(t.Context(), f.account(), o)
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func knownOf(o gateway.Order, s gateway.Started) gateway.Known {
	return gateway.Known{Reference: o.Reference, Order: s.Order, Amount: o.Amount, Method: o.Method, Began: o.ExpiresAt.Add(-paylink.AttemptLife)}
}

// Stripe takes no session that ends in less than half an hour, and every attempt lives for just that.
func TestSessionOutlivesItsAttemptByTheSpareOnly(t *testing.T) {
	f := serve(t)
	o := order()
	started := f.begin(t, o)
	if got := started.Action.ExpiresAt; !got.Equal(o.ExpiresAt.Truncate(time.Second)) {
		t.Errorf("the customer has until %v, the order until %v", got, o.ExpiresAt)
	}
	f.now = func() time.Time { return time.Now().Add(9 * time.Minute) } // a clock ahead, or a start that waited
	f.begin(t, order())
	f.now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	if _, err := stripe.New(client(t)).Start(t.Context(), f.account(), order()); providertest.Ending(err) != "rejected" {
		t.Errorf("a start after the attempt's time: %v", err)
	}
}

// A start was taken and its answer lost: the payment would stay unknown for ever, or be begun twice.
func TestOrderWhoseAnswerWasLostIsFoundAmongMany(t *testing.T) {
	f := serve(t)
	g, o := stripe.New(client(t)), order()
	f.loses.Store(true)
	if _, err := g.Start(t.Context(), f.account(), o); providertest.Ending(err) != "unknown" {
		t.Fatalf("a start whose answer was lost: %v", err)
	}
	f.loses.Store(false)
	for range 30 { // pages
		f.begin(t, order())
	}
	k := knownOf(o, gateway.Started{})
	w, err := g.Lookup(t.Context(), f.account(), k)
	if err != nil || w.Status != paylink.PaymentActionRequired || w.Action.Kind != paylink.ActionRedirect || w.Order == "" {
		t.Fatalf("the look-up says %+v (%v)", w, err)
	}
	if again := f.begin(t, o); again.Order != w.Order || again.Action != w.Action {
		t.Errorf("the start again answers %+v, the look-up said %+v", again, w)
	}
	k.Reference = paylink.NewPaymentReference()
	if _, err := g.Lookup(t.Context(), f.account(), k); !paylink.IsNotFound(err) {
		t.Errorf("an order that is not among them: %v", err)
	}
}

// What is no longer wanted is paid, or a payment that came a moment before is taken for cancelled.
func TestCancelledOrderCannotBePaid(t *testing.T) {
	f := serve(t)
	g, o := stripe.New(client(t)), order()
	k := knownOf(o, f.begin(t, o))
	w, err := g.Cancel(t.Context(), f.account(), k)
	if err != nil || w.Status != paylink.PaymentFailed || w.Decline.Group != "timeout" || w.Decline.Code != "session_expired" {
		t.Errorf("cancelled, the answer says %+v (%v)", w, err)
	}
	if again, err := g.Cancel(t.Context(), f.account(), k); err != nil || again != w {
		t.Errorf("cancelled again, the answer says %+v (%v), before %+v", again, err, w)
	}
	o = order()
	started := f.begin(t, o)
	f.pay(ourKey, started.Order, true)
	if w, err := g.Cancel(t.Context(), f.account(), knownOf(o, started)); err != nil || w.Status != paylink.PaymentCaptured {
		t.Errorf("cancelled after it was paid, the answer says %+v (%v)", w, err)
	}
	if _, err := g.Cancel(t.Context(), f.account(), knownOf(order(), gateway.Started{})); !paylink.IsNotFound(err) {
		t.Errorf("an order that was never begun: %v", err)
	}
}

// A card that was declined on Stripe's page is taken for the end, and the link is paid twice.
func TestDeclinedCardEndsNothingWhileThePageIsOpen(t *testing.T) {
	f := serve(t)
	g, o := stripe.New(client(t)), order()
	started := f.begin(t, o)
	k := knownOf(o, started)
	f.mu.Lock()
	b := f.books[ourKey]
	s := b.objects[started.Order]
	in := f.intent(b, s, b.objects["hidden_"+started.Order])
	f.declined(b, in, "incorrect_cvc", "Your card's security code is incorrect.")
	f.mu.Unlock()
	p := f.far.Next(t, everything)
	if news, err := g.Read(f.account(), gateway.Post(p)); err != nil || len(news.Words) > 0 {
		t.Errorf("the event %s is read as %+v (%v)", p.Body, news, err)
	}
	if w, err := g.Lookup(t.Context(), f.account(), k); err != nil || w.Status != paylink.PaymentActionRequired {
		t.Errorf("the look-up says %+v (%v)", w, err)
	}
	w, err := g.Cancel(t.Context(), f.account(), k)
	if want := (paylink.Decline{Group: "wrong_code", Code: "incorrect_cvc", Message: "Your card's security code is incorrect."}); err != nil || w.Decline != want {
		t.Errorf("given up after a decline, the answer says %+v (%v)", w, err)
	}
}

// Fees, cards and the bank's name are lost, or the tax is counted with the fee.
func TestLookupTellsWhatThePaymentCost(t *testing.T) {
	f := serve(t)
	g, o := stripe.New(client(t)), order()
	started := f.begin(t, o)
	f.pay(ourKey, started.Order, true)
	w, err := g.Lookup(t.Context(), f.account(), knownOf(o, started))
	want := paylink.MethodDetails{Network: "visa", Last4: "4242"}
	if err != nil || w.Fee != 4900 || w.Tax != 882 || w.Details != want || w.BankReference != "MCC123456789" {
		t.Errorf("the look-up says %+v (%v)", w, err)
	}
}

// The part that was not captured is booked as a refund that somebody made.
func TestUncapturedRestIsNoRefund(t *testing.T) {
	f := serve(t)
	g, o := stripe.New(client(t)), order()
	o.Manual = true
	started := f.begin(t, o)
	f.pay(ourKey, started.Order, true)
	w, err := g.Capture(t.Context(), f.account(), knownOf(o, started), paylink.Money{Minor: 100000, Currency: "INR"})
	if err != nil || w.Status != paylink.PaymentCaptured || w.Amount.Minor != 100000 || w.Fee != 2000 {
		t.Fatalf("the capture answers %+v (%v)", w, err)
	}
	for types := []string{}; !slices.Contains(types, "refund.created"); {
		p := f.far.Next(t, everything)
		news, err := g.Read(f.account(), gateway.Post(p))
		if err != nil || len(news.Refunds) > 0 {
			t.Errorf("%s is read as %+v (%v)", p.Body, news, err)
		}
		types = append(types, eventType(p.Body))
	}
}

// A limit or a broken page in between is taken for a no, and payments are given up.
func TestTroubleOnTheWayIsNoRefusal(t *testing.T) {
	for _, c := range []struct {
		name, kind, body string
		status           int
		want             string
		how              gateway.Rejected
	}{
		{"too many", "application/json", `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many"}}`, 429, "rejected for now", gateway.Rejected{Code: "stripe_rate_limit", Reason: provider.Throttled, Temporary: true, Words: "Too many", After: 7 * time.Second}},
		{"a lock", "application/json", `{"error":{"type":"invalid_request_error","code":"lock_timeout","message":"Locked"}}`, 429, "rejected for now", gateway.Rejected{Code: "stripe_lock_timeout", Reason: provider.Throttled, Temporary: true, Words: "Locked", After: 7 * time.Second}},
		{"the same call under way", "application/json", `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"In use"}}`, 409, "rejected for now", gateway.Rejected{Code: "stripe_idempotency_key_in_use", Reason: provider.Throttled, Temporary: true, Words: "In use", After: 7 * time.Second}},
		{"a key that ended", "application/json", `{"error":{"type":"invalid_request_error","code":"api_key_expired","message":"Expired API Key"}}`, 401, "rejected", gateway.Rejected{Code: "stripe_api_key_expired", Reason: provider.BadCredentials, Words: "Expired API Key", After: 7 * time.Second}},
		{"an HTML error", "text/html", "<html>Bad gateway</html>", 502, "unknown", gateway.Rejected{}},
		{"an HTML success", "text/html", "<html>Hello</html>", 200, "unknown", gateway.Rejected{}},
		{"an HTML refusal", "text/html", "<html>Blocked</html>", 403, "rejected", gateway.Rejected{Code: "http_403", Reason: provider.BadCredentials, After: 7 * time.Second}},
		{"another order", "application/json", `{"id":"cs_1","object":"checkout.session","status":"open","client_reference_id":"X"}`, 200, "unknown", gateway.Rejected{}},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
		})
		a := gateway.Account{ID: "acct_1", Merchant: "mer_1", BaseURL: far.Origin, Fields: map[string]string{"api_key": ourKey}}
		_, err := stripe.New(client(t)).Start(t.Context(), a, order())
		if got := providertest.Ending(err); got != c.want {
			t.Errorf("%s: ended %q (%v), want %q", c.name, got, err, c.want)
		}
		if got := rejection(err); got != nil && *got != c.how {
			t.Errorf("%s: %+v, want %+v", c.name, *got, c.how)
		}
	}
}

// Payouts are told in the wrong order, twice, or not at all when there are many.
func TestPayoutsAreListedTheOldestFirst(t *testing.T) {
	f := serve(t)
	g, from := stripe.New(client(t)), time.Now().Add(-100*time.Hour).UTC().Truncate(time.Second)
	f.payout(1, "paid", from.Add(-time.Second))
	statuses := []string{"paid", "in_transit", "pending", "failed", "canceled"}
	for i := range 60 {
		f.payout(int64(i-5)*1000, statuses[i%5], from.Add(time.Duration(i)*time.Hour))
	}
	f.payout(1, "paid", from.Add(60*time.Hour))
	var all []gateway.Settlement
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		page, next, err := g.Settlements(t.Context(), f.account(), from, from.Add(60*time.Hour), cursor)
		if err != nil || len(page) > 100 || pages > 10 {
			t.Fatalf("page %d: %d payouts (%v)", pages, len(page), err)
		}
		all, cursor = append(all, page...), next
	}
	if len(all) != 60 {
		t.Fatalf("%d payouts are listed, want 60", len(all))
	}
	want := map[int]gateway.SettlementStatus{0: gateway.SettlementPaid, 1: gateway.SettlementPending, 2: gateway.SettlementPending, 3: gateway.SettlementFailed, 4: gateway.SettlementFailed}
	for i, s := range all {
		if s.Amount != (paylink.Money{Minor: int64(i-5) * 1000, Currency: "INR"}) || s.Status != want[i%5] || !s.At.Equal(from.Add(time.Duration(i)*time.Hour)) || s.BankReference == "" {
			t.Errorf("payout %d is %+v", i, s)
		}
	}
	if page, next, err := g.Settlements(t.Context(), f.account(), from.Add(90*time.Hour), from.Add(91*time.Hour), ""); err != nil || len(page) != 0 || next != "" {
		t.Errorf("nothing was paid out: %+v, %q (%v)", page, next, err)
	}
}

// A merchant connects a test account as a live one, or with somebody else's key, and learns it from its customers.
func TestCredentialsAreTested(t *testing.T) {
	f := serve(t)
	g, a := stripe.New(client(t)), f.account()
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("good credentials: %v", err)
	}
	a.Live = true
	if err := rejection(g.Test(t.Context(), a)); err == nil || err.Reason != provider.BadCredentials {
		t.Errorf("a test key of a live account: %v", err)
	}
	a.Live, a.Fields = false, map[string]string{"api_key": "sk_test_nobodys"}
	if err := rejection(g.Test(t.Context(), a)); err == nil || err.Reason != provider.BadCredentials {
		t.Errorf("nobody's key: %v", err)
	}
}

// Money is a hundred times too much in the few currencies that Stripe counts otherwise.
func TestCurrenciesThatStripeCountsOtherwise(t *testing.T) {
	f := serve(t)
	g := stripe.New(client(t))
	for _, c := range []struct {
		money paylink.Money
		units string // empty: refused
	}{
		{paylink.Money{Minor: 500, Currency: "ISK"}, "50000"}, {paylink.Money{Minor: 7, Currency: "UGX"}, "700"}, {paylink.Money{Minor: 150000, Currency: "MGA"}, "1500"},
		{paylink.Money{Minor: 150001, Currency: "MGA"}, ""}, {paylink.Money{Minor: 1255, Currency: "KWD"}, ""}, {paylink.Money{Minor: 500, Currency: "JPY"}, "500"},
	} {
		o := order()
		o.Amount = c.money
		started, err := g.Start(t.Context(), f.account(), o)
		if c.units == "" {
			if providertest.Ending(err) != "rejected" {
				t.Errorf("%v: %v, want rejected", c.money, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", c.money, err)
			continue
		}
		f.mu.Lock()
		units := strconv.FormatInt(f.books[ourKey].objects[started.Order]["amount_total"].(int64), 10)
		f.mu.Unlock()
		if w, err := g.Lookup(t.Context(), f.account(), knownOf(o, started)); err != nil || w.Amount != c.money || units != c.units {
			t.Errorf("%v is asked as %s and looks up as %+v (%v)", c.money, units, w, err)
		}
	}
}
