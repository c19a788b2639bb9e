package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink/customer"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/store"
	"paylink/store/storetest"
)

// A merchant who looks for a person finds a list of snapshots, corrects one of them, or is told another balance
// than the links have.
func TestACustomerIsOnePersonOverManyLinks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s, nil)
		link := func(customer string) string {
			w.pass(time.Second)
			return w.ask(w.test, "POST", "/v1/payment_links", `{"amount":245000,"currency":"INR","customer":`+customer+`}`).want(201).text("customer.id")
		}
		asha := link(`{"name":"Asha","phone":"+919812345642","email":"asha@example.com","tax_id":"27AAPFU0939F1ZV"}`)
		again := link(`{"name":"Asha R","phone":"9812345642","email":"Asha@example.com"}`)
		link(`{"name":"Ravi","phone":"+919812345643"}`)
		link(`{"id":"` + asha + `"}`)

		if got := fmt.Sprint(w.ask(w.test, "GET", "/v1/customers", "").want(200).column("name")); got != "[Ravi Asha]" {
			t.Errorf("the list has %s", got)
		}
		for q, want := range map[string]string{"q=asha": "[Asha]", "q=98123+45642": "[Asha]", "email=ASHA@example.com": "[Asha]", "q=nobody": "[]", "phone=%2B919812345643": "[Ravi]"} {
			if got := fmt.Sprint(w.ask(w.test, "GET", "/v1/customers?"+q, "").want(200).column("name")); got != want {
				t.Errorf("%s finds %s, want %s", q, got, want)
			}
		}
		got := w.ask(w.test, "GET", "/v1/customers/"+again, "").want(200)
		if got.text("id") != asha || got.text("tax_id") != "27AAPFU0939F1ZV" || fmt.Sprint(got.at("standing.links")) != "3" || !strings.Contains(got.body, `"open_balance":[{"amount":735000,"currency":"INR"}]`) {
			t.Errorf("the second contact answers %s", got.body)
		}
		w.ask(w.stranger, "GET", "/v1/customers/"+asha, "").want(404)
		w.ask(w.live, "GET", "/v1/customers/"+asha, "").want(404)

		changed := w.ask(w.test, "PATCH", "/v1/customers/"+asha, `{"phone":"+919812345601","metadata":{"crm":"7"}}`, `If-Match: "1"`).want(200)
		if changed.text("phone") != "+919812345601" || changed.header.Get("ETag") != `"2"` {
			t.Errorf("changed to %s", changed.body)
		}
		w.ask(w.test, "PATCH", "/v1/customers/"+asha, `{"name":"X"}`, `If-Match: "1"`).want(412)
		w.ask(w.test, "PATCH", "/v1/customers/"+asha, `{"phone":"12"}`).want(422)

		w.ask(w.test, "POST", "/v1/customers", `{"name":"Ravi","phone":"+919812345643"}`).want(409)
		w.ask(w.test, "POST", "/v1/customers", `{"locale":"hi"}`).want(422)
		w.ask(w.test, "POST", "/v1/payment_links", `{"amount":100,"currency":"INR","customer":{"id":"cust_00000000000000000000000000"}}`).want(422)
	})
}

// What a person allowed is lost, or counts although it was taken back.
func TestConsentsAreALogThatHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s, nil)
		id := w.ask(w.test, "POST", "/v1/customers", `{"name":"Asha","phone":"+919812345642","email":"asha@example.com"}`).want(201).text("id")
		path := "/v1/customers/" + id
		say := func(channel, purpose, state string, status int) {
			t.Helper()
			w.ask(w.test, "POST", path+"/consents", fmt.Sprintf(`{"channel":%q,"purpose":%q,"state":%q,"source":"checkout box"}`, channel, purpose, state)).want(status)
			w.pass(time.Second)
		}
		opted := func() string {
			return fmt.Sprint(w.ask(w.test, "GET", path, "").want(200).at("standing.opted_out"))
		}
		say("sms", "promotional", "granted", 201)
		say("sms", "all", "granted", 422)
		say("sms", "promotional", "withdrawn", 201)
		if got := opted(); got != "[]" {
			t.Errorf("who wants nothing sold gets nothing on %s", got)
		}
		say("sms", "transactional", "withdrawn", 201)
		say("email", "all", "withdrawn", 201)
		if got := opted(); got != "[sms email]" {
			t.Errorf("opted out of %s", got)
		}
		if got := fmt.Sprint(w.ask(w.test, "GET", "/v1/suppressions", "").want(200).column("reason")); got != "[withdrawn withdrawn]" {
			t.Errorf("the list has %s", got)
		}
		say("sms", "transactional", "granted", 201)
		if got := opted(); got != "[email]" {
			t.Errorf("after a grant opted out of %s", got)
		}
		log := w.ask(w.test, "GET", path+"/consents?limit=2", "").want(200)
		if got := fmt.Sprint(log.column("state")); got != "[granted withdrawn]" || log.at("next_cursor") == nil {
			t.Errorf("the log begins with %s", log.body)
		}
	})
}

// Whoever was forgotten can still be read somewhere, or a link loses its money with its customer.
func TestAnErasedCustomerIsNowhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s, nil)
		made := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":245000,"currency":"INR","customer":{"name":"Asha","phone":"+919812345642","email":"asha@example.com"},"channels":["sms","email"]}`).want(201)
		w.work()
		id, link := made.text("customer.id"), made.text("id")
		path := "/v1/customers/" + id
		w.ask(w.test, "POST", path+"/consents", `{"channel":"sms","purpose":"all","state":"withdrawn","source":"a call"}`).want(201)
		document := w.ask(w.test, "GET", path+"/export", "").want(200)
		if !json.Valid([]byte(document.body)) || document.text("customer.phone") != "+919812345642" || !strings.Contains(document.body, `"source":"a call"`) || !strings.Contains(document.body, link) || strings.Contains(document.body, made.text("code")) {
			t.Errorf("the export is %s", document.body)
		}
		w.ask(w.test, "POST", path+"/erase", "").want(409)
		gone := w.ask(w.test, "POST", path+"/erase", `{"cancel_links":true}`).want(200)
		if gone.at("erased_at") == nil || gone.text("phone") != "" {
			t.Errorf("erased to %s", gone.body)
		}
		w.ask(w.test, "POST", path+"/erase", "").want(200) // twice is as once
		queuetest.Drain(w, w.store, w.clock, func(q *queue.Queue) {
			customer.New(customer.Deps{Store: s, Ring: w.ring, Issuer: w.issuer, Now: w.clock}).Register(q)
		})
		w.ask(w.test, "PATCH", path, `{"name":"Asha"}`).want(409)
		w.ask(w.test, "POST", "/v1/payment_links", `{"amount":100,"currency":"INR","customer":{"id":"`+id+`"}}`).want(422)
		for _, at := range []string{path, path + "/export", "/v1/customers", "/v1/payment_links/" + link, "/v1/suppressions", "/v1/events"} {
			if got := w.ask(w.test, "GET", at, "").want(200); strings.Contains(got.body, "9812345642") || strings.Contains(got.body, "asha@") || strings.Contains(got.body, "Asha") {
				t.Errorf("%s still knows: %s", at, got.body)
			}
		}
		if got := w.ask(w.test, "GET", "/v1/payment_links/"+link, "").want(200); fmt.Sprint(got.at("amount")) != "245000" || got.text("status") != "cancelled" {
			t.Errorf("the link is %s", got.body)
		}
	})
}

// column gives one field of every item of a list.
func (a answer) column(field string) []any {
	a.w.Helper()
	all := []any{}
	for _, item := range a.at("data").([]any) {
		all = append(all, item.(map[string]any)[field])
	}
	return all
}
