// Package rules says whether a customer may be written to now: by the law of the customer's country, by the
// clock of the customer's zone, and by what the merchant has decided.
//
// It is for dispatch, which judges each message before an attempt, and for whoever shows what will happen.
// It is pure: it is given facts and the time and gives a verdict with its reason. What was sent before, who
// opted out, and what becomes of a message that is held, is known to others.
package rules

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"paylink"
)

// Facts is what is known about a message that is about to be sent.
type Facts struct {
	Purpose  paylink.Purpose
	Recovery bool                // what is asked for is a debt under recovery, whatever the purpose of this message
	Phone    string              // the customer's, E.164; empty: not known
	Country  string              // the merchant's, for a customer whose country is not known
	Zone     *time.Location      // the merchant's, for a customer whose zone is not known
	Quiet    paylink.QuietHours  // the merchant's
	Hours    *paylink.DailyHours // the merchant's own contact hours, by the customer's clock; nil: none
	Caps     []Cap               // the merchant's own
	Before   []time.Time         // when this customer was written to unasked on this channel, oldest first
	Now      time.Time
}

// Kind is what becomes of a message.
type Kind int

const (
	Allow Kind = iota
	Hold       // until Until, when it is judged again
	Omit       // it is not sent
)

// Verdict is what the rules say, with the reason as a stable word: the name of a pack, "contact_hours",
// "quiet_hours", "frequency_cap".
type Verdict struct {
	Kind   Kind
	Reason string
	Until  time.Time
}

// longestHold is how long a message waits for a rule; what would wait longer is skipped, because the
// customer would not understand it any more.
const longestHold = 36 * time.Hour

// Judge tells whether the message may go out now. What the customer asked for just now is held by the law
// of recovery only.
func Judge(f Facts) Verdict {
	packs := f.packs()
	if until, reason := f.open(packs); reason != "" {
		if until.IsZero() || until.Sub(f.Now) > longestHold {
			return Verdict{Omit, reason, time.Time{}}
		}
		return Verdict{Hold, reason, until}
	}
	if until := f.capped(packs); !until.IsZero() {
		if until.Sub(f.Now) > longestHold {
			return Verdict{Omit, "frequency_cap", time.Time{}}
		}
		return Verdict{Hold, "frequency_cap", until}
	}
	return Verdict{}
}

// Counts tells whether messages of these facts are counted, because a cap holds for them.
func Counts(f Facts) bool { return len(f.caps(f.packs())) > 0 }

// Unasked tells whether a message of the purpose can wait: nobody stands at a till for it.
func Unasked(p paylink.Purpose) bool {
	return p == paylink.PurposeReminder || p == paylink.PurposeRecovery || p == paylink.PurposePromotional
}

// packs are the laws that hold for the message. The number is read only where one may: most messages are under
// none, and reading it costs more than all else here.
func (f Facts) packs() []Pack {
	country := sync.OnceValue(func() string { return cmp.Or(Country(f.Phone), f.Country) })
	var all []Pack
	for _, p := range Packs {
		if (p.Purpose == f.Purpose || p.Purpose == paylink.PurposeRecovery && f.Recovery) && p.Country == country() {
			all = append(all, p)
		}
	}
	return all
}

// window is a part of the day in which messages are held, and why.
type window struct {
	reason string
	quiet  paylink.QuietHours
}

// windows are all that hold for the message, each in each zone in which the customer may be, so that what
// goes out is allowed in all of them.
func (f Facts) windows(packs []Pack) []window {
	zones := sync.OnceValue(func() []*time.Location {
		if all := Zones(f.Phone); len(all) > 0 {
			return all
		}
		return []*time.Location{f.Zone}
	})
	var all []window
	add := func(reason string, from, to int) {
		for _, zone := range zones() {
			all = append(all, window{reason, paylink.QuietHours{From: from, To: to, Zone: zone}})
		}
	}
	for _, p := range packs {
		add(p.Name, minute(p.To), minute(p.From)) // what is not within is quiet
	}
	if f.Hours != nil && f.Purpose != paylink.PurposeRequested {
		add("contact_hours", minute(f.Hours.To), minute(f.Hours.From))
	}
	if f.quiet(zones) {
		add("quiet_hours", f.Quiet.From, f.Quiet.To)
	}
	return all
}

// quiet tells whether the merchant's quiet hours hold. A reminder was planned around them by the merchant's
// own clock already, or sent by a person who sees that clock; only what the customer's clock adds is left.
func (f Facts) quiet(zones func() []*time.Location) bool {
	if f.Purpose != paylink.PurposeReminder {
		return Unasked(f.Purpose)
	}
	return slices.ContainsFunc(zones(), func(z *time.Location) bool {
		_, there := f.Now.In(z).Zone()
		_, here := f.Now.In(f.Zone).Zone()
		return there != here
	})
}

// open gives the first moment from now on that no window holds, and what holds the message now; no reason
// when nothing does, and no moment when there is none within days.
func (f Facts) open(packs []Pack) (at time.Time, reason string) {
	all := f.windows(packs)
	for at = f.Now; at.Sub(f.Now) <= week; {
		later := at
		for _, w := range all {
			if opens := w.quiet.Open(later); opens.After(later) {
				later = opens
				if reason == "" {
					reason = w.reason
				}
			}
		}
		if later.Equal(at) {
			return at, reason
		}
		at = later
	}
	return time.Time{}, reason
}

// caps are how often the message's customer may be written to.
func (f Facts) caps(packs []Pack) []Cap {
	var all []Cap
	for _, p := range packs {
		if p.Cap.Most > 0 {
			all = append(all, p.Cap)
		}
	}
	if Unasked(f.Purpose) {
		all = append(all, f.Caps...)
	}
	return all
}

// capped gives from when on no cap stands against the message; zero when none does now.
func (f Facts) capped(packs []Pack) (until time.Time) {
	for _, c := range f.caps(packs) {
		var within []time.Time
		for _, t := range f.Before {
			if t.After(f.Now.Add(-c.Span)) {
				within = append(within, t)
			}
		}
		if len(within) < c.Most {
			continue
		}
		if free := within[len(within)-c.Most].Add(c.Span); free.After(until) {
			until = free
		}
	}
	return until
}

func minute(text string) int {
	m, _ := paylink.ParseMinute(text)
	return m
}
