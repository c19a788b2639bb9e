package paylink

import "time"

// PromiseTerms let the customer say on the page on which day the money will come. An agent may note a
// promise on any single-use link.
type PromiseTerms struct {
	MaxDays int64 `json:"max_days" minimum:"0" maximum:"90" doc:"how many days from today the promised day may be; 0: 14"`
	Extend  bool  `json:"extend,omitempty" doc:"a promise moves an earlier expiry to the end of the promised day; otherwise the day must be before the expiry"`
}

// Days is how many days from today the promised day may be.
func (t PromiseTerms) Days() int64 {
	if t.MaxDays == 0 {
		return DefaultPromiseDays
	}
	return t.MaxDays
}

// The bounds of promises.
const (
	DefaultPromiseDays  = 14
	MaxPromiseDays      = 90
	MaxPromiseNote      = 500
	MaxCustomerPromises = 3 // that a customer may make on one link
)

// PromiseState is what became of a promise.
type PromiseState string

const (
	PromiseOpen      PromiseState = "open"
	PromiseKept      PromiseState = "kept"
	PromiseBroken    PromiseState = "broken"
	PromiseWithdrawn PromiseState = "withdrawn"
)

// Promise is the latest word about the day on which a link will be paid. It holds until the end of that
// day in the merchant's zone.
type Promise struct {
	Date       string       `json:"date" format:"date" doc:"the promised day, in your time zone"`
	Until      time.Time    `json:"until" doc:"its end: from then on the promise is broken"`
	Amount     int64        `json:"amount" doc:"minor units that are to come by then"`
	PaidBefore int64        `json:"paid_before" doc:"minor units that were paid when it was made"`
	Note       string       `json:"note" doc:"internal; the customer never sees it"`
	By         string       `json:"by" doc:"customer, or the key_… or usr_… that noted it"`
	State      PromiseState `json:"state" enum:"open,kept,broken,withdrawn" doc:"kept: the amount came; a later promise replaces an open one"`
	MadeAt     time.Time    `json:"made_at" doc:"when it was given"`
	Times      int64        `json:"times" doc:"how many promises this link has had"`
	ByCustomer int64        `json:"times_by_customer" doc:"how many of them the customer gave on the page; at most 3"`
}

// Promising is a promise that is about to be made.
type Promising struct {
	Date   time.Time // any instant of the day, in the zone in which the day is meant
	Amount int64     // minor units; 0: the next instalment, or all that is due
	Note   string
	By     string // "customer", key_… or usr_…
}

// EndOfDay is when the day of an instant, read in its own zone, is over.
func EndOfDay(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, day.Location()).UTC()
}

// PromiseDay reads a day, written as 2026-12-01 and meant in the zone, on which the link may be promised:
// it is not over by now, the time of the link's world, at most maxDays days ahead, and the link does not
// expire before its end, unless its terms say that a promise extends it. The fault is required, unreadable,
// in_the_past, too_far or after_expiry; empty for a day that will do.
func (l Link) PromiseDay(text, zone string, now time.Time, maxDays int64) (day time.Time, fault string) {
	if text == "" {
		return day, "required"
	}
	in, ok := Zone(zone)
	if !ok {
		in = time.UTC
	}
	// The middle of a day is there in every zone, also where a clock skips midnight.
	var err error
	if day, err = time.ParseInLocation(time.DateOnly+" 15", text+" 12", in); err != nil {
		return day, "unreadable"
	}
	y, m, d := now.In(in).Date()
	switch end := EndOfDay(day); {
	case !end.After(now):
		return day, "in_the_past"
	case day.After(time.Date(y, m, d+int(maxDays), 13, 0, 0, 0, in)):
		return day, "too_far"
	case !l.ExpiresAt.IsZero() && l.ExpiresAt.Before(end) && (l.Terms.Promises == nil || !l.Terms.Promises.Extend):
		return day, "after_expiry"
	}
	return day, ""
}

// Promised notes a promise at now; an earlier one gives way to it. What may be promised is judged before.
func (l *Link) Promised(p Promising, now time.Time) {
	made := Promise{
		Date: p.Date.Format(time.DateOnly), Until: EndOfDay(p.Date), Amount: p.Amount, PaidBefore: l.Settled(), Note: p.Note, By: p.By,
		State: PromiseOpen, MadeAt: now.UTC().Truncate(time.Microsecond), Times: l.promises() + 1, ByCustomer: l.PromisesByCustomer(),
	}
	if made.Amount == 0 {
		made.Amount = l.LeastPart()
		if l.Terms.Plan == nil {
			made.Amount = l.AmountDue()
		}
	}
	if p.By == "customer" {
		made.ByCustomer++
	}
	l.Course.Promise, l.PromisedFor = &made, made.Until
}

// WithdrawPromise takes the open promise back; false when there is none.
func (l *Link) WithdrawPromise() bool {
	if l.PromisedFor.IsZero() {
		return false
	}
	l.endPromise(PromiseWithdrawn)
	return true
}

// KeepPromise ends the open promise when its money has come, and tells that it did.
func (l *Link) KeepPromise() bool {
	p := l.Course.Promise
	if l.PromisedFor.IsZero() || l.AmountDue() > 0 && l.Settled() < p.PaidBefore+p.Amount {
		return false
	}
	l.endPromise(PromiseKept)
	return true
}

// endPromise writes what became of the promise into a copy: snapshots hold the one before.
func (l *Link) endPromise(became PromiseState) {
	ended := *l.Course.Promise
	ended.State = became
	l.Course.Promise, l.PromisedFor = &ended, time.Time{}
}

func (l Link) promises() int64 {
	if l.Course.Promise == nil {
		return 0
	}
	return l.Course.Promise.Times
}

// PromisesByCustomer is how many promises the customer has made on the page.
func (l Link) PromisesByCustomer() int64 {
	if l.Course.Promise == nil {
		return 0
	}
	return l.Course.Promise.ByCustomer
}
