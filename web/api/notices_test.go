package api_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
)

// What gateways sent, and why it changed nothing, without a word of what it said.
func TestGatewayNoticesShowTheirVerdict(t *testing.T) {
	each(t, func(w *town) {
		about := paylink.NewPaymentID(start)
		for i, n := range []paylink.Notice{
			{Kind: paylink.AccountGateway, Verdict: paylink.NoticeRefused, Reason: "bad_signature"},
			{Kind: paylink.AccountChannel, Verdict: paylink.NoticeApplied},
			{Kind: paylink.AccountGateway, Verdict: paylink.NoticeQuarantined, Reason: "wrong_amount", Payment: about},
		} {
			at := start.Add(time.Duration(i) * time.Second)
			n.ID, n.Merchant, n.Provider, n.Account, n.ReceivedAt = paylink.NewNoticeID(at), w.acme, "sandbox", "acct_1", at
			n.Digest, n.Body = []byte{byte(i)}, []byte("sealed")
			if _, err := w.store.KeepNotice(t.Context(), n, paylink.Job{}); err != nil {
				t.Fatal(err)
			}
		}
		first := w.ask(w.test, "GET", "/v1/gateway_notices?limit=1", "").want(200)
		second := w.ask(w.test, "GET", "/v1/gateway_notices?limit=1&cursor="+first.text("next_cursor"), "").want(200)
		if first.text("data.0.reason") != "wrong_amount" || first.text("data.0.payment_id") != string(about) || second.text("data.0.verdict") != "refused" ||
			second.at("next_cursor") != nil || strings.Contains(first.body+second.body, "sealed") {
			t.Errorf("%s\n%s", first.body, second.body)
		}
	})
}
