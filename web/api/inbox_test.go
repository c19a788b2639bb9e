package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink/queue"
	"paylink/queue/queuetest"
)

const asha, ravi = "+919812345642", "+919812345643"

const inApp = `{"amount":245000,"currency":"INR","description":"Order 1042","customer":{"name":"Asha","phone":"+919812345642"},"channels":["in_app"]}`

// sent makes a link that stands in the inbox of whoever has the number, and gives its id and its customer.
func (w *town) sent(key, phone string) (link, customer string) {
	w.Helper()
	made := w.ask(key, "POST", "/v1/payment_links", strings.Replace(inApp, asha, phone, 1)).want(201)
	w.deliver()
	return made.text("id"), made.text("customer.id")
}

// deliver does the jobs of messages.
func (w *town) deliver() {
	w.Helper()
	queuetest.Drain(w.T, w.store, w.clock, func(q *queue.Queue) {
		w.dispatch.Register(q)
		w.issuer.Register(q)
	})
}

func (w *town) token(key, customer string) string {
	w.Helper()
	return w.ask(key, "POST", "/v1/customers/"+customer+"/inbox_token", `{"expires_in":3600}`).want(201).text("token")
}

// A customer's app shows nothing, or shows somebody else's; what was opened stays unread, and a link that was
// cancelled asks for money.
func TestInboxHasTheCustomersOwnMessages(t *testing.T) {
	each(t, func(w *town) {
		link, customer := w.sent(w.live, asha)
		other, _ := w.sent(w.live, ravi)
		opens := w.token(w.live, customer)
		page := w.ask(opens, "GET", "/v1/inbox", "").want(200)
		if page.text("data.0.link_id") != link || page.at("unread") != 1.0 || page.at("next_cursor") != nil || strings.Contains(page.body, other) || page.at("webpush_key") != nil {
			t.Fatal(page.body)
		}
		if url := page.text("data.0.url"); !strings.HasPrefix(url, "https://pay.example/") || page.text("data.0.button_label") == "" {
			t.Errorf("the button leads to %s", url)
		}
		item := page.text("data.0.id")
		if got := w.ask(w.live, "GET", "/v1/payment_links/"+link, "").text("deliveries.0.status"); got != "delivered" {
			t.Errorf("what is listed is %s", got)
		}
		if got := w.ask(opens, "POST", "/v1/inbox/items/"+item+"/read", "").want(200); got.at("read_at") == nil {
			t.Error(got.body)
		}
		if page = w.ask(opens, "GET", "/v1/inbox?limit=1", "").want(200); page.at("unread") != 0.0 {
			t.Error(page.body)
		}
		if got := w.ask(w.live, "GET", "/v1/payment_links/"+link, "").text("deliveries.0.status"); got != "read" {
			t.Errorf("what was opened is %s", got)
		}
		w.ask(w.live, "POST", "/v1/payment_links/"+link+"/cancel", "").want(200)
		if page = w.ask(opens, "GET", "/v1/inbox", "").want(200); page.at("data.0.url") != nil || page.text("data.0.status") != "cancelled" {
			t.Error(page.body)
		}
		theirs := w.ask(w.live, "GET", "/v1/payment_links/"+other, "").text("customer.id")
		if got := w.ask(w.token(w.live, theirs), "POST", "/v1/inbox/items/"+item+"/read", "").problem(); got != "404 not_found" {
			t.Error(got)
		}
	})
}

// A customer's requests lie in as many inboxes as there are links, because each link has a contact of its own; or
// two customers who are one keep two inboxes, and whoever was erased keeps one.
func TestInboxIsThePersonsWithAllLinks(t *testing.T) {
	each(t, func(w *town) {
		_, first := w.sent(w.live, asha)
		w.pass(time.Second)
		_, second := w.sent(w.live, asha)
		_, other := w.sent(w.live, ravi)
		opens := w.token(w.live, second)
		if page := w.ask(opens, "GET", "/v1/inbox", "").want(200); page.at("unread") != 2.0 {
			t.Errorf("two links by one number: %s", page.body)
		}
		const phone, tablet = `{"kind":"fcm","token":"phone-0123456789abcdefghijkl"}`, `{"kind":"fcm","token":"tablet-0123456789abcdefghijkl"}`
		w.ask(opens, "POST", "/v1/inbox/devices", phone).want(201)
		theirs := w.token(w.live, other)
		w.ask(theirs, "POST", "/v1/inbox/devices", tablet).want(201)
		w.ask(w.live, "POST", "/v1/customers/"+first+"/merge", `{"from":"`+other+`"}`).want(200)
		for _, old := range []string{opens, theirs} {
			if got := w.ask(old, "GET", "/v1/inbox", "").problem(); got != "401 unauthenticated" {
				t.Errorf("a token of before opens: %s", got)
			}
		}
		opens = w.token(w.live, other)
		if page := w.ask(opens, "GET", "/v1/inbox", "").want(200); page.at("unread") != 3.0 {
			t.Errorf("after the merge: %s", page.body)
		}
		if devices := w.ask(w.live, "GET", "/v1/customers/"+first+"/devices", "").want(200); len(devices.at("data").([]any)) != 2 {
			t.Errorf("after the merge: %s", devices.body)
		}
		w.ask(w.live, "POST", "/v1/customers/"+first+"/erase", `{"cancel_links":true}`).want(200)
		if got := w.ask(opens, "GET", "/v1/inbox", "").problem(); got != "401 unauthenticated" {
			t.Errorf("whoever was erased: %s", got)
		}
		for _, path := range []string{"/inbox_token", "/devices"} {
			if got := w.ask(w.live, "POST", "/v1/customers/"+first+path, map[bool]string{true: phone}[path == "/devices"]).problem(); got != "404 not_found" {
				t.Errorf("%s of whoever was erased: %s", path, got)
			}
		}
	})
}

// An inbox is walked page by page, and an item is shown twice or never.
func TestInboxIsWalkedPageByPage(t *testing.T) {
	w := onSQLite(t)
	link, customer := w.sent(w.live, asha)
	for range 4 {
		w.pass(time.Second)
		w.ask(w.live, "POST", "/v1/payment_links/"+link+"/send", `{"channels":["in_app"]}`).want(200)
		w.deliver()
	}
	opens, seen, path := w.token(w.live, customer), map[string]bool{}, "/v1/inbox?limit=2"
	for range 3 {
		page := w.ask(opens, "GET", path, "").want(200)
		for _, item := range page.at("data").([]any) {
			seen[item.(map[string]any)["id"].(string)] = true
		}
		if next, more := page.at("next_cursor").(string); more {
			path = "/v1/inbox?limit=2&cursor=" + next
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 items were seen", len(seen))
	}
}

// A merchant's key reads customers' inboxes from a browser, or a customer's token opens the API; a page of a
// stranger reads an inbox with a token that it got hold of.
func TestInboxOpensToItsTokenAndToTheMerchantsPagesOnly(t *testing.T) {
	each(t, func(w *town) {
		_, customer := w.sent(w.live, asha)
		opens := w.token(w.live, customer)
		w.ask(w.live, "PATCH", "/v1/merchant", `{"settings":{"return_origins":["https://shop.example"]}}`).want(200)
		for _, row := range []struct{ key, method, path, origin, want string }{
			{w.live, "GET", "/v1/inbox", "", "403 inbox_token_required"},
			{"", "GET", "/v1/inbox", "", "401 unauthenticated"},
			{"itok_x", "GET", "/v1/inbox/stream", "", "401 unauthenticated"},
			{opens, "GET", "/v1/payment_links", "", "403 api_key_required"},
			{opens, "GET", "/v1/customers/" + customer + "/devices", "", "403 api_key_required"},
			{opens, "GET", "/v1/inbox", "https://evil.example", "403 origin_not_allowed"},
			{opens, "GET", "/v1/inbox", "https://shop.example:8443", "403 origin_not_allowed"},
			{opens, "GET", "/v1/inbox/stream", "null", "403 origin_not_allowed"},
		} {
			headers := []string{}
			if row.origin != "" {
				headers = append(headers, "Origin: "+row.origin)
			}
			got := w.ask(row.key, row.method, row.path, "", headers...)
			if got.problem() != row.want || got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s from %q: %s, readable by %q", row.method, row.path, row.origin, got.problem(), got.header.Get("Access-Control-Allow-Origin"))
			}
		}
		home := w.ask(opens, "GET", "/v1/inbox", "", "Origin: https://shop.example").want(200)
		if home.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(home.header.Get("Vary"), "Origin") {
			t.Errorf("the merchant's own page gets %v", home.header)
		}
		asked := func(path, origin string) http.Header {
			r := httptest.NewRequestWithContext(t.Context(), "OPTIONS", path, nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "GET")
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			return rec.Header()
		}
		if got := asked("/v1/inbox/stream", "https://shop.example"); got.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(got.Get("Access-Control-Allow-Headers"), "Last-Event-ID") {
			t.Errorf("asked before: %v", got)
		}
		for path, origin := range map[string]string{"/v1/payment_links": "https://shop.example", "/v1/inboxes": "https://shop.example", "/v1/inbox": "null"} {
			if got := asked(path, origin); got.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s from %s may be read: %v", path, origin, got)
			}
		}
		w.ask(w.live, "DELETE", "/v1/customers/"+customer+"/inbox_token", "").want(204)
		if got := w.ask(opens, "GET", "/v1/inbox", "").problem(); got != "401 unauthenticated" {
			t.Error(got)
		}
		again := w.token(w.live, customer)
		w.pass(time.Hour)
		late := w.ask(again, "GET", "/v1/inbox", "", "Origin: https://shop.example")
		if late.problem() != "401 inbox_token_expired" || late.header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("an old token: %s %v", late.problem(), late.header)
		}
	})
}
