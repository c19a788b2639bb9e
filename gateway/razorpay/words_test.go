package razorpay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/razorpay"
)

// The customer is told to try another card where the bank is down, or the other way round.
func TestDeclinesAreGrouped(t *testing.T) {
	g := razorpay.New(client(t))
	for _, c := range []struct{ method, code, reason, want, logged string }{
		{"card", "BAD_REQUEST_ERROR", "invalid_otp", "wrong_code", "invalid_otp"},
		{"card", "BAD_REQUEST_ERROR", "incorrect_cvv", "wrong_code", "incorrect_cvv"},
		{"card", "BAD_REQUEST_ERROR", "card_expired", "expired_card", "card_expired"},
		{"card", "BAD_REQUEST_ERROR", "authentication_failed", "authentication_failed", "authentication_failed"},
		{"card", "BAD_REQUEST_ERROR", "payment_timed_out", "timeout", "payment_timed_out"},
		{"card", "BAD_REQUEST_ERROR", "payment_cancelled", "not_approved", "payment_cancelled"},
		{"upi", "BAD_REQUEST_ERROR", "payment_cancelled", "upi_declined", "payment_cancelled"},
		{"upi", "BAD_REQUEST_ERROR", "insufficient_funds", "insufficient_funds", "insufficient_funds"},
		{"netbanking", "GATEWAY_ERROR", "never_heard_of", "provider_down", "never_heard_of"},
		{"upi", "BAD_REQUEST_ERROR", "never_heard_of", "upi_declined", "never_heard_of"},
		{"card", "BAD_REQUEST_ERROR", "+919812345642 is bad", "not_approved", "unknown"},
		{"card", "SERVER_ERROR", "", "provider_down", "SERVER_ERROR"},
	} {
		body := strings.Replace(paidBy(`"`+c.method+`"`, ownNotes), `"status":"captured","captured":true`,
			fmt.Sprintf(`"status":"failed","captured":false,"error_code":%q,"error_reason":%q,"error_description":"Call 919812345642"`, c.code, c.reason), 1)
		news, err := g.Read(gateway.Account{}, told("payment.failed", body))
		if err != nil || len(news.Words) != 1 {
			t.Fatalf("%s: %+v, %v", c.reason, news, err)
		}
		want := paylink.Decline{Group: c.want, Code: c.logged, Message: "Call …"}
		if d := news.Words[0].Decline; d != want || !slices.Contains(gateway.Declines, d.Group) {
			t.Errorf("%s by %s is %+v, want %+v", c.reason, c.method, d, want)
		}
	}
}

// A merchant prepares evidence against the wrong objection, or believes that money is gone which is not.
func TestObjectionsAreUnderstood(t *testing.T) {
	g := razorpay.New(client(t))
	for _, c := range []struct {
		code, phase, status string
		deducted            int64
		reason              string
		want                paylink.DisputeStatus
	}{
		{"goods_or_services_not_received_or_partially_received", "chargeback", "open", 0, "not_received", paylink.DisputeNeedsResponse},
		{"goods_or_services_not_as_described_or_defective", "chargeback", "under_review", 0, "not_as_described", paylink.DisputeUnderReview},
		{"duplicate_processing", "chargeback", "won", 0, "duplicate", paylink.DisputeWon},
		{"credit_not_processed", "pre_arbitration", "lost", 500, "credit_not_processed", paylink.DisputeLost},
		{"warning_bulletin_or_exception_file", "fraud", "closed", 0, "fraudulent", paylink.DisputeWon},
		{"pre_arbitration", "pre_arbitration", "closed", 500, "other", paylink.DisputeLost},
	} {
		body := fmt.Sprintf(`{"dispute":{"entity":{"id":"disp_1","payment_id":"pay_1","amount":500,"currency":"INR","amount_deducted":%d,"reason_code":%q,"phase":%q,"status":%q,"created_at":1590059211}},"payment":{"entity":%s}}`,
			c.deducted, c.code, c.phase, c.status, fmt.Sprintf(onePaid, `"card"`, ownNotes))
		news, err := g.Read(gateway.Account{}, told("payment.dispute.created", body))
		if err != nil || len(news.Disputes) != 1 {
			t.Fatalf("%s: %+v, %v", c.code, news, err)
		}
		w := news.Disputes[0]
		if w.Reason != c.reason || w.Status != c.want || w.Withdrawn != (c.deducted > 0) || w.Account != "mer_1.acct_1" || !w.DueAt.IsZero() || !slices.Contains(paylink.DisputeReasons, w.Reason) {
			t.Errorf("%s, %s: %+v", c.code, c.status, w)
		}
	}
}
