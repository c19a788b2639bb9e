package cashfree_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/cashfree"
)

const reference = "ABCDEFGHJK0123456789"

var ours = gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", Secret: "cf_test_secret", Fields: map[string]string{"client_id": clientID}}

func posted(body string) gateway.Post {
	return gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// A body that was read and written again has another signature, and so has one whose time is another.
func TestSignaturesCoverTheExactBytes(t *testing.T) {
	const signature = "f46u6k0zctchTsuXcKX/4RLedRSRWdzLsYzNAnryieo=" // computed by the published recipe, outside of this program
	body := `{"data":{"payment":{"payment_amount":170.00}},"type":"PAYMENT_SUCCESS_WEBHOOK"}`
	at := time.UnixMilli(1746427759733)
	for name, c := range map[string]struct {
		body, stamp string
		now         time.Time
		want        bool
	}{
		"itself":           {body, "1746427759733", at, true},
		"written again":    {strings.Replace(body, "170.00", "170", 1), "1746427759733", at, false},
		"at another time":  {body, "1746427759734", at, false},
		"too late":         {body, "1746427759733", at.Add(5*time.Minute + time.Second), false},
		"late, but not so": {body, "1746427759733", at.Add(5 * time.Minute), true},
	} {
		p := posted(c.body)
		p.Header.Set("X-Webhook-Signature", signature)
		p.Header.Set("X-Webhook-Timestamp", c.stamp)
		if err := cashfree.New(nil).Verify(ours, p, c.now); (err == nil) != c.want {
			t.Errorf("%s: %v, believed should be %t", name, err, c.want)
		}
	}
	p := posted(body)
	p.Header.Set("X-Webhook-Signature", signature)
	if err := cashfree.New(nil).Verify(ours, p, at); err == nil {
		t.Error("a notice without a time is believed")
	}
}

// paid is Cashfree's published notice of a payment, about an order of ours.
const paid = `{"data":{"order":{"order_id":"CFPay_U1mgll3c0e9g_ehdcjjbtckf","order_amount":2.00,"order_currency":"INR","order_tags":{"link_id":"` + reference + `"}},
"payment":{"cf_payment_id":1453002795,"payment_status":"SUCCESS","payment_amount":2,"payment_currency":"INR","payment_message":"00::Transaction success",
"payment_time":"2022-12-15T12:20:29+05:30","bank_reference":"234928698581","auth_id":null,"payment_method":{"upi":{"channel":"collect","upi_id":"asha@okbank"}},"payment_group":"upi"},
"customer_details":{"customer_name":null,"customer_id":"7112AAA812234","customer_phone":"9908734801"},"payment_offers":null},
"event_time":"2022-12-15T12:20:31+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}`

const linkPaid = `{"data":{"cf_link_id":1576977,"link_id":"` + reference + `","link_status":"PAID","link_currency":"INR","link_amount":"200.12","link_amount_paid":"200.12",
"link_created_at":"2021-08-18T07:13:41","order":{"order_amount":"200.12","order_id":"CFPay_U1mgll3c0e9g_ehdcjjbtckf","order_hash":"Gb2gC7z0tILhGbZUIeds",
"transaction_id":1021206,"transaction_status":"SUCCESS"}},"type":"PAYMENT_LINK_EVENT","version":1,"event_time":"2021-08-18T12:55:06+05:30"}`

const refunded = `{"data":{"refund":{"cf_refund_id":11325632,"cf_payment_id":789727431,"refund_id":"` + reference + `","order_id":"CFPay_1","refund_amount":2.00,
"refund_currency":"INR","entity":"Refund","refund_type":"MERCHANT_INITIATED","refund_arn":"205907014017","refund_status":"SUCCESS","status_description":"Refund processed successfully",
"created_at":"2022-02-28T12:54:25+05:30","processed_at":"2022-02-28T13:04:27+05:30","refund_charge":0.5,"metadata":null}},"event_time":"2022-02-28T13:04:28+05:30","type":"REFUND_STATUS_WEBHOOK"}`

const disputed = `{"data":{"dispute":{"dispute_id":"433475258","dispute_type":"CHARGEBACK","reason_code":"1402","reason_description":"Duplicate Processing","dispute_amount":3,
"created_at":"2023-06-15T21:49:48+05:30","updated_at":"2023-06-15T21:49:48+05:30","respond_by":"2023-06-18T23:59:59+05:30","dispute_status":"CHARGEBACK_CREATED"},
"order_details":{"order_id":"CFPay_1","order_amount":3,"order_currency":"INR","cf_payment_id":885457437}},"event_time":"2023-06-15T21:50:04+05:30","type":"DISPUTE_CREATED"}`

// What Cashfree says about money is taken for another thing.
func TestNoticesMeanWhatCashfreeSays(t *testing.T) {
	word := gateway.Word{
		Reference: reference, GatewayReference: "1453002795", BankReference: "234928698581", Account: ours.Name(), Amount: paylink.Money{Minor: 200, Currency: "INR"},
		Status: paylink.PaymentCaptured, Method: paylink.MethodUPI, At: time.Date(2022, 12, 15, 6, 50, 31, 0, time.UTC),
	}
	said := func(change func(*gateway.Word)) gateway.News {
		w := word
		change(&w)
		return gateway.News{Words: []gateway.Word{w}}
	}
	refund := gateway.RefundWord{
		Reference: reference, GatewayReference: "11325632", Payment: "789727431", BankReference: "205907014017", Account: ours.Name(), Amount: paylink.Money{Minor: 200, Currency: "INR"},
		Status: paylink.RefundSucceeded, Fee: 50, At: time.Date(2022, 2, 28, 7, 34, 27, 0, time.UTC),
	}
	given := func(change func(*gateway.RefundWord)) gateway.News {
		w := refund
		change(&w)
		return gateway.News{Refunds: []gateway.RefundWord{w}}
	}
	dispute := gateway.DisputeWord{
		GatewayReference: "433475258", Payment: "885457437", Account: ours.Name(), Amount: paylink.Money{Minor: 300, Currency: "INR"}, Status: paylink.DisputeNeedsResponse,
		Reason: "duplicate", Code: "cashfree_1402", DueAt: time.Date(2023, 6, 18, 18, 29, 59, 0, time.UTC), At: time.Date(2023, 6, 15, 16, 20, 4, 0, time.UTC),
	}
	contested := func(change func(*gateway.DisputeWord)) gateway.News {
		w := dispute
		change(&w)
		return gateway.News{Disputes: []gateway.DisputeWord{w}}
	}
	card := `"payment_method":{"card":{"channel":"link","card_number":"xxxxxx1111","card_network":"VISA","card_bank_name":"Test Bank"}},"payment_group":"credit_card"`
	for name, c := range map[string]struct {
		body    string
		changes []string
		want    gateway.News
	}{
		"paid": {paid, nil, said(func(*gateway.Word) {})},
		"paid by card": {paid, []string{`"payment_method":{"upi":{"channel":"collect","upi_id":"asha@okbank"}},"payment_group":"upi"`, card}, said(func(w *gateway.Word) {
			w.Method, w.Details = paylink.MethodCard, paylink.MethodDetails{Network: "visa", Last4: "1111", Bank: "Test Bank"}
		})},
		"paid in a way that is new":   {paid, []string{`"payment_group":"upi"`, `"payment_group":"telepathy"`}, said(func(w *gateway.Word) { w.Method = "" })},
		"paid less, with a discount":  {paid, []string{`"payment_amount":2`, `"payment_amount":1.50`}, said(func(w *gateway.Word) { w.Amount.Minor = 150 })},
		"paid more, with a fee":       {paid, []string{`"payment_amount":2`, `"payment_amount":2.10`}, said(func(*gateway.Word) {})},
		"paid in dollars":             {paid, []string{`"payment_amount":2,"payment_currency":"INR"`, `"payment_amount":0.03,"payment_currency":"USD"`}, said(func(*gateway.Word) {})},
		"reserved":                    {paid, []string{`"payment_status":"SUCCESS"`, `"payment_status":"SUCCESS","is_captured":false`}, said(func(w *gateway.Word) { w.Status = paylink.PaymentAuthorised })},
		"an order under our own name": {paid, []string{`{"link_id":"` + reference + `"}`, `null`, `CFPay_U1mgll3c0e9g_ehdcjjbtckf`, reference}, said(func(*gateway.Word) {})},
		"another shop's":              {paid, []string{reference, "order-17"}, gateway.News{}},
		"failed": {paid, []string{`PAYMENT_SUCCESS`, `PAYMENT_FAILED`, `"payment_status":"SUCCESS"`, `"payment_status":"FAILED"`, `"customer_details"`,
			`"error_details":{"error_code":"TRANSACTION_DECLINED","error_description":"Invalid OTP","error_reason":"invalid_otp"},"customer_details"`},
			said(func(w *gateway.Word) {
				w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "wrong_code", Code: "cashfree_invalid_otp", Message: "Invalid OTP"}
			})},
		"dropped": {paid, []string{`PAYMENT_SUCCESS`, `PAYMENT_USER_DROPPED`, `"payment_status":"SUCCESS"`, `"payment_status":"USER_DROPPED"`, `00::Transaction success`, `User dropped`},
			said(func(w *gateway.Word) {
				w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "timeout", Code: "cashfree_user_dropped", Message: "User dropped"}
			})},
		"a link that is paid": {linkPaid, nil, gateway.News{Words: []gateway.Word{{
			Reference: reference, Account: ours.Name(), Amount: paylink.Money{Minor: 20012, Currency: "INR"}, Status: paylink.PaymentCaptured, At: time.Date(2021, 8, 18, 7, 25, 6, 0, time.UTC),
		}}}},
		"a link that expired": {linkPaid, []string{`"PAID"`, `"EXPIRED"`, `"transaction_status":"SUCCESS"`, `"transaction_status":"FAILED"`}, gateway.News{}},
		"another shop's link": {linkPaid, []string{reference, "payment_ps11"}, gateway.News{}},
		"refunded":            {refunded, nil, given(func(*gateway.RefundWord) {})},
		"refunded elsewhere":  {refunded, []string{reference, "refund_1"}, given(func(w *gateway.RefundWord) { w.Reference = "" })},
		"a refund on hold":    {refunded, []string{`"SUCCESS"`, `"ONHOLD"`}, given(func(w *gateway.RefundWord) { w.Status = paylink.RefundPending })},
		"a refund that is no more": {refunded, []string{`"SUCCESS"`, `"CANCELLED"`, `Refund processed successfully`, `Account 123456789 closed`}, given(func(w *gateway.RefundWord) {
			w.Status, w.Code, w.Message = paylink.RefundFailed, "cashfree_cancelled", "Account … closed"
		})},
		"disputed":            {disputed, nil, contested(func(*gateway.DisputeWord) {})},
		"a dispute of ours":   {disputed, []string{"CFPay_1", reference}, contested(func(w *gateway.DisputeWord) { w.Of = reference })},
		"a dispute in review": {disputed, []string{"CHARGEBACK_CREATED", "CHARGEBACK_DOCS_RECEIVED"}, contested(func(w *gateway.DisputeWord) { w.Status = paylink.DisputeUnderReview })},
		"a dispute that is won": {disputed, []string{"CHARGEBACK_CREATED", "PRE_ARBITRATION_MERCHANT_WON", "DISPUTE_CREATED", "DISPUTE_CLOSED"},
			contested(func(w *gateway.DisputeWord) { w.Status = paylink.DisputeWon })},
		"a dispute that is lost": {disputed, []string{"CHARGEBACK_CREATED", "CHARGEBACK_MERCHANT_LOST", "Duplicate Processing", "Goods not received"},
			contested(func(w *gateway.DisputeWord) {
				w.Status, w.Withdrawn, w.Reason = paylink.DisputeLost, true, "not_received"
			})},
		"an event that is new": {`{"type":"TELEPATHY","event_time":"2023-06-15T21:50:04+05:30","data":7}`, nil, gateway.News{}},
	} {
		got, err := cashfree.New(nil).Read(ours, posted(strings.NewReplacer(c.changes...).Replace(c.body)))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v (%v), want %+v", name, got, err, c.want)
		}
	}
	preauth := ours
	preauth.Fields = map[string]string{"preauthorisation": "on"}
	for name, body := range map[string]string{"a payment": strings.Replace(paid, `"payment_group":"upi"`, `"payment_group":"debit_card"`, 1), "a link": linkPaid} {
		got, err := cashfree.New(nil).Read(preauth, posted(body))
		if err != nil || len(got.Words) != 1 || got.Words[0].Status != paylink.PaymentAuthorised {
			t.Errorf("%s of an account that reserves: %+v, %v", name, got, err)
		}
	}
	for name, change := range map[string][2]string{
		"a dispute's status that is none": {"CHARGEBACK_CREATED", "CHARGEBACK_FORGOTTEN"}, "a dispute of nothing": {`"cf_payment_id":885457437`, `"cf_payment":1`},
		"a dispute about less than nothing": {`"dispute_amount":3`, `"dispute_amount":-3`}, "no dispute": {`"dispute":`, `"undisputed":`},
	} {
		if got, err := cashfree.New(nil).Read(ours, posted(strings.Replace(disputed, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A stranger's bytes crash the inbound door, or are read as a word that cannot be.
func FuzzRead(f *testing.F) {
	for _, body := range []string{paid, linkPaid, refunded, disputed, `{"type":"PAYMENT_SUCCESS_WEBHOOK","event_time":"2023-06-15 21:50:04","data":{}}`} {
		f.Add([]byte(body))
	}
	g := cashfree.New(nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		news, err := g.Read(ours, posted(string(body)))
		if err != nil {
			if !reflect.DeepEqual(news, gateway.News{}) || len(err.Error()) > 200 {
				t.Fatalf("refused with %+v and %q", news, err)
			}
			return
		}
		for _, w := range news.Words {
			if len(w.Reference) != 20 || w.Amount.Minor <= 0 || w.Amount.Minor > paylink.MaxMinor || w.Account == "" || w.At.IsZero() ||
				(w.Status == paylink.PaymentFailed) != (w.Decline.Group != "") || len(w.Details.Last4) != 0 && len(w.Details.Last4) != 4 {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
		for _, w := range news.Refunds {
			if w.GatewayReference == "" || w.Amount.Minor <= 0 || w.Fee < 0 || w.Fee > w.Amount.Minor || (w.Status == paylink.RefundFailed) != (w.Code != "") {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
	})
}
