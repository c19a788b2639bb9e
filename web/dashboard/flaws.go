package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"paylink"
)

// flaws are what is wrong with a form, for the page that shows it again.
type flaws struct{ Problems []problem }

// flawsOf joins what a form could not read with what issue refuses: one problem for each field, in the
// order in which the form has them. said gives the form's field of a pointer, and other words for people
// if issue's are those for programs.
func flawsOf(own []problem, invalid *paylink.Invalid, order []string, said func(paylink.Field) problem) flaws {
	all := slices.Clone(own)
	for _, f := range invalid.Fields {
		p := said(f)
		switch {
		case p.Text != "":
		case f.Code == keyReused:
			p = problem{"", "This form was sent before with other values. Look whether it had its effect; to send it anew, press the button again."}
		default:
			p.Text = f.Detail
		}
		if !slices.ContainsFunc(all, func(q problem) bool { return q.Field == p.Field && p.Field != "" }) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int { return slices.Index(order, a.Field) - slices.Index(order, b.Field) })
	return flaws{all}
}

// of is what is wrong with one field; empty when nothing is.
func (f flaws) of(field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// any tells that something is wrong with one of the fields.
func (f flaws) any(fields ...string) bool {
	return slices.ContainsFunc(fields, func(field string) bool { return f.of(field) != "" })
}

// marks ties a control to the line below it, for readers of the screen: there is one when the field has
// help, or is wrong.
func (f flaws) marks(field string, helped bool) templ.Attributes {
	marks := templ.Attributes{}
	if helped || f.of(field) != "" {
		marks["aria-describedby"] = field + "-below"
	}
	if f.of(field) != "" {
		marks["aria-invalid"] = "true"
	}
	return marks
}

// span is a length of time as people give it: a count and its unit. The unit "never" is for ever.
type span struct{ Count, Unit string }

const spanNever = "never"

// spanUnits are offered; seconds only where a program has said an odd number of them.
var spanUnits = []struct {
	name    string
	seconds int64
}{{"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}}

// spanOf writes seconds in the largest unit that fits them.
func spanOf(seconds int64) span {
	for _, u := range spanUnits {
		if seconds%u.seconds == 0 {
			return span{strconv.FormatInt(seconds/u.seconds, 10), u.name}
		}
	}
	panic("every number of seconds is one of seconds")
}

// seconds reads the span. What cannot be read is a number that issue refuses.
func (s span) seconds() (n int64, ok bool) {
	for _, u := range spanUnits {
		if u.name == s.Unit {
			n, err := strconv.ParseInt(s.Count, 10, 64)
			if err != nil || n < 1 || n > 1e9 {
				return unreadable, false
			}
			return n * u.seconds, true
		}
	}
	return unreadable, false
}

func (s span) units(never string) []choice {
	var all []choice
	for _, u := range slices.Backward(spanUnits) {
		if u.seconds > 1 || s.Unit == u.name {
			all = append(all, choice{u.name, u.name, s.Unit == u.name})
		}
	}
	if never != "" {
		all = append(all, choice{spanNever, never, s.Unit == spanNever})
	}
	return all
}

// words say a span in a sentence: "3 days".
func (s span) words() string {
	if s.Count == "1" {
		return "1 " + strings.TrimSuffix(s.Unit, "s")
	}
	return s.Count + " " + s.Unit
}
