package rules_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/rules"
)

const (
	india   = "+919812345642"
	newYork = "+12125550142"
	london  = "+447700900123"
	russia  = "+79161234567"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, zoneName, clock string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", clock, zone(t, zoneName))
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

// One hour too early is a breach of law; one message held that the customer waits for is a lost payment.
func TestTheLawHoldsWhatItNamesByTheCustomersClock(t *testing.T) {
	for _, c := range []struct {
		name, phone, country, zone, now string
		purpose                         paylink.Purpose
		recovery                        bool
		kind                            rules.Kind
		reason, until                   string // until by the same clock
	}{
		{"recovery in India before eight", india, "IN", "Asia/Kolkata", "2026-11-23 07:59", paylink.PurposeRecovery, true, rules.Hold, "in_recovery", "2026-11-23 09:00"},
		{"recovery in India by day", india, "IN", "Asia/Kolkata", "2026-11-23 12:00", paylink.PurposeRecovery, true, rules.Allow, "", ""},
		{"recovery in India at seven", india, "IN", "Asia/Kolkata", "2026-11-23 19:00", paylink.PurposeRecovery, true, rules.Hold, "in_recovery", "2026-11-24 09:00"},
		{"asked for just now, of a debt under recovery", india, "IN", "Asia/Kolkata", "2026-11-23 19:30", paylink.PurposeRequested, true, rules.Hold, "in_recovery", "2026-11-24 08:00"},
		{"asked for just now, at night", india, "IN", "Asia/Kolkata", "2026-11-23 03:00", paylink.PurposeRequested, false, rules.Allow, "", ""},
		{"the request itself, at night", india, "IN", "Asia/Kolkata", "2026-11-23 03:00", paylink.PurposeTransactional, false, rules.Allow, "", ""},
		{"a reminder at night by the same clock, sent by hand", india, "IN", "Asia/Kolkata", "2026-11-23 23:00", paylink.PurposeReminder, false, rules.Allow, "", ""},
		{"promotion in India at half past nine", india, "IN", "Asia/Kolkata", "2026-11-23 09:30", paylink.PurposePromotional, false, rules.Hold, "in_promotional", "2026-11-23 10:00"},
		{"promotion in India at nine in the evening", india, "IN", "Asia/Kolkata", "2026-11-23 21:00", paylink.PurposePromotional, false, rules.Hold, "in_promotional", "2026-11-24 10:00"},
		{"recovery in New York at half past seven", newYork, "IN", "America/New_York", "2026-11-23 07:30", paylink.PurposeRecovery, true, rules.Hold, "us_recovery", "2026-11-23 09:00"},
		{"a reminder to London in its night", london, "IN", "Europe/London", "2026-11-23 05:00", paylink.PurposeReminder, false, rules.Hold, "quiet_hours", "2026-11-23 09:00"},
		{"a reminder to London by its day", london, "IN", "Europe/London", "2026-11-23 12:00", paylink.PurposeReminder, false, rules.Allow, "", ""},
		{"no phone: the merchant's clock and country", "", "IN", "Asia/Kolkata", "2026-11-23 07:00", paylink.PurposeRecovery, true, rules.Hold, "in_recovery", "2026-11-23 09:00"},
	} {
		facts := rules.Facts{
			Purpose: c.purpose, Recovery: c.recovery, Phone: c.phone, Country: c.country, Zone: zone(t, "Asia/Kolkata"),
			Quiet: paylink.QuietHours{From: 21 * 60, To: 9 * 60, Zone: zone(t, "Asia/Kolkata")}, Now: at(t, c.zone, c.now),
		}
		want := rules.Verdict{Kind: c.kind, Reason: c.reason}
		if c.until != "" {
			want.Until = at(t, c.zone, c.until)
		}
		if got := rules.Judge(facts); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}

// A number that may be in many zones is written to only when all of them allow it: the wrong guess wakes
// somebody.
func TestANumberOfSeveralZonesIsWrittenToWhenAllAllowIt(t *testing.T) {
	wide := rules.Zones("+18005550100") // a toll-free number has no place
	if len(wide) < 4 {
		t.Fatalf("a toll-free number is in %v", wide)
	}
	facts := rules.Facts{
		Purpose: paylink.PurposeRecovery, Recovery: true, Phone: "+18005550100", Country: "US", Zone: time.UTC,
		Quiet: paylink.QuietHours{Zone: time.UTC},
	}
	for hour := range 24 {
		facts.Now = time.Date(2026, 11, 23, hour, 30, 0, 0, time.UTC)
		v := rules.Judge(facts)
		when := facts.Now
		if v.Kind == rules.Hold {
			when = v.Until
		}
		if v.Kind == rules.Omit {
			continue
		}
		for _, z := range wide {
			if local := when.In(z).Hour(); rules.Country(facts.Phone) == "US" && (local < 8 || local >= 21) {
				t.Errorf("at %v it may go out at %v, which is %d o'clock in %v", facts.Now, when, local, z)
			}
		}
	}
}

// Where no hour suits, a message must not wait for ever, nor go out.
func TestWhatNoHourSuitsIsSkipped(t *testing.T) {
	facts := rules.Facts{
		Purpose: paylink.PurposeTransactional, Phone: india, Country: "IN", Zone: time.UTC, Now: at(t, "Asia/Kolkata", "2026-11-23 12:00"),
		Hours: &paylink.DailyHours{From: "09:00", To: "09:00"},
	}
	if got := rules.Judge(facts); got.Kind != rules.Allow {
		t.Errorf("equal times forbid: %+v", got)
	}
	facts.Purpose, facts.Hours = paylink.PurposePromotional, &paylink.DailyHours{From: "06:00", To: "09:00"} // and the law from ten
	if got := rules.Judge(facts); got.Kind != rules.Omit || got.Reason == "" {
		t.Errorf("no hour suits: %+v", got)
	}
}

// The eighth message in seven days is one too many; the first after them is not.
func TestCapsCountWithinTheirSpan(t *testing.T) {
	now := at(t, "America/New_York", "2026-11-23 12:00")
	facts := rules.Facts{Purpose: paylink.PurposeRecovery, Recovery: true, Phone: newYork, Zone: time.UTC, Quiet: paylink.QuietHours{Zone: time.UTC}, Now: now}
	if !rules.Counts(facts) {
		t.Error("recovery in the US is not counted")
	}
	for i := range 7 {
		facts.Before = append(facts.Before, now.Add(-time.Duration(161-i)*time.Hour))
	}
	if got := rules.Judge(facts); got != (rules.Verdict{Kind: rules.Hold, Reason: "frequency_cap", Until: now.Add(7 * time.Hour)}) {
		t.Errorf("the eighth: %+v", got)
	}
	facts.Now = now.Add(7 * time.Hour)
	if got := rules.Judge(facts); got.Kind != rules.Allow {
		t.Errorf("after seven days: %+v", got)
	}
	facts = rules.Facts{
		Purpose: paylink.PurposeReminder, Phone: india, Zone: zone(t, "Asia/Kolkata"), Now: at(t, "Asia/Kolkata", "2026-11-23 12:00"),
		Caps: []rules.Cap{{Most: 1, Span: 7 * 24 * time.Hour}},
	}
	facts.Before = []time.Time{facts.Now.Add(-time.Hour)}
	if got := rules.Judge(facts); got != (rules.Verdict{Kind: rules.Omit, Reason: "frequency_cap"}) {
		t.Errorf("a second reminder in a week: %+v", got)
	}
	facts.Purpose = paylink.PurposeTransactional
	if got := rules.Judge(facts); got.Kind != rules.Allow || rules.Counts(facts) {
		t.Errorf("a request is held by a cap on reminders: %+v", got)
	}
}

// The zone decides what o'clock it is for the customer.
func TestZonesAndCountriesOfNumbers(t *testing.T) {
	for phone, want := range map[string][2]string{
		india: {"Asia/Calcutta", "IN"}, london: {"Europe/Guernsey", "GB"}, newYork: {"America/New_York", "US"}, "": {"", ""}, "asha": {"", ""}, "+999123": {"", ""},
	} {
		name := ""
		if zones := rules.Zones(phone); len(zones) > 0 {
			name = zones[0].String()
		}
		if got := [2]string{name, rules.Country(phone)}; got != want {
			t.Errorf("%q is in %v, want %v", phone, got, want)
		}
	}
	if len(rules.Zones(russia)) == 0 {
		t.Error("a Russian mobile has no zone")
	}
	for _, p := range rules.Packs {
		if p.Source == "" || p.Seen == "" || p.From >= p.To {
			t.Errorf("pack %s: no source, or no hours", p.Name)
		}
	}
}
