package razorpay_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/razorpay"
	"paylink/provider/schematest"
)

// The adapter asks for what is not documented, or the fake answers what Razorpay would not: both agree, and the
// first real call fails. The document is our own; the next test holds it to Razorpay's SDK.
func TestWhatIsAskedAndAnsweredIsDocumented(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "testdata")
	f := serve(t)
	g, a := razorpay.New(client(t)), f.account(f.ours)
	a.BaseURL = schematest.Proxy(t, "razorpay.yaml", f.far.Origin)
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	begin := func(manual bool, method string, yes bool) gateway.Known {
		t.Helper()
		o := anOrder()
		o.Manual = manual
		started, err := g.Start(t.Context(), a, o)
		if err != nil {
			t.Fatalf("start: %v", err)
		}
		f.mu.Lock()
		f.page[started.Order] = method
		f.mu.Unlock()
		if a.Fields["upi_qr"] != "on" {
			_, err = g.Lookup(t.Context(), a, gateway.Known{Reference: o.Reference, Amount: o.Amount, Method: o.Method})
			must("look-up by receipt", err)
		}
		k := gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: o.Method}
		f.pay(t, started, yes)
		w, err := g.Lookup(t.Context(), a, k)
		must("look-up", err)
		k.Payment = w.GatewayReference
		return k
	}
	must("test", g.Test(t.Context(), a))
	a.Fields["upi_qr"] = "on"
	begin(false, "upi", true)
	a.Fields["upi_qr"] = "off"
	begin(false, "netbanking", false)
	reserved := begin(true, "card", true)
	_, err := g.Capture(t.Context(), a, reserved, reserved.Amount)
	must("capture", err)
	if _, err := g.Capture(t.Context(), f.account(f.other), reserved, reserved.Amount); err == nil {
		t.Error("another account captured it")
	}
	paid := begin(false, "upi", true)
	r := gateway.Refund{Reference: paylink.NewPaymentReference(), Of: paid, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Instant: true}
	w, err := g.Refund(t.Context(), a, r)
	must("refund", err)
	_, err = g.LookupRefund(t.Context(), a, r)
	must("look-up of a refund by receipt", err)
	r.Order = w.GatewayReference
	_, err = g.LookupRefund(t.Context(), a, r)
	must("look-up of a refund", err)
	first, second := f.dispute(t, paid), f.dispute(t, paid)
	_, err = g.Contest(t.Context(), a, first, gateway.Evidence{Summary: "Delivered and signed for.", DeliveredAt: time.Now()})
	must("contest", err)
	_, err = g.Accept(t.Context(), a, second)
	must("accept", err)
	_, _, err = g.Disputes(t.Context(), a, time.Now(), "")
	must("disputes", err)
	f.settlements = append(f.settlements, object{
		"id": f.id("setl", f.ours.keyID), "entity": "settlement", "amount": int64(1000), "status": "processed", "fees": int64(118), "tax": int64(18), "utr": "UTR1", "created_at": int64(1_700_000_000),
	})
	_, _, err = g.Settlements(t.Context(), a, time.Unix(1_600_000_000, 0), time.Now(), "")
	must("settlements", err)
}

// Our document says what Razorpay does not, and the test above passes for nothing.
func TestOurDocumentAgreesWithTheOfficialSDKsTestData(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "testdata")
	answers := map[string]string{
		"/v1/orders": "order_collection.json", "/v1/orders/order_1": "fake_order.json", "/v1/orders/order_1/payments": "fake_qr_code_payments.json",
		"/v1/payments/qr_codes/qr_1": "fake_qr_code.json", "/v1/payments/qr_codes/qr_1/payments": "fake_qr_code_payments.json", "/v1/payments": "payment_collection.json", "/v1/payments/pay_1/refunds": "refund_collection.json", "/v1/payments/pay_1/refunds/rfnd_1": "fake_refund.json",
		"/v1/settlements": "settlement_collection.json", "/v1/disputes": "dispute_collection.json",
	}
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(filepath.Join(sdk(t), "testdata", answers[r.URL.Path]))
		if err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer far.Close()
	proxy := schematest.Proxy(t, "razorpay.yaml", far.URL)
	for path, file := range answers {
		req, err := http.NewRequest(http.MethodGet, proxy+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("rzp_test_A", "s")
		browser := http.Client{Timeout: 30 * time.Second}
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s as the answer of %s is refused with %d", file, path, res.StatusCode)
		}
	}
}
