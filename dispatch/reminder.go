package dispatch

import (
	"time"

	"paylink"
	"paylink/locale"
)

// soon is how near the end of a link is when a reminder speaks of it.
const soon = 48 * time.Hour

// kindOf is in which words a reminder is written. It follows from how the link stands when the message is
// written and not when it was planned, so that it says nothing that is not so.
func kindOf(l paylink.Link, now time.Time) (locale.MessageKind, paylink.TemplateKind) {
	switch {
	case !l.ExpiresAt.IsZero() && l.ExpiresAt.Sub(now) <= soon:
		return locale.KindExpiring, paylink.TemplateExpiring
	case l.Overdue(now):
		return locale.KindOverdue, paylink.TemplateOverdue
	}
	return locale.KindReminder, paylink.TemplateReminder
}
