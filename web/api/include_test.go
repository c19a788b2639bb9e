package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// A program that lists a hundred links to read their statuses pays for nothing else; one that needs the
// payments need not ask a hundred times.
func TestIncludeChoosesTheParts(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		one := "/v1/payment_links/" + id
		for path, want := range map[string]string{
			one: "name deliveries payments", one + "?include=token": "name deliveries payments token", one + "?include=none": "",
			one + "?include=none,token,payments": "payments token", one + "?include=none,customer": "name",
			one + "?include=timeline": "name deliveries payments timeline", one + "?include=none,timeline": "timeline",
			"/v1/payment_links": "name deliveries", "/v1/payment_links?include=payments,token": "name deliveries payments token",
			"/v1/payment_links?include=none": "", "/v1/payment_links?include=deliveries,none": "deliveries",
		} {
			a := w.ask(w.test, "GET", path, "").want(200)
			var has []string
			for _, part := range []string{`"name":"Asha"`, `"deliveries":[{`, `"payments":[]`, `"token":"`, `"timeline":[{`} {
				if strings.Contains(a.body, part) {
					has = append(has, strings.Trim(strings.SplitN(part, ":", 2)[0], `"`))
				}
			}
			if got := strings.Join(has, " "); got != want || !strings.Contains(a.body, `"customer":{"id":"cust_`) {
				t.Errorf("%s shows %q, want %q: %s", path, got, want, a.body)
			}
		}
		if got := w.ask(w.test, "GET", one+"?include=secrets", "").problem(); !strings.HasPrefix(got, "422 ") {
			t.Errorf("an unknown part: %s", got)
		}
		if got := w.ask(w.test, "GET", "/v1/payment_links?include=timeline", "").problem(); !strings.HasPrefix(got, "422 ") {
			t.Errorf("timelines in a list: %s", got)
		}
		apart := w.ask(w.test, "GET", one+"/timeline", "").want(200)
		if in := w.ask(w.test, "GET", one+"?include=none,timeline", "").want(200); fmt.Sprint(in.at("timeline")) != fmt.Sprint(apart.at("data")) {
			t.Errorf("the timeline in the link is another one: %s", in.body)
		}
	})
}

// The links of a list are made several at a time; the answer says what became of each all the same, and of
// two with one reference the first is made.
func TestListedLinksAnswerInTheirOrder(t *testing.T) {
	each(t, func(w *town) {
		var items []string
		for i := range 60 {
			items = append(items, fmt.Sprintf(`{"amount":%d,"currency":"INR","reference":"r-%d"}`, i+1, i%40))
		}
		items[7] = `{"amount":-1,"currency":"INR"}`
		a := w.ask(w.test, "POST", "/v1/payment_links/bulk", "["+strings.Join(items, ",")+"]").want(200)
		for i := range items {
			at := fmt.Sprintf("results.%d.", i)
			want := "201"
			switch {
			case i == 7:
				want = "422"
			case i >= 40 && i != 47:
				want = "409"
			}
			if got := fmt.Sprint(a.at(at + "status")); got != want || fmt.Sprint(a.at(at+"index")) != fmt.Sprint(i) {
				t.Errorf("link %d: %s, want %s", i, got, want)
			}
			if want == "201" && fmt.Sprint(a.at(at+"payment_link.amount")) != fmt.Sprint(i+1) {
				t.Errorf("link %d is another one: %v", i, a.at(at+"payment_link.amount"))
			}
		}
		if a.at("created") != 40.0 || a.at("failed") != 20.0 {
			t.Errorf("created %v, failed %v", a.at("created"), a.at("failed"))
		}
	})
}
