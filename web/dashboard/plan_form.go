package dashboard

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/locale"
)

// dividedForm says how a sum is to be divided into instalments.
type dividedForm struct {
	Parts, First, Every, Deposit string
}

// The distances between instalments that a form offers.
const (
	everyMonth    = "month"
	everyTwoWeeks = "2 weeks"
	everyWeek     = "week"
)

func readDivided(get func(string) string) dividedForm {
	return dividedForm{Parts: get("plan_parts"), First: get("plan_first"), Every: get("plan_every"), Deposit: get("plan_deposit")}
}

func (f dividedForm) rhythms() []choice {
	return []choice{
		{everyMonth, "every month", f.Every == everyMonth}, {everyTwoWeeks, "every 2 weeks", f.Every == everyTwoWeeks}, {everyWeek, "every week", f.Every == everyWeek},
	}
}

// division reads it. What cannot be read is told, and gives no instalments.
func (f dividedForm) division(s scene, money func(field, text string) int64, wrong func(field, text string)) paylink.Division {
	var d paylink.Division
	n, err := strconv.Atoi(f.Parts)
	switch {
	case err != nil || n < 1:
		wrong("plan_parts", "Write the number of instalments.")
	case n > paylink.MaxInstalments:
		wrong("plan_parts", "At most "+strconv.Itoa(paylink.MaxInstalments)+" instalments.")
	default:
		d.Parts = n
	}
	switch at, why := s.typedDay(f.First); {
	case at == nil || why != "":
		wrong("plan_first", "Choose the day on which the first instalment is due.")
		d.Parts = 0
	default:
		d.Start = at.In(locale.Zone(s.Merchant.TimeZone))
	}
	if d.First = money("plan_deposit", f.Deposit); d.First == unreadable {
		d.Parts = 0
	}
	switch f.Every {
	case everyTwoWeeks:
		d.Days = 14
	case everyWeek:
		d.Days = 7
	default:
		d.Months = 1
	}
	return d
}

// stepForm is one instalment as it was typed.
type stepForm struct{ Date, Amount string }

// readSteps are the rows of a form in which anything was typed.
func readSteps(r *http.Request) []stepForm {
	var rows []stepForm
	dates, amounts := r.PostForm["step_date"], r.PostForm["step_amount"]
	for i := range min(len(dates), len(amounts), 2*paylink.MaxInstalments) {
		if row := (stepForm{strings.TrimSpace(dates[i]), strings.TrimSpace(amounts[i])}); row != (stepForm{}) {
			rows = append(rows, row)
		}
	}
	return rows
}

// stepsOf are instalments as a form shows them.
func (s scene) stepsOf(instalments []paylink.Instalment, currency paylink.Currency) []stepForm {
	rows := make([]stepForm, len(instalments))
	for i, step := range instalments {
		rows[i] = stepForm{
			step.DueAt.In(locale.Zone(s.Merchant.TimeZone)).Format(time.DateOnly), paylink.Money{Minor: step.Amount, Currency: currency}.Decimal(),
		}
	}
	return rows
}

// instalments are those of the rows.
func (s scene) instalments(rows []stepForm, money func(field, text string) int64, wrong func(field, text string)) []paylink.Instalment {
	all := make([]paylink.Instalment, len(rows))
	for i, row := range rows {
		all[i].Amount = money("instalments", row.Amount)
		if at, why := s.typedDay(row.Date); at == nil || why != "" {
			wrong("instalments", instalmentAt(i, "It needs a date and an amount."))
		} else {
			all[i].DueAt = *at
		}
	}
	return all
}

// instalmentAt says of which instalment a problem is, counted from 0.
func instalmentAt(n int, text string) string { return "Instalment " + strconv.Itoa(n+1) + ": " + text }

// graceDays reads after how many days an instalment counts as missed.
func graceDays(text string, wrong func(field, text string)) int64 {
	if text == "" {
		return 0
	}
	days, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		wrong("grace_days", "Write a whole number of days.")
		return unreadable
	}
	return days
}
