package issue

import (
	"fmt"
	"slices"
	"time"

	"paylink"
)

// maxReminders is how many reminders a link may have; maxSpan, how far from their day they may be.
const (
	maxReminders = 10
	maxSpan      = 366 * 24 * time.Hour
)

// reminders judges the reminders of a link whose other terms are set. known are those that it has already,
// which may be past.
func (j *judgement) reminders(l paylink.Link, rules, known []paylink.Reminder, missing func(paylink.Channel) string) []paylink.Reminder {
	const at = "/reminders"
	if len(rules) == 0 {
		return nil
	}
	if len(rules) > maxReminders {
		j.bad.Add(at, "too_many", fmt.Sprintf("A link has at most %d reminders.", maxReminders))
		return nil
	}
	if l.Usage.Mode == paylink.UsageMulti {
		j.bad.Add(at, "conflicting", "A link of many uses is never done, so nobody is reminded of it.")
	}
	good := make([]paylink.Reminder, len(rules))
	for i, r := range rules {
		here := fmt.Sprintf("%s/%d", at, i)
		if r.Channels != nil {
			r.Channels = list(j, here+"/channels", r.Channels, paylink.Channels)
		}
		if len(r.Channels) == 0 {
			r.Channels = nil
		}
		j.reminderReaches(here, l, r, missing)
		if j.reminderRule(here, r) {
			j.reminderTime(here, l, r, slices.ContainsFunc(known, r.Same))
		}
		if slices.ContainsFunc(good[:i], r.Same) {
			j.bad.Add(here, "duplicate_value", "Another reminder has the same time.")
		}
		good[i] = r
	}
	return good
}

// reminderReaches asks for channels, and on each for the customer's address.
func (j *judgement) reminderReaches(at string, l paylink.Link, r paylink.Reminder, missing func(paylink.Channel) string) {
	if len(r.Channels) == 0 && len(l.Channels) == 0 {
		j.bad.Add(at+"/channels", "required", "Name the channels: the link itself is sent on none.")
	}
	for i, channel := range r.Channels {
		if detail := missing(channel); detail != "" {
			j.bad.Add(fmt.Sprintf("%s/channels/%d", at, i), "needs_contact", detail)
		}
	}
}

// reminderRule tells whether exactly one time is said, and can be read.
func (j *judgement) reminderRule(at string, r paylink.Reminder) bool {
	said := 0
	good := true
	for _, rule := range []struct{ name, text string }{{"after", r.After}, {"before_expiry", r.BeforeExpiry}, {"after_due", r.AfterDue}} {
		if rule.text == "" {
			continue
		}
		said++
		span, ok := paylink.ParseSpan(rule.text)
		switch {
		case !ok:
			j.bad.Add(at+"/"+rule.name, "bad_time", "Write a time of whole minutes such as 90m, 2h or 3d.")
			good = false
		case span > maxSpan:
			j.bad.Add(at+"/"+rule.name, "too_far", "The time is at most 366 days.")
			good = false
		}
	}
	if said != 1 {
		j.bad.Add(at, "conflicting", "Say exactly one of after, before_expiry and after_due.")
	}
	return good && said == 1
}

// reminderTime judges the moment that a readable rule leads to.
func (j *judgement) reminderTime(at string, l paylink.Link, r paylink.Reminder, known bool) {
	due := l.ReminderDue(r)
	switch {
	case r.BeforeExpiry != "" && l.ExpiresAt.IsZero():
		j.bad.Add(at+"/before_expiry", "no_expiry", "The link never expires.")
	case r.AfterDue != "" && l.Terms.DueAt == nil:
		j.bad.Add(at+"/after_due", "no_due_date", "The link names no due_at.")
	case !due.After(j.world) && !known:
		j.bad.Add(at, "in_the_past", "This moment has passed already.")
	case !l.ExpiresAt.IsZero() && !due.Before(l.ExpiresAt):
		j.bad.Add(at, "too_late", "The link has expired by then.")
	}
}

// expiryNotice gives the link's reminders, with one before it expires if the customer is to be told and
// none of them does it: as long before as the merchant is told. For whom it is only the default, links
// that cannot have it are left alone.
func (j *judgement) expiryNotice(d Draft, l paylink.Link) []paylink.Reminder {
	const at = "/notify_expiry"
	rules := l.Terms.Reminders
	switch {
	case d.NotifyExpiry == nil && (!j.by.Merchant.Settings.NotifyExpiry || rules != nil || l.AnnounceAt.IsZero() || len(l.Channels) == 0 || l.Usage.Mode == paylink.UsageMulti):
		return rules
	case d.NotifyExpiry != nil && !*d.NotifyExpiry, slices.ContainsFunc(rules, func(r paylink.Reminder) bool { return r.BeforeExpiry != "" }):
		return rules
	case l.ExpiresAt.IsZero():
		j.bad.Add(at, "no_expiry", "The link never expires.")
	case l.AnnounceAt.IsZero():
		j.bad.Add(at, "too_late", "The link lives for less than four hours.")
	case len(l.Channels) == 0:
		j.bad.Add(at, "required", "The link is sent on no channel.")
	default:
		ahead := "2h"
		if l.ExpiresAt.Sub(l.AnnounceAt) > 2*time.Hour {
			ahead = "24h"
		}
		return append(slices.Clone(rules), paylink.Reminder{BeforeExpiry: ahead})
	}
	return rules
}

// quietHours judges when nothing goes out that could wait.
func (j *judgement) quietHours(h *paylink.DailyHours) { j.dailyHours("/settings/quiet_hours", h) }

// dailyHours asks for two times of day, where any are said.
func (j *judgement) dailyHours(pointer string, h *paylink.DailyHours) {
	if h == nil {
		return
	}
	for _, time := range []struct{ name, text string }{{"from", h.From}, {"to", h.To}} {
		if _, ok := paylink.ParseMinute(time.text); !ok {
			j.bad.Add(pointer+"/"+time.name, "bad_time", "Write a time of day such as 21:00.")
		}
	}
}

// amendedReminders judges new reminders for a link that there is, by its other terms as they would be.
func (j *judgement) amendedReminders(l *paylink.Link, rules []paylink.Reminder, c *change) []paylink.Reminder {
	if l.Reminding.Since.IsZero() {
		l.Reminding.Since = j.world // there was nothing yet for which it mattered when the request went out
	}
	return j.reminders(*l, rules, c.link.Terms.Reminders, func(channel paylink.Channel) string {
		return needs(channel, Contact{ID: l.Customer}, c.payer)
	})
}

// reminderJobs are what looks at the reminders of a new link; none when it has no reminders.
func reminderJobs(by Actor, l paylink.Link, now time.Time) []paylink.Job {
	if len(l.Terms.Reminders) == 0 {
		return nil
	}
	next := l.NextReminder(by.Merchant.Quiet(), by.Merchant.Now(l.Live, now))
	if next.IsZero() {
		return nil
	}
	return []paylink.Job{remindJob(paylink.NewJobID(now), l, next)}
}

// watchReminders has somebody look at the reminders of a changed link. The job that it has finds out by
// itself that its moment was moved, except to an earlier one.
func (c *change) watchReminders(before paylink.Link, now time.Time) {
	quiet := c.by.Merchant.Quiet()
	if len(c.link.Terms.Reminders) == 0 {
		return
	}
	next := c.link.NextReminder(quiet, c.world)
	if next.IsZero() {
		return
	}
	job := remindJob(paylink.NewJobID(now), c.link, next)
	if old := before.NextReminder(quiet, c.world); !old.IsZero() && next.Before(old) {
		job.Key += fmt.Sprintf("@%d", c.link.Revision)
	}
	c.tx.Enqueue(job, now)
}
