package stripe_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	official "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"paylink/gateway"
	"paylink/gateway/stripe"
	"paylink/provider"
)

func verify(secret, header string, body []byte, now time.Time) string {
	err := stripe.New(nil).Verify(gateway.Account{Secret: secret}, gateway.Post{Header: http.Header{"Stripe-Signature": {header}}, Body: body}, now)
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "unverified: ")
}

// Stripe's own events are refused, or somebody else's are believed; or they are while a secret is rolled.
func TestSignatures(t *testing.T) {
	const stamp, sum, other = "t=1495999758", "v1=f05bc093381139e543197930a3fac2f1651b6d3d52655c85be19084adc39721f", "v1=0000000000000000000000000000000000000000000000000000000000000000"
	body, now := []byte(`{"id":"evt_1"}`), time.Unix(1495999758, 0)
	for _, c := range []struct{ name, secret, header, want string }{
		{"the vector", "whsec_test_secret", stamp + "," + sum, ""},
		{"an old scheme beside it", "whsec_test_secret", stamp + "," + sum + ",v0=00", ""},
		{"an old scheme alone", "whsec_test_secret", stamp + ",v0=" + sum[3:], provider.BadSignature},
		{"two signatures, the second ours", "whsec_test_secret", stamp + "," + other + "," + sum, ""},
		{"two secrets, the first ours", "whsec_test_secret, whsec_old", stamp + "," + sum, ""},
		{"two secrets, the second ours", "whsec_new whsec_test_secret", stamp + "," + sum, ""},
		{"two of each", "whsec_new,whsec_test_secret", stamp + "," + other + "," + sum, ""},
		{"neither secret", "whsec_new,whsec_old", stamp + "," + other + "," + sum, provider.BadSignature},
		{"the secret without its name", "test_secret", stamp + "," + sum, provider.BadSignature},
		{"no secret but a separator", ",", stamp + "," + sum, provider.BadSignature},
		{"two times", "whsec_test_secret", stamp + "," + stamp + "," + sum, provider.BadSignature},
		{"no time", "whsec_test_secret", sum, provider.BadSignature},
		{"another time", "whsec_test_secret", "t=1495999759," + sum, provider.BadSignature},
		{"a time with a plus", "whsec_test_secret", "t=+1495999758," + sum, provider.BadSignature},
		{"no signature", "whsec_test_secret", stamp, provider.BadSignature},
		{"a short one", "whsec_test_secret", stamp + "," + sum[:40], provider.BadSignature},
		{"three thousand", "whsec_test_secret", stamp + strings.Repeat(","+other, 3000) + "," + sum, provider.BadSignature},
	} {
		if got := verify(c.secret, c.header, body, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The adapter and Stripe's own library judge an event differently. Stripe's believes events from the future; ours
// does not.
func TestStripesOwnLibraryBelievesTheSame(t *testing.T) {
	const secret = "whsec_ours"
	now := time.Now()
	for _, body := range []string{`{"id":"evt_1","object":"event"}`, `{"text":"₹2,450 – “tea”"}`, " ", strings.Repeat("x", 100_000)} {
		for _, by := range []string{secret, "whsec_theirs"} {
			for _, at := range []time.Time{now, now.Add(-290 * time.Second), now.Add(-310 * time.Second)} {
				signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: by, Timestamp: at})
				theirs := webhook.ValidatePayload([]byte(body), signed.Header, secret) == nil
				if ours := verify(secret, signed.Header, []byte(body), now) == ""; ours != theirs {
					t.Errorf("%.40q signed by %s %v ago: believed %t, by Stripe's library %t", body, by, now.Sub(at), ours, theirs)
				}
				mine := sign(by, []byte(body), at).Get("Stripe-Signature")
				if theirs := webhook.ValidatePayload([]byte(body), mine, secret) == nil; theirs != (verify(secret, mine, []byte(body), now) == "") {
					t.Errorf("%.40q signed by the fake: Stripe's library believes it: %t", body, theirs)
				}
			}
		}
	}
}

// The fake posts what Stripe's library cannot read, and the adapter is tried on events that never come.
func TestStripesOwnLibraryReadsTheFakesEvents(t *testing.T) {
	f := serve(t)
	started := f.begin(t, order())
	f.pay(ourKey, started.Order, true)
	seen := map[official.EventType]bool{}
	for len(seen) < 3 {
		p := f.far.Next(t, everything)
		e, err := webhook.ConstructEvent(p.Body, p.Header.Get("Stripe-Signature"), ourSecret)
		if err != nil {
			t.Fatalf("Stripe's library refuses %s: %v", p.Body, err)
		}
		seen[e.Type] = true
		switch e.Type {
		case official.EventTypePaymentIntentSucceeded:
			var in official.PaymentIntent
			if err := json.Unmarshal(e.Data.Raw, &in); err != nil || in.AmountReceived != 245000 || in.Metadata["paylink_reference"] == "" {
				t.Errorf("Stripe's library reads %+v (%v)", in, err)
			}
		case official.EventTypeCheckoutSessionCompleted:
			var s official.CheckoutSession
			if err := json.Unmarshal(e.Data.Raw, &s); err != nil || s.PaymentStatus != official.CheckoutSessionPaymentStatusPaid || s.ID != started.Order {
				t.Errorf("Stripe's library reads %+v (%v)", s, err)
			}
		}
	}
}

// A call is written for another version than the judge's, so that he says nothing about it.
func TestVersionIsTheJudges(t *testing.T) {
	if got := theJudge(t).document.Info.Version; got != stripe.Version {
		t.Errorf("calls are made for %s, the document is of %s", stripe.Version, got)
	}
	if release := strings.Split(stripe.Version, ".")[1]; !strings.HasSuffix(official.APIVersion, "."+release) {
		t.Errorf("calls are made for %s, Stripe's library is of %s", stripe.Version, official.APIVersion)
	}
}
