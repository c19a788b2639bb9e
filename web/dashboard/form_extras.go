package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// shippingRows is how many ways to deliver a link may have.
const shippingRows = 3

// extrasForm is the part of the form about what is added to the amount.
type extrasForm struct {
	Tip                  bool
	TipPercents, TipMost string
	Shipping             []shippingForm
}

// shippingForm is a way to deliver as it was typed.
type shippingForm struct{ Name, Price string }

func readExtras(r *http.Request, get func(string) string) extrasForm {
	f := extrasForm{Tip: get("tip") != "", TipPercents: get("tip_percents"), TipMost: get("tip_most")}
	for i := range shippingRows {
		var row shippingForm
		if names, prices := r.PostForm["shipping_name"], r.PostForm["shipping_price"]; i < len(names) && i < len(prices) {
			row = shippingForm{strings.TrimSpace(names[i]), strings.TrimSpace(prices[i])}
		}
		f.Shipping = append(f.Shipping, row)
	}
	return f
}

// blankExtras is the part of a form that nobody has filled in yet.
func blankExtras() extrasForm {
	return extrasForm{TipPercents: "5 10 15", Shipping: make([]shippingForm, shippingRows)}
}

// said tells that something is to be added.
func (f extrasForm) said() bool {
	for _, row := range f.Shipping {
		if row != (shippingForm{}) {
			return true
		}
	}
	return f.Tip
}

// into puts what is added into the draft.
func (f extrasForm) into(d *issue.Draft, money func(field, text string) int64, wrong func(field, text string)) {
	if f.Tip {
		d.Terms.Tip = &paylink.Tip{Maximum: money("tip_most", f.TipMost)}
		for _, text := range strings.Fields(f.TipPercents) {
			n, err := strconv.ParseInt(strings.TrimSuffix(text, "%"), 10, 64)
			if err != nil {
				wrong("tip_percents", "Write the suggestions as whole percents with blanks between them.")
				n = unreadable
			}
			d.Terms.Tip.PresetsPercent = append(d.Terms.Tip.PresetsPercent, n)
		}
	}
	for _, row := range f.Shipping {
		if row != (shippingForm{}) {
			d.Terms.Shipping = append(d.Terms.Shipping, paylink.ShippingOption{Name: row.Name, Amount: money("shipping", row.Price)})
		}
	}
}

// extraField is the form's field of a pointer about what is added.
func extraField(pointer string) string {
	switch {
	case pointer == "/tip/maximum":
		return "tip_most"
	case strings.HasPrefix(pointer, "/tip/"):
		return "tip_percents"
	case pointer == "/tip":
		return "tip"
	case strings.HasPrefix(pointer, "/shipping_options"):
		return "shipping"
	}
	return ""
}
