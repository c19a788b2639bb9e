package paylink

import (
	"cmp"
	"slices"
	"time"
)

// Reminders tells what becomes of each of the link's reminders, in their order. It is recomputed from the
// facts, so that whatever changes the link needs not know of reminders. now is the time of the link's
// world; At is never before it for what is planned.
func (l Link) Reminders(q QuietHours, now time.Time) []PlannedReminder {
	all := make([]PlannedReminder, len(l.Terms.Reminders))
	for i, r := range l.Terms.Reminders {
		all[i] = l.plan(r, q, now)
	}
	return all
}

// NextReminder is when the next reminder goes out, or is decided not to; zero when none does.
func (l Link) NextReminder(q QuietHours, now time.Time) time.Time {
	var next time.Time
	for _, p := range l.Reminders(q, now) {
		if p.Status == ReminderPlanned && (next.IsZero() || p.At.Before(next)) {
			next = p.At
		}
	}
	return next
}

// Remind decides about the reminders that are due now, and gives the one that goes out, or nil. Of those
// that are due together it is the one that says most, which is the end of the link, then the day that
// has passed; the others are skipped as merged into it. unreachable tells why a reminder can reach
// nobody; empty when it can. On hold, all of them are skipped.
func (l *Link) Remind(q QuietHours, now time.Time, unreachable func(Reminder) string) *Reminder {
	var due []PlannedReminder
	for _, p := range l.Reminders(q, now) {
		if p.Status == ReminderPlanned && !p.At.After(now) {
			due = append(due, p)
		}
	}
	slices.SortStableFunc(due, func(a, b PlannedReminder) int { return cmp.Compare(a.weight(), b.weight()) })
	var out *Reminder
	for _, p := range due {
		switch why := unreachable(p.Reminder); {
		case l.Hold != "":
			l.decide(p, ReminderSkipped, "on_hold", now)
		case why != "":
			l.decide(p, ReminderSkipped, why, now)
		case out != nil:
			l.decide(p, ReminderSkipped, "merged", now)
		default:
			l.decide(p, ReminderSent, "", now)
			l.Reminding.Last, out = now, &p.Reminder
		}
	}
	return out
}

// JustReminded tells that the link's latest reminder is less than ReminderGap old.
func (l Link) JustReminded(now time.Time) bool {
	return !l.Reminding.Last.IsZero() && now.Before(l.Reminding.Last.Add(ReminderGap))
}

// weight sorts reminders, the most telling first.
func (p PlannedReminder) weight() int {
	kind, _ := p.rule()
	return slices.Index([]string{"before_expiry", "after_due", "after"}, kind)
}

// BeginReminding is called when the request has gone out: what counts from that counts from now.
func (l *Link) BeginReminding(now time.Time) {
	if len(l.Terms.Reminders) > 0 {
		l.Reminding.Since = now
	}
}

// Revive is called when a link that was closed is open again: what was to be meanwhile is skipped, for
// the reason for which it was closed, and what counts from the request counts from now if anew.
func (l *Link) Revive(now time.Time, reason string, anew bool) {
	if len(l.Terms.Reminders) == 0 {
		return
	}
	if anew {
		l.Reminding.Since = now
		l.Reminding.Done = slices.DeleteFunc(slices.Clone(l.Reminding.Done), func(d Reminded) bool { return d.Kind == "after" })
	}
	for _, r := range l.Terms.Reminders {
		p := PlannedReminder{Reminder: r, due: l.ReminderDue(r)}
		if !p.due.IsZero() && p.due.Before(now) && l.done(p) == nil {
			l.decide(p, ReminderSkipped, reason, now)
		}
	}
}

// ReminderDue is when a reminder is to be by its rule; zero when what it counts from is gone.
func (l Link) ReminderDue(r Reminder) time.Time {
	kind, span := r.rule()
	switch {
	case kind == "before_expiry" && !l.ExpiresAt.IsZero():
		return l.ExpiresAt.Add(-span)
	case kind == "after_due" && l.Terms.DueAt != nil:
		return l.Terms.DueAt.Add(span)
	case kind == "after" && !l.Reminding.Since.IsZero():
		return l.Reminding.Since.Add(span)
	}
	return time.Time{}
}

func (l Link) plan(r Reminder, q QuietHours, now time.Time) PlannedReminder {
	p := PlannedReminder{Reminder: r, Status: ReminderSkipped, due: l.ReminderDue(r)}
	if p.due.IsZero() {
		if p.Reason = "no_due_date"; r.BeforeExpiry != "" {
			p.Reason = "no_expiry"
		}
		return p
	}
	if d := l.done(p); d != nil {
		p.At, p.Status, p.Reason = d.At, d.Status, d.Reason
		return p
	}
	p.At, p.Reason = l.when(p, q, now)
	switch closed := l.closed(now); {
	case closed != "":
		p.At, p.Reason = time.Time{}, closed
	case !l.ExpiresAt.IsZero() && !p.At.Before(l.ExpiresAt):
		p.At, p.Reason = time.Time{}, "too_late"
	default:
		p.Status = ReminderPlanned
	}
	return p
}

// when is the moment of a reminder that is still to come, and what it waits for: for what is under way,
// for quiet hours to end, and for an hour to have passed since the one before it. One that would come
// after the end of the link for that goes out before the quiet hours.
func (l Link) when(p PlannedReminder, q QuietHours, now time.Time) (at time.Time, waits string) {
	at = latest(p.due, now)
	wait := func(until time.Time, reason string) {
		if at.Before(until) {
			at, waits = until, reason
		}
	}
	if !l.Reminding.Last.IsZero() {
		wait(l.Reminding.Last.Add(ReminderGap), "gap")
	}
	if !l.PromisedFor.IsZero() {
		wait(l.PromisedFor, "promised")
	}
	if l.InFlight > 0 {
		wait(now.Add(inFlightPause), "payment_in_flight")
	}
	open := q.Open(at)
	if kind, _ := p.rule(); kind == "before_expiry" && !open.Before(l.ExpiresAt) {
		if early := q.Last(at); !early.Before(now) {
			return early, "quiet_hours"
		}
	}
	wait(open, "quiet_hours")
	if l.Hold != "" {
		waits = "on_hold"
	}
	return at, waits
}

// inFlightPause is after what time it is looked again whether a payment is still under way.
const inFlightPause = 15 * time.Minute

// closed is why no reminder makes sense, for as long as the link stands so; empty when one does.
func (l Link) closed(now time.Time) string {
	switch {
	case l.AmountDue() == 0:
		return "paid"
	case !l.CancelledAt.IsZero():
		return "cancelled"
	case !l.ArchivedAt.IsZero():
		return "archived"
	case l.PastExpiry(now):
		return "expired"
	}
	return ""
}

func (l Link) done(p PlannedReminder) *Reminded {
	kind, span := p.rule()
	for i, d := range l.Reminding.Done {
		if d.Kind == kind && d.Span == span && (d.Due.Equal(p.due) || kind == "after") {
			return &l.Reminding.Done[i]
		}
	}
	return nil
}

// decide notes what became of a reminder, and forgets what was noted about others than today's.
func (l *Link) decide(p PlannedReminder, status ReminderStatus, reason string, now time.Time) {
	kind, span := p.rule()
	kept := slices.DeleteFunc(slices.Clone(l.Reminding.Done), func(d Reminded) bool {
		return !slices.ContainsFunc(l.Terms.Reminders, func(r Reminder) bool {
			k, s := r.rule()
			return d.Kind == k && d.Span == s && (d.Due.Equal(l.ReminderDue(r)) || k == "after")
		})
	})
	l.Reminding.Done = append(kept, Reminded{Kind: kind, Span: span, Due: p.due, At: now, Status: status, Reason: reason})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
