package api_test

import (
	"strings"
	"testing"
)

// What a link says about its amount is answered as it was judged, agrees with the document, and a
// repeated request gives the same to the byte, also when the link has changed since.
func TestAmountsAreAnsweredAsTheyWereJudged(t *testing.T) {
	each(t, func(w *town) {
		for name, c := range map[string]struct {
			body string
			want map[string]any
		}{
			"parts": {`{"amount":245000,"currency":"INR","partial":{"minimum_first":50000,"minimum":10000},"on_overpayment":"refund","on_underpayment":"hold"}`,
				map[string]any{"partial.minimum_first": 50000.0, "partial.minimum": 10000.0, "amount_due": 245000.0, "on_overpayment": "refund", "on_underpayment": "hold"}},
			"chosen": {`{"currency":"KWD","customer_amount":{"minimum":500,"presets":[1000]}}`,
				map[string]any{"amount": 0.0, "amount_due": 500.0, "customer_amount.maximum": 1e12, "customer_amount.presets.0": 1000.0}},
			"lines": {`{"currency":"INR","line_items":[{"name":"Tea","quantity":2,"unit_amount":100000,"tax_rate":"18","tax_inclusive":true,"adjustable":{"minimum":0,"maximum":9}}]}`,
				map[string]any{"amount": 200000.0, "totals.tax": 30508.0, "totals.subtotal": 169492.0, "line_items.0.tax_rate": "18", "line_items.0.adjustable.maximum": 9.0}},
			"caps": {`{"amount":100,"currency":"INR","usage":{"mode":"multi","max_total":1000,"max_per_customer":2}}`,
				map[string]any{"usage.max_total": 1000.0, "usage.max_per_customer": 2.0}},
		} {
			first := w.ask(w.test, "POST", "/v1/payment_links", c.body, "Idempotency-Key: "+name).want(201)
			read := w.ask(w.test, "GET", "/v1/payment_links/"+first.text("id"), "").want(200)
			for path, want := range c.want {
				if first.at(path) != want || read.at(path) != want {
					t.Errorf("%s: %s is %v, then %v; want %v", name, path, first.at(path), read.at(path), want)
				}
			}
			w.ask(w.test, "POST", "/v1/payment_links/"+first.text("id")+"/cancel", "").want(200)
			if again := w.ask(w.test, "POST", "/v1/payment_links", c.body, "Idempotency-Key: "+name).want(201); again.body != first.body {
				t.Errorf("%s:\nfirst %s\nagain %s", name, first.body, again.body)
			}
		}
		plain := w.ask(w.test, "POST", "/v1/payment_links", `{"amount":1,"currency":"INR"}`).want(201)
		for _, absent := range []string{`"partial"`, `"customer_amount"`, `"line_items"`, `"totals"`, `"max_total"`, `"on_overpayment"`} {
			if strings.Contains(plain.body, absent) {
				t.Errorf("a link of one amount answers %s", absent)
			}
		}
	})
}

// A line, a part or a cap of the wrong kind is named by its pointer, before anything is made.
func TestWrongAmountsAreToldByPointer(t *testing.T) {
	w := onSQLite(t)
	line := func(fields string) string {
		return `{"currency":"INR","line_items":[{"name":"Tea","quantity":1,"unit_amount":100` + fields + `}]}`
	}
	const invalid = "422 invalid_values "
	for body, want := range map[string]string{
		line(`,"tax_rate":18`):                                                               invalid + "/line_items/0/tax_rate:wrong_type",
		line(`,"tax_rate":"18.00001"`):                                                       invalid + "/line_items/0/tax_rate:bad_rate",
		line(`,"colour":"red"`):                                                              "400 unknown_field /line_items/0/colour:unknown_field",
		line(`,"adjustable":{"minimum":2}`):                                                  invalid + "/line_items/0/adjustable/maximum:too_small /line_items/0/quantity:too_small",
		`{"currency":"INR","line_items":[]}`:                                                 invalid + "/line_items:required",
		`{"currency":"INR","line_items":{}}`:                                                 invalid + "/line_items:wrong_type",
		`{"currency":"INR"}`:                                                                 invalid + "/amount:required",
		`{"currency":"INR","customer_amount":5}`:                                             invalid + "/customer_amount:wrong_type",
		`{"currency":"INR","customer_amount":{"minimum":1.5}}`:                               invalid + "/customer_amount/minimum:wrong_type",
		`{"amount":5,"currency":"INR","customer_amount":{}}`:                                 invalid + "/customer_amount:conflicting",
		`{"amount":5,"currency":"INR","partial":{"minimum":6}}`:                              invalid + "/partial/minimum_first:too_large /partial/minimum:too_large",
		`{"amount":5,"currency":"INR","partial":{"minimum":1},"usage":{"mode":"multi"}}`:     invalid + "/partial:conflicting",
		`{"amount":5,"currency":"INR","usage":{"mode":"multi","max_total":4}}`:               invalid + "/usage/max_total:too_small",
		`{"amount":5,"currency":"INR","usage":{"max_per_customer":1}}`:                       invalid + "/usage/max_per_customer:conflicting",
		`{"amount":5,"currency":"INR","on_overpayment":"keep","on_underpayment":"whatever"}`: invalid + "/on_overpayment:unknown_value /on_underpayment:unknown_value",
	} {
		if got := w.ask(w.test, "POST", "/v1/payment_links", body).problem(); got != want {
			t.Errorf("%s\n%s, want %s", body, got, want)
		}
	}
}
