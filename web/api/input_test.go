package api_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"paylink"
)

// Everything that a client can get wrong in the create call, and what it is told: status, code, and a
// pointer to each field. A value that was sent must not come back.
func TestBadInputIsToldByPointer(t *testing.T) {
	w := onSQLite(t)
	with := func(fields string) string { return `{"amount":100,"currency":"INR",` + fields + `}` }
	amount := func(n string) string { return `{"currency":"INR","amount":` + n + `}` }
	phone := func(s string) string { return with(`"customer":{"phone":"` + s + `"}`) }
	const invalid = "422 invalid_values "
	for _, c := range []struct{ name, body, want string }{
		{"amount absent", `{"currency":"INR"}`, invalid + "/amount:required"},
		{"amount null", amount("null"), invalid + "/amount:required"},
		{"amount zero", amount("0"), invalid + "/amount:too_small"},
		{"amount negative", amount("-100"), invalid + "/amount:too_small"},
		{"amount above the most", amount("1000000000001"), invalid + "/amount:too_large"},
		{"amount overflows", amount("9223372036854775808"), invalid + "/amount:too_large"},
		{"amount overflows downwards", amount("-9223372036854775809"), invalid + "/amount:too_small"},
		{"amount far beyond", amount("1e400"), invalid + "/amount:wrong_type"},
		{"amount a float", amount("100.5"), invalid + "/amount:wrong_type"},
		{"amount a whole float", amount("100.0"), invalid + "/amount:wrong_type"},
		{"amount a text", amount(`"100"`), invalid + "/amount:wrong_type"},
		{"amount true", amount("true"), invalid + "/amount:wrong_type"},
		{"amount a list", amount("[100]"), invalid + "/amount:wrong_type"},
		{"currency absent", `{"amount":100}`, invalid + "/currency:required"},
		{"currency unknown", `{"amount":100,"currency":"XXX"}`, invalid + "/currency:unknown_currency"},
		{"currency in small letters", `{"amount":100,"currency":"inr"}`, invalid + "/currency:unknown_currency"},
		{"phone that cannot exist", phone("+91123"), invalid + "/customer/phone:bad_phone"},
		{"phone of letters", phone("call me"), invalid + "/customer/phone:bad_phone"},
		{"e-mail without a domain", with(`"customer":{"email":"asha@"}`), invalid + "/customer/email:bad_email"},
		{"e-mail with a new line", with(`"customer":{"email":"asha@example.com\r\nBcc: x@example.com"}`), invalid + "/customer/email:bad_email"},
		{"customer of somebody else", with(`"customer":{"id":"` + string(paylink.NewCustomerID(start)) + `"}`), invalid + "/customer/id:unknown_value"},
		{"expiry in the past", with(`"expires_at":"2026-11-22T11:59:59Z"`), invalid + "/expires_at:in_the_past"},
		{"expiry now", with(`"expires_at":"2026-11-22T12:00:00Z"`), invalid + "/expires_at:in_the_past"},
		{"expiry beyond a year", with(`"expires_at":"2027-11-22T12:00:01Z"`), invalid + "/expires_at:too_far"},
		{"seconds beyond a year", with(`"expires_in":31536001`), invalid + "/expires_in:too_far"},
		{"no seconds", with(`"expires_in":0`), invalid + "/expires_in:too_small"},
		{"both expiries", with(`"expires_in":60,"expires_at":"2026-11-23T12:00:00Z"`), invalid + "/expires_in:conflicting"},
		{"expiry as a number", with(`"expires_at":1763812800`), invalid + "/expires_at:wrong_type"},
		{"expiry as a date", with(`"expires_at":"2026-12-01"`), invalid + "/expires_at:bad_time"},
		{"channel unknown", with(`"channels":["pigeon"]`), invalid + "/channels/0:unknown_value"},
		{"channel twice", with(`"customer":{"phone":"+919812345642"},"channels":["sms","sms"]`), invalid + "/channels/1:duplicate_value"},
		{"channel without contact", with(`"channels":["email"]`), invalid + "/channels/0:needs_contact"},
		{"channels a text", with(`"channels":"sms"`), invalid + "/channels:wrong_type"},
		{"method unknown", with(`"methods":["gold"]`), invalid + "/methods/0:unknown_value"},
		{"single with a cap", with(`"usage":{"mode":"single","max_payments":2}`), invalid + "/usage/max_payments:conflicting"},
		{"mode unknown", with(`"usage":{"mode":"twice"}`), invalid + "/usage/mode:unknown_value"},
		{"return to http", with(`"return_url":"http://shop.example"`), invalid + "/return_url:bad_url"},
		{"return to a script", with(`"return_url":"javascript:alert(1)"`), invalid + "/return_url:bad_url"},
		{"description too long", with(`"description":"` + strings.Repeat("ä", 501) + `"`), invalid + "/description:too_long"},
		{"metadata of numbers", with(`"metadata":{"a/b":1}`), invalid + "/metadata/a~1b:wrong_type"},
		{"policy unknown", with(`"on_late_payment":"keep"`), invalid + "/on_late_payment:unknown_value"},
		{"all types at once", `{"amount":"1","currency":1,"customer":[],"channels":[1]}`,
			invalid + "/amount:wrong_type /channels/0:wrong_type /currency:wrong_type /customer:wrong_type"},
		{"all values at once", `{"amount":0,"currency":"XXX","expires_in":0}`, invalid + "/amount:too_small /currency:unknown_currency /expires_in:too_small"},
		{"not an object", `[]`, invalid + ":wrong_type"},

		{"unknown field", with(`"colour":"red"`), "400 unknown_field /colour:unknown_field"},
		{"unknown field within", with(`"customer":{"x/y":1}`), "400 unknown_field /customer/x~1y:unknown_field"},
		{"key in other case", `{"Amount":100,"currency":"INR"}`, "400 case_variant_key /Amount:case_variant_key"},
		{"key twice", `{"amount":100,"currency":"INR","amount":1}`, "400 duplicate_key /amount:duplicate_key"},
		{"key twice within", with(`"customer":{"name":"A","name":"B"}`), "400 duplicate_key /customer/name:duplicate_key"},
		{"keys that differ by case", `{"amount":100,"AMOUNT":1,"currency":"INR"}`, "400 case_variant_key /AMOUNT:case_variant_key"},
		{"key escaped to be a twin", `{"amount":100,"currency":"INR","amoun\u0074":1}`, "400 duplicate_key /amount:duplicate_key"},
		{"not JSON", `amount=100`, "400 not_json"},
		{"half of it", `{"amount":100`, "400 not_json"},
		{"a comma too many", `{"amount":100,}`, "400 not_json"},
		{"something after it", `{"amount":100,"currency":"INR"} {}`, "400 trailing_data"},
		{"empty", ` `, "400 not_json"},
		{"NUL in a text", with(`"description":"a\u0000b"`), "400 nul /description:nul"},
		{"not UTF-8", with("\"description\":\"\xff\""), "400 not_utf8"},
		{"too deep", with(`"metadata":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40)), "400 too_deep :too_deep"},
		{"far too deep", with(`"metadata":` + strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000)), "400 not_json"},
		{"too large", with(`"notes":"` + strings.Repeat("x", 256<<10) + `"`), "413 body_too_large"},
	} {
		a := w.ask(w.test, "POST", "/v1/payment_links", c.body)
		if got := a.problem(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		for _, value := range []string{"pigeon", "call me", "XXX", "javascript", "gold", "+91123"} {
			if strings.Contains(c.body, value) && strings.Contains(a.body, value) {
				t.Errorf("%s: the value comes back: %s", c.name, a.body)
			}
		}
	}
	if links, err := w.store.Read(t.Context()).FindLinks(storeFilter(w)); err != nil || len(links.Links) != 0 {
		t.Errorf("%d links were made, %v", len(links.Links), err)
	}
}

// The same amounts in currencies of other exponents are fine as they are: minor units know no decimals.
func TestZeroAndThreeDecimalCurrencies(t *testing.T) {
	w := onSQLite(t)
	for _, currency := range []string{"JPY", "KWD", "INR"} {
		a := w.ask(w.test, "POST", "/v1/payment_links", fmt.Sprintf(`{"amount":1,"currency":%q}`, currency)).want(201)
		if a.at("amount") != 1.0 || a.text("currency") != currency {
			t.Errorf("%s: %s", currency, a.body)
		}
	}
}

// What is not JSON in UTF-8 is not guessed at.
func TestContentTypes(t *testing.T) {
	w := onSQLite(t)
	const body = `{"amount":1,"currency":"INR"}`
	for header, want := range map[string]int{
		"Content-Type: application/json": 201, "Content-Type: application/json; charset=UTF-8": 201, "Content-Type: text/plain": 415,
		"Content-Type: application/x-www-form-urlencoded": 415, "Content-Type: application/json; charset=utf-16": 415, "Content-Type: ": 415,
		"Content-Encoding: gzip": 415,
	} {
		if a := w.ask(w.test, "POST", "/v1/payment_links", body, header); a.status != want {
			t.Errorf("%s: %d %s", header, a.status, a.body)
		}
	}
}

// A body that does not tell its length is cut off all the same.
func TestEndlessBodyIsCutOff(t *testing.T) {
	w := onSQLite(t)
	r := httptest.NewRequest("POST", "/v1/payment_links", endless{})
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer "+w.test)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != 413 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }

// A caller must not be able to set what only we know: the answer's own fields are no fields of the
// request.
func TestReadOnlyFieldsCannotBeSet(t *testing.T) {
	w := onSQLite(t)
	for _, field := range []string{
		"id", "object", "livemode", "status", "revision", "amount_paid", "amount_due", "amount_refunded", "payments_count", "hold", "archived_at",
		"replaced_by", "opened_at", "paid_at", "created_at", "updated_at", "created_by", "url", "code", "token", "deliveries", "payments",
		"merchant_id", "merchant", "in_flight", "code_key",
	} {
		body := fmt.Sprintf(`{"amount":100,"currency":"INR",%q:null}`, field)
		if got := w.ask(w.test, "POST", "/v1/payment_links", body).problem(); got != "400 unknown_field /"+field+":unknown_field" {
			t.Errorf("%s: %s", field, got)
		}
	}
	for _, field := range []string{"merchant_id", "livemode", "created_at"} {
		body := fmt.Sprintf(`{"amount":100,"currency":"INR","customer":{"name":"A",%q:null}}`, field)
		if got := w.ask(w.test, "POST", "/v1/payment_links", body).problem(); got != "400 unknown_field /customer/"+field+":unknown_field" {
			t.Errorf("customer.%s: %s", field, got)
		}
	}
}

// A misspelt filter that is ignored shows the wrong list as if it were the right one.
func TestQueriesAreScreened(t *testing.T) {
	w := onSQLite(t)
	for query, want := range map[string]string{
		"limit=0": "422 invalid_values /limit:too_small", "limit=101": "422 invalid_values /limit:too_large", "limit=ten": "422 invalid_values /limit:wrong_type",
		"limit=1&limit=2": "400 repeated_parameter /limit:repeated_parameter", "stauts=paid": "400 unknown_parameter /stauts:unknown_parameter",
		"status=payed": "422 invalid_values /status:unknown_value", "channel=fax": "422 invalid_values /channel:unknown_value", "created_after=yesterday": "422 invalid_values /created_after:bad_time",
		"q=%00": "422 invalid_values /q:too_long", "q=%ff": "422 invalid_values /q:too_long", "q=%zz": "400 bad_query", "a;b": "400 bad_query",
		"limit=0&status=payed": "422 invalid_values /limit:too_small /status:unknown_value",
	} {
		if got := w.ask(w.test, "GET", "/v1/payment_links?"+query, "").problem(); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, path := range []string{"/v1/payment_links/%00", "/v1/payment_links/%ff", "/v1/payment_links/" + strings.Repeat("x", 600)} {
		if got := w.ask(w.test, "GET", path, "").problem(); got != "404 not_found" {
			t.Errorf("%.40s: %s", path, got)
		}
	}
}
