package razorpay_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/razorpay"
	"paylink/provider/providertest"
)

// What Razorpay's documents and its SDK publish as examples of signatures.
const (
	checkoutSecret    = "EnLs21M47BllR3X8PSFtjtbd"
	checkoutText      = "order_IEIaMR65cu6nz3|pay_IH4NVgf4Dreq1l"
	checkoutSignature = "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"

	webhookSecret    = "123456"
	webhookSignature = "56df260ab4647b07b729b0b48d2a95b71de42f109884949e5ec387a2bb8b6919"
)

// Every genuine webhook is refused, or the merchant's other shop's payment is taken for one of ours.
func TestPublishedSignaturesAreBelieved(t *testing.T) {
	g := razorpay.New(client(t))
	if got := razorpay.Sign(checkoutSecret, []byte(checkoutText)); got != checkoutSignature {
		t.Errorf("the published checkout signature is %s, computed %s", checkoutSignature, got)
	}
	webhookBody := documentedWebhook(t)
	a := gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", Secret: webhookSecret}
	p := gateway.Post{Header: http.Header{"X-Razorpay-Signature": {webhookSignature}}, Body: []byte(webhookBody)}
	if err := g.Verify(a, p, time.Now()); err != nil {
		t.Errorf("the published webhook: %v", err)
	}
	if news, err := g.Read(a, p); err != nil || news.Words != nil {
		t.Errorf("the published webhook, whose payment has no notes of ours, is read as %+v, %v", news, err)
	}
}

// Our signature and the official SDK's drift apart.
func TestOfficialSDKBelievesTheSameSignatures(t *testing.T) {
	for _, body := range []string{"", "{}", documentedWebhook(t), "é\x00\n", strings.Repeat("x", 1<<16)} {
		for _, secret := range []string{"1", webhookSecret, "ключ"} {
			if !utils.VerifyWebhookSignature(body, razorpay.Sign(secret, []byte(body)), secret) {
				t.Errorf("the SDK refuses our signature of %.20q", body)
			}
		}
	}
	order := map[string]any{"razorpay_order_id": "order_IEIaMR65cu6nz3", "razorpay_payment_id": "pay_IH4NVgf4Dreq1l"}
	if !utils.VerifyPaymentSignature(order, razorpay.Sign(checkoutSecret, []byte(checkoutText)), checkoutSecret) {
		t.Error("the SDK refuses our signature of an order and its payment")
	}
}

// An answer of the shape that the SDK's own tests know is not understood.
func TestOfficialSDKsTestDataIsUnderstood(t *testing.T) {
	serve := func(path, file string) (*razorpay.Gateway, gateway.Account) {
		body, err := os.ReadFile(filepath.Join(sdk(t), "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != path {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				_, _ = w.Write(body)
			})
		})
		return razorpay.New(client(t)), gateway.Account{BaseURL: far.Origin, Fields: map[string]string{"key_id": "k", "key_secret": "s"}}
	}

	g, a := serve("/v1/payments", "payment_collection.json")
	if err := g.Test(t.Context(), a); err != nil {
		t.Errorf("a list of payments: %v", err)
	}

	g, a = serve("/v1/settlements", "settlement_collection.json")
	settled, next, err := g.Settlements(t.Context(), a, time.Time{}, time.Time{}, "")
	want := []gateway.Settlement{
		{GatewayReference: "setl_4xbSwsPABDJ8oK", BankReference: "RZRP173069230702", Amount: paylink.Money{Minor: 50000, Currency: "INR"}, Fee: 111, Tax: 12, Status: gateway.SettlementPaid, At: time.Unix(1509622306, 0).UTC()},
		{GatewayReference: "setl_DGlQ1Rj8os78Ec", BankReference: "1568176960vxp0rj", Amount: paylink.Money{Minor: 9973635, Currency: "INR"}, Fee: 429629, Tax: 42070, Status: gateway.SettlementPaid, At: time.Unix(1568176960, 0).UTC()},
	}
	if err != nil || next != "" || len(settled) != 2 || settled[0] != want[0] || settled[1] != want[1] {
		t.Errorf("settlements: %+v, %q, %v", settled, next, err)
	}

	g, a = serve("/v1/disputes", "dispute_collection.json")
	disputes, _, err := g.Disputes(t.Context(), a, time.Time{}, "")
	if err != nil || len(disputes) != 2 || disputes[0].Status != paylink.DisputeWon || disputes[1].Status != paylink.DisputeNeedsResponse ||
		disputes[1].Payment != "pay_EsyWjHrfzb59eR" || disputes[1].DueAt != time.Unix(1590604200, 0).UTC() || disputes[1].Amount.Minor != 10000 {
		t.Errorf("disputes: %+v, %v", disputes, err)
	}

	g, a = serve("/v1/payments/fake_payment_id/refunds/fake_refund_id", "fake_refund.json")
	_, err = g.LookupRefund(t.Context(), a, gateway.Refund{
		Reference: "0123456789ABCDEFGHJK", Order: "fake_refund_id", Of: gateway.Known{Reference: "X123456789ABCDEFGHJK", Payment: "fake_payment_id"}, Amount: paylink.Money{Minor: 2000, Currency: "INR"},
	})
	var broken *gateway.Broken
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "another refund") {
		t.Errorf("a refund of somebody else: %v, want it understood and refused", err)
	}
}

// The order and its payments of the SDK's own tests, given our reference, are told in full.
func TestOfficialSDKsOrderIsUnderstood(t *testing.T) {
	const reference = "0123456789ABCDEFGHJK"
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			file := "fake_order.json"
			if strings.HasSuffix(r.URL.Path, "/payments") {
				file = "fake_qr_code_payments.json" // the fullest payments that the SDK has
			}
			body, err := os.ReadFile(filepath.Join(sdk(t), "testdata", file))
			if err != nil || !json.Valid(body) {
				t.Errorf("%s: %v", file, err)
			}
			text := strings.ReplaceAll(string(body), `"12121"`, `"`+reference+`"`)
			_, _ = w.Write([]byte(strings.ReplaceAll(text, `"order_id": null`, `"order_id": "fake_order_id"`)))
		})
	})
	a := gateway.Account{BaseURL: far.Origin, Fields: map[string]string{"key_id": "k", "key_secret": "s"}}
	got, err := razorpay.New(client(t)).Lookup(t.Context(), a, gateway.Known{Reference: reference, Order: "fake_order_id"})
	want := gateway.Word{
		Reference: reference, Order: "fake_order_id", GatewayReference: "pay_HMtDKn3TnF4D8x", BankReference: "116514257019",
		Amount: paylink.Money{Minor: 500, Currency: "INR"}, Status: paylink.PaymentCaptured, Method: paylink.MethodUPI, At: time.Unix(1623662800, 0).UTC(),
	}
	if err != nil || got != want {
		t.Errorf("the SDK's order looks up as %+v, %v", got, err)
	}
}

// documentedWebhook is the body that the SDK's documents show with its signature.
func documentedWebhook(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(sdk(t), "documents", "paymentVerification.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "webhookbody := `")
	body, _, found := strings.Cut(rest, "`")
	if !found {
		t.Fatal("the SDK's documents show no webhook")
	}
	return body
}

// sdk is the folder of the official SDK, where the go command keeps modules.
func sdk(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/razorpay/razorpay-go").Output()
	folder := strings.TrimSpace(string(out))
	if err != nil || folder == "" {
		t.Fatalf("the official SDK is not in the module cache: %v", err)
	}
	return folder
}
