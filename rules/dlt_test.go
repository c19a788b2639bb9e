package rules_test

import (
	"slices"
	"testing"

	"paylink"
	"paylink/rules"
)

const link = "https://acme.in/ACMEIN/k7Qp2xW9dTz4LmVb8RsY1c"

func registered() *paylink.DLT {
	return &paylink.DLT{
		Entity: "1101234560000012345", Headers: []string{"ACMEIN", "ACMESL"}, Domains: []string{"acme.in"},
		Templates: []paylink.DLTTemplate{
			{ID: "1107160000000000001", Header: "ACMEIN", Text: "{#var#}: payment request of Rs {#var#} for {#var#}. Pay: {#var#}", Types: []string{"text", "number", "text", "url"}},
			{ID: "1107160000000000002", Header: "ACMEIN", Text: "Dear {#alphanumeric#}, Rs {#numeric#} is due on {#date#}. Pay: https://acme.in/ACMEIN/{#alphanumeric#}"},
			{ID: "1107160000000000003", Header: "ACMESL", Category: "promotional", Text: "Sale at {#var#}: {#url#}"},
			{ID: "1107160000000000004", Header: "OTHERS", Text: "Pay {#var#} here: {#var#}"},
		},
	}
}

// What an operator blocks is paid for and never seen: each reason for it is found before.
func TestPreflightRefusesWhatAnOperatorWouldBlock(t *testing.T) {
	for _, c := range []struct {
		name, text, url, id string
		purpose             paylink.Purpose
		change              func(*paylink.DLT)
		flaw                rules.Flaw
		template            string
		values              []string
	}{
		{name: "equal to the registered text", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + link, url: link,
			template: "1107160000000000001", values: []string{"Acme", "2,450", "order 1042", link}},
		{name: "places that say their types", text: "Dear Asha, Rs 2450.50 is due on 24 Nov 2026. Pay: " + link, url: link,
			template: "1107160000000000002", values: []string{"Asha", "2450.50", "24 Nov 2026", "k7Qp2xW9dTz4LmVb8RsY1c"}},
		{name: "one space more", text: "Acme: payment request of Rs 2,450 for  order 1042 . Pay:  " + link, url: link, flaw: rules.FlawText},
		{name: "words before it", text: "Hi! Dear Asha, Rs 2450 is due on 24 Nov 2026. Pay: " + link, url: link, flaw: rules.FlawText},
		{name: "a number that is none", text: "Acme: payment request of Rs any for order 1042. Pay: " + link, url: link, flaw: rules.FlawVariable},
		{name: "a place that holds too much", text: "Acme: payment request of Rs 2,450 for an order with a very long description indeed. Pay: " + link, url: link, flaw: rules.FlawText},
		{name: "another header in the link", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: https://acme.in/ACMESL/k7Qp", url: "https://acme.in/ACMESL/k7Qp", flaw: rules.FlawURLForm},
		{name: "a header in small letters", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: https://acme.in/acmein/k7Qp", url: "https://acme.in/acmein/k7Qp", flaw: rules.FlawURLForm},
		{name: "no header in the link", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: https://acme.in/k7Qp", url: "https://acme.in/k7Qp", flaw: rules.FlawURLForm},
		{name: "a query in the link", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + link + "?a=1", url: link + "?a=1", flaw: rules.FlawURLForm},
		{name: "a second link", text: "www.x.in: payment request of Rs 2,450 for order 1042. Pay: " + link, url: link, flaw: rules.FlawURLForm},
		{name: "a domain that is not whitelisted", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: https://acme.shop/ACMEIN/k7Qp", url: "https://acme.shop/ACMEIN/k7Qp", flaw: rules.FlawDomain},
		{name: "a header that is not the merchant's", text: "Pay Acme here: " + link, url: link, flaw: rules.FlawHeader},
		{name: "promotion under a service template", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + link, url: link, purpose: paylink.PurposePromotional, flaw: rules.FlawCategory},
		{name: "service under a promotional template", text: "Sale at Acme: https://acme.in/ACMESL/k7Qp", url: "https://acme.in/ACMESL/k7Qp", flaw: rules.FlawCategory},
		{name: "a template that is named and not registered", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + link, url: link, id: "1", flaw: rules.FlawTemplate},
		{name: "equal to another than the one that is named", text: "Acme: payment request of Rs 2,450 for order 1042. Pay: " + link, url: link, id: "1107160000000000002", flaw: rules.FlawText},
		{name: "nothing registered", text: "x", change: func(d *paylink.DLT) { d.Templates = nil }, flaw: rules.FlawTemplate},
		{name: "no entity", text: "x", change: func(d *paylink.DLT) { d.Entity = "" }, flaw: rules.FlawEntity},
	} {
		d := registered()
		if c.change != nil {
			c.change(d)
		}
		got, flaw := rules.Preflight(d, rules.Indian{Text: c.text, URL: c.url, ID: c.id, Purpose: c.purpose})
		if flaw != c.flaw || got.Template.ID != c.template || !slices.Equal(got.Values, c.values) {
			t.Errorf("%s: %q %q %q, want %q %q %q", c.name, flaw, got.Template.ID, got.Values, c.flaw, c.template, c.values)
		}
	}
	if _, flaw := rules.Preflight(nil, rules.Indian{Text: "x"}); flaw != rules.FlawEntity {
		t.Errorf("without settings: %q", flaw)
	}
}

// A registered text is a merchant's own words: whatever stands in it, it is compared and never run.
func FuzzPreflight(f *testing.F) {
	f.Add("Pay {#var#} (a|b)*+ {#url#}", "Pay 5 (a|b)*+ https://acme.in/ACMEIN/x")
	f.Fuzz(func(t *testing.T, template, text string) {
		if len(template) > 1000 || len(text) > 2000 {
			return
		}
		d := registered()
		d.Templates[0].Text = template
		if got, flaw := rules.Preflight(d, rules.Indian{Text: text}); flaw == "" && got.Template.ID == "" {
			t.Errorf("%q equals no template and has no flaw", text)
		}
	})
}
