package api_test

import (
	"net/http"
	"testing"
)

// A merchant asks who the key is for before he trusts it with money.
func TestMerchantOfTheKey(t *testing.T) {
	w := onSQLite(t)
	w.ask(w.test, "POST", "/sandbox/clock", `{"advance":"24h"}`).want(200)
	a := w.ask(w.test, "GET", "/v1/merchant", "").want(200)
	b := w.ask(w.live, "GET", "/v1/merchant", "").want(200)
	if a.text("id") != string(w.acme) || a.text("now") != "2026-11-23T12:00:00Z" || b.text("now") != "2026-11-22T12:00:00Z" || b.at("livemode") != true {
		t.Errorf("%s\n%s", a.body, b.body)
	}
	if a.header.Get("Content-Security-Policy") == "" || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("headers %v", a.header)
	}
	if w.ask(w.test, http.MethodHead, "/v1/merchant", "").status != 200 {
		t.Error("HEAD is refused")
	}
}
