package dashboard

import (
	"strings"
	"time"

	"paylink"
	"paylink/locale"
	"paylink/rules"
)

// effect is in a sentence when messages of one kind go out, by what is decided and by law.
type effect struct {
	Text string
	Law  string // where the law stands; empty: there is none
	Bad  bool   // there is no time left in which they could go out
}

// lawCountries are the countries whose law is known here, as they are named in a sentence.
var lawCountries = map[string]string{"IN": "India", "US": "the United States"}

// effectsOf says when a merchant's messages go out.
func effectsOf(m paylink.Merchant) []effect {
	all := []effect{
		effectOf(m, "What a customer asks for just now goes out", paylink.PurposeRequested, ""),
		effectOf(m, "Requests for payment go out", paylink.PurposeTransactional, ""),
		effectOf(m, "Reminders go out", paylink.PurposeReminder, ""),
	}
	for _, kind := range []struct {
		purpose paylink.Purpose
		what    string
	}{{paylink.PurposeRecovery, "Recovery of overdue debts"}, {paylink.PurposePromotional, "Promotion"}} {
		for _, p := range rules.Packs {
			if p.Purpose == kind.purpose {
				all = append(all, effectOf(m, kind.what+" to customers in "+lawCountries[p.Country]+" goes out", kind.purpose, p.Country))
			}
		}
		all = append(all, effectOf(m, kind.what+" to customers elsewhere goes out", kind.purpose, elsewhere))
	}
	if caps := capsText(rules.CapsOf(m.Settings.ContactCaps)); caps != "" {
		all = append(all, effect{Text: "Reminders, recovery and promotion together reach one customer on one channel " + caps + "."})
	}
	return all
}

// elsewhere is the code of no country: none has a law for it.
const elsewhere = "ZZ"

func effectOf(m paylink.Merchant, begins string, purpose paylink.Purpose, country string) effect {
	f := rules.Facts{
		Purpose: purpose, Country: country, Zone: locale.Zone(m.TimeZone), Quiet: m.Quiet(), Hours: m.Settings.ContactHours,
	}
	e := effect{Text: begins + " " + hoursText(rules.Daily(f))}
	e.Bad = len(rules.Daily(f)) == 0
	if caps := capsText(rules.Caps(f)); caps != "" && !e.Bad {
		e.Text += ", and reaches one customer on one channel " + caps
	}
	e.Text += "."
	for _, p := range rules.Packs {
		if p.Country == country && p.Purpose == purpose {
			e.Law = p.Source
		}
	}
	return e
}

// hoursText says parts of a day.
func hoursText(all []paylink.DailyHours) string {
	if len(all) == 0 {
		return "never: your hours and the law leave no time"
	}
	if all[0] == (paylink.DailyHours{From: "00:00", To: "24:00"}) {
		return "at any time"
	}
	words := make([]string, len(all))
	for i, h := range all {
		words[i] = h.From + "–" + h.To
	}
	return strings.Join(words, " and ") + " of the customer’s time"
}

// capsText says how often: "at most once a day and 3 times in seven days". Of several for one span, the lowest
// holds.
func capsText(caps []rules.Cap) string {
	least := func(span time.Duration) int {
		most := 0
		for _, c := range caps {
			if c.Span == span && (most == 0 || c.Most < most) {
				most = c.Most
			}
		}
		return most
	}
	var words []string
	if n := least(24 * time.Hour); n > 0 {
		words = append(words, timesText(n)+" in 24 hours")
	}
	if n := least(7 * 24 * time.Hour); n > 0 {
		words = append(words, timesText(n)+" in seven days")
	}
	if len(words) == 0 {
		return ""
	}
	return "at most " + strings.Join(words, " and ")
}

func timesText(n int) string {
	if n == 1 {
		return "once"
	}
	return count(n, "time")
}

// indiaState says how far text messages to India are registered.
func indiaState(d *paylink.DLT, live bool) string {
	switch {
	case d == nil && live:
		return "Nothing is registered here, so no text message goes to India."
	case d == nil:
		return "Nothing is registered here. In live mode, no text message goes to India without it."
	case len(d.Templates) == 0 || len(d.Domains) == 0:
		return "Incomplete: without a registered text and a domain for your links, no text message goes to India."
	}
	return count(len(d.Headers), "header") + ", " + count(len(d.Domains), "domain") + " and " + count(len(d.Templates), "text") + " are registered."
}
