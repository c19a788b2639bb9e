package paylink

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var planStart = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// planned is a link of 100 in instalments of 40, 40 and 20, ten days apart, with three days of grace.
func planned(paid int64) Link {
	l := Link{ID: "plink_1", Usage: Usage{Mode: UsageSingle}, Amount: Money{100, "INR"}, AmountPaid: paid}
	l.Terms.Plan = &Plan{GraceDays: 3}
	for n, amount := range []int64{40, 40, 20} {
		l.Terms.Plan.Instalments = append(l.Terms.Plan.Instalments, Instalment{amount, planStart.AddDate(0, 0, 10*(n+1))})
	}
	return l
}

func day(n int) time.Time { return planStart.AddDate(0, 0, n) }

// A ladder that says overdue of what is paid, or nothing of what is late, sends the customer to pay the
// wrong thing.
func TestLadderSaysHowEachInstalmentStands(t *testing.T) {
	for _, row := range []struct {
		paid int64
		at   time.Time
		want string
	}{
		{0, day(0), "40 due, 40 upcoming, 20 upcoming"},
		{0, day(10), "40 overdue, 40 upcoming, 20 upcoming"},
		{0, day(10).Add(-time.Microsecond), "40 due, 40 upcoming, 20 upcoming"},
		{0, day(13), "40 missed, 40 upcoming, 20 upcoming"},
		{15, day(13), "25 missed, 40 upcoming, 20 upcoming"},
		{40, day(13), "0 paid, 40 due, 20 upcoming"},
		{55, day(20), "0 paid, 25 overdue, 20 upcoming"},
		{80, day(0), "0 paid, 0 paid, 20 due"},
		{15, day(40), "25 missed, 40 missed, 20 missed"},
		{100, day(40), "0 paid, 0 paid, 0 paid"},
		{120, day(40), "0 paid, 0 paid, 0 paid"},
	} {
		var said []string
		for _, s := range planned(row.paid).Ladder(row.at) {
			said = append(said, fmt.Sprint(s.Amount, " ", s.State))
		}
		if got := strings.Join(said, ", "); got != row.want {
			t.Errorf("%d paid at %s: %s, want %s", row.paid, row.at, got, row.want)
		}
	}
}

// What a bank takes back after a plan was made has no instalment of its own: it must not be forgotten.
func TestWhatIsTakenBackIsOwedWithTheFirstInstalment(t *testing.T) {
	l := planned(0)
	l.Amount.Minor, l.Terms.Plan.After = 130, 30
	if s, _ := l.NextInstalment(day(0)); s.Amount != 70 || l.LeastPart() != 70 || l.AmountDue() != 130 {
		t.Errorf("next is %+v of %d", s, l.AmountDue())
	}
	l.AmountPaid = 30
	if s, _ := l.NextInstalment(day(0)); s.Amount != 40 {
		t.Errorf("next is %+v", s)
	}
}

// Less than the next instalment would leave a customer overdue who believes to have paid it.
func TestPlanTakesTheNextInstalmentOrMore(t *testing.T) {
	for _, row := range []struct {
		paid, amount int64
		ok           bool
	}{
		{0, 0, true}, {0, 39, false}, {0, 40, true}, {0, 55, true}, {0, 100, true}, {0, 101, false},
		{50, 29, false}, {50, 30, true}, {50, 50, true}, {90, 10, true}, {90, 9, false},
	} {
		q, err := planned(row.paid).Quote(Wish{Amount: row.amount})
		if want := row.amount; (err == nil) != row.ok || row.ok && want != 0 && q.Amount.Minor != want {
			t.Errorf("%d after %d: %+v, %v", row.amount, row.paid, q, err)
		}
	}
}

// tellAll lets time pass by looking whenever the link wants to be looked at, and gives what is told.
func tellAll(l *Link, until time.Time) string {
	var said []string
	for range 100 {
		at := l.NextLook(l.UpdatedAt)
		if at.IsZero() || at.After(until) {
			break
		}
		l.UpdatedAt = at
		kind, about := l.Look(at)
		if kind == "" {
			break
		}
		line := strings.TrimPrefix(string(kind), "payment_link.") + " " + at.Format("02")
		if about != nil {
			line += fmt.Sprintf(" #%d %s", about.Number, about.State)
		}
		said = append(said, line)
	}
	return strings.Join(said, ", ")
}

// A date that is told twice, in another order, or not at all makes reminders that are wrong.
func TestTimeTellsEachDateOnce(t *testing.T) {
	pays := func(amount int64) func(*Link) { return func(l *Link) { l.AmountPaid = amount } }
	for name, row := range map[string]struct {
		change func(*Link)
		want   string
	}{
		"nobody pays":    {pays(0), "instalment_due 11 #1 overdue, instalment_missed 14 #1 missed, instalment_due 21 #2 overdue, instalment_missed 24 #2 missed, instalment_due 31 #3 overdue, instalment_missed 03 #3 missed"},
		"two are paid":   {pays(80), "instalment_due 31 #3 overdue, instalment_missed 03 #3 missed"},
		"all is paid":    {pays(100), ""},
		"cancelled":      {func(l *Link) { l.CancelledAt = planStart }, ""},
		"long grace":     {func(l *Link) { l.Terms.Plan.GraceDays = 15; l.AmountPaid = 40 }, "instalment_due 21 #2 overdue, instalment_due 31 #3 overdue, instalment_missed 05 #2 missed, instalment_missed 15 #3 missed"},
		"under way":      {func(l *Link) { l.AmountPaid, l.InFlight = 80, 1 }, "instalment_due 31 #3 overdue, instalment_missed 03 #3 missed"},
		"expires before": {func(l *Link) { l.ExpiresAt = day(20) }, "instalment_due 11 #1 overdue, instalment_missed 14 #1 missed, instalment_due 21 #2 overdue"},
		"promised": {func(l *Link) {
			l.Promised(Promising{Date: day(11), By: "customer"}, day(0))
		}, "instalment_due 11 #1 overdue, promise_broken 13, instalment_missed 14 #1 missed, instalment_due 21 #2 overdue, instalment_missed 24 #2 missed, instalment_due 31 #3 overdue, instalment_missed 03 #3 missed"},
	} {
		l := planned(0)
		row.change(&l)
		if got := tellAll(&l, day(90)); got != row.want {
			t.Errorf("%s: %s\nwant %s", name, got, row.want)
		}
	}
}

// A payment that is being made at midnight must not be told as a broken promise before it has failed.
func TestPaymentUnderWayHoldsTheVerdictOff(t *testing.T) {
	l := Link{Usage: Usage{Mode: UsageSingle}, Amount: Money{100, "INR"}, InFlight: 1}
	l.Promised(Promising{Date: day(3)}, day(0))
	if got, want := l.NextLook(day(1)), day(4).Add(ExpiryGrace); !got.Equal(want) {
		t.Errorf("the next look is at %s, want %s", got, want)
	}
	if kind, _ := l.Look(day(4)); kind != "" {
		t.Errorf("told %s", kind)
	}
}

// The day ends for the customer when the merchant's calendar turns, also on days of 23 and of 25 hours.
func TestPromisedDayEndsInTheMerchantsZone(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct{ zone, date, want string }{
		{"Asia/Kolkata", "2026-03-10", "2026-03-10T18:30:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00Z"}, // of 23 hours
		{"Europe/Berlin", "2026-10-25", "2026-10-25T23:00:00Z"}, // of 25
		{"America/Asuncion", "2026-03-10", "2026-03-11T03:00:00Z"},
		{"Asia/Kolkata", "2026-03-01", "2026-03-01T18:30:00Z"},
	} {
		l := Link{Amount: Money{100, "INR"}, Usage: Usage{Mode: UsageSingle}}
		at, fault := l.PromiseDay(row.date, row.zone, now, 365)
		l.Promised(Promising{Date: at}, now)
		if got := l.PromisedFor.Format(time.RFC3339); fault != "" || got != row.want || l.Course.Promise.Date != row.date {
			t.Errorf("%s in %s: %s until %s, %s", row.date, row.zone, l.Course.Promise.Date, got, fault)
		}
	}
}

// A day that cannot be kept, or cannot be read, is no promise.
func TestPromisedDaysAreJudged(t *testing.T) {
	now := time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC) // in Kolkata the second has begun
	expires := time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		date   string
		extend bool
		want   string
	}{
		{"2026-12-01", false, "in_the_past"}, {"2026-12-02", false, ""}, {"2026-12-09", false, ""}, {"2026-12-10", false, "after_expiry"}, {"2026-12-10", true, ""},
		{"2026-12-16", true, ""}, {"2026-12-17", true, "too_far"}, {"", false, "required"}, {"2026-02-30", false, "unreadable"}, {"12/09/2026", false, "unreadable"},
		{"2026-12-09T10:00:00Z", false, "unreadable"},
	} {
		l := Link{ExpiresAt: expires, Terms: Terms{Promises: &PromiseTerms{Extend: row.extend}}}
		if _, got := l.PromiseDay(row.date, "Asia/Kolkata", now, 14); got != row.want {
			t.Errorf("%q, extend %t: %q, want %q", row.date, row.extend, got, row.want)
		}
	}
}

// A promise is of money: a part of it is not the promise kept, and what was paid before does not count.
func TestPromiseIsKeptByItsMoney(t *testing.T) {
	l := Link{Usage: Usage{Mode: UsageSingle}, Amount: Money{100, "INR"}, AmountPaid: 30, Terms: Terms{Partial: &Partial{}}}
	l.Promised(Promising{Date: day(3), Amount: 50, By: "customer"}, day(0))
	before := l.Snapshot(nil).Promise
	for _, row := range []struct {
		paid int64
		want bool
	}{{30, false}, {79, false}, {80, true}, {100, false}} {
		l.AmountPaid = row.paid
		if got := l.KeepPromise(); got != row.want {
			t.Errorf("%d paid: kept is %t", row.paid, got)
		}
	}
	if l.Course.Promise.State != PromiseKept || !l.PromisedFor.IsZero() || before.State != PromiseOpen || l.WithdrawPromise() {
		t.Errorf("%+v; before %+v", l.Course.Promise, before)
	}
	l.Promised(Promising{Date: day(5), By: "key_1"}, day(4))
	if p := l.Course.Promise; p.Times != 2 || p.ByCustomer != 1 || p.PaidBefore != 100 {
		t.Errorf("the second is %+v", p)
	}
}

// A list of what is overdue that shows what is paid or withdrawn sends somebody to dun a customer who owes nothing.
func TestNextDueIsOfWhatIsOwed(t *testing.T) {
	due := day(2)
	plan := &Plan{Instalments: []Instalment{{Amount: 40, DueAt: day(1)}, {Amount: 60, DueAt: day(9)}}}
	for name, row := range map[string]struct {
		change func(l *Link)
		want   time.Time
	}{
		"no day":                 {func(*Link) {}, time.Time{}},
		"a day":                  {func(l *Link) { l.Terms.DueAt = &due }, due},
		"paid":                   {func(l *Link) { l.Terms.DueAt, l.AmountPaid = &due, 100 }, time.Time{}},
		"settled by a discount":  {func(l *Link) { l.Terms.DueAt, l.AmountPaid, l.AmountDiscounted = &due, 90, 10 }, time.Time{}},
		"withdrawn":              {func(l *Link) { l.Terms.DueAt, l.CancelledAt = &due, day(0) }, time.Time{}},
		"expired, and owed":      {func(l *Link) { l.Terms.DueAt, l.Status, l.ExpiresAt = &due, LinkExpired, day(1) }, due},
		"a plan":                 {func(l *Link) { l.Terms.Plan = plan }, day(1)},
		"half an instalment":     {func(l *Link) { l.Terms.Plan, l.AmountPaid = plan, 39 }, day(1)},
		"the second instalment":  {func(l *Link) { l.Terms.Plan, l.AmountPaid = plan, 40 }, day(9)},
		"the whole plan is paid": {func(l *Link) { l.Terms.Plan, l.AmountPaid = plan, 100 }, time.Time{}},
	} {
		l := Link{Amount: Money{100, "INR"}, Usage: Usage{Mode: UsageSingle}}
		row.change(&l)
		if got := l.NextDue(); !got.Equal(row.want) {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
