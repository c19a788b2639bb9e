package issue

import (
	"fmt"
	"slices"

	"paylink"
)

// sending judges what a merchant decides about its messages.
func (j *judgement) sending(s paylink.Settings) {
	if r := s.Routing; r != nil {
		for _, one := range []struct {
			name string
			said paylink.RoutePreference
		}{{"sms", r.SMS}, {"whatsapp", r.WhatsApp}, {"email", r.Email}, {"in_app", r.InApp}} {
			if one.said != "" && !slices.Contains([]paylink.RoutePreference{paylink.RouteRank, paylink.RouteCheapest, paylink.RouteHealthiest}, one.said) {
				j.bad.Add("/settings/message_routing/"+one.name, "unknown_value", "An order of accounts is rank, cheapest or healthiest.")
			}
		}
	}
	if s.OnUnknownSend != "" && s.OnUnknownSend != paylink.UnknownWait && s.OnUnknownSend != paylink.UnknownResend {
		j.bad.Add("/settings/on_unknown_send", "unknown_value", "It is wait or resend.")
	}
	if b := s.Budget; b != nil {
		j.cap("/settings/message_budget/day", b.Day)
		j.cap("/settings/message_budget/month", b.Month)
		j.cap("/settings/message_budget/link", b.Link)
	}
	seen := map[string]bool{}
	for i, country := range s.SMSCountries {
		pointer := fmt.Sprintf("/settings/sms_countries/%d", i)
		switch {
		case len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z':
			j.bad.Add(pointer, "unknown_value", "A country is two capitals of ISO 3166, such as IN.")
		case seen[country]:
			j.bad.Add(pointer, "duplicate_value", "The country is named twice.")
		}
		seen[country] = true
	}
	if n := s.SMSRange; n != nil && (*n < 0 || *n > 10_000) {
		j.bad.Add("/settings/sms_range_limit", "out_of_range", "A range has ten thousand numbers; 0 is no limit.")
	}
}

// receipts judges on which channels receipts go out.
func (j *judgement) receipts(pointer string, r *paylink.Receipts) {
	if r != nil {
		list(j, pointer+"/channels", r.Channels, paylink.Channels)
	}
}

// mostBudget is the highest cap, in minor units.
const mostBudget = 1_000_000_000_000

func (j *judgement) cap(pointer string, minor *int64) {
	if minor != nil && (*minor < 0 || *minor > mostBudget) {
		j.bad.Add(pointer, "out_of_range", "A cap is a number of minor units up to a million million.")
	}
}
