package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/api"
)

func storeFilter(w *town) store.LinkFilter { return store.LinkFilter{Merchant: w.acme, Limit: 10} }

// Every way of presenting a key, right and wrong; what is refused learns nothing about why.
func TestKeysOpenTheDoor(t *testing.T) {
	w := onSQLite(t)
	basic := func(user, password string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	unknown := w.test[:len(w.test)-1] + "x"
	var refusal string
	for _, c := range []struct {
		header string
		want   int
	}{
		{"Authorization: Bearer " + w.test, 200}, {"Authorization: bearer " + w.test, 200}, {basic(w.test, ""), 200},
		{"X: y", 401}, {"Authorization: " + w.test, 401}, {"Authorization: Bearer", 401}, {basic(w.test, "password"), 401}, {basic("", w.test), 401},
		{"Authorization: Bearer " + unknown, 401}, {"Authorization: Bearer sk_test_short", 401},
	} {
		a := w.ask("", "GET", "/v1/merchant", "", c.header)
		if a.status != c.want {
			t.Errorf("%.30s…: %d", c.header, a.status)
		}
		if a.status == 401 {
			body := regexp.MustCompile(`req_\w+`).ReplaceAllString(a.body, "")
			if refusal == "" {
				refusal = body
			}
			if body != refusal || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("another refusal: %s", a.body)
			}
		}
	}
}

// What one key makes in one mode does not exist in the other.
func TestModesAreSeparateWorlds(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		if a := w.ask(w.live, "GET", "/v1/payment_links/"+id, ""); a.problem() != "404 not_found" {
			t.Errorf("%s", a.body)
		}
		if list := w.ask(w.live, "GET", "/v1/payment_links", "").want(200).at("data").([]any); len(list) != 0 {
			t.Errorf("%v", list)
		}
		w.seal()
		if list := w.ask(w.live, "GET", "/v1/events", "").want(200).at("data").([]any); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

// A path that does not exist, and a method that a path has not, are answered like everything else.
func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	w := onSQLite(t)
	for _, c := range []struct{ method, path, want, allow string }{
		{"GET", "/v1/nothing", "404 not_found", ""}, {"GET", "/v1/", "404 not_found", ""}, {"GET", "/v2/payment_links", "404 not_found", ""},
		{"PUT", "/v1/payment_links", "405 method_not_allowed", "GET, HEAD, POST"}, {"OPTIONS", "/v1/payment_links", "405 method_not_allowed", "GET, HEAD, POST"},
		{"GET", "/v1/payment_links/x/cancel", "405 method_not_allowed", "POST"}, {"TRACE", "/v1/merchant", "405 method_not_allowed", "GET, HEAD, PATCH"},
		{"GET", "/v1/payment_links/plink_x", "404 not_found", ""},
	} {
		a := w.ask(w.test, c.method, c.path, "")
		if a.problem() != c.want || a.header.Get("Allow") != c.allow || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s %s: %s, Allow %q", c.method, c.path, a.problem(), a.header.Get("Allow"))
		}
	}
}

// An old client that asks for a version which does not exist must hear so, not get another one.
func TestVersionIsAnsweredAndChecked(t *testing.T) {
	w := onSQLite(t)
	if a := w.ask(w.test, "GET", "/v1/merchant", "", "Paylink-Version: 2026-11-22").want(200); a.header.Get("Paylink-Version") != api.Version {
		t.Errorf("%v", a.header)
	}
	if a := w.ask(w.test, "GET", "/v1/merchant", "", "Paylink-Version: 2020-01-01"); a.problem() != "400 unknown_version" || a.header.Get("Paylink-Version") != api.Version {
		t.Errorf("%s", a.body)
	}
}

// One key's flood is slowed down with notice, and nobody else's.
func TestRateLimitIsPerKey(t *testing.T) {
	w := newTown(t, storetest.Open(t, "sqlite"), func(d *api.Deps) { d.PerSecond, d.Burst = 2, 3 })
	var got []string
	for range 4 {
		a := w.ask(w.test, "GET", "/v1/merchant", "")
		got = append(got, fmt.Sprint(a.status, " ", a.header.Get("RateLimit-Policy"), " ", a.header.Get("RateLimit"), " ", a.header.Get("Retry-After")))
	}
	want := []string{`200 "key";q=3;w=2 "key";r=2;t=1 `, `200 "key";q=3;w=2 "key";r=1;t=1 `, `200 "key";q=3;w=2 "key";r=0;t=2 `, `429 "key";q=3;w=2 "key";r=0;t=2 1`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	w.ask(w.live, "GET", "/v1/merchant", "").want(200)
	w.pass(500 * time.Millisecond)
	w.ask(w.test, "GET", "/v1/merchant", "").want(200)
}

// Whoever tries keys is not listened to for a while; a key that works from elsewhere still does.
func TestGuessingKeysIsSlowedDown(t *testing.T) {
	w := onSQLite(t)
	statuses := map[int]int{}
	for range 40 {
		statuses[w.ask("sk_test_"+strings.Repeat("x", 43), "GET", "/v1/merchant", "").status]++
	}
	if statuses[401] != 30 || statuses[429] != 10 {
		t.Errorf("%v", statuses)
	}
}

// The log is read by many people and kept for long: no key, no code, no contact may stand in it.
func TestLogHoldsNoSecrets(t *testing.T) {
	w := onSQLite(t)
	a := w.ask(w.test, "POST", "/v1/payment_links", order).want(201)
	w.ask(w.test, "GET", "/v1/payment_links?phone=%2B919812345642&email=asha@example.com", "").want(200)
	w.ask(w.test, "GET", "/v1/payment_links/"+a.text("code"), "").want(404)
	w.ask(w.test[:20]+"wrong", "GET", "/v1/merchant", "").want(401)
	log := w.log.String()
	for _, secret := range []string{a.text("code"), a.text("token"), w.test[8:], w.test[:20], "9812345642", "asha@", "Asha"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log, `"route":"POST /v1/payment_links"`) || !strings.Contains(log, `"merchant":"`+string(w.acme)) {
		t.Errorf("the log does not say what happened: %s", log)
	}
}

// In the demo the sandbox page moves the clock without a key; nothing else opens without one.
func TestDemoMovesTheClockWithoutAKey(t *testing.T) {
	const demo = paylink.MerchantID("mer_demo")
	w := newTown(t, storetest.Open(t, "sqlite"), func(d *api.Deps) {
		d.Keyless = func(*http.Request) (paylink.MerchantID, bool) { return demo, true }
	})
	w.write(func(tx *store.Tx) { tx.InsertMerchant(paylink.Merchant{ID: demo, Name: "Demo", CreatedAt: start}) })
	if a := w.ask("", "POST", "/sandbox/clock", `{"advance":"90m"}`).want(200); a.text("now") != "2026-11-22T13:30:00Z" {
		t.Errorf("%s", a.body)
	}
	if m, err := w.store.Read(t.Context()).Merchant(demo); err != nil || m.ClockOffset != 90*time.Minute {
		t.Errorf("%v %v", m.ClockOffset, err)
	}
	if a := w.ask("", "GET", "/sandbox/clock", "").want(200); a.text("now") != "2026-11-22T13:30:00Z" {
		t.Errorf("%s", a.body)
	}
	w.ask("sk_test_wrong", "POST", "/sandbox/clock", `{"advance":"90m"}`).want(401)
	w.ask("", "GET", "/v1/merchant", "").want(401)
	for body, want := range map[string]string{
		`{}`: "/advance:required", `{"advance":"tomorrow"}`: "/advance:bad_duration", `{"advance":"-1h"}`: "/advance:too_small", `{"advance":"9000h"}`: "/advance:too_far",
	} {
		if got := w.ask("", "POST", "/sandbox/clock", body).problem(); got != "422 invalid_values "+want {
			t.Errorf("%s: %s", body, got)
		}
	}
}
