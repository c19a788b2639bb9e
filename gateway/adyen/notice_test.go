package adyen_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/adyen"
	"paylink/provider"
)

var ours = gateway.Account{
	ID: "acct_01kaa", Merchant: "mer_01kaa", Secret: hmacKey, Fields: map[string]string{"merchant_account": "YOUR_MERCHANT_ACCOUNT"},
}

func posted(body []byte) gateway.Post {
	return gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

func item(more map[string]any) []byte {
	i := map[string]any{
		"amount": map[string]any{"currency": "EUR", "value": 1000}, "eventCode": "AUTHORISATION", "eventDate": "2021-01-01T01:00:00+01:00",
		"merchantAccountCode": "YOUR_MERCHANT_ACCOUNT", "merchantReference": reference, "paymentMethod": "visa", "pspReference": "QFQTPCQ8HXSKGK82",
		"reason": "", "success": "true", "additionalData": map[string]any{},
	}
	for name, value := range more {
		i[name] = value
	}
	return wrap(i)
}

const reference = "ABCDEFGHJK0123456789"

// The adapter and our fake agree with each other about signatures, and with Adyen not.
func TestPublishedSignaturesAreBelieved(t *testing.T) {
	for _, c := range []struct {
		psp, original, account, reference, event, signature string
		value                                               int
	}{
		{"pspReference", "originalReference", "merchantAccount", "reference", "EVENT", "ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc=", 1000},
		{"pspReference", "originalReference", "merchantAccount", "reference", "REPORT_AVAILABLE", "ZNBPtI+oDyyRrLyD1XirkKnQgIAlFc07Vj27TeHsDRE=", 1000},
		{"7914073381342284", "", "TestMerchant", "TestPayment-1407325143704", "AUTHORISATION", "Ny9gS2veKo5E4w8/OL6xz1/wvT/hYkAXy1xNc/QvO4I=", 1130},
	} {
		body := item(map[string]any{
			"pspReference": c.psp, "originalReference": c.original, "merchantAccountCode": c.account, "merchantReference": c.reference,
			"amount": map[string]any{"currency": "EUR", "value": c.value}, "eventCode": c.event, "additionalData": map[string]any{"hmacSignature": c.signature},
		})
		if err := adyen.New(nil).Verify(ours, posted(body), time.Time{}); err != nil {
			t.Errorf("%s: %v", c.signature, err)
		}
	}
	colons := signBody(hmacKey, item(map[string]any{"merchantReference": `a:b\c`}))
	if err := adyen.New(nil).Verify(ours, posted(colons), time.Time{}); err != nil {
		t.Errorf("a reference with colons, which are not escaped: %v", err)
	}
	odd := ours
	odd.Secret = strings.Repeat("xy", 32)
	if err := adyen.New(nil).Verify(odd, posted(colons), time.Time{}); err == nil {
		t.Error("a key that is not hexadecimal verifies something")
	}
}

var on = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)

// What an event says about money is taken for another thing: a reservation counts as paid, a failed refund as done.
func TestEventsMeanWhatAdyenSays(t *testing.T) {
	eur := paylink.Money{Minor: 1000, Currency: "EUR"}
	word := gateway.Word{
		Reference: reference, GatewayReference: "QFQTPCQ8HXSKGK82", Account: ours.Name(), Amount: eur, Status: paylink.PaymentCaptured, Method: paylink.MethodCard,
		Details: paylink.MethodDetails{Network: "visa"}, At: on,
	}
	refund := gateway.RefundWord{Reference: reference, GatewayReference: "QFQTPCQ8HXSKGK82", Payment: "9913140798220028", Account: ours.Name(), Amount: eur, At: on}
	said := func(change func(*gateway.Word)) gateway.News {
		w := word
		change(&w)
		return gateway.News{Words: []gateway.Word{w}}
	}
	given := func(change func(*gateway.RefundWord)) gateway.News {
		w := refund
		change(&w)
		return gateway.News{Refunds: []gateway.RefundWord{w}}
	}
	follows := func(code, mark, success, reason string) map[string]any {
		return map[string]any{"eventCode": code, "merchantReference": reference + mark, "originalReference": "9913140798220028", "success": success, "reason": reason}
	}
	original := func(status paylink.PaymentStatus) func(*gateway.Word) {
		return func(w *gateway.Word) { w.GatewayReference, w.Status = "9913140798220028", status }
	}
	for name, c := range map[string]struct {
		event map[string]any
		want  gateway.News
	}{
		"paid": {map[string]any{"reason": "074676:1111:03/2030"}, said(func(w *gateway.Word) { w.Details.Last4 = "1111" })},
		"paid, with what may be added": {
			map[string]any{"paymentMethod": "mc", "additionalData": map[string]any{"cardSummary": "0004", "arn": "74125689098712345678901"}},
			said(func(w *gateway.Word) {
				w.Details, w.BankReference = paylink.MethodDetails{Network: "mastercard", Last4: "0004"}, "74125689098712345678901"
			}),
		},
		"paid by UPI":               {map[string]any{"paymentMethod": "upi_intent"}, said(func(w *gateway.Word) { w.Method, w.Details = paylink.MethodUPI, paylink.MethodDetails{} })},
		"paid in a way that is new": {map[string]any{"paymentMethod": "telepathy"}, said(func(w *gateway.Word) { w.Method, w.Details = "", paylink.MethodDetails{} })},
		"paid elsewhere":            {map[string]any{"merchantAccountCode": "OtherECOM"}, said(func(w *gateway.Word) { w.Account = "OtherECOM" })},
		"reserved":                  {map[string]any{"merchantReference": reference + "-M"}, said(func(w *gateway.Word) { w.Status = paylink.PaymentAuthorised })},
		"another shop's":            {map[string]any{"merchantReference": "order-17"}, gateway.News{}},
		"declined": {
			map[string]any{"success": "false", "reason": "CVC Declined"},
			said(func(w *gateway.Word) {
				w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "wrong_code", Code: "adyen_cvc_declined", Message: "CVC Declined"}
			}),
		},
		"declined without a reason": {
			map[string]any{"success": "false", "reason": "null"},
			said(func(w *gateway.Word) {
				w.Status, w.Decline = paylink.PaymentFailed, paylink.Decline{Group: "not_approved", Code: "refused"}
			}),
		},
		"captured":     {follows("CAPTURE", "-M", "true", ""), said(original(paylink.PaymentCaptured))},
		"not captured": {follows("CAPTURE", "-M", "false", "no"), said(original(paylink.PaymentAuthorised))},
		"captured, and the scheme refused it": {
			follows("CAPTURE_FAILED", "-M", "true", "Capture Failed"),
			said(func(w *gateway.Word) {
				original(paylink.PaymentFailed)(w)
				w.Decline = paylink.Decline{Group: "not_approved", Code: "adyen_capture_failed", Message: "Capture Failed"}
			}),
		},
		"cancelled":                     {follows("CANCELLATION", "-M", "true", ""), said(original(paylink.PaymentVoided))},
		"not cancelled":                 {follows("CANCELLATION", "-M", "false", "no"), said(original(paylink.PaymentAuthorised))},
		"expired":                       {follows("EXPIRE", "-M", "true", ""), said(original(paylink.PaymentVoided))},
		"refunded":                      {follows("REFUND", "-R", "true", ""), given(func(w *gateway.RefundWord) { w.Status = paylink.RefundSucceeded })},
		"refunded at Adyen's own pages": {follows("REFUND", "", "true", ""), given(func(w *gateway.RefundWord) { w.Status, w.Reference, w.Of = paylink.RefundSucceeded, "", reference })},
		"not refunded": {
			follows("REFUND", "-R", "false", "Transaction hasn't been captured, refund not possible"),
			given(func(w *gateway.RefundWord) {
				w.Status, w.Code = paylink.RefundFailed, "adyen_transaction_hasn_t_been_captured_refund_not_possible"
				w.Message = "Transaction hasn't been captured, refund not possible"
			}),
		},
		"sent back": {
			follows("REFUND_FAILED", "-R", "true", "Refund Failed"),
			given(func(w *gateway.RefundWord) {
				w.Status, w.Code, w.Message = paylink.RefundFailed, "adyen_refund_failed", "Refund Failed"
			}),
		},
		"an event that is new": {map[string]any{"eventCode": "TELEPATHY", "amount": nil}, gateway.News{}},
	} {
		got, err := adyen.New(nil).Read(ours, posted(item(c.event)))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v (%v), want %+v", name, got, err, c.want)
		}
	}
}

// Only the first of several events is heard.
func TestEveryItemOfANoticeIsTold(t *testing.T) {
	body := join(item(nil), item(map[string]any{"eventCode": "REFUND", "merchantReference": reference + "-R", "originalReference": "QFQTPCQ8HXSKGK82", "pspReference": "QFQTPCQ8HXSKGK83"}))
	got, err := adyen.New(nil).Read(ours, posted(body))
	if err != nil || len(got.Words) != 1 || len(got.Refunds) != 1 {
		t.Errorf("two events: %+v, %v", got, err)
	}
}

// A dispute is told as something else, and its merchant answers too late or not at all.
func TestDisputesStandAsAdyenSays(t *testing.T) {
	due := time.Date(2021, 7, 31, 1, 3, 8, 0, time.UTC)
	for code, want := range map[string]gateway.DisputeWord{
		"NOTIFICATION_OF_CHARGEBACK": {Status: paylink.DisputeNeedsResponse, DueAt: due},
		"CHARGEBACK":                 {Status: paylink.DisputeNeedsResponse, DueAt: due, Withdrawn: true},
		"CHARGEBACK_REVERSED":        {Status: paylink.DisputeWon},
		"SECOND_CHARGEBACK":          {Status: paylink.DisputeLost, Withdrawn: true},
		"PREARBITRATION_WON":         {Status: paylink.DisputeWon},
		"PREARBITRATION_LOST":        {Status: paylink.DisputeLost, Withdrawn: true},
		"INFORMATION_SUPPLIED":       {Status: paylink.DisputeUnderReview},
	} {
		want.GatewayReference, want.Of, want.Payment, want.Account = "QFQTPCQ8HXSKGK82", reference, "9913140798220028", ours.Name()
		want.Amount, want.Reason, want.Code, want.At = paylink.Money{Minor: 1000, Currency: "EUR"}, "not_as_described", "adyen_4853", on
		got, err := adyen.New(nil).Read(ours, posted(item(map[string]any{
			"eventCode": code, "originalReference": "9913140798220028", "paymentMethod": "mc",
			"additionalData": map[string]any{"chargebackReasonCode": " 4853", "defensePeriodEndsAt": "2021-07-31T03:03:08+02:00"},
		})))
		if err != nil || !reflect.DeepEqual(got, gateway.News{Disputes: []gateway.DisputeWord{want}}) {
			t.Errorf("%s: %+v (%v), want %+v", code, got, err, want)
		}
	}
}

// Adyen's own examples are not read, and its notices neither.
func TestAdyensSampleNoticesAreRead(t *testing.T) {
	folder := os.Getenv("PAYLINK_SCHEMAS")
	if folder == "" {
		t.Log("PAYLINK_SCHEMAS is unset: Adyen's samples are read by nobody here")
		return
	}
	names, err := filepath.Glob(filepath.Join(folder, "..", "samples", "webhooks", "adyen-*.json"))
	if err != nil || len(names) < 12 {
		t.Fatalf("%d of Adyen's samples beside the schemas (%v)", len(names), err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ourOrder := []byte(strings.ReplaceAll(string(body), "YOUR_MERCHANT_REFERENCE", reference))
		news, err := adyen.New(nil).Read(ours, posted(ourOrder))
		told := len(news.Words) + len(news.Refunds) + len(news.Disputes)
		silent := strings.Contains(name, "OFFER_CLOSED") || strings.Contains(name, "REPORT_AVAILABLE")
		if err != nil || (told == 0) != silent {
			t.Errorf("%s: %+v, %v", filepath.Base(name), news, err)
		}
		if err := adyen.New(nil).Verify(ours, posted(signBody(hmacKey, body)), time.Time{}); err != nil {
			t.Errorf("%s, signed: %v", filepath.Base(name), err)
		}
		other := ours
		other.Live = true
		if _, err := adyen.New(nil).Read(other, posted(body)); err == nil {
			t.Errorf("%s: a live account believes in test money", filepath.Base(name))
		}
	}
}

// The secrets change while notices that were signed before are on their way.
func TestOtherKeysAreNotBelieved(t *testing.T) {
	other := ours
	other.Secret = strings.Repeat("0a", 32)
	err := adyen.New(nil).Verify(other, posted(signBody(hmacKey, item(nil))), time.Time{})
	if want := (&provider.Unverified{Reason: provider.BadSignature}).Error(); err == nil || err.Error() != want {
		t.Errorf("another key: %v, want %s", err, want)
	}
}

// A stranger's bytes crash the inbound door, or are read as a word that cannot be.
func FuzzRead(f *testing.F) {
	f.Add(item(nil))
	f.Add(item(map[string]any{"eventCode": "REFUND", "merchantReference": reference + "-R", "originalReference": "9913140798220028"}))
	f.Add(item(map[string]any{"eventCode": "CHARGEBACK", "originalReference": "9913140798220028"}))
	f.Add([]byte(`{"live":"false","notificationItems":[{}]}`))
	g := adyen.New(nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		news, err := g.Read(ours, posted(body))
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
			if w.Reference == "" && w.Of == "" || w.Amount.Minor <= 0 || (w.Status == paylink.RefundFailed) != (w.Code != "") {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
	})
}
