package dashboard

import (
	"slices"
	"strings"

	"paylink"
)

// offeredReminders are those that the form has; the API takes any time.
var offeredReminders = []choice{
	{Value: "after 1d", Word: "A day after it was sent"}, {Value: "after 3d", Word: "3 days after it was sent"},
	{Value: "before_expiry 1d", Word: "A day before it ends"}, {Value: "before_expiry 2h", Word: "2 hours before it ends"},
	{Value: "after_due 1d", Word: "A day after the due date"}, {Value: "after_due 3d", Word: "3 days after the due date"},
}

// reminderChoices are those, and the chosen ones that a template has beside them.
func (f form) reminderChoices() []choice {
	choices := slices.Clone(offeredReminders)
	for _, chosen := range f.Reminders {
		if r, ok := readReminder(chosen); ok && !slices.ContainsFunc(choices, func(c choice) bool { return c.Value == chosen }) {
			choices = append(choices, choice{Value: chosen, Word: upperFirst(reminderRule(r))})
		}
	}
	for i := range choices {
		choices[i].Chosen = slices.Contains(f.Reminders, choices[i].Value)
	}
	return choices
}

// reminders are the chosen ones; one that a template has goes where the template says. What cannot be read
// has no time, which issue refuses.
func (f form) reminders(like []paylink.Reminder) []paylink.Reminder {
	var all []paylink.Reminder
	for _, chosen := range f.Reminders {
		r, _ := readReminder(chosen)
		if i := slices.IndexFunc(like, func(l paylink.Reminder) bool { return reminderText(l) == chosen }); i >= 0 {
			r = like[i]
		}
		all = append(all, r)
	}
	return all
}

// remindersOf are those of a link, as reminderChoices name them.
func remindersOf(l paylink.Link) []string {
	var all []string
	for _, r := range l.Terms.Reminders {
		all = append(all, reminderText(r))
	}
	return all
}

// sameReminders tells that the same are chosen, in whatever order the form has them.
func sameReminders(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// readReminder reads the value of a choice.
func readReminder(value string) (r paylink.Reminder, ok bool) {
	kind, span, ok := strings.Cut(value, " ")
	switch kind {
	case "after":
		r.After = span
	case "before_expiry":
		r.BeforeExpiry = span
	case "after_due":
		r.AfterDue = span
	default:
		ok = false
	}
	return r, ok
}

// reminderProblem says to a person at the form what is wrong with a reminder.
func reminderProblem(f paylink.Field) string {
	switch f.Code {
	case "required":
		return "A reminder goes where the link goes. Choose a channel to send on."
	case "no_expiry":
		return "The link never ends, so nobody can be reminded before it does."
	case "no_due_date":
		return "A reminder after the due date needs a due date."
	case "in_the_past":
		return "The moment of a reminder has passed already."
	case "too_late":
		return "The link has ended when a reminder would go out."
	}
	return f.Detail
}

// reminders says what becomes of each of the link's reminders.
func (s scene) reminders(l paylink.Link) []fact {
	var all []fact
	for _, p := range l.Reminders(s.Merchant.Quiet(), s.World) {
		f := fact{upperFirst(reminderRule(p.Reminder)), "Will not be sent"}
		switch {
		case p.Status == paylink.ReminderPlanned:
			f.Value = "Planned for " + s.Lang.Moment(p.At, s.Merchant.TimeZone)
		case p.Status == paylink.ReminderSent:
			f.Value = "Sent " + s.Lang.Moment(p.At, s.Merchant.TimeZone)
		}
		if why := reminderReasons[p.Reason]; why != "" {
			f.Value += ": " + why
		}
		all = append(all, f)
	}
	return all
}

// reminderRule says the time of a reminder.
func reminderRule(r paylink.Reminder) string {
	switch {
	case r.BeforeExpiry != "":
		return r.BeforeExpiry + " before it ends"
	case r.AfterDue != "":
		return r.AfterDue + " after the due date"
	}
	return r.After + " after it was sent"
}

// reminderReasons say why a reminder is skipped, or what it waits for.
var reminderReasons = map[string]string{
	"paid": "nothing is due", "cancelled": "the link is cancelled", "archived": "the link is archived", "expired": "the link has ended",
	"on_hold": "the link is on hold", "merged": "another one went out at that time", "opted_out": "the customer has said no to messages there",
	"no_contact": "there is no address for it", "no_expiry": "the link never ends", "no_due_date": "there is no due date",
	"too_late": "the link ends before it could go out", "gap": "an hour after the one before", "quiet_hours": "moved out of the quiet hours",
	"disputed":          "the customer disputes what was paid",
	"promised":          "the customer has promised to pay by then",
	"payment_in_flight": "a payment is under way",
}
