package issue_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// chosen is a draft whose amount the customer chooses.
func chosen(c paylink.CustomerAmount) func(*issue.Draft) {
	return func(d *issue.Draft) { d.HasAmount, d.Amount, d.Terms.CustomerAmount = false, 0, &c }
}

// lines is a draft whose amount is made of lines.
func lines(items ...paylink.LineItem) func(*issue.Draft) {
	return func(d *issue.Draft) {
		if d.HasAmount, d.Amount, d.Terms.Items = false, 0, items; items == nil {
			d.Terms.Items = []paylink.LineItem{}
		}
	}
}

func parts(first, later int64) func(*issue.Draft) {
	return func(d *issue.Draft) { d.Terms.Partial = &paylink.Partial{MinimumFirst: first, Minimum: later} }
}

func both(changes ...func(*issue.Draft)) func(*issue.Draft) {
	return func(d *issue.Draft) {
		for _, change := range changes {
			change(d)
		}
	}
}

func caps(u issue.Usage) func(*issue.Draft) { return func(d *issue.Draft) { d.Usage = u } }

// A link whose amount can be read in two ways, or that nobody can pay, is refused when it is made: each
// wrong field is named by its pointer.
func TestAmountsThatCannotBeAreNamed(t *testing.T) {
	tea := paylink.LineItem{Name: "Tea", Quantity: 2, UnitAmount: 100000, TaxRate: "18", TaxInclusive: true}
	with := func(change func(*paylink.LineItem)) func(*issue.Draft) {
		i := tea
		change(&i)
		return lines(i)
	}
	amount := func(d *issue.Draft) { d.HasAmount, d.Amount = true, 100 }
	rows := []struct {
		name   string
		change func(*issue.Draft)
		want   string
	}{
		{"chosen", chosen(paylink.CustomerAmount{Minimum: 10000, Maximum: 900000, Presets: []int64{50000}}), ""},
		{"chosen without bounds", chosen(paylink.CustomerAmount{}), ""},
		{"chosen and given", both(chosen(paylink.CustomerAmount{}), amount), "/customer_amount conflicting"},
		{"chosen and lines", both(lines(tea), func(d *issue.Draft) { d.Terms.CustomerAmount = &paylink.CustomerAmount{} }), "/line_items conflicting"},
		{"lines and given", both(lines(tea), amount), "/line_items conflicting"},
		{"chosen from below nothing", chosen(paylink.CustomerAmount{Minimum: -1}), "/customer_amount/minimum too_small"},
		{"chosen up to less than the least", chosen(paylink.CustomerAmount{Minimum: 10, Maximum: 9}), "/customer_amount/maximum too_small"},
		{"chosen up to too much", chosen(paylink.CustomerAmount{Maximum: math.MaxInt64}), "/customer_amount/maximum too_large"},
		{"suggested out of bounds", chosen(paylink.CustomerAmount{Minimum: 5, Maximum: 9, Presets: []int64{4, 10, 6, 6}}),
			"/customer_amount/presets/0 too_small, /customer_amount/presets/1 too_large, /customer_amount/presets/3 duplicate_value"},
		{"suggested without end", chosen(paylink.CustomerAmount{Presets: make([]int64, 7)}), "/customer_amount/presets too_many"},

		{"parts", parts(50000, 10000), ""},
		{"parts of any size", parts(0, 0), ""},
		{"parts of all", parts(245000, 245000), ""},
		{"first part above all", parts(245001, 1), "/partial/minimum_first too_large"},
		{"parts below nothing", parts(-1, -1), "/partial/minimum_first too_small, /partial/minimum too_small"},
		{"parts of many uses", both(parts(1, 1), caps(issue.Usage{Mode: "multi"})), "/partial conflicting"},
		{"parts of what is chosen", both(chosen(paylink.CustomerAmount{}), parts(1, 1)), "/partial conflicting"},
		{"parts of lines", both(lines(tea), parts(1, 1)), ""},
		{"parts of lines that change", both(with(func(i *paylink.LineItem) { i.Adjustable = &paylink.Adjustable{Maximum: 3} }), parts(1, 1)), "/partial conflicting"},

		{"lines", lines(tea), ""},
		{"no lines", lines(), "/line_items required"},
		{"too many lines", lines(make([]paylink.LineItem, 51)...), "/line_items too_many"},
		{"most lines", lines(repeat(tea, 50)...), ""},
		{"line without a name", with(func(i *paylink.LineItem) { i.Name = "" }), "/line_items/0/name required"},
		{"line with a long name", with(func(i *paylink.LineItem) { i.Name = strings.Repeat("n", 101) }), "/line_items/0/name too_long"},
		{"line turned around", with(func(i *paylink.LineItem) { i.Name = "a\u202eb" }), "/line_items/0/name bad_characters"},
		{"line of nothing", with(func(i *paylink.LineItem) { i.Quantity, i.UnitAmount = 0, 0 }), "/line_items/0/unit_amount too_small, /line_items/0/quantity too_small"},
		{"line beyond all", with(func(i *paylink.LineItem) { i.Quantity, i.UnitAmount = 9999, paylink.MaxMinor }), "/line_items too_large"},
		{"line below nothing", with(func(i *paylink.LineItem) { i.Quantity, i.UnitAmount = -1, -1 }), "/line_items/0/unit_amount too_small, /line_items/0/quantity too_small"},
		{"rate of all", with(func(i *paylink.LineItem) { i.TaxRate = "100" }), ""},
		{"rate above all", with(func(i *paylink.LineItem) { i.TaxRate = "100.0001" }), "/line_items/0/tax_rate bad_rate"},
		{"rate with a sign", with(func(i *paylink.LineItem) { i.TaxRate = "-5" }), "/line_items/0/tax_rate bad_rate"},
		{"rate in words", with(func(i *paylink.LineItem) { i.TaxRate = "18%" }), "/line_items/0/tax_rate bad_rate"},
		{"rate with five decimals", with(func(i *paylink.LineItem) { i.TaxRate = "1.00001" }), "/line_items/0/tax_rate bad_rate"},
		{"rate without an end", with(func(i *paylink.LineItem) { i.TaxRate = "18." }), "/line_items/0/tax_rate bad_rate"},
		{"line that may be left out", with(func(i *paylink.LineItem) { i.Adjustable = &paylink.Adjustable{Maximum: 2} }), ""},
		{"line outside its own bounds", with(func(i *paylink.LineItem) { i.Adjustable = &paylink.Adjustable{Minimum: 3, Maximum: 4} }), "/line_items/0/quantity too_small"},
		{"bounds the wrong way", with(func(i *paylink.LineItem) { i.Adjustable = &paylink.Adjustable{Minimum: 2, Maximum: 1} }), "/line_items/0/adjustable/maximum too_small, /line_items/0/quantity too_large"},
		{"a page that begins with nothing", with(func(i *paylink.LineItem) { i.Quantity, i.Adjustable = 0, &paylink.Adjustable{Maximum: 1} }), "/line_items too_small"},

		{"cap on the total", caps(issue.Usage{Mode: "multi", MaxTotal: ptr(int64(245000)), MaxPerCustomer: ptr(int64(1))}), ""},
		{"cap below one payment", caps(issue.Usage{Mode: "multi", MaxTotal: ptr(int64(244999))}), "/usage/max_total too_small"},
		{"caps of nothing", caps(issue.Usage{Mode: "multi", MaxTotal: ptr(int64(0)), MaxPerCustomer: ptr(int64(0))}), "/usage/max_total too_small, /usage/max_per_customer too_small"},
		{"caps of a single use", caps(issue.Usage{MaxTotal: ptr(int64(1)), MaxPerCustomer: ptr(int64(1))}), "/usage/max_total conflicting, /usage/max_per_customer conflicting"},
		{"texts and terms", func(d *issue.Draft) {
			d.Terms.SuccessText, d.Terms.ClosedText, d.Terms.TermsURL = "a\nb", strings.Repeat("ह", 500), "https://shop.example/terms"
		}, ""},
		{"texts and terms that cannot be", func(d *issue.Draft) {
			d.Terms.SuccessText, d.Terms.ClosedText, d.Terms.TermsURL = "a\x00", strings.Repeat("x", 501), "javascript:alert(1)"
		}, "/success_text bad_characters, /closed_text too_long, /terms_url bad_url"},
		{"policies unknown", func(d *issue.Draft) { d.Terms.OnOver, d.Terms.OnUnder = "keep", "burn" }, "/on_overpayment unknown_value, /on_underpayment unknown_value"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i, row := range rows {
			d := draft()
			d.Reference = fmt.Sprint("row-", i)
			row.change(&d)
			_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if got := wrong(err); got != row.want {
				t.Errorf("%s: %s, want %s (%v)", row.name, got, row.want, err)
			}
		}
	})
}

func repeat(i paylink.LineItem, n int) (all []paylink.LineItem) {
	for range n {
		all = append(all, i)
	}
	return all
}

// What the merchant left out is filled in once, when the link is made: the page, the token and the API
// must not each have their own idea of it.
func TestTermsAreKeptAsTheyWereJudged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		made := func(change func(*issue.Draft)) paylink.Link {
			d := draft()
			d.Reference = ""
			change(&d)
			return w.create(d).Link
		}
		if l := made(chosen(paylink.CustomerAmount{Minimum: 500})); l.Amount.Minor != 0 || l.AmountDue() != 500 || l.Terms.CustomerAmount.Maximum != paylink.MaxMinor {
			t.Errorf("chosen: %+v, %d due", l.Terms.CustomerAmount, l.AmountDue())
		}
		if l := made(parts(0, 20)); *l.Terms.Partial != (paylink.Partial{MinimumFirst: 20, Minimum: 20}) {
			t.Errorf("parts: %+v", l.Terms.Partial)
		}
		l := made(lines(paylink.LineItem{Name: "Tea", Quantity: 3, UnitAmount: 333, TaxRate: "18"}))
		if l.Amount.Minor != 999+180 { // 179.82 of tax
			t.Errorf("lines come to %d", l.Amount.Minor)
		}
		got, err := s.Read(t.Context()).Link(l.Merchant, l.Live, l.ID)
		if err != nil || !reflect.DeepEqual(got.Terms, l.Terms) {
			t.Errorf("kept as %+v, %v", got.Terms, err)
		}
	})
}
