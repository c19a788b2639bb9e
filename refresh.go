package paylink

import "time"

// RefreshPolicy says who may give a link new time when its customer asks for it.
type RefreshPolicy string

const (
	RefreshAutomatic RefreshPolicy = "automatic" // nobody needs to be asked, a few times
	RefreshApproval  RefreshPolicy = "approval"  // the merchant answers
	RefreshNever     RefreshPolicy = "never"     // the page names the merchant instead
)

// RefreshOn says when an automatic refresh happens.
type RefreshOn string

const (
	RefreshOnRequest RefreshOn = "request" // when the customer asks on the page
	RefreshOnExpiry  RefreshOn = "expiry"  // by itself too, when the time is up
)

// Refresh is how a link that expires may be given new time on the same URL.
type Refresh struct {
	Policy    RefreshPolicy `json:"policy" enum:"automatic,approval,never" doc:"automatic: granted at once; approval: you are asked and answer; never: the page names you instead"`
	On        RefreshOn     `json:"on,omitempty" enum:"request,expiry" doc:"of an automatic one: when the customer asks, or also by itself at the expiry; absent: request"`
	Times     int64         `json:"times,omitempty" minimum:"0" maximum:"10" doc:"of an automatic one: how often in the link's life; absent or 0: once"`
	ExpiresIn int64         `json:"expires_in,omitempty" minimum:"0" maximum:"31536000" doc:"seconds that it gives; absent or 0: your default"`
}

// RefreshOf is the policy for one of the merchant's links: its own, or the merchant's present one.
func (m Merchant) RefreshOf(l Link) Refresh {
	switch {
	case l.Terms.Refresh != nil:
		return *l.Terms.Refresh
	case m.Settings.Refresh != nil:
		return *m.Settings.Refresh
	}
	return Refresh{Policy: RefreshNever}
}

// MoreTimeWithin is how near an expiry must be before its customer may ask for more time: the 20 hours
// of WCAG 2.2.1, above which no time limit counts as one.
const MoreTimeWithin = 20 * time.Hour

// MoreTime says what becomes of a customer's wish for more time.
type MoreTime string

const (
	MoreTimeNone     MoreTime = ""
	MoreTimeGrant    MoreTime = "grant"    // it is given at once
	MoreTimeAsk      MoreTime = "ask"      // the merchant is asked
	MoreTimeAsked    MoreTime = "asked"    // the merchant was asked and has not answered
	MoreTimeDeclined MoreTime = "declined" // the merchant has said no
)

// MoreTime tells what the customer of an expired link, or of one that expires soon, may ask for now.
func (l Link) MoreTime(r Refresh, now time.Time) MoreTime {
	switch {
	case l.ExpiresAt.IsZero(), l.ExpiresAt.Sub(now) >= MoreTimeWithin, l.AmountDue() == 0,
		!l.CancelledAt.IsZero(), !l.ArchivedAt.IsZero(), l.Hold != "":
	case r.Policy == RefreshAutomatic && l.Refreshes < max(1, r.Times):
		return MoreTimeGrant
	case r.Policy != RefreshApproval:
	case !l.RefreshAskedAt.IsZero():
		return MoreTimeAsked
	case !l.RefreshDeclinedAt.IsZero():
		return MoreTimeDeclined
	default:
		return MoreTimeAsk
	}
	return MoreTimeNone
}

// RenewsItself tells whether a link whose time is up is given new time without anybody asking.
func (l Link) RenewsItself(r Refresh, now time.Time) bool {
	return r.On == RefreshOnExpiry && l.StatusAt(now) == LinkExpired && l.MoreTime(r, now) == MoreTimeGrant
}

// Renewed is the expiry of a link that is given new time by the policy: from now on when it has expired,
// else on top of what it has. life is the merchant's default, for a policy that names none; the zero
// time is never.
func (l Link) Renewed(r Refresh, life time.Duration, now time.Time) time.Time {
	if r.ExpiresIn > 0 {
		life = time.Duration(r.ExpiresIn) * time.Second
	}
	switch {
	case life <= 0:
		return time.Time{}
	case l.PastExpiry(now):
		return now.Add(life)
	}
	return l.ExpiresAt.Add(life)
}
