package api_test

import (
	"net/http"
	"strings"
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

// A settings page in the merchant's own tool reads, changes one thing, and finds it changed in both worlds;
// what it does not name must stay.
func TestMerchantSettings(t *testing.T) {
	w := onSQLite(t)
	a := w.ask(w.test, "PATCH", "/v1/merchant", `{"settings":{"default_channels":["sms"],"on_late_payment":"hold"}}`).want(200)
	if a.at("settings.on_late_payment") != "hold" || a.at("default_expires_in") != 86400.0 {
		t.Errorf("%s", a.body)
	}
	w.ask(w.live, "PATCH", "/v1/merchant", `{"default_expires_in":null,"settings":{"on_late_payment":null}}`).want(200)
	a = w.ask(w.test, "GET", "/v1/merchant", "").want(200)
	if !strings.Contains(string(a.body), `"default_expires_in":null,"settings":{"default_channels":["sms"]}`) {
		t.Errorf("%s", a.body)
	}
	w.seal()
	if a = w.ask(w.live, "GET", "/v1/events?limit=1", "").want(200); !strings.Contains(string(a.body), `"type":"merchant.updated"`) {
		t.Errorf("%s", a.body)
	}
	for body, code := range map[string]string{
		`{"colour":"red"}`:                             "unknown_field",
		`{"settings":{"fee":1}}`:                       "unknown_field",
		`{"name":"Other"}`:                             "unknown_field",
		`{"settings":{"default_channels":"sms"}}`:      "invalid_values",
		`{"settings":{"default_channels":["pigeon"]}}`: "invalid_values",
		`{"default_expires_in":0}`:                     "invalid_values",
	} {
		if a := w.ask(w.test, "PATCH", "/v1/merchant", body); a.text("code") != code {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}
