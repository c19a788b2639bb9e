package issue

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Amendment is what a caller wants to be different about a link. What is nil stays as it is.
type Amendment struct {
	Amount      *int64             // minor units, in the link's currency
	Items       []paylink.LineItem // all of them; nil leaves them
	Description *string
	Notes       *string
	Metadata    map[string]string // all of it; empty removes it, nil leaves it
	ExpiresIn   *int64            // seconds from now
	ExpiresAt   *time.Time        // in the merchant's world time
	NoExpiry    bool              // from now on it never expires
	DueAt       *time.Time        // in the merchant's world time
	NoDueAt     bool              // from now on no day is named
	Restrict    *paylink.Restriction
	PIN         string             // of Restrict; empty: the one that the link has
	Unrestrict  bool               // it opens for whoever has it
	Reminders   []paylink.Reminder // all of them anew; empty removes them, nil leaves them
	ReturnURL   *string            // empty: the receipt leads nowhere
	Codes       []string           // that a payment may use, all of them anew; empty: none, nil leaves them
	IfRevision  *int64             // fails with *paylink.Conflict "wrong_revision" when the link has another
}

// expiry tells whether the time is to change.
func (a Amendment) expiry() bool { return a.ExpiresIn != nil || a.ExpiresAt != nil || a.NoExpiry }

// Amend changes the terms of a link on the same URL. What the customer sees is a new revision: a page
// that was opened before does not pay by it. Notes and metadata are the merchant's own, and changing
// only them is none. What is said and is so already changes nothing. While a payment is under way the
// amount stays (*paylink.Conflict "payment_in_flight"); it never falls below what is paid.
func (x *Issuer) Amend(ctx context.Context, by Actor, id paylink.LinkID, a Amendment) (Changed, error) {
	return x.change(ctx, by, id, nil, func(c *change) error {
		if a.IfRevision != nil && *a.IfRevision != c.link.Revision {
			return &paylink.Conflict{Code: "wrong_revision", Detail: "The payment link has another revision by now. Read it again.", Other: string(id)}
		}
		amended, err := a.judge(c)
		if err != nil {
			if a.Notes != nil || a.Metadata != nil {
				return err
			}
			return cmp.Or(c.amendable(amended), err) // what is closed takes no values, right or wrong
		}
		terms := amended.Amount != c.link.Amount || amended.Description != c.link.Description || !amended.ExpiresAt.Equal(c.link.ExpiresAt) ||
			amended.ReturnURL != c.link.ReturnURL || !slices.Equal(amended.Terms.DiscountCodes, c.link.Terms.DiscountCodes) ||
			!sameTime(amended.Terms.DueAt, c.link.Terms.DueAt) || !reflect.DeepEqual(amended.Terms.Restrict, c.link.Terms.Restrict) ||
			!reflect.DeepEqual(amended.Terms.Items, c.link.Terms.Items) ||
			!reflect.DeepEqual(amended.Terms.Reminders, c.link.Terms.Reminders)
		if terms {
			if err := c.amendable(amended); err != nil {
				return err
			}
			if err := c.genuine(); err != nil {
				return err
			}
		} else if amended.Notes == c.link.Notes && maps.Equal(amended.Metadata, c.link.Metadata) {
			return nil
		}
		c.link, c.kind = amended, paylink.EventLinkAmended
		if terms {
			return c.sign()
		}
		return nil
	})
}

// judge gives the link as it would be, or *paylink.Invalid with all that is wrong.
func (a Amendment) judge(c *change) (paylink.Link, error) {
	l, j := c.link, &judgement{by: c.by, world: c.world, placed: c.issuer.placed}
	if a.Amount != nil {
		j.amount(Draft{Amount: *a.Amount, HasAmount: true})
		l.Amount.Minor = *a.Amount
		if l.Terms.CustomerAmount != nil || len(l.Terms.Items) > 0 {
			j.bad.Add("/amount", "conflicting", "This link has no amount of its own: the customer chooses it, or it follows from the lines.")
		}
		if l.Terms.Plan != nil {
			j.bad.Add("/amount", "conflicting", "The instalments of the plan come to the amount. Make another plan.")
		}
		if l.Usage.MaxTotal > 0 && *a.Amount > l.Usage.MaxTotal-l.Settled() {
			j.bad.Add("/amount", "too_large", "Not even one payment of this amount fits under the link's cap on the total.")
		}
		if l.Usage.Mode == paylink.UsageSingle && *a.Amount >= 1 && *a.Amount < l.Settled() {
			j.bad.Add("/amount", "too_small", fmt.Sprintf("%d minor units are paid already, and the amount cannot be less.", l.Settled()))
		}
	}
	if a.Items != nil {
		a.judgeItems(j, &l)
	}
	if a.Description != nil {
		l.Description = *a.Description
		j.text("/description", l.Description, maxDescription, oneLine)
	}
	if a.Notes != nil {
		l.Notes = *a.Notes
		j.text("/notes", l.Notes, maxNotes, manyLines)
	}
	if a.Metadata != nil {
		l.Metadata = j.metadata(a.Metadata)
	}
	if a.expiry() {
		if until := j.expiry(Draft{ExpiresIn: a.ExpiresIn, ExpiresAt: a.ExpiresAt, NoExpiry: a.NoExpiry, Terms: l.Terms}); !until.Equal(l.ExpiresAt) {
			j.outlasts(expiryPointer(a.ExpiresIn), l.Terms.Plan, until)
			l.ExpireAt(until, c.world)
		}
	}
	if a.DueAt != nil || a.NoDueAt {
		l.Terms.DueAt = j.dueDate(a.DueAt)
	}
	if a.Reminders != nil {
		l.Terms.Reminders = j.amendedReminders(&l, a.Reminders, c)
	}
	if a.ReturnURL != nil && *a.ReturnURL != l.ReturnURL { // what stands was judged under the origins of its day
		l.ReturnURL = *a.ReturnURL
		j.returnURL("/return_url", l.ReturnURL)
	}
	if a.Codes != nil {
		a.judgeCodes(j, &l)
	}
	if a.Unrestrict {
		l.Terms.Restrict = nil
	} else if a.Restrict != nil {
		r := *a.Restrict
		if old := l.Terms.Restrict; old.Needs() == paylink.ProofPIN && a.PIN == "" {
			r.PINKey = old.PINKey
		}
		l.Terms.Restrict = j.restriction(&r, a.PIN, c.payer, Contact{})
	}
	if err := j.bad.OrNil(); err != nil {
		return l, err
	}
	var err error
	l.Terms.Restrict, err = c.issuer.keyed(l.Terms.Restrict, a.PIN)
	return l, err
}

// judgeCodes puts new discount codes into a link. A payment under way keeps what its code gave it.
func (a Amendment) judgeCodes(j *judgement, l *paylink.Link) {
	if l.Terms.DiscountCodes = slices.Clone(a.Codes); len(a.Codes) == 0 {
		l.Terms.DiscountCodes = nil
		return
	}
	j.codes(l.Terms.DiscountCodes)
	j.atOnce("/allow_discount_codes", l.Terms)
}

// amendable tells that the link stands so that its terms may change.
func (c *change) amendable(to paylink.Link) error {
	switch {
	case c.link.Status == paylink.LinkPaid || c.link.Status == paylink.LinkCancelled || c.link.Status == paylink.LinkExpired:
		return c.not("not_amendable", "cannot be amended")
	case !c.link.ArchivedAt.IsZero():
		return &paylink.Conflict{Code: "archived", Detail: "The payment link is archived.", Other: string(c.link.ID)}
	case (to.Amount != c.link.Amount || !reflect.DeepEqual(to.Terms.Items, c.link.Terms.Items)) && c.link.InFlight > 0:
		return inFlight(c.link.ID)
	}
	return nil
}

func inFlight(id paylink.LinkID) error {
	return &paylink.Conflict{Code: "payment_in_flight", Detail: "A payment is under way. Its outcome comes first.", Other: string(id)}
}

// Pause stops a link from taking payments until Resume; its page says that it is off for now. A payment
// that is under way goes on.
func (x *Issuer) Pause(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		switch {
		case c.link.Hold != "":
			return &paylink.Conflict{Code: "on_hold", Detail: "The payment link is on hold already.", Other: string(id)}
		case c.link.Status == paylink.LinkPaid || c.link.Status == paylink.LinkCancelled:
			return c.not("not_pausable", "takes no payment")
		}
		c.link.Hold, c.link.HoldSince, c.kind = paylink.HoldPaused, c.link.UpdatedAt, paylink.EventLinkHeld
		return nil
	})
}

// Resume ends a pause. A hold for another reason is not the merchant's to end.
func (x *Issuer) Resume(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if c.link.Hold != paylink.HoldPaused {
			return &paylink.Conflict{Code: "not_paused", Detail: "The payment link is not paused.", Other: string(id)}
		}
		c.link.Hold, c.link.HoldSince, c.kind = "", time.Time{}, paylink.EventLinkReleased
		return nil
	})
}

// Archive takes a link that is done with out of the lists. One that could still be paid is cancelled
// first, so that nothing disappears on which money can come.
func (x *Issuer) Archive(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		switch {
		case !c.link.ArchivedAt.IsZero():
			return &paylink.Conflict{Code: "archived", Detail: "The payment link is archived already.", Other: string(id)}
		case c.link.InFlight > 0:
			return inFlight(id)
		case c.link.Status != paylink.LinkPaid && c.link.Status != paylink.LinkCancelled && c.link.Status != paylink.LinkExpired:
			return c.not("not_archivable", "can still be paid; cancel it first")
		}
		c.link.ArchivedAt, c.kind = c.link.UpdatedAt, paylink.EventLinkAmended
		return nil
	})
}
