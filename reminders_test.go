package paylink

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// reminded is a link that asks at noon, with reminders as "after 2h".
func reminded(rules ...string) Link {
	due := noon.Add(24 * time.Hour)
	l := Link{
		Amount: Money{100, "INR"}, Usage: Usage{Mode: UsageSingle}, ExpiresAt: noon.Add(72 * time.Hour), Terms: Terms{DueAt: &due},
		Reminding: Reminding{Since: noon},
	}
	for _, rule := range rules {
		kind, span, _ := strings.Cut(rule, " ")
		r := Reminder{}
		*map[string]*string{"after": &r.After, "before_expiry": &r.BeforeExpiry, "after_due": &r.AfterDue}[kind] = span
		l.Terms.Reminders = append(l.Terms.Reminders, r)
	}
	return l
}

func (p PlannedReminder) told() string {
	kind, _ := p.rule()
	text := kind + " " + string(p.Status)
	if !p.At.IsZero() {
		text += " " + p.At.Sub(noon).String()
	}
	return strings.TrimSpace(text + " " + p.Reason)
}

func anyone(Reminder) string { return "" }

// run lets time pass as the job does, and tells when reminders go out.
func (l *Link) run(q QuietHours, now time.Time) (out []string) {
	for n := 0; n < 50; n++ {
		next := l.NextReminder(q, now)
		if next.IsZero() {
			return out
		}
		now = latest(now, next)
		if r := l.Remind(q, now, anyone); r != nil {
			kind, _ := r.rule()
			out = append(out, fmt.Sprintf("%s %s", kind, now.Sub(noon)))
		}
	}
	return append(out, "and so on")
}

// The whole of it, from the facts alone: each reminder goes out once, an hour apart, what is due together
// is one, and quiet hours hold.
func TestRemindersFollowFromFacts(t *testing.T) {
	night := QuietHours{From: 21 * 60, To: 9 * 60, Zone: time.UTC}
	for name, row := range map[string]struct {
		link  Link
		quiet QuietHours
		now   time.Duration // after noon
		want  string
	}{
		"in the order of their moments":  {reminded("before_expiry 24h", "after 2h", "after_due 1h"), QuietHours{}, 0, "[after 2h0m0s after_due 25h0m0s before_expiry 48h0m0s]"},
		"an hour apart":                  {reminded("after 2h", "after 150m"), QuietHours{}, 0, "[after 2h0m0s after 3h0m0s]"},
		"together as one, the end first": {reminded("after 2d", "before_expiry 24h", "after_due 1d"), QuietHours{}, 0, "[before_expiry 48h0m0s]"},
		"a night of many becomes one":    {reminded("after 10h", "after 13h", "after 20h"), night, 0, "[after 21h0m0s]"},
		"nobody looked for a day":        {reminded("after 2h", "after 5h"), QuietHours{}, 30 * time.Hour, "[after 30h0m0s]"},
		"nobody looked until night":      {reminded("after 2h"), night, 10 * time.Hour, "[after 21h0m0s]"},
		"before the last night":          {func() Link { l := reminded("before_expiry 6h"); l.ExpiresAt = noon.Add(20 * time.Hour); return l }(), night, 0, "[before_expiry 8h59m0s]"},
		"made in the last night":         {func() Link { l := reminded("before_expiry 6h"); l.ExpiresAt = noon.Add(20 * time.Hour); return l }(), night, 10 * time.Hour, "[]"},
	} {
		if got := fmt.Sprint(row.link.run(row.quiet, noon.Add(row.now))); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// Nobody is reminded of what is paid, over or being paid; each says why.
func TestRemindersStop(t *testing.T) {
	later := noon.Add(3 * time.Hour)
	for want, change := range map[string]func(*Link){
		"after planned 3h0m0s":                    func(*Link) {},
		"after skipped paid":                      func(l *Link) { l.AmountPaid = 100 },
		"after skipped cancelled":                 func(l *Link) { l.CancelledAt = noon },
		"after skipped archived":                  func(l *Link) { l.ArchivedAt = noon },
		"after skipped expired":                   func(l *Link) { l.ExpiresAt = later },
		"after planned 3h15m0s payment_in_flight": func(l *Link) { l.InFlight = 1 },
		"after planned 3h0m0s on_hold":            func(l *Link) { l.Hold = HoldPaused },
		"after planned 3h30m0s gap":               func(l *Link) { l.Reminding.Last = noon.Add(150 * time.Minute) },
		"after planned 30h0m0s promised":          func(l *Link) { l.PromisedFor = noon.Add(30 * time.Hour) },
		"after_due skipped no_due_date":           func(l *Link) { l.Terms.Reminders, l.Terms.DueAt = []Reminder{{AfterDue: "1h"}}, nil },
		"before_expiry skipped no_expiry":         func(l *Link) { l.Terms.Reminders, l.ExpiresAt = []Reminder{{BeforeExpiry: "1h"}}, time.Time{} },
		"after_due skipped too_late":              func(l *Link) { l.Terms.Reminders = []Reminder{{AfterDue: "49h"}} },
	} {
		l := reminded("after 2h")
		change(&l)
		if got := l.Reminders(QuietHours{}, later)[0].told(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	l := reminded("after 2h", "after_due 4h")
	l.Hold = HoldPaused
	if out := l.run(QuietHours{}, noon); len(out) > 0 || l.Reminders(QuietHours{}, later)[0].Reason != "on_hold" {
		t.Errorf("on hold it reminds %v, and says %q", out, l.Reminders(QuietHours{}, later)[0].told())
	}
}

// The end moves, and the customer is told of the new one; what was sent stays sent, and what was to be
// while the link was closed is not made up for.
func TestRemindersOfALinkThatChanges(t *testing.T) {
	l := reminded("before_expiry 24h", "after 2h", "after_due 12h")
	if got := fmt.Sprint(l.run(QuietHours{}, noon)); got != "[after 2h0m0s after_due 36h0m0s before_expiry 48h0m0s]" {
		t.Fatal(got)
	}
	l.ExpiresAt = l.ExpiresAt.Add(48 * time.Hour)
	if got := fmt.Sprint(l.run(QuietHours{}, noon.Add(50*time.Hour))); got != "[before_expiry 96h0m0s]" {
		t.Errorf("with a later end: %s", got)
	}
	l = reminded("before_expiry 24h", "after 2h", "after_due 12h", "after 60h")
	l.Revive(noon.Add(50*time.Hour), "cancelled", false)
	if got := fmt.Sprint(l.run(QuietHours{}, noon.Add(50*time.Hour))); got != "[after 60h0m0s]" {
		t.Errorf("reactivated: %s", got)
	}
	l = reminded("before_expiry 24h", "after 2h", "after_due 12h")
	l.run(QuietHours{}, noon)
	l.ExpiresAt = noon.Add(148 * time.Hour)
	l.Revive(noon.Add(100*time.Hour), "expired", true)
	if got := fmt.Sprint(l.run(QuietHours{}, noon.Add(100*time.Hour))); got != "[after 102h0m0s before_expiry 124h0m0s]" {
		t.Errorf("refreshed: %s", got)
	}
	if n := len(l.Reminding.Done); n != 3 {
		t.Errorf("%d decisions are kept: %+v", n, l.Reminding.Done)
	}
}

// A time that somebody misspells must not become another one.
func TestParseSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "2h": 2 * time.Hour, "1h30m": 90 * time.Minute, "3d": 72 * time.Hour, "1m": time.Minute,
		"": 0, "0": 0, "0m": 0, "30s": 0, "90s": 0, "-2h": 0, "1.5d": 0, "d": 0, "0d": 0, "-1d": 0, "99999d": 0, "2": 0, "2 h": 0, "1d12h": 0, "9999999999h": 0,
	} {
		if got, ok := ParseSpan(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q is %s, %t", text, got, ok)
		}
	}
}
