package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink/token"
)

// A merchant's first call: everything that the public contract promises about its answer.
func TestCreateAnswersTheWholeLink(t *testing.T) {
	each(t, func(w *town) {
		a := w.ask(w.test, "POST", "/v1/payment_links", order).want(201)
		id := a.text("id")
		if a.header.Get("Location") != "/v1/payment_links/"+id || a.header.Get("ETag") != `"1"` || a.header.Get("Paylink-Version") != "2026-11-22" {
			t.Errorf("headers %v", a.header)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		code := got["code"].(string)
		deliveries := got["deliveries"].([]any)
		for i, channel := range []string{"sms", "whatsapp", "email", "in_app"} {
			d := deliveries[i].(map[string]any)
			if d["channel"] != channel || d["status"] != "queued" || !strings.HasPrefix(d["id"].(string), "msg_") || d["sent_at"] != nil {
				t.Errorf("delivery %d: %v", i, d)
			}
		}
		if deliveries[0].(map[string]any)["to"] != "+919812345642" {
			t.Errorf("the merchant sees a mask: %v", deliveries[0])
		}
		customer := got["customer"].(map[string]any)
		if !strings.HasPrefix(customer["id"].(string), "cust_") {
			t.Errorf("customer %v", customer)
		}
		claims, err := token.ReadLink(w.ring, got["token"].(string))
		if err != nil || claims.Link != id || claims.Amount != 245000 || len(code) != 22 {
			t.Errorf("token %+v, %v; code of %d characters", claims, err, len(code))
		}
		for _, varies := range []string{"id", "code", "token", "deliveries", "url"} {
			delete(got, varies)
		}
		delete(customer, "id")
		want := map[string]any{
			"object": "payment_link", "livemode": false, "status": "pending", "revision": 1.0, "amount": 245000.0, "currency": "INR",
			"amount_paid": 0.0, "amount_due": 245000.0, "amount_refunded": 0.0, "payments_count": 0.0, "description": "Order 1042",
			"reference": "order-1042", "usage": map[string]any{"mode": "single", "max_payments": nil}, "methods": []any{},
			"customer": map[string]any{"name": "Asha", "phone": "+919812345642", "email": "asha@example.com", "locale": "hi"},
			"channels": []any{"sms", "whatsapp", "email", "in_app"}, "on_late_payment": "accept", "on_duplicate": "refund", "return_url": "",
			"metadata": map[string]any{"k": "v"}, "notes": "", "hold": nil, "archived_at": nil, "replaced_by": nil, "opened_at": nil, "paid_at": nil,
			"expires_at": "2026-11-23T12:00:00Z", "created_at": "2026-11-22T12:00:00Z", "updated_at": "2026-11-22T12:00:00Z", "created_by": string(w.testKey),
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		if again := w.ask(w.test, "GET", "/v1/payment_links/"+id, "").want(200); again.text("url") != "https://pay.example/"+code || strings.Contains(again.body, `"token"`) {
			t.Errorf("reading it: %s", again.body)
		}
		if again := w.ask(w.test, "GET", "/v1/payment_links/"+id+"?include=token", "").want(200); again.text("token") != a.text("token") {
			t.Errorf("with its token: %s", again.body)
		}
	})
}

// null and absent are different wishes: for ever, and the merchant's default.
func TestExpiryNullIsNever(t *testing.T) {
	w := onSQLite(t)
	for body, want := range map[string]any{
		`{"amount":1,"currency":"INR"}`:                                      "2026-11-23T12:00:00Z",
		`{"amount":1,"currency":"INR","expires_in":null}`:                    nil,
		`{"amount":1,"currency":"INR","expires_at":null}`:                    nil,
		`{"amount":1,"currency":"INR","expires_at":"2026-11-22T12:00:01Z"}`:  "2026-11-22T12:00:01Z",
		`{"amount":1,"currency":"INR","reference":null,"description":null}`:  "2026-11-23T12:00:00Z",
		`{"amount":1,"currency":"INR","expires_in":60,"customer":null }    `: "2026-11-22T12:01:00Z",
	} {
		if got := w.ask(w.test, "POST", "/v1/payment_links", body).want(201).at("expires_at"); got != want {
			t.Errorf("%s expires at %v", body, got)
		}
	}
}

// A list that repeats or loses a link at the edge of a page makes a merchant's books wrong; a cursor
// that is taken to another list or another filter would do so silently.
func TestListPagesWithoutGapOrRepeat(t *testing.T) {
	each(t, func(w *town) {
		var made []string
		for i := range 7 {
			body := fmt.Sprintf(`{"amount":%d,"currency":"INR","reference":"r-%d"}`, 100+i, i)
			made = append([]string{w.ask(w.test, "POST", "/v1/payment_links", body).want(201).text("id")}, made...)
			w.pass(time.Millisecond)
		}
		var seen []string
		path := "/v1/payment_links?limit=3"
		for range 3 {
			a := w.ask(w.test, "GET", path, "").want(200)
			for i := range a.at("data").([]any) {
				seen = append(seen, a.text(fmt.Sprintf("data.%d.id", i)))
			}
			if a.at("next_cursor") == nil {
				break
			}
			path = "/v1/payment_links?limit=3&cursor=" + a.text("next_cursor")
		}
		if fmt.Sprint(seen) != fmt.Sprint(made) {
			t.Errorf("saw %v\nof %v", seen, made)
		}
		cursor := w.ask(w.test, "GET", "/v1/payment_links?limit=1", "").text("next_cursor")
		for _, wrong := range []string{
			"/v1/payment_links?status=pending&cursor=" + cursor, "/v1/payments?cursor=" + cursor,
			"/v1/payment_links?cursor=x", "/v1/payment_links?cursor=" + cursor + "AA%00",
		} {
			if got := w.ask(w.test, "GET", wrong, "").problem(); !strings.HasPrefix(got, "422 ") || !strings.Contains(got, "/cursor:") {
				t.Errorf("%s: %s", wrong, got)
			}
		}
		if got := w.ask(w.live, "GET", "/v1/payment_links?limit=1&cursor="+cursor, "").problem(); got != "422 invalid_values /cursor:bad_cursor" {
			t.Errorf("in the other mode: %s", got)
		}
	})
}

// Each filter finds the one link that it should.
func TestListFilters(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		w.pass(time.Hour)
		other := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":5,"currency":"INR","description":"100% wool"}`).want(201).text("id")
		w.ask(w.test, "POST", "/v1/payment_links/"+other+"/cancel", "").want(200)
		whole := w.ask(w.test, "GET", "/v1/payment_links/"+id, "")
		customer := whole.text("customer.id")
		for query, want := range map[string]string{
			"status=pending": id, "status=cancelled": other, "reference=order-1042": id, "customer=" + customer: id,
			"phone=%2B919812345642": id, "phone=+919812345642": id, "email=asha@example.com": id, "q=1042": id, "q=0%25+w": other,
			"created_before=2026-11-22T12:30:00Z": id, "created_after=2026-11-22T12:30:00Z": other, "amount_min=6": id, "amount_max=6": other,
			"channel=sms": id, "channel=in_app": id, "phone=98123+45642": id, "email=ASHA@example.com": id,
			"q=" + id: id, "q=" + whole.text("code"): id, "q=" + url.QueryEscape(whole.text("url")): id, "q=%2B91+98123+45642": id, "q=9812345642": id,
			"q=Asha@example.com": id, "q=2,450": id, "q=%E2%82%B92450.00": id, "q=order-": id, "q=order&status=pending": id, "q=0.05": other,
		} {
			a := w.ask(w.test, "GET", "/v1/payment_links?"+query, "").want(200)
			if list := a.at("data").([]any); len(list) != 1 || a.text("data.0.id") != want {
				t.Errorf("%s: %s", query, a.body)
			}
		}
	})
}

// The life of a link as its merchant steers it: each change answers the link as it left it, and each
// refusal says why.
func TestLinkChangesByState(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		path := "/v1/payment_links/" + id
		for i, step := range []struct {
			verb, body, want string
			status           string
		}{
			{"refresh", "", "409 not_refreshable", ""},
			{"extend", `{}`, "422 invalid_values /expires_in:required", ""},
			{"extend", `{"expires_in":172800}`, "200", "pending"},
			{"cancel", "", "200", "cancelled"},
			{"cancel", "", "409 not_cancellable", ""},
			{"send", `{"channels":["sms"]}`, "409 not_sendable", ""},
			{"reactivate", `{}`, "200", "pending"},
			{"reactivate", "", "409 not_reactivatable", ""},
			{"send", `{"channels":["sms"]}`, "200", ""},
			{"send", `{}`, "422 invalid_values /channels:required", ""},
			{"send", `{"channels":["sms"],"to":{"sms":"12"}}`, "422 invalid_values /to/sms:bad_phone", ""},
		} {
			w.pass(time.Second)
			a := w.ask(w.test, "POST", path+"/"+step.verb, step.body)
			got := fmt.Sprint(a.status)
			if a.status >= 400 {
				got = a.problem()
			}
			if got != step.want || step.status != "" && a.text("status") != step.status {
				t.Errorf("step %d, %s: %s %s", i, step.verb, got, a.body)
			}
		}
		w.ask("", "POST", "/sandbox/clock", `{"advance":"72h"}`).want(401)
		w.ask(w.live, "POST", "/sandbox/clock", `{"advance":"72h"}`).want(403)
		w.ask(w.test, "POST", "/sandbox/clock", `{"advance":"72h"}`).want(200)
		if got := w.ask(w.test, "GET", path, "").text("status"); got != "expired" {
			t.Errorf("after three days: %s", got)
		}
		if a := w.ask(w.test, "POST", path+"/refresh", `{"expires_in":60}`).want(200); a.text("status") != "pending" || a.header.Get("ETag") != `"4"` {
			t.Errorf("refreshed: %v %s", a.header, a.body)
		}
	})
}

// A reference names one open link; the refusal must say which one is in the way.
func TestReferenceInUseNamesTheLink(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		a := w.ask(w.test, "POST", "/v1/payment_links", order).want(409)
		if a.problem() != "409 reference_in_use" || a.text("other") != id {
			t.Errorf("%s", a.body)
		}
		w.ask(w.live, "POST", "/v1/payment_links", order).want(201) // another world
		w.ask(w.stranger, "POST", "/v1/payment_links", order).want(201)
	})
}
