package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// carrier is a provider that is asked about credentials and nothing else: it believes the token "good".
type carrier struct {
	channel.Sender
	name string
}

func (c carrier) Capabilities() channel.Capabilities {
	return channel.Capabilities{Name: c.name, Title: strings.ToUpper(c.name[:1]) + c.name[1:], Channels: []paylink.Channel{paylink.ChannelSMS}, Fields: []provider.Field{
		{Name: "account_sid", Label: "Account SID", Pattern: "AC[0-9a-f]{32}", Example: "AC00000000000000000000000000000000", Required: true},
		{Name: "auth_token", Label: "Auth Token", Secret: true, Required: true},
		{Name: "from", Label: "Sender"},
	}}
}

func (c carrier) Test(_ context.Context, a channel.Account) error {
	if a.Fields["auth_token"] == "good" {
		return nil
	}
	return &provider.Rejected{Code: "x20003", Reason: provider.BadCredentials, Words: "Authenticate"}
}

const twilio = `{"provider":"twilio","name":"India","fields":{"account_sid":"AC00000000000000000000000000000000","auth_token":"canary-token","from":"+15005550006"}}`

// A merchant connects a provider, tries it, corrects the token, switches it off and disconnects it. No
// answer, event or log ever has the secret in it.
func TestAccountsByAPI(t *testing.T) {
	each(t, func(w *town) {
		offered := w.ask(w.test, "GET", "/v1/providers", "").want(200)
		if offered.text("data.0.name") != "twilio" || offered.text("data.0.fields.1.label") != "Auth Token" || strings.Count(offered.body, `"object":"provider"`) != 1 || offered.at("data.0.judged_by") != nil {
			t.Errorf("providers: %s", offered.body)
		}
		made := w.ask(w.test, "POST", "/v1/accounts", twilio, "Idempotency-Key: k1").want(201)
		path := "/v1/accounts/" + made.text("id")
		if made.header.Get("Location") != path || made.text("secrets_set.0") != "auth_token" || made.text("fields.from") != "+15005550006" ||
			made.text("receipt_url") != "https://pay.example/inbound/channel/twilio/"+made.text("id") || made.at("rank") != 1.0 {
			t.Errorf("%v %s", made.header, made.body)
		}
		w.pass(time.Second)
		if again := w.ask(w.test, "POST", "/v1/accounts", twilio, "Idempotency-Key: k1").want(201); again.body != made.body || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %s", again.body)
		}
		if got := w.ask(w.test, "POST", "/v1/accounts", strings.Replace(twilio, "canary", "other", 1), "Idempotency-Key: k1").problem(); got != "422 idempotency_key_reused" {
			t.Errorf("the key for another account: %s", got)
		}
		if got := w.ask(w.test, "POST", "/v1/accounts", twilio).problem(); got != "409 account_exists" {
			t.Error(got)
		}
		tried := w.ask(w.test, "POST", path+"/test", "", "Idempotency-Key: k2").want(200)
		if tried.at("works") != false || tried.text("reason") != "bad_credentials" || tried.text("words") != "Authenticate" || tried.text("receipt_url") != made.text("receipt_url") || tried.text("detail") == "" {
			t.Errorf("tested: %s", tried.body)
		}
		w.pass(time.Second)
		changed := w.ask(w.test, "PATCH", path, `{"fields":{"auth_token":"good","from":""},"rank":7}`, "If-Match: "+made.header.Get("ETag")).want(200)
		if changed.at("rank") != 7.0 || changed.at("fields.from") != nil || changed.header.Get("ETag") == made.header.Get("ETag") {
			t.Errorf("changed: %v %s", changed.header, changed.body)
		}
		if got := w.ask(w.test, "PATCH", path, `{"rank":8}`, "If-Match: "+made.header.Get("ETag")).problem(); got != "412 wrong_revision" {
			t.Error(got)
		}
		if got := w.ask(w.test, "PATCH", path, `{"rank":8}`, `If-Match: "3"`).problem(); got != "400 bad_if_match" {
			t.Error(got)
		}
		if a := w.ask(w.test, "POST", path+"/test", "").want(200); a.at("works") != true {
			t.Errorf("tested: %s", a.body)
		}
		if a := w.ask(w.test, "POST", path+"/test", "", "Idempotency-Key: k2").want(200); a.body != tried.body {
			t.Errorf("what was asked again is answered anew: %s", a.body)
		}
		w.pass(time.Second)
		if a := w.ask(w.test, "PATCH", path, `{"switched_off":true}`).want(200); a.at("switched_off") != true {
			t.Errorf("switched off: %s", a.body)
		}
		if a := w.ask(w.test, "GET", "/v1/accounts", "").want(200); a.text("data.0.id") != made.text("id") {
			t.Errorf("listed: %s", a.body)
		}
		for _, key := range []string{w.live, w.stranger} {
			if w.ask(key, "GET", path, "").status != 404 || w.ask(key, "DELETE", path, "").status != 404 || w.ask(key, "PATCH", path, `{"rank":1}`).status != 404 || w.ask(key, "POST", path+"/test", "").status != 404 {
				t.Error("another merchant, or the other mode, reaches the account")
			}
		}
		w.pass(time.Second)
		w.ask(w.test, "DELETE", path, "").want(204)
		w.pass(time.Second)
		w.ask(w.test, "DELETE", path, "").want(404)
		w.ask(w.test, "GET", path, "").want(404)
		w.ask(w.test, "POST", "/v1/accounts", twilio).want(201)
		w.seal()
		told := w.ask(w.test, "GET", "/v1/events?limit=10", "").want(200)
		for i, want := range []string{"account.connected", "account.disconnected", "account.changed", "account.changed", "account.connected"} {
			if told.text("data."+string(rune('0'+i))+".type") != want {
				t.Errorf("events: %s", told.body)
			}
		}
		if strings.Contains(told.body, "5550006") || strings.Contains(told.body, "India") {
			t.Errorf("an event tells what is in an account: %s", told.body)
		}
		if all := w.log.String() + told.body + made.body + changed.body; strings.Contains(all, "canary") || strings.Contains(all, `"good"`) {
			t.Error("a secret comes back")
		}
	})
}

// A draft with five mistakes costs five rounds when each is told alone.
func TestAccountsAreJudgedAsAWhole(t *testing.T) {
	w := onSQLite(t)
	for body, want := range map[string]string{
		`{}`:                     "/provider:required",
		`{"provider":"pigeon"}`:  "/provider:unknown_value",
		`{"provider":"sandbox"}`: "/provider:unknown_value",
		`{"provider":"twilio","channel":"email","name":"acct_1","rank":1001,"base_url":"http://127.0.0.1:1/","fields":{"account_sid":"AC1","colour":"red"}}`: "/fields/colour:unknown_field /channel:unknown_value /name:bad_characters /rank:out_of_range /base_url:bad_url /fields/account_sid:bad_format /fields/auth_token:required",
	} {
		if got := w.ask(w.test, "POST", "/v1/accounts", body).problem(); got != "422 invalid_values "+want {
			t.Errorf("%s: %s", body, got)
		}
	}
	if got := w.ask(w.test, "POST", "/v1/accounts", `{"provider":"twilio","secret":"x"}`); got.status != http.StatusBadRequest || strings.Contains(got.body, `"x"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
