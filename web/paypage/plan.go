package paypage

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// stepView is a sum that a link with a plan offers to pay.
type stepView struct {
	Value, Label string
	Checked      bool
}

// later is the form by which a customer promises another day; empty where the link takes no promise.
type later struct{ Action, First, Last, Hint string }

// The notes about promises.
const (
	notePromised     note = "promised"
	notePromiseDay   note = "promise_day"
	notePromiseSpent note = "promise_spent"
)

func (n note) aboutPromise() bool {
	return n == notePromised || n == notePromiseDay || n == notePromiseSpent
}

// owed says of a link that is paid in parts how much of it is paid.
func (v *view) owed(l paylink.Link) []fact {
	if l.Usage.Mode != paylink.UsageSingle || l.AmountPaid == 0 || l.AmountDue() == 0 {
		return nil
	}
	return []fact{
		{v.Lang.T("fact.whole"), v.money(l.Settled()+l.AmountDue(), l)},
		{v.Lang.T("fact.paid"), v.money(l.Settled(), l)},
		{v.Lang.T("fact.due"), v.money(l.AmountDue(), l)},
	}
}

// ladder shows the plan: each instalment with its day, and how it stands. The promise comes after it.
func (v *view) ladder(page checkout.Page) []fact {
	var facts []fact
	zone := page.Merchant.TimeZone
	for _, s := range page.Link.Ladder(page.WorldNow) {
		amount := s.Amount
		if s.State == paylink.InstalmentPaid {
			amount = s.Whole
		}
		label := v.Lang.T("plan.step", "n", v.Lang.Digits(strconv.Itoa(s.Number)), "of", v.Lang.Digits(strconv.Itoa(s.Of)), "day", v.Lang.Day(s.DueAt, zone))
		facts = append(facts, fact{label, v.Lang.T("plan."+string(s.State), "amount", v.money(amount, page.Link))})
	}
	if p := page.Link.Course.Promise; p != nil && !page.Link.PromisedFor.IsZero() {
		facts = append(facts, fact{v.Lang.T("fact.promised"), v.Lang.Day(p.Until.Add(-time.Microsecond), zone)})
	}
	return facts
}

// pickInstalments offers the next instalment, all that is past its day, and all that is left, as far as
// these differ.
func (v *view) pickInstalments(page checkout.Page) {
	l, p := page.Link, &v.Picks
	if l.Terms.Plan == nil || l.LeastPart() == l.AmountDue() {
		return
	}
	p.Shown = strconv.FormatInt(l.AmountDue(), 10)
	last := int64(0)
	for _, step := range []struct {
		key   string
		minor int64
	}{{"pay.instalment", l.LeastPart()}, {"pay.arrears", l.Arrears(page.WorldNow)}, {"pay.rest", l.AmountDue()}} {
		if step.minor <= last {
			continue
		}
		last = step.minor
		m := paylink.Money{Minor: step.minor, Currency: l.Amount.Currency}
		p.Steps = append(p.Steps, stepView{m.Decimal(), v.Lang.T(step.key, "amount", v.Lang.Money(m)), m.Decimal() == p.Typed || p.Typed == "" && len(p.Steps) == 0})
	}
	v.PayLabel = v.Lang.T("pay.open")
}

// promise adds the form for another day, where the link takes a promise.
func (v *view) promise(a address, page checkout.Page) {
	if checkout.PromiseRefusal(page.Link, page.Refusal) != "" {
		return
	}
	today := page.WorldNow.In(locale.Zone(page.Merchant.TimeZone))
	last := today.AddDate(0, 0, int(page.Link.Terms.Promises.Days()))
	if until := page.Link.ExpiresAt; !until.IsZero() && !page.Link.Terms.Promises.Extend && paylink.EndOfDay(last).After(until) {
		last = until.In(today.Location()).AddDate(0, 0, -1)
		if paylink.EndOfDay(last.AddDate(0, 0, 1)).Equal(until) {
			last = last.AddDate(0, 0, 1)
		}
	}
	if paylink.EndOfDay(last).Before(paylink.EndOfDay(today)) {
		return // it expires today: no day is left to promise
	}
	v.Later = later{
		Action: a.to(partPromise), First: today.Format(time.DateOnly), Last: last.Format(time.DateOnly),
		Hint: v.Lang.T("promise.hint", "merchant", v.Merchant.Name, "day", v.Lang.Day(last, page.Merchant.TimeZone)),
	}
}

// promise takes the day on which the customer will pay.
func (h *Handler) promise(w http.ResponseWriter, r *http.Request, a address, visitor checkout.Visitor) {
	err := h.Checkout.Promise(r.Context(), a.code, r.PostForm.Get("token"), visitor, r.PostForm.Get("date"))
	var wrong *paylink.Invalid
	var refused *paylink.Conflict
	switch {
	case errors.As(err, &wrong):
		h.back(w, r, a, notePromiseDay)
	case errors.As(err, &refused) && refused.Code == "promises_spent":
		h.back(w, r, a, notePromiseSpent)
	default:
		h.after(w, r, a, err, notePromised)
	}
}
