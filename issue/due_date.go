package issue

import (
	"slices"
	"time"

	"paylink"
)

// maxDue is how far from now money may be due, ahead or back: a link is also made for an invoice that is
// overdue already. Beyond it a digit slipped.
const maxDue = 10 * 366 * 24 * time.Hour

// dueDate judges when the money is due; nil: no day is named.
func (j *judgement) dueDate(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	due := at.UTC().Truncate(time.Microsecond)
	if due.After(j.world.Add(maxDue)) || due.Before(j.world.Add(-maxDue)) {
		j.bad.Add("/due_at", "too_far", "The money must be due within ten years, ahead or back.")
	}
	return &due
}

// sameTime compares what may be absent.
func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}

// dateless is the terms without what belongs to one day: another link has a day of its own.
func dateless(t paylink.Terms) paylink.Terms {
	t.DueAt, t.Plan, t.Delivery = nil, nil, nil
	t.Reminders = slices.DeleteFunc(slices.Clone(t.Reminders), func(r paylink.Reminder) bool { return r.AfterDue != "" })
	return t
}
