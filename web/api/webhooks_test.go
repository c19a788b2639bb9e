package api_test

import (
	"strings"
	"testing"
	"time"
)

// A merchant sets up his endpoint, reads its log and tries it; the secret is shown when it is made and
// never again.
func TestWebhookEndpointsByAPI(t *testing.T) {
	each(t, func(w *town) {
		made := w.ask(w.test, "POST", "/v1/webhook_endpoints", `{"url":"https://shop.example/hooks","description":"shop"}`).want(201)
		path := "/v1/webhook_endpoints/" + made.text("id")
		if !strings.HasPrefix(made.text("secret"), "whsec_") || !strings.HasPrefix(made.text("public_key"), "whpk_") || made.header.Get("Location") != path ||
			made.text("status") != "enabled" || made.text("events.0") != "*" {
			t.Errorf("%v %s", made.header, made.body)
		}
		for _, read := range []string{path, "/v1/webhook_endpoints"} {
			if a := w.ask(w.test, "GET", read, "").want(200); strings.Contains(a.body, "whsec_") || !strings.Contains(a.body, made.text("id")) {
				t.Errorf("%s: %s", read, a.body)
			}
		}
		w.pass(time.Second)
		if a := w.ask(w.test, "POST", path+"/rotate_secret", "").want(200); a.text("secret") == made.text("secret") || a.text("public_key") != made.text("public_key") {
			t.Errorf("rotated: %s", a.body)
		}
		w.ask(w.test, "POST", "/v1/payment_links", order).want(201)
		w.seal()
		w.pass(time.Second)
		tried := w.ask(w.test, "POST", path+"/test", "").want(202)
		log := w.ask(w.test, "GET", "/v1/webhook_deliveries?endpoint="+made.text("id"), "").want(200)
		if log.text("data.0.id") != tried.text("id") || log.text("data.0.event_type") != "webhook_endpoint.test" || log.text("data.1.event_type") != "payment_link.created" || log.text("data.1.status") != "pending" {
			t.Errorf("the log: %s", log.body)
		}
		delivery := "/v1/webhook_deliveries/" + log.text("data.1.id")
		if a := w.ask(w.test, "GET", delivery, "").want(200); a.text("endpoint_id") != made.text("id") || a.at("sequence") != 1.0 {
			t.Errorf("%s", a.body)
		}
		w.ask(w.test, "POST", delivery+"/resend", "").want(202)
		if a := w.ask(w.test, "DELETE", path, "").want(204); a.body != "" {
			t.Errorf("%s", a.body)
		}
		w.ask(w.test, "GET", path, "").want(404)
		w.ask(w.test, "DELETE", path, "").want(404)
		if got := w.ask(w.test, "POST", delivery+"/resend", "").problem(); got != "409 endpoint_deleted" {
			t.Error(got)
		}
		for body, want := range map[string]string{
			`{}`: "/url:required", `{"url":"http://shop.example"}`: "/url:bad_url", `{"url":"https://127.0.0.1/x"}`: "/url:bad_url",
			`{"url":"https://shop.example","events":["payment_link.payed"]}`: "/events/0:unknown_value",
		} {
			if got := w.ask(w.test, "POST", "/v1/webhook_endpoints", body).problem(); got != "422 invalid_values "+want {
				t.Errorf("%s: %s", body, got)
			}
		}
	})
}
