package dispatch

import (
	"time"

	"paylink"
)

// soon is how near the end of a link is when a reminder speaks of it.
const soon = 48 * time.Hour

// kind is in which words the message is written at a time.
func (p *parcel) kind(now time.Time) paylink.TemplateKind {
	switch {
	case p.proof:
		return paylink.TemplateCode
	case !p.message.Asks():
		return p.message.Kind
	case p.message.Purpose == paylink.PurposeReminder:
		return kindOf(p.link, p.merchant.Now(p.link.Live, now))
	}
	return paylink.TemplateRequest
}

// kindOf is in which words a reminder is written. It follows from how the link stands when the message is
// written and not when it was planned, so that it says nothing that is not so.
func kindOf(l paylink.Link, now time.Time) paylink.TemplateKind {
	switch {
	case !l.ExpiresAt.IsZero() && l.ExpiresAt.Sub(now) <= soon:
		return paylink.TemplateExpiring
	case l.Overdue(now):
		return paylink.TemplateOverdue
	}
	return paylink.TemplateReminder
}
