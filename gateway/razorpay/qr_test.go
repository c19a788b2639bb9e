package razorpay_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/razorpay"
	"paylink/provider/providertest"
)

// withCodes is an account for which Razorpay tells the content of QR codes.
func (f *fake) withCodes() gateway.Account {
	a := f.account(f.ours)
	a.Fields["upi_qr"] = "on"
	return a
}

// A text for UPI apps is changed on its way, outlives the attempt, or is made for an order whose money is only
// reserved.
func TestUPIIsApprovedInTheCustomersApp(t *testing.T) {
	f := serve(t)
	g, a, o := razorpay.New(client(t)), f.withCodes(), anOrder()
	started, err := g.Start(t.Context(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	c := f.codes[0]
	if started.Order != c.text("id") || started.Action.Kind != paylink.ActionApprove || started.Action.Intent != c.text("image_content") || started.Action.URL != "" || !started.Action.ExpiresAt.Equal(o.ExpiresAt) {
		t.Errorf("it answers %+v for the code %v", started, c)
	}
	if until, _ := whole(c["close_by"]); until != o.ExpiresAt.Unix() {
		t.Errorf("the code lives until %d, the attempt until %d", until, o.ExpiresAt.Unix())
	}
	k := gateway.Known{Reference: o.Reference, Order: started.Order, Amount: o.Amount, Method: o.Method}
	w, err := g.Lookup(t.Context(), a, k)
	if err != nil || w.Status != paylink.PaymentActionRequired || w.Action.Intent != started.Action.Intent {
		t.Errorf("before it is paid the look-up says %+v, %v", w, err)
	}
	c["status"], c["close_reason"] = "closed", "expired"
	if w, err := g.Lookup(t.Context(), a, k); err != nil || w.Status != paylink.PaymentAbandoned {
		t.Errorf("after its end the look-up says %+v, %v", w, err)
	}
	o.Reference, o.Manual = paylink.NewPaymentReference(), true
	if started, err := g.Start(t.Context(), a, o); err != nil || started.Action.Kind != paylink.ActionSubmit {
		t.Errorf("money that is to be reserved: %+v, %v", started, err)
	}
}

// Razorpay has not switched the content of codes on, and no customer of the merchant can pay by UPI.
func TestWithoutTheContentOfCodesThePageIsOpened(t *testing.T) {
	f := serve(t)
	f.silent = true
	g, a, o := razorpay.New(client(t)), f.withCodes(), anOrder()
	started, err := g.Start(t.Context(), a, o)
	if err != nil || started.Action.Kind != paylink.ActionSubmit || !strings.HasPrefix(started.Order, "order_") {
		t.Errorf("it answers %+v, %v", started, err)
	}
}

// A code that asks for other money, or is no request to pay, reaches the customer's app.
func TestStrangeCodesAreNotShown(t *testing.T) {
	o := anOrder()
	good := `{"id":"qr_1","entity":"qr_code","created_at":1623915088,"usage":"single_use","type":"upi_qr","payment_amount":245000,"status":"active","fixed_amount":true,` +
		`"notes":{"paylink_reference":"` + o.Reference + `"},"image_content":"upi://pay?pa=acme@okbank&tr=RZP1&am=2450.00&cu=INR"}`
	for name, c := range map[string]struct{ answer, want string }{
		"itself":                   {good, "well"},
		"whole rupees":             {strings.Replace(good, "am=2450.00", "am=2450", 1), "well"},
		"another amount":           {strings.Replace(good, "am=2450.00", "am=2450.01", 1), "unknown"},
		"no amount":                {strings.Replace(good, "&am=2450.00", "", 1), "unknown"},
		"another amount beside it": {strings.Replace(good, `"payment_amount":245000`, `"payment_amount":1`, 1), "unknown"},
		"any amount":               {strings.Replace(good, `"fixed_amount":true`, `"fixed_amount":false`, 1), "unknown"},
		"many payments":            {strings.Replace(good, "single_use", "multiple_use", 1), "unknown"},
		"nobody to pay":            {strings.Replace(good, "pa=acme@okbank&", "", 1), "unknown"},
		"a script":                 {strings.Replace(good, "upi://pay?", "javascript:", 1), "unknown"},
		"a mandate":                {strings.Replace(good, "upi://pay?", "upi://mandate?", 1), "unknown"},
		"another order":            {strings.Replace(good, o.Reference, strings.Repeat("Z", 20), 1), "unknown"},
		"an id that is a path":     {strings.Replace(good, "qr_1", "qr_../x", 1), "unknown"},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(c.answer)) })
		})
		a := gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Fields: map[string]string{"key_id": "rzp_test_A", "key_secret": "s", "upi_qr": "on"}}
		if _, err := razorpay.New(client(t)).Start(t.Context(), a, o); providertest.Ending(err) != c.want {
			t.Errorf("a code with %s ended %q, want %q (%v)", name, providertest.Ending(err), c.want, err)
		}
	}
}

// A notice of somebody else's code is taken for ours, or that of ours is not understood.
func TestOnlyOurCodesAreNews(t *testing.T) {
	g, a := razorpay.New(client(t)), gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa"}
	credited := func(notes, order string) gateway.Post {
		body := `{"entity":"event","event":"qr_code.credited","payload":{"payment":{"entity":{"id":"pay_1","amount":100,"currency":"INR","status":"captured","captured":true,"order_id":` + order +
			`,"method":"upi","notes":[],"fee":0,"tax":0,"acquirer_data":{"rrn":"1168"},"created_at":1623914419}},"qr_code":{"entity":{"id":"qr_1","notes":` + notes + `}}}}`
		return gateway.Post{Header: http.Header{}, Body: []byte(body)}
	}
	reference := paylink.NewPaymentReference()
	ours := `{"paylink_reference":"` + reference + `","paylink_account":"mer_01kaa.acct_01kaa"}`
	news, err := g.Read(a, credited(ours, "null"))
	want := gateway.Word{
		Reference: reference, Order: "qr_1", GatewayReference: "pay_1", BankReference: "1168", Account: "mer_01kaa.acct_01kaa", Amount: paylink.Money{Minor: 100, Currency: "INR"},
		Status: paylink.PaymentCaptured, Method: paylink.MethodUPI, At: time.Unix(1623914419, 0).UTC(),
	}
	if err != nil || len(news.Words) != 1 || news.Words[0] != want {
		t.Errorf("ours is read as %+v, %v", news, err)
	}
	if news, err := g.Read(a, credited(`[]`, "null")); err != nil || news.Words != nil {
		t.Errorf("another's is read as %+v, %v", news, err)
	}
	if _, err := g.Read(a, credited(ours, `"order_1"`)); err == nil {
		t.Error("a code's payment that is of an order is read")
	}
}
