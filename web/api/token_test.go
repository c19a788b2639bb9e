package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// The merchant's own check of a token that somebody shows him. What is not his own says nothing.
func TestVerifyToken(t *testing.T) {
	each(t, func(w *town) {
		made := w.ask(w.test, "POST", "/v1/payment_links", order).want(201)
		old := made.text("token")
		ask := func(key, tok string) string {
			return strings.TrimSpace(w.ask(key, "POST", "/v1/tokens/verify", fmt.Sprintf(`{"token":%q}`, tok)).want(200).body)
		}
		want := fmt.Sprintf(`{"genuine":true,"current":true,"claims":{"link_id":%q,"merchant_id":%q,"livemode":false,"usage":"single","amount":245000,"currency":"INR","expires_at":"2026-11-23T12:00:00Z","revision":1}}`, made.text("id"), w.acme)
		if got := ask(w.test, old); got != want {
			t.Errorf("%s", got)
		}
		w.ask(w.test, "POST", "/v1/payment_links/"+made.text("id")+"/extend", `{"expires_in":172800}`).want(200)
		if got := ask(w.test, old); !strings.HasPrefix(got, `{"genuine":true,"current":false,`) {
			t.Errorf("of an old revision: %s", got)
		}
		for name, got := range map[string]string{
			"a stranger": ask(w.stranger, old), "the other mode": ask(w.live, old), "forged": ask(w.test, old[:40]+"A"+old[41:]), "nonsense": ask(w.test, "x"),
		} {
			if got != `{"genuine":false}` {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}
