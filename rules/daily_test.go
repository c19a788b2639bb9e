package rules

import (
	"slices"
	"testing"
	"time"

	"paylink"
)

// A merchant reads hours on its page by which its messages do not go: those that are shown are those by which
// each minute of a day is judged.
func TestDailyHoursAreThoseThatAreJudged(t *testing.T) {
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		purpose  paylink.Purpose
		phone    string
		country  string
		hours    *paylink.DailyHours
		from, to int // quiet
		want     []paylink.DailyHours
	}{
		{paylink.PurposeTransactional, "+919812345642", "IN", nil, 21 * 60, 9 * 60, []paylink.DailyHours{{From: "00:00", To: "24:00"}}},
		{paylink.PurposeRequested, "+919812345642", "IN", &paylink.DailyHours{From: "09:00", To: "10:00"}, 21 * 60, 9 * 60, []paylink.DailyHours{{From: "00:00", To: "24:00"}}},
		{paylink.PurposeTransactional, "+919812345642", "IN", &paylink.DailyHours{From: "09:30", To: "20:00"}, 21 * 60, 9 * 60, []paylink.DailyHours{{From: "09:30", To: "20:00"}}},
		{paylink.PurposeTransactional, "+919812345642", "IN", &paylink.DailyHours{From: "20:00", To: "02:00"}, 21 * 60, 9 * 60, []paylink.DailyHours{{From: "20:00", To: "02:00"}}},
		{paylink.PurposeRecovery, "+919812345642", "IN", nil, 0, 0, []paylink.DailyHours{{From: "08:00", To: "19:00"}}},
		{paylink.PurposeRecovery, "+919812345642", "IN", nil, 21 * 60, 9 * 60, []paylink.DailyHours{{From: "09:00", To: "19:00"}}},
		{paylink.PurposeRecovery, "+919812345642", "IN", &paylink.DailyHours{From: "19:00", To: "21:00"}, 0, 0, nil},
		{paylink.PurposePromotional, "+919812345642", "IN", nil, 12 * 60, 14 * 60, []paylink.DailyHours{{From: "10:00", To: "12:00"}, {From: "14:00", To: "21:00"}}},
	} {
		f := Facts{Purpose: c.purpose, Phone: c.phone, Country: c.country, Zone: time.UTC, Hours: c.hours, Quiet: paylink.QuietHours{From: c.from, To: c.to, Zone: time.UTC}}
		shown := Daily(f)
		if !slices.Equal(shown, c.want) {
			t.Errorf("%s with %v: %v instead of %v", c.purpose, c.hours, shown, c.want)
		}
		day := time.Date(2026, 11, 23, 0, 0, 0, 0, kolkata)
		for m := range minutes {
			f.Now = day.Add(time.Duration(m) * time.Minute)
			if got, want := Judge(f).Kind == Allow, within(shown, clock(m)); got != want {
				t.Fatalf("%s with %v at %s: goes out %t, and %v is shown", c.purpose, c.hours, clock(m), got, shown)
			}
		}
	}
}

func within(all []paylink.DailyHours, at string) bool {
	return slices.ContainsFunc(all, func(h paylink.DailyHours) bool {
		if h.From > h.To {
			return at >= h.From || at < h.To
		}
		return h.From <= at && at < h.To
	})
}
