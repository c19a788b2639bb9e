package issue

import (
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
	errMoved  = errors.New("the clock or the expiry moved meanwhile")
)

// expire does the job that looks at a link when its time comes: its merchant is told that it expires
// soon; it expires; or the job waits on, because the time was moved or a payment is under way.
func (x *Issuer) expire(ctx context.Context, r *queue.Run) error {
	now := x.now()
	id, others := paylink.NewEventID(now), make([]paylink.EventID, along)
	for i := range others {
		others[i] = paylink.NewEventID(now)
	}
	var ahead time.Duration // of the world's clock
	var next time.Time      // in the world's time
	look := func(tx *store.Tx) error {
		by := Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live}
		c, customer, err := x.open(tx, by, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		ahead = c.world.Sub(now)
		if next = c.link.NextLook(c.world); !next.IsZero() {
			return errNotDue
		}
		read := c.link.UpdatedAt
		at := c.link.Touch(now)
		kind := c.link.Resettle(c.world, at)
		if kind == "" {
			return nil
		}
		tx.UpdateLink(c.link, read)
		tx.AppendEvent(event(id, kind, c.link, customer, "system"))
		return takeAlong(tx, others, now)
	}
	err := r.Finish(ctx, look)
	var changed *paylink.Conflict
	if errors.As(err, &changed) && changed.Code == "changed" {
		others = nil // one of them was changed by somebody else, who must not hold up this one
		err = r.Finish(ctx, look)
	}
	if errors.Is(err, errNotDue) {
		err = x.waitOn(ctx, r, id, next, ahead, now)
	}
	if err != nil {
		return fmt.Errorf("look at the expiry of link %s: %w", r.Job.Payload.Link, err)
	}
	return nil
}

// waitOn puts the job back to wait for next, in the time of the link's world, which is ahead of ours. When
// that is now, it is what announces the expiry.
func (x *Issuer) waitOn(ctx context.Context, r *queue.Run, id paylink.EventID, next time.Time, ahead time.Duration, now time.Time) error {
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
		c.link.AnnounceAt = time.Time{}
		c.link.Touch(now)
		tx.UpdateLink(c.link, read)
		tx.AppendEvent(event(id, paylink.EventLinkExpiring, c.link, customer, "system"))
		return nil
	})
}
