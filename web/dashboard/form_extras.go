package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// The ways to deliver that a form has room for, and at most: as many as a link may have.
const (
	blankShipping = 3
	mostShipping  = 6
)

// extrasForm is the part of the form about what is added to the amount, or taken off.
type extrasForm struct {
	Tip                  bool
	TipPercents, TipMost string
	TipSums              string // suggestions of money in the place of percents, as a template has them
	Shipping             []shippingForm
	Surcharge            string // percent
	allowedCodes
}

// shippingForm is a way to deliver as it was typed.
type shippingForm struct{ Name, Price string }

func readExtras(r *http.Request, get func(string) string) extrasForm {
	f := extrasForm{
		Tip: get("tip") != "", TipPercents: get("tip_percents"), TipMost: get("tip_most"), TipSums: get("tip_sums"),
		Surcharge: get("surcharge_rate"), allowedCodes: readCodes(get),
	}
	names, prices := r.PostForm["shipping_name"], r.PostForm["shipping_price"]
	for i := range min(len(names), len(prices), mostShipping) {
		f.Shipping = append(f.Shipping, shippingForm{strings.TrimSpace(names[i]), strings.TrimSpace(prices[i])})
	}
	return f
}

// blankExtras is the part of a form that nobody has filled in yet.
func blankExtras() extrasForm {
	return extrasForm{TipPercents: "5 10 15", Shipping: make([]shippingForm, blankShipping), allowedCodes: codesOf(nil)}
}

// into puts what is added into the draft.
func (f extrasForm) into(d *issue.Draft, s scene, money func(field, text string) int64, wrong func(field, text string)) {
	if f.Tip {
		d.Terms.Tip = f.tip(money, wrong)
	}
	for _, row := range f.Shipping {
		if row != (shippingForm{}) {
			d.Terms.Shipping = append(d.Terms.Shipping, paylink.ShippingOption{Name: row.Name, Amount: money("shipping", row.Price)})
		}
	}
	if f.Surcharge != "" {
		rate := strings.TrimSuffix(strings.ReplaceAll(f.Surcharge, " ", ""), "%")
		d.Terms.Surcharge = &paylink.Surcharge{Rate: rate, Methods: s.surcharged()}
	}
	d.Terms.DiscountCodes = f.codes()
}

func (f extrasForm) tip(money func(field, text string) int64, wrong func(field, text string)) *paylink.Tip {
	tip := &paylink.Tip{Maximum: money("tip_most", f.TipMost)}
	for _, text := range strings.Fields(f.TipPercents) {
		n, err := strconv.ParseInt(strings.TrimSuffix(text, "%"), 10, 64)
		if err != nil {
			wrong("tip_percents", "Write the suggestions as whole percents with blanks between them.")
			n = unreadable
		}
		tip.PresetsPercent = append(tip.PresetsPercent, n)
	}
	if len(tip.PresetsPercent) == 0 {
		for _, text := range strings.Fields(f.TipSums) {
			tip.Presets = append(tip.Presets, money("tip_percents", text))
		}
	}
	return tip
}

// like fills it with what a template says.
func (f *extrasForm) like(t paylink.Terms, money func(int64) string) {
	if tip := t.Tip; tip != nil {
		f.Tip, f.TipPercents, f.TipMost = true, "", money(tip.Maximum)
		for _, percent := range tip.PresetsPercent {
			f.TipPercents = strings.TrimSpace(f.TipPercents + " " + strconv.FormatInt(percent, 10))
		}
		for _, preset := range tip.Presets {
			f.TipSums = strings.TrimSpace(f.TipSums + " " + money(preset))
		}
	}
	if len(t.Shipping) > 0 {
		f.Shipping = make([]shippingForm, 0, len(t.Shipping)+1)
		for _, way := range t.Shipping {
			f.Shipping = append(f.Shipping, shippingForm{way.Name, money(way.Amount)})
		}
		f.Shipping = append(f.Shipping, shippingForm{})
	}
	if t.Surcharge != nil {
		f.Surcharge = t.Surcharge.Rate
	}
	f.allowedCodes = codesOf(t.DiscountCodes)
}

// surcharged are the ways to pay for which the merchant's country allows a surcharge.
func (s scene) surcharged() []paylink.Method {
	all := []paylink.Method{}
	for _, m := range paylink.Methods {
		if paylink.SurchargeMost(s.Merchant.Country, m) > 0 {
			all = append(all, m)
		}
	}
	return all
}

func tipHelp(sums string) string {
	if sums != "" {
		return "Percents with blanks between them. Empty: " + sums + ", as the template says."
	}
	return "Percents with blanks between them."
}
