package paylink

import (
	"testing"
	"time"
)

func wall(t *testing.T, zone, text string) time.Time {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, place)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A message that could wait wakes nobody: what is due in quiet hours is moved to their end, and what
// cannot be moved that far to before them, also in a night in which the clock is changed.
func TestQuietHours(t *testing.T) {
	for _, row := range []struct {
		zone           string
		from, to       int // hours
		due, open, was string
	}{
		{"Asia/Kolkata", 21, 9, "2026-11-22 20:59", "2026-11-22 20:59", "2026-11-22 20:59"},
		{"Asia/Kolkata", 21, 9, "2026-11-22 21:00", "2026-11-23 09:00", "2026-11-22 20:59"},
		{"Asia/Kolkata", 21, 9, "2026-11-23 00:30", "2026-11-23 09:00", "2026-11-22 20:59"},
		{"Asia/Kolkata", 21, 9, "2026-11-23 09:00", "2026-11-23 09:00", "2026-11-23 09:00"},
		{"Asia/Kolkata", 12, 14, "2026-11-23 13:00", "2026-11-23 14:00", "2026-11-23 11:59"},
		{"Asia/Kolkata", 5, 5, "2026-11-23 05:00", "2026-11-23 05:00", "2026-11-23 05:00"},
		{"America/New_York", 21, 9, "2026-10-31 23:00", "2026-11-01 09:00", "2026-10-31 20:59"}, // a night of 13 hours
		{"America/New_York", 21, 9, "2026-03-07 23:00", "2026-03-08 09:00", "2026-03-07 20:59"}, // a night of 11 hours
		{"America/New_York", 22, 2, "2026-03-07 23:00", "2026-03-08 03:00", "2026-03-07 21:59"}, // 02:00 is not there
	} {
		place := wall(t, row.zone, row.due).Location()
		q := QuietHours{From: 60 * row.from, To: 60 * row.to, Zone: place}
		due := wall(t, row.zone, row.due)
		if got, want := q.Open(due), wall(t, row.zone, row.open); !got.Equal(want) {
			t.Errorf("%s %02d-%02d: %s is moved to %s, want %s", row.zone, row.from, row.to, due, got, want)
		}
		if _, offset := q.Open(due.UTC()).Zone(); offset != 0 {
			t.Errorf("%s %02d-%02d: what is moved is not in UTC", row.zone, row.from, row.to)
		}
		if got, want := q.Last(due), wall(t, row.zone, row.was); !got.Equal(want) {
			t.Errorf("%s %02d-%02d: before %s there is %s, want %s", row.zone, row.from, row.to, due, got, want)
		}
	}
}

// Whatever the zone, the hours and the night: what is moved is out of quiet hours, not earlier than it
// was due, and not much more than a day later.
func TestQuietHoursEverywhere(t *testing.T) {
	for _, zone := range []string{"Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "UTC"} {
		for from := 0; from < 1440; from += 97 {
			q := QuietHours{From: from, To: (from + 13*53) % 1440, Zone: wall(t, zone, "2026-01-01 00:00").Location()}
			for at := time.Date(2026, 1, 1, 0, 7, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(7*time.Hour + 13*time.Minute) {
				open, last := q.Open(at), q.Last(at)
				if q.has(open) || open.Before(at) || open.After(at.Add(26*time.Hour)) {
					t.Fatalf("%s, quiet %d to %d: %s is moved to %s", zone, q.From, q.To, at.In(q.Zone), open.In(q.Zone))
				}
				if q.has(last) || last.After(at) || last.Before(at.Add(-26*time.Hour)) {
					t.Fatalf("%s, quiet %d to %d: before %s there is %s", zone, q.From, q.To, at.In(q.Zone), last.In(q.Zone))
				}
			}
		}
	}
}
