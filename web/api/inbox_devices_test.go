package api_test

import (
	"strings"
	"testing"
)

// A device that registers again is a second one, or its address comes back to whoever lists it.
func TestDevicesAreRegisteredListedAndRemoved(t *testing.T) {
	each(t, func(w *town) {
		_, customer := w.sent(w.live, asha)
		opens, path := w.token(w.live, customer), "/v1/customers/"+customer+"/devices"
		const body = `{"kind":"fcm","token":"canary-0123456789abcdefghijkl"}`
		first := w.ask(w.live, "POST", path, body, "Idempotency-Key: one").want(201)
		w.ask(w.live, "POST", path, body, "Idempotency-Key: one").want(201)
		again := w.ask(opens, "POST", "/v1/inbox/devices", body).want(200)
		if again.text("id") != first.text("id") {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		list := w.ask(opens, "GET", "/v1/inbox/devices", "").want(200)
		if strings.Contains(first.body+again.body+list.body, "canary") || len(list.at("data").([]any)) != 1 {
			t.Errorf("listed %s", list.body)
		}
		if got := w.ask(w.live, "POST", path, `{"kind":"webpush","token":"{}"}`).problem(); got != "422 invalid_values /token:bad_token" {
			t.Error(got)
		}
		w.ask(opens, "DELETE", "/v1/inbox/devices/"+first.text("id"), "").want(204)
		if got := w.ask(w.live, "DELETE", path+"/"+first.text("id"), "").problem(); got != "404 not_found" {
			t.Error(got)
		}
		if strings.Contains(w.log.String(), "canary") {
			t.Error("the log tells where the device is")
		}
	})
}
