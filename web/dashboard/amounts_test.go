package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// What the merchant typed about the amount must be what the customer is offered, and must be read back
// from the link's page.
func TestFormMakesTheAmountThatWasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		for name, c := range map[string]struct {
			typed  url.Values
			amount int64
			terms  paylink.Terms
			usage  paylink.Usage
			shown  []string
		}{
			"chosen": {
				typed:  url.Values{"how": {"chosen"}, "amount": {"ignored"}, "least": {"100"}, "most": {"9,000.50"}, "presets": {"500 1000"}},
				terms:  paylink.Terms{CustomerAmount: &paylink.CustomerAmount{Minimum: 10000, Maximum: 900050, Presets: []int64{50000, 100000}}},
				usage:  paylink.Usage{Mode: paylink.UsageSingle},
				shown:  []string{"Any amount", "The customer chooses, at least ₹100.00 and at most ₹9,000.50"},
				amount: 0,
			},
			"lines": {
				typed: url.Values{"how": {"lines"}, "item_name": {"Tea", "", "Cup"}, "item_quantity": {"2", "", ""}, "item_price": {"1,000", "", "45.50"}, "item_tax": {"18 %", "", ""},
					"item_inclusive": {"yes", "no", "no"}, "item_most": {"9", "", ""}},
				terms: paylink.Terms{Items: []paylink.LineItem{
					{Name: "Tea", Quantity: 2, UnitAmount: 100000, TaxRate: "18", TaxInclusive: true, Adjustable: &paylink.Adjustable{Maximum: 9}},
					{Name: "Cup", Quantity: 1, UnitAmount: 4550},
				}},
				usage:  paylink.Usage{Mode: paylink.UsageSingle},
				shown:  []string{"₹2,045.50", "2 at ₹1,000.00, tax 18 % in it, the customer chooses 0 to 9"},
				amount: 204550,
			},
			"parts": {
				typed:  url.Values{"amount": {"2450"}, "paid": {"parts"}, "part_first": {"500"}, "part_least": {"100"}},
				terms:  paylink.Terms{Partial: &paylink.Partial{MinimumFirst: 50000, Minimum: 10000}},
				usage:  paylink.Usage{Mode: paylink.UsageSingle},
				shown:  []string{"The first at least ₹500.00, later ones at least ₹100.00"},
				amount: 245000,
			},
			"caps": {
				typed:  url.Values{"amount": {"10"}, "mode": {"multi"}, "max_total": {"1000"}, "max_per_customer": {"1"}, "success_text": {"See\r\nyou"}, "closed_text": {"Sold out"}, "terms_url": {"https://shop.example/terms"}},
				terms:  paylink.Terms{SuccessText: "See\nyou", ClosedText: "Sold out", TermsURL: "https://shop.example/terms"},
				usage:  paylink.Usage{Mode: paylink.UsageMulti, MaxTotal: 100000, MaxPerCustomer: 1},
				shown:  []string{"₹1,000.00 of ₹1,000.00 left", "Sold out", "https://shop.example/terms", "At most 1 payment"},
				amount: 1000,
			},
			"questions": {
				typed: url.Values{"amount": {"10"}, "question_label": {"Name on the badge", "", "Size"}, "question_type": {"text", "text", "choice"},
					"question_choices": {"", "", "S\r\n M \r\n"}, "question_required": {"yes", "no", "no"}},
				terms: paylink.Terms{Questions: []paylink.Question{
					{Key: "q1", Label: "Name on the badge", Type: paylink.QuestionText, Required: true},
					{Key: "q3", Label: "Size", Type: paylink.QuestionChoice, Choices: []string{"S", "M"}},
				}},
				usage:  paylink.Usage{Mode: paylink.UsageSingle},
				shown:  []string{"Asks: Name on the badge", "a text", "S, M (optional)"},
				amount: 1000,
			},
		} {
			form := url.Values{"currency": {"INR"}, "mode": {"single"}, "expiry": {"never"}, "description": {name}, "form_key": {key(t, o.get("/dashboard/test/links/new"))}}
			maps.Copy(form, c.typed)
			w := o.post("/dashboard/test/links", form)
			links := o.links()
			i := slices.IndexFunc(links, func(l paylink.Link) bool { return l.Description == name })
			if w.Code != http.StatusSeeOther || i < 0 {
				t.Errorf("%s: %d, %d links: %s", name, w.Code, len(links), w.Body)
				continue
			}
			if l := links[i]; l.Amount.Minor != c.amount || !reflect.DeepEqual(l.Terms, c.terms) || l.Usage != c.usage {
				t.Errorf("%s: made %d, %+v, %+v", name, l.Amount.Minor, l.Terms, l.Usage)
			}
			page := o.get("/dashboard/test/links/" + string(links[i].ID)).Body.String()
			for _, text := range c.shown {
				if !strings.Contains(page, text) {
					t.Errorf("%s: its page does not say %q", name, text)
				}
			}
		}
	})
}

// What cannot be read in the folded part is named where it stands, keeps its text, and makes no link.
func TestWrongAmountsAreNamedWhereTheyStand(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for _, c := range []struct {
		typed url.Values
		wrong []string
		kept  string
	}{
		{url.Values{"how": {"chosen"}, "least": {"1,00"}, "most": {"1e3"}, "presets": {"ten"}}, []string{"least", "most", "presets"}, `value="1e3"`},
		{url.Values{"how": {"chosen"}, "least": {"10"}, "most": {"9"}}, []string{"most"}, `value="9"`},
		{url.Values{"how": {"lines"}}, []string{"items"}, `value="lines" checked`},
		{url.Values{"how": {"lines"}, "item_name": {"Tea"}, "item_price": {"x"}}, []string{"items"}, `value="x"`},
		{url.Values{"how": {"lines"}, "item_name": {"Tea"}, "item_price": {"1"}, "item_quantity": {"1.5"}}, []string{"items"}, `value="1.5"`},
		{url.Values{"amount": {"10"}, "paid": {"parts"}, "part_first": {"10.01"}}, []string{"part_first"}, `value="10.01"`},
		{url.Values{"amount": {"10"}, "paid": {"parts"}, "mode": {"multi"}}, []string{"paid"}, `name="paid" value="parts" checked`},
		{url.Values{"amount": {"10"}, "question_label": {"Size"}, "question_type": {"choice"}, "question_choices": {"only one"}}, []string{"questions"}, "only one</textarea>"},
		{url.Values{"amount": {"10"}, "mode": {"multi"}, "max_total": {"9.99"}, "max_per_customer": {"one"}}, []string{"max_total", "max_per_customer"}, `value="one"`},
	} {
		form := url.Values{"currency": {"INR"}, "mode": {"single"}, "expiry": {"never"}}
		maps.Copy(form, c.typed)
		w := o.post("/dashboard/test/links", form)
		page := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || len(o.links()) != 0 || !strings.Contains(page, c.kept) {
			t.Errorf("%v: %d, %d links, kept %t", c.typed, w.Code, len(o.links()), strings.Contains(page, c.kept))
		}
		for _, field := range c.wrong {
			if !strings.Contains(page, `href="#`+field+`"`) || !strings.Contains(page, `id="`+field+`-below"`) {
				t.Errorf("%v: nothing is said about %s", c.typed, field)
			}
		}
	}
}
