package issue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

var (
	errNotDue = errors.New("the link does not expire yet")
	errRenews = errors.New("the link is given new time")
	errMoved  = errors.New("the clock or the expiry moved meanwhile")
)

// expire does the job that looks at a link when its time comes: its merchant is told that it expires
// soon; it expires; or the job waits on, because the time was moved or a payment is under way.
func (x *Issuer) expire(ctx context.Context, r *queue.Run) error {
	ctx = store.GiveWay(ctx) // many links end at the same midnight, and none of them takes a payment any more
	now := x.now()
	id, others, taken := paylink.NewEventID(now), x.others(now), 0
	var ahead time.Duration // of the world's clock
	var next time.Time      // in the world's time
	look := func(tx *store.Tx) error {
		by := Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live}
		taken = 0
		c, customer, err := x.open(tx, by, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		ahead = c.world.Sub(now)
		if next = c.link.NextLook(c.world); !next.IsZero() {
			return errNotDue
		}
		if renews, err := c.renewsItself(); renews || err != nil {
			return cmp.Or(err, errRenews)
		}
		read := c.link.UpdatedAt
		at := c.link.Touch(now)
		kind := c.link.Resettle(c.world, at)
		if kind == "" {
			return nil
		}
		tx.UpdateLink(c.link, read)
		tx.AppendEvent(event(id, kind, c.link, customer, "system"))
		if err := closeAttempts(tx, c.link, now); err != nil {
			return err
		}
		taken, err = takeAlong(tx, others, now)
		return err
	}
	err := r.Finish(ctx, look)
	var changed *paylink.Conflict
	if errors.As(err, &changed) && changed.Code == "changed" {
		others = nil // one of them was changed by somebody else, who must not hold up this one
		err = r.Finish(ctx, look)
	}
	switch {
	case errors.Is(err, errNotDue):
		err = x.waitOn(ctx, r, next, ahead, now)
	case errors.Is(err, errRenews):
		err = x.renewByItself(ctx, r, id, now)
	}
	if err != nil {
		return fmt.Errorf("look at the expiry of link %s: %w", r.Job.Payload.Link, err)
	}
	if taken > 0 && taken == len(others) {
		x.sweep(ctx)
	}
	return nil
}

// mostTold bounds what one look tells; the rest is for the next one, which follows at once.
const mostTold = 8

// waitOn puts the job back to wait for next, in the time of the link's world, which is ahead of ours. What
// time has brought about until now is told.
func (x *Issuer) waitOn(ctx context.Context, r *queue.Run, next time.Time, ahead time.Duration, now time.Time) error {
	due := !next.After(now.Add(ahead))
	return r.Again(ctx, next.Add(-ahead), func(tx *store.Tx) error {
		c, customer, err := x.open(tx, Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live}, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		if c.world.Sub(now) != ahead || !c.link.NextLook(c.world).Equal(next) {
			return errMoved // the job is tried again, and reckons with the new time
		}
		if !due {
			return nil
		}
		read := c.link.UpdatedAt
		for range mostTold {
			kind, about := c.link.Look(c.world)
			if kind == "" {
				break
			}
			for _, e := range c.link.Tell(now, "system", customer, nil, kind) {
				e.Data.Step = about
				tx.AppendEvent(e)
			}
		}
		tx.UpdateLink(c.link, read)
		return nil
	})
}

// renewByItself gives a link whose time is up new time, as its policy says, and puts the job back to wait
// for that. Nothing is in between: nobody finds the link expired.
func (x *Issuer) renewByItself(ctx context.Context, r *queue.Run, id paylink.EventID, now time.Time) error {
	by := Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live, ID: "system"}
	return r.Again(ctx, now, func(tx *store.Tx) error {
		c, customer, err := x.open(tx, by, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		if renews, err := c.renewsItself(); !renews || err != nil {
			return cmp.Or(err, errMoved)
		}
		before := c.link
		c.link.Touch(now)
		c.link.Refreshes++
		if err := c.renew(c.renewed(c.by.Merchant.RefreshOf(c.link))); err != nil {
			return err
		}
		c.link.Resettle(c.world, c.link.UpdatedAt)
		tx.UpdateLink(c.link, before.UpdatedAt)
		c.watchReminders(before, now)
		tx.AppendEvent(event(id, paylink.EventLinkRefreshed, c.link, customer, "system"))
		return nil
	})
}

// renewsItself tells whether a link whose time is up is given new time now. One that was tampered with is
// not, nor one whose reference another link has taken since it expired.
func (c *change) renewsItself() (bool, error) {
	if !c.link.RenewsItself(c.by.Merchant.RefreshOf(c.link), c.world) {
		return false, nil
	}
	err := cmp.Or(c.genuine(), c.free())
	if domain(err) {
		return false, nil
	}
	return err == nil, err
}
