package issue

import (
	"context"
	"errors"
	"slices"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Ask gives a link new time because its customer asked for it on the page, or has the merchant asked, as
// the policy says. once is the token of the form, which checkout has believed. Of many presses in one
// instant one counts: each grant is a new revision, and a page of an older one is *paylink.Expired
// "terms_changed". What the policy does not allow is *paylink.Conflict "not_refreshable".
func (x *Issuer) Ask(ctx context.Context, l paylink.Link, once token.OneTime) (Changed, error) {
	by := Actor{Merchant: paylink.Merchant{ID: l.Merchant}, Live: l.Live, ID: "customer"}
	return x.change(ctx, by, l.ID, nil, func(c *change) error {
		if c.link.Revision != once.Revision {
			return &paylink.Expired{Code: "terms_changed", Detail: "The request changed since this page was opened."}
		}
		c.tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		policy := c.by.Merchant.RefreshOf(c.link)
		switch c.link.MoreTime(policy, c.world) {
		case paylink.MoreTimeGrant:
			c.link.Refreshes++
			return c.renew(c.renewed(policy))
		case paylink.MoreTimeAsk:
			c.link.RefreshAskedAt, c.kind = c.link.UpdatedAt, paylink.EventLinkRefreshRequested
			return nil
		}
		return c.not("not_refreshable", "is given no new time")
	})
}

// Refresh revives an expired link on the same URL, for expiresIn seconds from now; nil stands for what
// the link's policy gives, or the merchant's default. Where the customer has asked for it, also before
// the expiry, it says yes to that: the wish is counted, and the link is sent again on its channels.
// Nobody who asks for more time is given less: such an expiresIn is *paylink.Invalid.
func (x *Issuer) Refresh(ctx context.Context, by Actor, id paylink.LinkID, expiresIn *int64, claim *store.Claim) (Changed, error) {
	now := x.now()
	messages, jobs := letters(paylink.Link{ID: id, Merchant: by.Merchant.ID, Live: by.Live}, paylink.Channels, now)
	return x.change(ctx, by, id, claim, func(c *change) error {
		asked := !c.link.RefreshAskedAt.IsZero()
		if c.link.Status != paylink.LinkExpired && !(asked && sendable(c.link, c.world)) {
			return c.not("not_refreshable", "has not expired")
		}
		until := c.renewed(c.by.Merchant.RefreshOf(c.link))
		if expiresIn != nil {
			j := &judgement{by: c.by, world: c.world}
			until = j.expiresIn(*expiresIn)
			if len(j.bad.Fields) == 0 && !c.link.PastExpiry(c.world) && !until.After(c.link.ExpiresAt) {
				j.bad.Add("/expires_in", "too_small", "The link would expire earlier than it does now. The time counts from now.")
			}
			j.outlasts("/expires_in", c.link.Terms.Plan, until)
			if err := j.bad.OrNil(); err != nil {
				return err
			}
		}
		if err := c.renew(until); err != nil || !asked {
			return err
		}
		c.link.Refreshes++ // it is the customer's wishes that are counted
		return c.sendAgain(messages, jobs, now)
	})
}

// DeclineRefresh says no to a customer who asked for more time. The page says so, and nobody can ask
// again until the link has another expiry.
func (x *Issuer) DeclineRefresh(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if c.link.RefreshAskedAt.IsZero() {
			return c.not("not_requested", "nobody has asked for more time")
		}
		c.link.RefreshAskedAt, c.link.RefreshDeclinedAt = time.Time{}, c.link.UpdatedAt
		c.kind = paylink.EventLinkRefreshDeclined
		return nil
	})
}

// renewed is the expiry that a policy gives the link now: within the year that any link may live, and not
// before the last instalment of a plan falls due.
func (c *change) renewed(p paylink.Refresh) time.Time {
	until := c.link.Renewed(p, c.by.Merchant.DefaultExpiry, c.world)
	if furthest := c.world.Add(maxExpiry); until.After(furthest) {
		until = furthest
	}
	if p := c.link.Terms.Plan; p != nil && !until.IsZero() && until.Before(p.Ends()) {
		until = p.Ends()
	}
	return until
}

// renew gives the link its new expiry, and opens it again if it had expired.
func (c *change) renew(until time.Time) error {
	if c.link.PastExpiry(c.world) {
		if err := c.free(); err != nil {
			return err
		}
		c.link.Revive(c.world, "expired", true)
	}
	c.kind = paylink.EventLinkRefreshed
	return c.revise(until)
}

// sendAgain sends the link by its plan, or else on those of its channels that reach the customer. The messages are one for
// each channel that there is, of which only those that go are written.
func (c *change) sendAgain(messages []paylink.Message, jobs []paylink.Job, now time.Time) error {
	customer, err := c.tx.CustomerOf(c.link)
	if err != nil {
		return err
	}
	if c.link.Course.Waiting {
		return nil // its plan is under way
	}
	if p := c.link.Terms.Delivery; p != nil {
		_, err := c.deliver(*p, customer, nil, now)
		if unreachable := new(paylink.Invalid); errors.As(err, &unreachable) {
			return nil
		}
		return err
	}
	at := latest(now, c.link.UpdatedAt.Add(maxList*time.Microsecond))
	for i, m := range messages {
		if m.To = customer.Address(m.Channel); m.To == "" || !slices.Contains(c.link.Channels, m.Channel) {
			continue
		}
		m.CreatedAt = at.Add(time.Duration(i) * time.Microsecond)
		m.UpdatedAt = m.CreatedAt
		c.tx.InsertMessage(m)
		c.tx.Enqueue(jobs[i], now)
	}
	return nil
}

// refresh judges a policy, at the pointer where it stands, and fills in what was left out. nil stays nil.
func (j *judgement) refresh(pointer string, r *paylink.Refresh) *paylink.Refresh {
	if r == nil {
		return nil
	}
	out := *r
	policies := []paylink.RefreshPolicy{paylink.RefreshAutomatic, paylink.RefreshApproval, paylink.RefreshNever}
	if out.Policy == "" {
		j.bad.Add(pointer+"/policy", "required", "The policy is missing.")
	} else if !slices.Contains(policies, out.Policy) {
		j.bad.Add(pointer+"/policy", "unknown_value", oneOf(policies))
	}
	moments := []paylink.RefreshOn{paylink.RefreshOnRequest, paylink.RefreshOnExpiry}
	if out.On != "" && !slices.Contains(moments, out.On) {
		j.bad.Add(pointer+"/on", "unknown_value", oneOf(moments))
	}
	j.within(pointer+"/expires_in", out.ExpiresIn, 0, int64(maxExpiry/time.Second))
	j.within(pointer+"/times", out.Times, 0, maxRefreshes)
	if out.Policy != paylink.RefreshAutomatic {
		if out.Policy != "" && (out.On != "" || out.Times != 0) {
			j.bad.Add(pointer+"/policy", "conflicting", "Only an automatic refresh has a number of times and a moment.")
		}
		return &out
	}
	if out.On == "" {
		out.On = paylink.RefreshOnRequest
	}
	out.Times = max(1, out.Times)
	return &out
}

// maxRefreshes is how often a link can be given new time without the merchant's doing.
const maxRefreshes = 10
