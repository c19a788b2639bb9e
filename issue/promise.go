package issue

import (
	"context"
	"fmt"

	"paylink"
	"paylink/store"
)

// maxPromiseAhead is how many days ahead an agent may note a promise.
const maxPromiseAhead = 365

// Promise is what somebody said about when the money will come, as an agent notes it.
type Promise struct {
	Date   string // of the day, in the merchant's zone: 2026-12-01
	Amount *int64 // minor units; nil: the next instalment, or all that is due
	Note   string
}

// promises judges what a link says about promises.
func (j *judgement) promises(p *paylink.PromiseTerms, usage paylink.Usage) {
	if p == nil {
		return
	}
	if usage.Mode == paylink.UsageMulti {
		j.bad.Add("/promises", "conflicting", "Only a link of the mode single can be promised.")
	}
	j.within("/promises/max_days", p.MaxDays, 0, paylink.MaxPromiseDays)
}

// Promise notes on which day a link will be paid; it gives way to a later one. The day must not be over,
// and the link must not expire before its end, unless its terms say that a promise extends it: then that
// is a new revision.
func (x *Issuer) Promise(ctx context.Context, by Actor, id paylink.LinkID, p Promise, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if err := c.promisable(); err != nil {
			return err
		}
		made, err := p.judge(c)
		if err != nil {
			return err
		}
		c.link.Promised(made, c.link.UpdatedAt)
		c.kind = paylink.EventPromised
		if !c.link.ExpiresAt.IsZero() && c.link.ExpiresAt.Before(c.link.PromisedFor) {
			return c.revise(c.link.PromisedFor)
		}
		return nil
	})
}

// WithdrawPromise takes the open promise of a link back.
func (x *Issuer) WithdrawPromise(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if !c.link.WithdrawPromise() {
			return &paylink.Conflict{Code: "no_promise", Detail: "The payment link has no open promise.", Other: string(id)}
		}
		c.kind = paylink.EventPromiseWithdrawn
		return nil
	})
}

// promisable tells that the link stands so that somebody can promise to pay it.
func (c *change) promisable() error {
	switch {
	case c.link.Usage.Mode == paylink.UsageMulti:
		return &paylink.Conflict{Code: "not_promisable", Detail: "Only a link of the mode single can be promised.", Other: string(c.link.ID)}
	case c.link.Status == paylink.LinkPaid || c.link.Status == paylink.LinkCancelled || c.link.Status == paylink.LinkExpired:
		return c.not("not_promisable", "cannot be promised")
	case !c.link.ArchivedAt.IsZero():
		return &paylink.Conflict{Code: "archived", Detail: "The payment link is archived.", Other: string(c.link.ID)}
	}
	return nil
}

// judge reads the promise against the link and the merchant's calendar.
func (p Promise) judge(c *change) (paylink.Promising, error) {
	j := &judgement{by: c.by, world: c.world}
	made := paylink.Promising{Note: p.Note, By: c.by.ID}
	if p.Amount != nil {
		made.Amount = *p.Amount
		j.within("/amount", *p.Amount, 1, c.link.AmountDue())
	}
	j.text("/note", p.Note, paylink.MaxPromiseNote, manyLines)
	var fault string
	if made.Date, fault = c.link.PromiseDay(p.Date, c.by.Merchant.TimeZone, c.world, maxPromiseAhead); fault != "" {
		j.bad.Add("/date", fault, dayFaults[fault])
	}
	return made, j.bad.OrNil()
}

// dayFaults say what is wrong with a promised day.
var dayFaults = map[string]string{
	"required":     "The day is missing.",
	"unreadable":   "The day must be written as 2026-12-01.",
	"in_the_past":  "The day must not be over.",
	"too_far":      fmt.Sprintf("The day must be within %d days.", maxPromiseAhead),
	"after_expiry": "The link expires before the day is over. Extend it first.",
}
