package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
)

// operations lists what the document says there is: method, path and whether the path names an object.
func operations(w *town) [][2]string {
	w.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(w.ask("", "GET", "/openapi.json", "").want(200).body), &doc); err != nil {
		w.Fatal(err)
	}
	var all [][2]string
	for path, methods := range doc.Paths {
		for method := range methods {
			all = append(all, [2]string{strings.ToUpper(method), path})
		}
	}
	if len(all) < 25 {
		w.Fatalf("the document has %d operations only", len(all))
	}
	return all
}

// possessions gives Acme one object of each kind, full of words that nobody else may read.
func possessions(w *town) (ids map[string]string, canaries []string) {
	w.Helper()
	link := w.ask(w.test, "POST", "/v1/payment_links", strings.ReplaceAll(order, "Order 1042", "canary words")).want(201)
	endpoint := w.ask(w.test, "POST", "/v1/webhook_endpoints", `{"url":"https://canary.example/hooks"}`).want(201)
	p := paylink.Payment{
		ID: paylink.NewPaymentID(start), Merchant: w.acme, Link: paylink.LinkID(link.text("id")), Status: paylink.PaymentCaptured,
		Amount: paylink.Money{Minor: 245000, Currency: "INR"}, Method: paylink.MethodUPI, Gateway: "sandbox", Reference: paylink.NewPaymentReference(),
		BankReference: "canary-rrn", CreatedAt: start, UpdatedAt: start,
	}
	d := paylink.Dispute{
		ID: paylink.NewDisputeID(start), Merchant: w.acme, Link: p.Link, Payment: p.ID, Gateway: "sandbox", GatewayReference: "canary-dispute", Amount: p.Amount,
		Status: paylink.DisputeNeedsResponse, Reason: "other", ToldAt: start, CreatedAt: start, UpdatedAt: start,
	}
	refund := p.Refund(paylink.NewRefundID(start), 100, paylink.ReasonRequested, paylink.RefundAsked)
	w.write(func(tx *store.Tx) {
		tx.InsertPayment(p)
		tx.InsertRefund(refund)
		tx.InsertDispute(d)
	})
	w.seal()
	delivery := w.ask(w.test, "GET", "/v1/webhook_deliveries", "").want(200).text("data.0.id")
	file := w.ask(w.test, "POST", "/v1/payment_links/bulk", "amount,canary column\n1,canary cell\n", "Content-Type: text/csv").want(202)
	account := w.ask(w.test, "POST", "/v1/accounts", twilio).want(201)
	ids = map[string]string{
		"accounts": account.text("id"), "bulk": file.text("id"), "payment_links": link.text("id"), "webhook_endpoints": endpoint.text("id"), "payments": string(p.ID), "refunds": string(refund.ID), "disputes": string(d.ID), "customers": link.text("customer.id"), "webhook_deliveries": delivery,
	}
	canaries = []string{"canary", link.text("code"), link.text("token"), "9812345642", "asha@example.com", endpoint.text("secret"), string(w.acme)}
	for _, id := range ids {
		canaries = append(canaries, id)
	}
	return ids, canaries
}

// The worst that a platform can do is to show one merchant another one's business. Every operation of
// the document is tried with another merchant's ids, and with the owner's key of the other mode.
func TestOtherMerchantsObjectsDoNotExist(t *testing.T) {
	each(t, func(w *town) {
		ids, canaries := possessions(w)
		before := fmt.Sprint(w.ask(w.test, "GET", "/v1/payment_links/"+ids["payment_links"], "").body, w.ask(w.test, "GET", "/v1/webhook_endpoints", "").body)
		bodies := map[string]string{
			"devices": `{"kind":"fcm","token":"0123456789abcdefghijkl"}`, "send": `{"channels":["sms"]}`, "extend": `{"expires_in":172800}`, "refresh": `{"expires_in":60}`, "replay": `{"since":"2026-11-22T00:00:00Z"}`,
			"merge": `{"from":"` + ids["customers"] + `"}`, "consents": `{"channel":"sms","purpose":"promotional","state":"granted","source":"a form"}`,
			"record_payment": `{"method":"cash"}`, "replan": `{"instalments":[{"amount":1,"due_at":"2026-12-01T00:00:00Z"}]}`, "promise": `{"date":"2026-12-01"}`, "{id}": `{"amount":100}`, "resolve": `{"outcome":"accept"}`,
		}
		tried := 0
		for _, op := range operations(w) {
			method, path := op[0], op[1]
			kind, named := strings.CutPrefix(path, "/v1/")
			kind, _, _ = strings.Cut(kind, "/")
			if path == "/v1/events/stream" {
				continue // it does not end by itself; it has its own test
			}
			if strings.HasPrefix(path, "/v1/inbox") {
				continue // no API key opens it; it has its own test
			}
			for name, key := range map[string]string{"another merchant": w.stranger, "the other mode": w.live} {
				if path == "/sandbox/clock" || path == "/v1/merchant" {
					continue // about the key's own merchant
				}
				body := ""
				if method == "POST" || method == "PATCH" {
					body = bodies[path[strings.LastIndex(path, "/")+1:]]
					if path == "/v1/accounts/{id}" || path == "/v1/customers/{id}" {
						body = `{"name":"x"}`
					}
				}
				a := w.ask(key, method, strings.NewReplacer("{id}", ids[kind], "{device_id}", "dev_01kbfm2d5p8t3r6y0e4w7c2s1n").Replace(path), body)
				if named && strings.Contains(path, "{id}") {
					tried++
					if a.problem() != "404 not_found" {
						t.Errorf("%s %s by %s: %d %s", method, path, name, a.status, a.body)
					}
				}
				for _, canary := range canaries {
					if strings.Contains(a.body+fmt.Sprint(a.header), canary) && !(canary == string(w.acme) && name == "the other mode") {
						t.Errorf("%s %s tells %s %q", method, path, name, canary)
					}
				}
			}
		}
		if tried < 2*17 {
			t.Errorf("only %d refusals were tried", tried)
		}
		after := fmt.Sprint(w.ask(w.test, "GET", "/v1/payment_links/"+ids["payment_links"], "").body, w.ask(w.test, "GET", "/v1/webhook_endpoints", "").body)
		if before != after {
			t.Errorf("a stranger changed something:\n%s\n%s", before, after)
		}
	})
}

// A filter that takes another merchant's id must find nothing.
func TestFiltersReachOwnObjectsOnly(t *testing.T) {
	each(t, func(w *town) {
		ids, _ := possessions(w)
		customer := w.ask(w.test, "GET", "/v1/payment_links/"+ids["payment_links"], "").text("customer.id")
		for _, path := range []string{
			"/v1/payment_links?customer=" + customer, "/v1/payment_links?phone=%2B919812345642", "/v1/payment_links?reference=order-1042",
			"/v1/webhook_deliveries?endpoint=" + ids["webhook_endpoints"], "/v1/payments?status=captured",
		} {
			if list := w.ask(w.stranger, "GET", path, "").want(200).at("data").([]any); len(list) != 0 {
				t.Errorf("%s: %v", path, list)
			}
		}
		if a := w.ask(w.stranger, "POST", "/v1/payment_links", fmt.Sprintf(`{"amount":1,"currency":"INR","customer":{"id":%q}}`, customer)); a.problem() != "422 invalid_values /customer/id:unknown_value" {
			t.Errorf("%s", a.body)
		}
	})
}
