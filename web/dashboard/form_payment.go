package dashboard

import (
	"strconv"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// payForm is the part of the form about how the amount is paid.
type payForm struct {
	Paid                 string // paidOnce, paidParts or paidPlan
	PartFirst, PartLeast string // of parts
	dividedForm                 // of a plan
	Grace                string
}

const (
	paidOnce  = "once"
	paidParts = "parts"
	paidPlan  = "plan"
)

func readPay(get func(string) string) payForm {
	f := payForm{Paid: get("paid"), PartFirst: get("part_first"), PartLeast: get("part_least"), dividedForm: readDivided(get), Grace: get("grace_days")}
	if f.Paid == "" {
		f.Paid = paidOnce
	}
	return f
}

// blankPay is the part of a form that nobody has filled in yet.
func blankPay() payForm {
	return payForm{Paid: paidOnce, dividedForm: dividedForm{Parts: "3", Every: everyMonth}}
}

func (f payForm) ways() []choice {
	return []choice{
		{paidOnce, "At once", f.Paid == paidOnce}, {paidParts, "In parts, as the customer likes", f.Paid == paidParts},
		{paidPlan, "By instalments with dates", f.Paid == paidPlan},
	}
}

// into puts it into the draft, whose amount is known. A link with a plan never expires, unless somebody has
// chosen the very time.
func (f payForm) into(d *issue.Draft, s scene, money func(field, text string) int64, wrong func(field, text string)) {
	switch f.Paid {
	case paidParts:
		d.Terms.Partial = &paylink.Partial{MinimumFirst: money("part_first", f.PartFirst), Minimum: money("part_least", f.PartLeast)}
	case paidPlan:
		sum := d.Amount
		if total, err := paylink.TotalOf(d.Terms.Items); err == nil && len(d.Terms.Items) > 0 {
			sum = total.Total
		}
		d.Terms.Plan = &paylink.Plan{Instalments: f.division(s, money, wrong).Of(sum), GraceDays: graceDays(f.Grace, wrong)}
		if d.ExpiresAt == nil {
			d.ExpiresIn, d.NoExpiry = nil, true
		}
	}
}

// like fills it with what a template says. Of a plan's dates those are kept that are still to come.
func (f *payForm) like(s scene, t paylink.Terms, money func(int64) string) {
	if p := t.Partial; p != nil {
		f.Paid, f.PartFirst, f.PartLeast = paidParts, money(p.MinimumFirst), money(p.Minimum)
	}
	if t.Plan == nil || len(t.Plan.Instalments) == 0 {
		return
	}
	steps := t.Plan.Instalments
	f.Paid, f.Parts, f.Grace = paidPlan, strconv.Itoa(len(steps)), strconv.FormatInt(t.Plan.GraceDays, 10)
	if first := steps[0]; first.DueAt.After(s.World) {
		f.First = first.DueAt.In(locale.Zone(s.Merchant.TimeZone)).Format(time.DateOnly)
	}
	if len(steps) > 1 {
		if steps[0].Amount != steps[1].Amount {
			f.Deposit = money(steps[0].Amount)
		}
		switch apart := steps[1].DueAt.Sub(steps[0].DueAt); {
		case apart < 10*24*time.Hour:
			f.Every = everyWeek
		case apart < 20*24*time.Hour:
			f.Every = everyTwoWeeks
		}
	}
}
