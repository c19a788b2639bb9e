package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// sums is the part of the form about the amount, beyond one number.
type sums struct {
	How                  string // howFixed, howChosen or howLines
	Least, Most, Presets string // of an amount that the customer chooses
	Items                []itemForm
	extrasForm
}

const (
	howFixed  = "fixed"
	howChosen = "chosen"
	howLines  = "lines"
)

func readSums(r *http.Request, get func(string) string) sums {
	s := sums{How: get("how"), Least: get("least"), Most: get("most"), Presets: get("presets"), Items: readItems(r), extrasForm: readExtras(r, get)}
	if s.How == "" {
		s.How = howFixed
	}
	return s
}

// blankSums is the part of a form that nobody has filled in yet.
func blankSums() sums {
	return sums{How: howFixed, extrasForm: blankExtras()}
}

// unreadable stands in a draft for what was typed and cannot be read, so that issue refuses it as well.
const unreadable = -1

// amounts puts the amount into the draft, and what is added to it, and tells what could not be read.
func (f form) amounts(d *issue.Draft, s scene, money func(field, text string) int64, wrong func(field, text string)) {
	switch f.How {
	case howChosen:
		d.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: money("least", f.Least), Maximum: money("most", f.Most)}
		for _, preset := range strings.Fields(f.Presets) {
			d.Terms.CustomerAmount.Presets = append(d.Terms.CustomerAmount.Presets, money("presets", preset))
		}
	case howLines:
		d.Terms.Items = itemsOf(f.Items, d.Currency, wrong)
	default:
		if minor, why := parseAmount(f.Amount, d.Currency); why != "" {
			wrong("amount", why)
		} else {
			d.Amount, d.HasAmount = minor, true
		}
	}
	f.extrasForm.into(d, s, money, wrong)
}

// like fills it with what a template says.
func (s *sums) like(t paylink.Terms, currency paylink.Currency, money func(int64) string) {
	if c := t.CustomerAmount; c != nil {
		s.How, s.Least, s.Most = howChosen, money(c.Minimum), money(c.Maximum)
		for _, preset := range c.Presets {
			s.Presets = strings.TrimSpace(s.Presets + " " + money(preset))
		}
	}
	if len(t.Items) > 0 {
		s.How, s.Items = howLines, nil
		for _, i := range t.Items {
			s.Items = append(s.Items, itemOf(i, currency))
		}
	}
	s.extrasForm.like(t, money)
}

func whole(text, field string, wrong func(field, text string)) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		wrong(field, "Write numbers of pieces and payments as whole numbers.")
		return unreadable
	}
	return n
}

// lines are a text as a field with several lines sends it, with the line ends that we keep.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
