package stripe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"paylink/gateway/stripe"
)

// The judge is wired so that he sees nothing, and every call and answer passes him.
func TestJudgeRefusesWhatViolatesTheDocument(t *testing.T) {
	j := theJudge(t)
	for _, c := range []struct {
		method, path, body, version string
		want                        int
	}{
		{"POST", "/v1/refunds", "payment_intent=pi_1&amount=100", stripe.Version, 200},
		{"POST", "/v1/refunds", "payment_intent=pi_1&amount=14.99", stripe.Version, 400},
		{"POST", "/v1/refunds", "payment_intent=pi_1&reason=whatever", stripe.Version, 400},
		{"POST", "/v1/refunds", "payment_intent=pi_1&sum=100", stripe.Version, 400},
		{"POST", "/v1/refunds", "payment_intent=pi_1&amount=100", "2020-08-27", 400},
		{"POST", "/v1/checkout/sessions", "mode=payment&ui_mode=embedded", stripe.Version, 400},
		{"GET", "/v1/events?since=1", "", stripe.Version, 400},
		{"GET", "/v1/nowhere", "", stripe.Version, 404},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header = http.Header{"Authorization": {"Bearer " + ourKey}, "Stripe-Version": {c.version}, "Content-Type": {"application/x-www-form-urlencoded"}}
		if got, said := j.ask(r, []byte(c.body)); got != c.want {
			t.Errorf("%s %s %s: %d, want %d: %s", c.method, c.path, c.body, got, c.want, said)
		}
	}
	const whole = `{"id":"re_1","object":"refund","amount":1,"currency":"inr","created":1,"status":"succeeded","payment_intent":"pi_1"}`
	for body, good := range map[string]bool{
		whole: true, strings.Replace(whole, `"amount":1,`, "", 1): false, strings.Replace(whole, `"amount":1`, `"amount":"1"`, 1): false,
		strings.Replace(whole, `"refund"`, `"refunds"`, 1): false,
	} {
		r := httptest.NewRequest("GET", "/v1/refunds/re_1", nil)
		if err := j.judgeAnswer(r, 200, []byte(body)); (err == nil) != good {
			t.Errorf("the answer %s: %v, good should be %t", body, err, good)
		}
	}
	r := httptest.NewRequest("GET", "/v1/refunds/re_1", nil)
	if err := j.judgeAnswer(r, 404, []byte(`{"error":{"type":"strange"}}`)); err == nil {
		t.Error("an error of a kind that Stripe does not have passes")
	}
}
