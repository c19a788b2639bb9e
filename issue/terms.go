package issue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink"
)

// judgement goes through a draft and notes everything that is wrong with it. Details are sentences
// for people and never hold a value that was sent.
type judgement struct {
	by    Actor
	world time.Time // now, in the merchant's world
	bad   paylink.Invalid

	placed bool // somebody tells us in which country a visitor is
}

// judge gives the terms of a link, and its customer if it has one, of a draft; or *paylink.Invalid
// with all that is wrong. known is the customer that the draft names, nil when there is no such one.
// Ids, code, token and dates are still to be set.
func (d Draft) judge(by Actor, now time.Time, known *paylink.Customer) (paylink.Link, *paylink.Customer, error) {
	j, d := &judgement{by: by, world: by.Merchant.Now(by.Live, now), placed: d.placed}, d.settled(by.Merchant.Settings, known)
	l := paylink.Link{
		Merchant: by.Merchant.ID, Live: by.Live, Status: paylink.LinkPending, Revision: 1,
		Description: d.Description, Reference: d.Reference,
		ReturnURL: d.ReturnURL, Notes: d.Notes,
	}
	l.Usage = j.usage(d.Usage)
	l.Amount, l.Terms = j.amounts(d, l.Usage)
	j.caps(d.Usage, &l.Usage, l)
	j.text("/description", d.Description, maxDescription, oneLine)
	j.text("/reference", d.Reference, maxReference, printable)
	if d.NoTemplate {
		j.bad.Add("/template", "unknown_value", "There is no template of this name.")
	}
	customer := j.contact(d.Customer, known)
	l.Terms.Restrict = j.restriction(d.Terms.Restrict, d.PIN, customer, d.Customer)
	l.ExpireAt(j.expiry(d), j.world)
	j.outlasts(expiryPointer(d.ExpiresIn), l.Terms.Plan, l.ExpiresAt)
	l.Channels = j.ways(d, &l.Terms, known)
	l.Methods = list(j, "/methods", d.Methods, append(slices.Clone(paylink.Methods), MethodWallet))
	j.returnURL("/return_url", d.ReturnURL)
	l.Metadata = j.metadata(d.Metadata)
	j.text("/notes", d.Notes, maxNotes, manyLines)
	l.OnLate = j.policy("/on_late_payment", d.OnLate, paylink.PolicyAccept)
	l.OnDuplicate = j.policy("/on_duplicate", d.OnDuplicate, paylink.PolicyRefund)
	l.Terms.Reminders = j.expiryNotice(d, l)
	if len(l.Terms.Reminders) > 0 {
		l.Reminding.Since = j.world
		l.Terms.Reminders = j.reminders(l, l.Terms.Reminders, nil, func(c paylink.Channel) string { return needs(c, d.Customer, known) })
	}
	return l, customer, j.bad.OrNil()
}

func (j *judgement) usage(u Usage) paylink.Usage {
	const cap = "/usage/max_payments"
	switch u.Mode {
	case "", paylink.UsageSingle:
		if u.MaxPayments != nil {
			j.bad.Add(cap, "conflicting", "Only a link of the mode multi has a number of payments.")
		}
		return paylink.Usage{Mode: paylink.UsageSingle}
	case paylink.UsageMulti:
	default:
		j.bad.Add("/usage/mode", "unknown_value", "The mode must be single or multi.")
		return paylink.Usage{}
	}
	usage := paylink.Usage{Mode: paylink.UsageMulti}
	if u.MaxPayments == nil {
		return usage
	}
	switch usage.MaxPayments = *u.MaxPayments; {
	case usage.MaxPayments < 1:
		j.bad.Add(cap, "too_small", "The number of payments must be at least 1; leave it out for a permanent link.")
	case usage.MaxPayments > maxPayments:
		j.bad.Add(cap, "too_large", fmt.Sprintf("The number of payments must be at most %d.", maxPayments))
	}
	return usage
}

// expiry gives the zero time for a link that never expires; one with a plan does so only when it is said.
func (j *judgement) expiry(d Draft) time.Time {
	if d.ExpiresIn != nil && (d.ExpiresAt != nil || d.NoExpiry) {
		j.bad.Add("/expires_in", "conflicting", "Say either expires_in or expires_at.")
		return time.Time{}
	}
	switch {
	case d.ExpiresIn != nil:
		return j.expiresIn(*d.ExpiresIn)
	case d.ExpiresAt == nil:
		if d.NoExpiry || d.Terms.Plan != nil || j.by.Merchant.DefaultExpiry <= 0 {
			return time.Time{}
		}
		return j.world.Add(j.by.Merchant.DefaultExpiry)
	}
	at := d.ExpiresAt.UTC().Truncate(time.Microsecond)
	if !at.After(j.world) {
		j.bad.Add("/expires_at", "in_the_past", "The expiry must be in the future.")
	} else if at.After(j.world.Add(maxExpiry)) {
		j.bad.Add("/expires_at", "too_far", "The expiry must be within 365 days.")
	}
	return at
}

func (j *judgement) expiresIn(seconds int64) time.Time {
	switch {
	case seconds < 1:
		j.bad.Add("/expires_in", "too_small", "The link must live for at least 1 second.")
		return time.Time{}
	case seconds > int64(maxExpiry/time.Second):
		j.bad.Add("/expires_in", "too_far", "The expiry must be within 365 days.")
		return time.Time{}
	}
	return j.world.Add(time.Duration(seconds) * time.Second)
}

// list judges a list of names that each may come once, and gives it without being nil, so that it
// is answered as a list.
func list[T ~string](j *judgement, pointer string, names, known []T) []T {
	if len(names) > maxList {
		j.bad.Add(pointer, "too_many", fmt.Sprintf("The list must have at most %d members.", maxList))
		return []T{}
	}
	for i, name := range names {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if !slices.Contains(known, name) {
			j.bad.Add(at, "unknown_value", oneOf(known))
		} else if slices.Contains(names[:i], name) {
			j.bad.Add(at, "duplicate_value", "This is in the list already.")
		}
	}
	return append([]T{}, names...)
}

func (j *judgement) policy(pointer string, p, otherwise paylink.Policy) paylink.Policy {
	if p == "" {
		return otherwise
	}
	if !slices.Contains(policies, p) {
		j.bad.Add(pointer, "unknown_value", oneOf(policies))
	}
	return p
}

func oneOf[T ~string](known []T) string {
	return "This must be one of " + strings.Join(strings.Fields(strings.Trim(fmt.Sprint(known), "[]")), ", ") + "."
}
