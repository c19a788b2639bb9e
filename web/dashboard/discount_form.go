package dashboard

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
)

// discountForm is what was typed about a discount code.
type discountForm struct {
	Code, Kind, Percent, Amount, Currency string
	Most, Least, MaxUses, Starts, Ends    string
}

// What a code takes off.
const (
	discountPercent = "percent"
	discountAmount  = "amount"
)

func readDiscount(r *http.Request) discountForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return discountForm{
		Code: get("code"), Kind: get("kind"), Percent: get("percent"), Amount: get("amount"), Currency: get("currency"),
		Most: get("most"), Least: get("least"), MaxUses: get("max_uses"), Starts: get("starts_at"), Ends: get("ends_at"),
	}
}

// discountForm is what may change in a code, as the form shows it.
func (s scene) discountForm(c paylink.DiscountCode) discountForm {
	f := discountForm{Ends: s.momentField(c.EndsAt)}
	if c.MaxUses > 0 {
		f.MaxUses = strconv.FormatInt(c.MaxUses, 10)
	}
	return f
}

// draft makes of the form what issue judges. What cannot be read becomes a problem, and a value that issue
// refuses. The field of the kind that is not chosen is left out, as the form shows it whatever is chosen.
func (f discountForm) draft(s scene) (issue.DiscountDraft, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	money := func(field, text string) *int64 {
		if text == "" {
			return nil
		}
		minor, why := parseAmount(text, paylink.Currency(f.Currency))
		if why != "" {
			wrong(field, why)
			minor = unreadable
		}
		return &minor
	}
	d := issue.DiscountDraft{Code: f.Code, MaxUses: typedUses(f.MaxUses, wrong), Minimum: money("least", f.Least)}
	if f.Kind == discountAmount {
		if d.Amount = money("amount", f.Amount); d.Amount == nil {
			wrong("amount", "Enter the amount.")
			none := int64(unreadable)
			d.Amount = &none
		}
	} else {
		d.Percent, d.Maximum = strings.ReplaceAll(strings.TrimSuffix(f.Percent, "%"), " ", ""), money("most", f.Most)
	}
	if d.Amount != nil || d.Maximum != nil || d.Minimum != nil {
		d.Currency = paylink.Currency(f.Currency)
	}
	var ok bool
	if d.StartsAt, ok = s.typedMoment(f.Starts); !ok {
		wrong("starts_at", "Choose the day and the time, or leave it empty.")
	}
	if d.EndsAt, ok = s.typedMoment(f.Ends); !ok {
		wrong("ends_at", "Choose the day and the time, or leave it empty.")
		d.EndsAt = &time.Time{}
	}
	return d, problems
}

// change is what is different from what the form showed.
func (f discountForm) change(s scene, shown discountForm) (issue.DiscountChange, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	var c issue.DiscountChange
	if f.MaxUses != shown.MaxUses {
		c.MaxUses, c.NoLimit = typedUses(f.MaxUses, wrong), f.MaxUses == ""
	}
	if f.Ends != shown.Ends {
		var ok bool
		if c.EndsAt, ok = s.typedMoment(f.Ends); !ok {
			wrong("ends_at", "Choose the day and the time, or leave it empty.")
			c.EndsAt = &time.Time{}
		}
		c.NoEnd = f.Ends == ""
	}
	return c, problems
}

// discountOrder is the order of the form's fields.
var discountOrder = []string{"", "code", "percent", "most", "amount", "currency", "least", "max_uses", "starts_at", "ends_at"}

// discountProblem is the form's field of a pointer, with words for people where issue speaks of minor units.
func discountProblem(f paylink.Field) problem {
	p := problem{Field: strings.TrimPrefix(f.Pointer, "/")}
	switch f.Pointer {
	case "/maximum_discount":
		p = problem{"most", "The most that it takes off must be more than nothing."}
	case "/minimum_amount":
		p = problem{"least", "The least amount must be more than nothing."}
	case "/amount":
		p.Text = "The amount must be more than nothing."
	case "/percent":
		p.Text = "Write more than 0 and less than 100, with at most 4 decimals, such as 10 or 12.5."
	}
	return p
}
