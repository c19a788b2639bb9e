package rules

import (
	"fmt"

	"paylink"
)

// minutes is how many a day has.
const minutes = 24 * 60

// Daily gives the parts of a day in which messages of the facts may go out, by the customer's clock, for whoever
// shows a merchant what it has decided: none when its hours and the law leave no time, and one from "00:00" to
// "24:00" when nothing holds them. Facts without a phone number are those of a customer in their country.
func Daily(f Facts) []paylink.DailyHours {
	var held [minutes]bool
	hold := func(from, to int) {
		for m := from; from != to && m != to; m = (m + 1) % minutes {
			held[m] = true
		}
	}
	for _, p := range f.packs() {
		hold(minute(p.To), minute(p.From))
	}
	if f.Hours != nil && f.Purpose != paylink.PurposeRequested {
		hold(minute(f.Hours.To), minute(f.Hours.From))
	}
	if Unasked(f.Purpose) {
		hold(f.Quiet.From, f.Quiet.To)
	}
	var all []paylink.DailyHours
	for m := 0; m < minutes; m++ {
		if held[m] {
			continue
		}
		from := m
		for m < minutes && !held[m] {
			m++
		}
		all = append(all, paylink.DailyHours{From: clock(from), To: clock(m)})
	}
	if n := len(all); n > 1 && all[0].From == clock(0) && all[n-1].To == clock(minutes) { // one that spans midnight
		all[n-1].To = all[0].To
		all = all[1:]
	}
	return all
}

// Caps are how often one customer may be written to on one channel by messages of the facts.
func Caps(f Facts) []Cap { return f.caps(f.packs()) }

// CapsOf are the caps that a merchant has decided on; nil for none.
func CapsOf(c *paylink.ContactCaps) []Cap {
	if c == nil {
		return nil
	}
	var all []Cap
	for _, one := range []Cap{{int(c.Day), week / 7}, {int(c.Week), week}} {
		if one.Most > 0 {
			all = append(all, one)
		}
	}
	return all
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
