package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/store"
)

// A client whose connection broke sends the same request again, later, when the world has moved on. It
// must get the first answer to the byte.
func TestReplayIsTheFirstAnswerToTheByte(t *testing.T) {
	each(t, func(w *town) {
		link := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		endpoint := w.ask(w.test, "POST", "/v1/webhook_endpoints", `{"url":"https://shop.example/hooks"}`).want(201).text("id")
		w.pass(time.Minute)
		w.ask(w.test, "POST", "/v1/payment_links/"+link+"/cancel", "").want(200)
		w.seal()
		delivery := w.ask(w.test, "GET", "/v1/webhook_deliveries?limit=1", "").text("data.0.id")
		second := strings.ReplaceAll(order, "1042", "1043")
		type request struct{ path, body string }
		requests := []request{
			{"/v1/payment_links", second},
			{"/v1/payment_links", second + " "},
			{"/v1/payment_links/" + link + "/reactivate", ""},
			{"/v1/payment_links/" + link + "/extend", `{"expires_in":172800}`},
			{"/v1/payment_links/" + link + "/send", `{"channels":["email","sms"],"to":{"sms":"+919812345643"}}`},
			{"/v1/payment_links/" + link + "/cancel", ""},
			{"/v1/payment_links/" + link + "/cancel", "{}"},
			{"/v1/payment_links/" + link + "/refresh", ""},
			{"/v1/webhook_endpoints", `{"url":"https://shop.example/more","events":["payment_link.paid"]}`},
			{"/v1/webhook_endpoints/" + endpoint + "/rotate_secret", ""},
			{"/v1/webhook_endpoints/" + endpoint + "/test", ""},
			{"/v1/webhook_endpoints/" + endpoint + "/replay", `{"since":"2026-11-22T00:00:00Z"}`},
			{"/v1/webhook_deliveries/" + delivery + "/resend", ""},
			{"/v1/tokens/verify", `{"token":"x"}`},
			{"/sandbox/clock", `{"advance":"1h"}`},
		}
		first := make([]answer, len(requests))
		for i, r := range requests {
			w.pass(time.Second)
			first[i] = w.ask(w.test, "POST", r.path, r.body, fmt.Sprintf("Idempotency-Key: key-%d", i))
			if first[i].status >= 500 || first[i].header.Get("Idempotent-Replayed") != "" {
				t.Errorf("%s: %d %s", r.path, first[i].status, first[i].body)
			}
		}
		w.pass(time.Hour)
		w.ask(w.test, "POST", "/v1/payment_links/"+first[0].text("id")+"/extend", `{"expires_in":172800}`).want(200)
		w.pass(time.Hour)
		w.ask(w.test, "POST", "/v1/payment_links/"+first[0].text("id")+"/cancel", "").want(200)
		w.ask(w.test, "POST", "/v1/payment_links/"+link+"/reactivate", "").want(200)
		w.seal()
		before := count(w)
		for i, r := range requests {
			again := w.ask(w.test, "POST", r.path, r.body, fmt.Sprintf("Idempotency-Key: key-%d", i))
			if again.status != first[i].status || unnamed(again) != unnamed(first[i]) || again.header.Get("ETag") != first[i].header.Get("ETag") || again.header.Get("Location") != first[i].header.Get("Location") {
				t.Errorf("%s:\nfirst %d %s\nagain %d %s", r.path, first[i].status, first[i].body, again.status, again.body)
			}
			if marked := again.header.Get("Idempotent-Replayed") == "true"; marked == (r.path == "/v1/tokens/verify") {
				t.Errorf("%s: replayed %t", r.path, marked)
			}
		}
		if after := count(w); after != before {
			t.Errorf("replays had effects: %s, then %s", before, after)
		}
	})
}

// unnamed takes the request's own id out of a problem: that one is new each time.
func unnamed(a answer) string {
	if i := strings.Index(a.body, `"instance":"`); i >= 0 {
		rest := a.body[i+len(`"instance":"`):]
		return a.body[:i] + rest[strings.Index(rest, `"`):]
	}
	return a.body
}

// count tells how much there is of everything.
func count(w *town) string {
	w.Helper()
	read := w.store.Read(w.Context())
	links, err := read.FindLinks(store.LinkFilter{Merchant: w.acme, Limit: 100})
	if err != nil {
		w.Fatal(err)
	}
	events := 0
	messages := 0
	for _, l := range links.Links {
		timeline, err := read.Timeline(w.acme, l.ID, 1000)
		if err != nil {
			w.Fatal(err)
		}
		sent, err := read.MessagesOf(w.acme, l.ID, 1000)
		if err != nil {
			w.Fatal(err)
		}
		events, messages = events+len(timeline), messages+len(sent)
	}
	endpoints, err := read.Endpoints(w.acme, false)
	if err != nil {
		w.Fatal(err)
	}
	deliveries, err := read.Deliveries(store.DeliveryFilter{Merchant: w.acme, Limit: 101})
	if err != nil {
		w.Fatal(err)
	}
	m, err := read.Merchant(w.acme)
	if err != nil {
		w.Fatal(err)
	}
	return fmt.Sprintf("%d links, %d events, %d messages, %d endpoints, %d deliveries, clock %s", len(links.Links), events, messages, len(endpoints), len(deliveries), m.ClockOffset)
}

// The key stands for one request; another body, another object or a bad key is told so and does
// nothing. A request that could not be understood leaves the key free.
func TestIdempotencyKeyStandsForOneRequest(t *testing.T) {
	each(t, func(w *town) {
		const key = "Idempotency-Key: k"
		if got := w.ask(w.test, "POST", "/v1/payment_links", `{"currency":"INR"}`, key).problem(); got != "422 invalid_values /amount:required" {
			t.Fatal(got)
		}
		first := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR"}`, key).want(201)
		same := w.ask(w.test, "POST", "/v1/payment_links", ` { "currency" : "INR", "amount" : 1 } `, key).want(201)
		if same.body != first.body {
			t.Errorf("white space and order of keys make another request: %s", same.body)
		}
		if got := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":2,"currency":"INR"}`, key).problem(); got != "422 idempotency_key_reused" {
			t.Error(got)
		}
		path := "/v1/payment_links/" + first.text("id")
		w.ask(w.test, "POST", path+"/cancel", "", key).want(200) // another route, its own keys
		other := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":3,"currency":"INR"}`).want(201).text("id")
		if got := w.ask(w.test, "POST", "/v1/payment_links/"+other+"/cancel", "", key).problem(); got != "422 idempotency_key_reused" {
			t.Error(got)
		}
		for _, who := range []string{w.live, w.stranger} {
			if a := w.ask(who, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR"}`, key).want(201); a.text("id") == first.text("id") {
				t.Errorf("keys of two worlds meet: %s", a.body)
			}
		}
		for _, bad := range []string{"", " ", "a b", strings.Repeat("x", 256), "ключ"} {
			if got := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR"}`, "Idempotency-Key: "+bad).problem(); got != "400 bad_idempotency_key" {
				t.Errorf("%q: %s", bad, got)
			}
		}
	})
}

// Retries of one creation that overtake each other: one link, and every answer is that link or "wait".
func TestFiftyCreationsWithOneKeyMakeOneLink(t *testing.T) {
	each(t, func(w *town) {
		var mu sync.Mutex
		answers := map[string]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				a := w.ask(w.test, "POST", "/v1/payment_links", order, "Idempotency-Key: k")
				mu.Lock()
				defer mu.Unlock()
				if a.status == 409 {
					answers[a.problem()]++
					return
				}
				answers[a.body]++
			})
		}
		wg.Wait()
		waiting := answers["409 idempotency_in_flight"]
		delete(answers, "409 idempotency_in_flight")
		if len(answers) != 1 {
			t.Errorf("%d told to wait, and %d different answers: %v", waiting, len(answers), answers)
		}
		if got := count(w); !strings.HasPrefix(got, "1 links, 1 events, 4 messages") {
			t.Error(got)
		}
	})
}
