package stripe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/stripe"
)

func rejection(err error) *gateway.Rejected {
	var rejected *gateway.Rejected
	errors.As(err, &rejected)
	return rejected
}

func eventType(body []byte) string {
	var e struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(body, &e)
	return e.Type
}

const meta = `"metadata":{"paylink_reference":"AAAAAAAAAAAAAAAAAAAA","paylink_account":"mer_1.acct_1"}`

func posted(kind, object string) gateway.Post {
	body := fmt.Sprintf(`{"id":"evt_1","object":"event","created":1795000000,"livemode":false,"type":%q,"data":{"object":%s}}`, kind, object)
	return gateway.Post{URL: &url.URL{}, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func sessionSaying(status, paid string) string {
	return fmt.Sprintf(`{"id":"cs_1","object":"checkout.session","amount_total":245000,"currency":"inr","client_reference_id":"AAAAAAAAAAAAAAAAAAAA",%s,
		"payment_intent":"pi_1","payment_method_types":["card"],"payment_status":%q,"status":%q}`, meta, paid, status)
}

// A session is completed and its money has not come: the goods are sent, and never paid.
func TestEventsAreTakenForNoMoreThanTheySay(t *testing.T) {
	a := gateway.Account{ID: "acct_1", Merchant: "mer_1", Fields: map[string]string{}}
	for _, c := range []struct {
		kind, object string
		want         paylink.PaymentStatus
		group        string
	}{
		{"checkout.session.completed", sessionSaying("complete", "paid"), paylink.PaymentCaptured, ""},
		{"checkout.session.completed", sessionSaying("complete", "unpaid"), paylink.PaymentPending, ""},
		{"checkout.session.async_payment_succeeded", sessionSaying("complete", "paid"), paylink.PaymentCaptured, ""},
		{"checkout.session.async_payment_failed", sessionSaying("complete", "unpaid"), paylink.PaymentFailed, "not_approved"},
		{"checkout.session.expired", sessionSaying("expired", "unpaid"), paylink.PaymentFailed, "timeout"},
		{"checkout.session.completed", sessionSaying("complete", "no_payment_required"), "refused", ""},
		{"checkout.session.completed", sessionSaying("open", "unpaid"), "refused", ""},
		{"checkout.session.completed", sessionSaying("expired", "unpaid"), "refused", ""},
		{"checkout.session.expired", sessionSaying("complete", "paid"), "refused", ""},
		{"checkout.session.async_payment_succeeded", sessionSaying("complete", "unpaid"), "refused", ""},
		{"checkout.session.completed", strings.Replace(sessionSaying("complete", "paid"), `_id":"A`, `_id":"B`, 1), "refused", ""},
		{"checkout.session.completed", strings.Replace(sessionSaying("complete", "paid"), meta, `"metadata":{}`, 1), "", ""},
		{"payment_intent.created", `{}`, "", ""},
		{"payment_intent.succeeded", `{"id":"pi_1","object":"payment_intent","metadata":{"order":"7"},"status":"succeeded"}`, "", ""},
		{"customer.created", `{"id":"cus_1","object":"customer"}`, "", ""},
		{"charge.refunded", `{"id":"ch_1","object":"charge"}`, "", ""},
	} {
		news, err := stripe.New(nil).Read(a, posted(c.kind, c.object))
		switch {
		case c.want == "refused":
			if err == nil {
				t.Errorf("%s of %s is read as %+v", c.kind, c.object, news)
			}
		case err != nil || len(news.Refunds)+len(news.Disputes) > 0 || (len(news.Words) == 1) != (c.want != ""):
			t.Errorf("%s of %s is read as %+v (%v)", c.kind, c.object, news, err)
		case c.want != "":
			want := gateway.Word{
				Reference: "AAAAAAAAAAAAAAAAAAAA", Order: "cs_1", GatewayReference: "pi_1", Account: "mer_1.acct_1", Amount: paylink.Money{Minor: 245000, Currency: "INR"},
				Status: c.want, Method: paylink.MethodCard, Decline: news.Words[0].Decline, At: time.Unix(1795000000, 0).UTC(),
			}
			if got := news.Words[0]; got != want || got.Decline.Group != c.group || (got.Decline.Code != "") != (c.group != "") {
				t.Errorf("%s is read as %+v, want %+v", c.kind, got, want)
			}
		}
	}
}

// A platform's endpoint hears of all its merchants, and one of them is paid with another's money.
func TestEventsOfOtherConnectedAccountsAreLeftOut(t *testing.T) {
	a := gateway.Account{ID: "acct_1", Merchant: "mer_1", Fields: map[string]string{"stripe_account": "acct_ours"}}
	for account, want := range map[string]int{"acct_ours": 1, "acct_theirs": 0} {
		p := posted("checkout.session.completed", sessionSaying("complete", "paid"))
		p.Body = []byte(strings.Replace(string(p.Body), `"object":"event"`, `"object":"event","account":"`+account+`"`, 1))
		if news, err := stripe.New(nil).Read(a, p); err != nil || len(news.Words) != want {
			t.Errorf("an event of %s is read as %+v (%v)", account, news, err)
		}
		a := a
		a.Fields = nil
		if news, err := stripe.New(nil).Read(a, p); err != nil || len(news.Words) != 0 {
			t.Errorf("without a connected account an event of %s is read as %+v (%v)", account, news, err)
		}
	}
}

// An inquiry counts as money that is gone, or a decision is not understood.
func TestDisputesStandAsStripeSays(t *testing.T) {
	for status, want := range map[string]paylink.DisputeStatus{
		"needs_response": paylink.DisputeNeedsResponse, "warning_needs_response": paylink.DisputeNeedsResponse, "under_review": paylink.DisputeUnderReview,
		"warning_under_review": paylink.DisputeUnderReview, "won": paylink.DisputeWon, "warning_closed": paylink.DisputeWon, "prevented": paylink.DisputeWon,
		"lost": paylink.DisputeLost, "charge_refunded": "",
	} {
		object := `{"id":"du_1","object":"dispute","amount":245000,"currency":"inr","payment_intent":"pi_1","reason":"unrecognized","status":"` + status + `","balance_transactions":[]}`
		news, err := stripe.New(nil).Read(gateway.Account{}, posted("charge.dispute.updated", object))
		if want == "" {
			if err == nil {
				t.Errorf("%s is read as %+v", status, news)
			}
			continue
		}
		if err != nil || len(news.Disputes) != 1 || news.Disputes[0].Status != want || news.Disputes[0].Withdrawn || news.Disputes[0].Reason != "fraudulent" {
			t.Errorf("%s is read as %+v (%v)", status, news, err)
		}
	}
}

// A stranger who has the endpoint's secret, or Stripe after a change, posts something that crashes the door.
func FuzzRead(f *testing.F) {
	f.Add(string(posted("checkout.session.completed", sessionSaying("complete", "paid")).Body))
	f.Add(string(posted("refund.failed", `{"id":"re_1","object":"refund","amount":1,"currency":"inr","payment_intent":{"id":"pi_1"},"status":"failed"}`).Body))
	f.Add(string(posted("charge.dispute.created", `{"id":"du_1","object":"dispute","amount":1,"currency":"inr","payment_intent":"pi_1","status":"lost"}`).Body))
	a := gateway.Account{ID: "acct_1", Merchant: "mer_1"}
	f.Fuzz(func(t *testing.T, body string) {
		news, err := stripe.New(nil).Read(a, gateway.Post{URL: &url.URL{}, Body: []byte(body)})
		if err != nil && (len(news.Words)+len(news.Refunds)+len(news.Disputes) > 0 || len(err.Error()) > 200) {
			t.Fatalf("refused with %+v and %q", news, err)
		}
		for _, w := range news.Words {
			if len(w.Reference) != 20 || w.Amount.Minor <= 0 || w.Amount.Minor > paylink.MaxMinor || w.Status == "" || w.At.IsZero() {
				t.Fatalf("%q is read as %+v", body, w)
			}
		}
	})
}
