package api_test

import (
	"strings"
	"testing"
)

// A merchant amends what was read, on the same URL, and nobody overwrites what he has not seen.
func TestAmendUnderTheRevisionThatWasRead(t *testing.T) {
	each(t, func(w *town) {
		made := w.ask(w.test, "POST", "/v1/payment_links", order).want(201)
		path := "/v1/payment_links/" + made.text("id")
		a := w.ask(w.test, "PATCH", path, `{"amount":198000,"expires_at":null}`, "If-Match: "+made.header.Get("ETag")).want(200)
		if a.header.Get("ETag") != `"2"` || a.at("amount") != 198000.0 || a.at("revision") != 2.0 || a.at("expires_at") != nil || a.text("url") != made.text("url") {
			t.Errorf("%v %s", a.header, a.body)
		}
		if got := w.ask(w.test, "PATCH", path, `{"amount":100}`, `If-Match: "1"`).problem(); got != "412 wrong_revision" {
			t.Error(got)
		}
		for _, odd := range []string{"2", `W/"2"`, `"2", "3"`, `"02"`, `"x"`} {
			if got := w.ask(w.test, "PATCH", path, `{"amount":100}`, "If-Match: "+odd).problem(); got != "400 bad_if_match" {
				t.Errorf("%s: %s", odd, got)
			}
		}
		for body, want := range map[string]string{
			`{"currency":"USD"}`:                 "400 unknown_field /currency:unknown_field",
			`{"amount":0}`:                       "422 invalid_values /amount:too_small",
			`{"amount":"1"}`:                     "422 invalid_values /amount:wrong_type",
			`{"expires_in":9,"expires_at":null}`: "422 invalid_values /expires_in:conflicting",
			`{"return_url":"shop"}`:              "422 invalid_values /return_url:bad_url",
			`{"allow_discount_codes":["A"]}`:     "422 invalid_values /allow_discount_codes/0:bad_code",
			`{`:                                  "400 not_json",
		} {
			if got := w.ask(w.test, "PATCH", path, body).problem(); got != want {
				t.Errorf("%s: %s, want %s", body, got, want)
			}
		}
		w.ask(w.test, "PATCH", path, `{"return_url":"https://shop.example/thanks","allow_discount_codes":["welcome10"]}`).want(200)
		if b := w.ask(w.test, "GET", path, "").want(200); b.text("return_url") != "https://shop.example/thanks" || b.text("allow_discount_codes.0") != "WELCOME10" {
			t.Errorf("%s", b.body)
		}
		w.ask(w.test, "PATCH", path, `{"return_url":"","allow_discount_codes":[]}`).want(200)
		if b := w.ask(w.test, "GET", path, "").want(200); b.at("revision") != 4.0 || b.at("amount") != 198000.0 {
			t.Errorf("%s", b.body)
		}
	})
}

// The life of a link as the contract names it: paused, resumed, paid at the counter, archived, and then
// out of the lists unless they ask.
func TestLifeOfALink(t *testing.T) {
	each(t, func(w *town) {
		path := "/v1/payment_links/" + w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		if a := w.ask(w.test, "POST", path+"/pause", "").want(200); a.text("hold.reason") != "paused" {
			t.Errorf("%s", a.body)
		}
		if a := w.ask(w.test, "POST", path+"/resume", "").want(200); a.at("hold") != nil {
			t.Errorf("%s", a.body)
		}
		if got := w.ask(w.test, "POST", path+"/archive", "").problem(); got != "409 not_archivable" {
			t.Error(got)
		}
		paid := w.ask(w.test, "POST", path+"/record_payment", `{"method":"cash"}`, "Idempotency-Key: counter-7").want(200)
		if paid.text("status") != "paid" || paid.text("payments.0.method") != "cash" || paid.at("payments.0.amount_captured") != 245000.0 {
			t.Errorf("%s", paid.body)
		}
		again := w.ask(w.test, "POST", path+"/record_payment", `{"method":"cash"}`, "Idempotency-Key: counter-7").want(200)
		if again.header.Get("Idempotent-Replayed") != "true" || again.body != paid.body {
			t.Errorf("the second answer differs:\n%s\n%s", paid.body, again.body)
		}
		w.ask(w.test, "POST", path+"/archive", "").want(200)
		for query, want := range map[string]bool{"": false, "?archived=false": false, "?archived=true": true} {
			if got := strings.Contains(w.ask(w.test, "GET", "/v1/payment_links"+query, "").want(200).body, path[len("/v1/payment_links/"):]); got != want {
				t.Errorf("%q lists it: %t", query, got)
			}
		}
	})
}

// A new request stands in for an old one: the old page leads to it. A copy stands beside its original.
func TestReplacedAndDuplicatedLinks(t *testing.T) {
	each(t, func(w *town) {
		old := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		made := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":300000,"currency":"INR","reference":"order-1042","replaces":"`+old+`"}`).want(201)
		if a := w.ask(w.test, "GET", "/v1/payment_links/"+old, "").want(200); a.text("replaced_by") != made.text("id") || a.text("status") != "cancelled" {
			t.Errorf("%s", a.body)
		}
		copied := w.ask(w.test, "POST", "/v1/payment_links/"+made.text("id")+"/duplicate", `{"reference":"order-1043"}`).want(201)
		if copied.text("customer.id") != made.text("customer.id") || copied.at("amount") != 300000.0 || copied.text("url") == made.text("url") {
			t.Errorf("%s", copied.body)
		}
		if got := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR","replaces":"plink_x"}`).problem(); got != "422 invalid_values /replaces:unknown_link" {
			t.Error(got)
		}
	})
}
