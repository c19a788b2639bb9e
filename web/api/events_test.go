package api_test

import (
	"strings"
	"testing"
	"time"
)

// The timeline tells in order what happened, sealed or not; the event list only what has its place.
func TestTimelineAndEvents(t *testing.T) {
	each(t, func(w *town) {
		id := w.ask(w.test, "POST", "/v1/payment_links", order).want(201).text("id")
		w.pass(time.Second)
		w.ask(w.test, "POST", "/v1/payment_links/"+id+"/cancel", "").want(200)
		a := w.ask(w.test, "GET", "/v1/payment_links/"+id+"/timeline", "").want(200)
		if a.text("data.0.type") != "payment_link.created" || a.text("data.1.type") != "payment_link.cancelled" || len(a.at("data").([]any)) != 2 {
			t.Errorf("timeline %s", a.body)
		}
		if strings.Contains(a.body, "9812345642") || !strings.Contains(a.body, "…42") {
			t.Errorf("an event shows more than a mask: %s", a.body)
		}
		if list := w.ask(w.test, "GET", "/v1/events", "").want(200).at("data").([]any); len(list) != 0 {
			t.Errorf("unsealed events are listed: %v", list)
		}
		w.seal()
		first := w.ask(w.test, "GET", "/v1/events?limit=1", "").want(200)
		second := w.ask(w.test, "GET", "/v1/events?limit=1&cursor="+first.text("next_cursor"), "").want(200)
		if first.at("data.0.sequence") != 2.0 || second.at("data.0.sequence") != 1.0 || second.at("next_cursor") != nil ||
			second.text("data.0.data.payment_link.id") != id || second.text("data.0.merchant_id") != string(w.acme) || second.text("data.0.actor") != string(w.testKey) {
			t.Errorf("%s\n%s", first.body, second.body)
		}
	})
}
