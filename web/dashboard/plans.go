package dashboard

import (
	"fmt"
	"time"

	"paylink"
	"paylink/locale"
)

// stepWords say how an instalment stands.
var stepWords = map[paylink.InstalmentState]string{
	paylink.InstalmentPaid: "paid", paylink.InstalmentDue: "next", paylink.InstalmentUpcoming: "later",
	paylink.InstalmentOverdue: "overdue, within the days of grace", paylink.InstalmentMissed: "missed",
}

// promiseWords say what became of a promise.
var promiseWords = map[paylink.PromiseState]string{
	paylink.PromiseOpen: "open", paylink.PromiseKept: "kept", paylink.PromiseBroken: "broken", paylink.PromiseWithdrawn: "withdrawn",
}

// planFacts show the ladder of a link's plan, and its latest promise.
func (s scene) planFacts(l paylink.Link) []fact {
	var all []fact
	for _, step := range l.Ladder(s.World) {
		text := s.money(step.Whole, l.Amount.Currency) + " on " + s.Lang.Day(step.DueAt, s.Merchant.TimeZone) + ", " + word(stepWords, step.State)
		if step.Amount != step.Whole && step.State != paylink.InstalmentPaid {
			text += ", " + s.money(step.Amount, l.Amount.Currency) + " of it left"
		}
		all = append(all, fact{fmt.Sprintf("Instalment %d of %d", step.Number, step.Of), text})
	}
	if p := l.Course.Promise; p != nil {
		text := s.money(p.Amount, l.Amount.Currency) + " by " + s.promisedDay(*p) + ", " + word(promiseWords, p.State)
		if p.By == "customer" {
			text += ", given by the customer"
		}
		if note := locale.Plain(p.Note, paylink.MaxPromiseNote); note != "" {
			text += ": " + note
		}
		all = append(all, fact{"Promise", text})
	}
	if t := l.Terms.Promises; t != nil {
		all = append(all, fact{"Promises", fmt.Sprintf("The customer may promise a day, at most %d days ahead", t.Days())})
	}
	return all
}

// late says what of a link should have been paid by now; empty when there is nothing.
func (s scene) late(l paylink.Link) string {
	if !l.CancelledAt.IsZero() {
		return ""
	}
	if minor := l.Arrears(s.World); minor > 0 {
		return s.money(minor, l.Amount.Currency) + " of the instalments is late"
	}
	if l.Overdue(s.World) {
		return "Overdue since " + s.Lang.Day(*l.Terms.DueAt, s.Merchant.TimeZone)
	}
	return ""
}

// promised says what the open promise is; empty without one.
func (s scene) promised(l paylink.Link) string {
	if p := l.Course.Promise; p != nil && p.State == paylink.PromiseOpen {
		return s.money(p.Amount, l.Amount.Currency) + " promised by " + s.promisedDay(*p)
	}
	return ""
}

// promisedDay is the last moment's day: the promise holds until its end.
func (s scene) promisedDay(p paylink.Promise) string {
	return s.Lang.Day(p.Until.Add(-time.Microsecond), s.Merchant.TimeZone)
}

// planSentence says what time or a promise brought.
func (s scene) planSentence(t paylink.EventType, l *paylink.LinkSnapshot) string {
	switch t {
	case paylink.EventInstalmentDue:
		return "the date of an instalment has come, and it is not paid"
	case paylink.EventInstalmentMissed:
		return "an instalment was missed"
	}
	if l.Promise == nil {
		return "promise"
	}
	amount, day := s.money(l.Promise.Amount, l.Currency), s.promisedDay(*l.Promise)
	switch t {
	case paylink.EventPromiseKept:
		return "promise of " + amount + " kept"
	case paylink.EventPromiseBroken:
		return "promise of " + amount + " by " + day + " not kept"
	case paylink.EventPromiseWithdrawn:
		return "promise of " + amount + " taken back"
	}
	return amount + " promised by " + day
}
