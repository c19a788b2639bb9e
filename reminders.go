package paylink

import (
	"strconv"
	"strings"
	"time"
)

// Reminder is a further message of a link, at a time that follows from the link's own. Exactly one of
// After, BeforeExpiry and AfterDue says when: a time such as "2h" or "3d".
type Reminder struct {
	After        string    `json:"after,omitempty" doc:"so long after the request went out" example:"2h"`
	BeforeExpiry string    `json:"before_expiry,omitempty" doc:"so long before the link expires" example:"24h"`
	AfterDue     string    `json:"after_due,omitempty" doc:"so long after due_at" example:"3d"`
	Channels     []Channel `json:"channels,omitempty" enum:"sms,whatsapp,email,in_app" doc:"where it goes; absent: where the link goes"`
}

// ReminderGap is how far apart two reminders of a link are at least. What is due together becomes one.
const ReminderGap = time.Hour

// longestSpan is how long the text of a time may be.
const longestSpan = 16

// ParseSpan reads a time such as "90m", "2h" or "3d", of whole minutes and of a minute at least.
func ParseSpan(text string) (time.Duration, bool) {
	if len(text) > longestSpan {
		return 0, false
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0
	}
	span, err := time.ParseDuration(text)
	return span, err == nil && span >= time.Minute && span%time.Minute == 0
}

// rule names a reminder's time, whatever way it is written.
func (r Reminder) rule() (kind string, span time.Duration) {
	for _, said := range []struct{ kind, text string }{{"before_expiry", r.BeforeExpiry}, {"after_due", r.AfterDue}, {"after", r.After}} {
		if said.text != "" {
			span, _ = ParseSpan(said.text)
			return said.kind, span
		}
	}
	return "", 0
}

// Same tells whether two reminders have the same time.
func (r Reminder) Same(o Reminder) bool {
	kind, span := r.rule()
	other, its := o.rule()
	return kind == other && span == its
}

// Reminding is what has become of a link's reminders. Its times are those of the link's world.
type Reminding struct {
	Since time.Time  `json:"since,omitzero"` // the request went out: what "after" counts from
	Last  time.Time  `json:"last,omitzero"`  // the latest reminder
	Done  []Reminded `json:"done,omitempty"`
}

// Reminded is a reminder that was sent, or was not to be any more.
type Reminded struct {
	Kind   string         `json:"kind"`
	Span   time.Duration  `json:"span"`
	Due    time.Time      `json:"due"` // when it was to be; with another expiry it is to be again
	At     time.Time      `json:"at"`  // when that was decided
	Status ReminderStatus `json:"status"`
	Reason string         `json:"reason,omitempty"`
}

// ReminderStatus is what becomes of a reminder.
type ReminderStatus string

const (
	ReminderPlanned ReminderStatus = "planned"
	ReminderSent    ReminderStatus = "sent"
	ReminderSkipped ReminderStatus = "skipped"
)

// PlannedReminder is a reminder with what has become or is to become of it.
type PlannedReminder struct {
	Reminder
	At     time.Time // when it goes out, went out or was skipped; zero: it does not go out
	Status ReminderStatus
	Reason string // why it is skipped, or what it waits for

	due time.Time // before quiet hours and the gap moved it
}
