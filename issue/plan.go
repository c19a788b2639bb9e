package issue

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

// maxPlanAhead is how far ahead the last instalment may be due: three years of months, and room for grace.
const maxPlanAhead = 4 * 366 * 24 * time.Hour

// leastInstalments is how many a new link is divided into. A plan that is made anew may have one: the rest,
// on another date.
const leastInstalments = 2

// plan judges the instalments against the sum that they must come to, and gives the plan as it is signed.
func (j *judgement) plan(at string, p paylink.Plan, sum int64) *paylink.Plan {
	if at == "/plan" && len(p.Instalments) < leastInstalments {
		j.bad.Add(at+"/instalments", "too_few", fmt.Sprintf("There must be at least %d instalments.", leastInstalments))
	} else if len(p.Instalments) == 0 {
		j.bad.Add(at+"/instalments", "required", "There must be at least one instalment.")
	}
	if len(p.Instalments) > paylink.MaxInstalments {
		j.bad.Add(at+"/instalments", "too_many", fmt.Sprintf("There must be at most %d instalments.", paylink.MaxInstalments))
		return &p
	}
	j.within(at+"/grace_days", p.GraceDays, 0, paylink.MaxGraceDays)
	before := len(j.bad.Fields)
	dated := make([]paylink.Instalment, len(p.Instalments))
	for n, i := range p.Instalments {
		i.DueAt = i.DueAt.UTC().Truncate(time.Microsecond)
		dated[n] = i
		pointer := fmt.Sprintf("%s/instalments/%d", at, n)
		j.within(pointer+"/amount", i.Amount, 1, paylink.MaxMinor)
		switch {
		case !i.DueAt.After(j.world):
			j.bad.Add(pointer+"/due_at", "in_the_past", "The date must be in the future.")
		case i.DueAt.After(j.world.Add(maxPlanAhead)):
			j.bad.Add(pointer+"/due_at", "too_far", "The date must be within four years.")
		case n > 0 && !i.DueAt.After(dated[n-1].DueAt):
			j.bad.Add(pointer+"/due_at", "out_of_order", "The dates must follow one another.")
		}
	}
	p.Instalments = dated
	if len(j.bad.Fields) == before && len(dated) > 0 && sum > 0 && p.Total() != sum {
		j.bad.Add(at+"/instalments", "wrong_sum", fmt.Sprintf("The instalments come to %d minor units, and must come to %d.", p.Total(), sum))
	}
	return &p
}

// plannable notes what a plan cannot stand beside: it is for a link that is paid once, of an amount that
// stands.
func (j *judgement) plannable(usage paylink.Usage, t paylink.Terms) {
	const at = "/plan"
	switch {
	case usage.Mode == paylink.UsageMulti:
		j.bad.Add(at, "conflicting", "Only a link of the mode single can be paid by a plan.")
	case t.CustomerAmount != nil:
		j.bad.Add(at, "conflicting", "A customer who chooses the amount cannot also pay it by a plan.")
	case t.Adjustable():
		j.bad.Add(at, "conflicting", "Lines whose quantity the customer chooses cannot be paid by a plan.")
	case t.Partial != nil:
		j.bad.Add(at, "conflicting", "Say either partial or plan.")
	case t.DueAt != nil:
		j.bad.Add(at, "conflicting", "Say either due_at or plan, whose instalments have their own dates.")
	}
}

// outlasts notes an expiry that comes before the plan has ended; zero is none.
func (j *judgement) outlasts(pointer string, p *paylink.Plan, until time.Time) {
	if p != nil && len(p.Instalments) > 0 && !until.IsZero() && until.Before(p.Ends()) {
		j.bad.Add(pointer, "conflicting", "The link would expire before its last instalment is due.")
	}
}

// expiryPointer names the field that says when a link expires.
func expiryPointer(expiresIn *int64) string {
	if expiresIn != nil {
		return "/expires_in"
	}
	return "/expires_at"
}

// Replan divides what is still due anew, into 1 to 36 instalments that come to exactly that: a new
// revision on the same URL, also for a link that had no plan. What was told of the earlier plan is over.
// It fails with *paylink.Conflict "payment_in_flight" while a payment is under way, which would pay by a
// plan that is no more.
func (x *Issuer) Replan(ctx context.Context, by Actor, id paylink.LinkID, p paylink.Plan, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		switch {
		case c.link.Status == paylink.LinkPaid || c.link.Status == paylink.LinkCancelled || c.link.Status == paylink.LinkExpired:
			return c.not("not_plannable", "cannot be planned")
		case !c.link.ArchivedAt.IsZero():
			return &paylink.Conflict{Code: "archived", Detail: "The payment link is archived.", Other: string(id)}
		case c.link.InFlight > 0:
			return inFlight(id)
		}
		j := &judgement{by: c.by, world: c.world}
		terms := c.link.Terms
		terms.Partial = nil // from now on there are dates
		terms.Plan = j.plan("", p, c.link.AmountDue())
		terms.Plan.After = c.link.Settled()
		j.plannable(c.link.Usage, terms)
		j.outlasts("/instalments", terms.Plan, c.link.ExpiresAt)
		if err := j.bad.OrNil(); err != nil {
			return err
		}
		if err := c.genuine(); err != nil {
			return err
		}
		c.link.Terms, c.kind = terms, paylink.EventLinkAmended
		c.link.Course.Due, c.link.Course.Missed = 0, 0
		return c.sign()
	})
}
