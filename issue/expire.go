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
	errNotDue     = errors.New("the link does not expire yet")
	errClockMoved = errors.New("the sandbox clock moved meanwhile")
)

// expire does the job that looks at a link when its time is up: the link expires, or the job waits on
// because the expiry was moved or a payment is under way.
func (x *Issuer) expire(ctx context.Context, r *queue.Run) error {
	now := x.now()
	id := paylink.NewEventID(now)
	var ahead time.Duration // of the world's clock
	var next time.Time      // in the world's time
	err := r.Finish(ctx, func(tx *store.Tx) error {
		by := Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live}
		c, customer, err := x.open(tx, by, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		ahead = c.world.Sub(now)
		if next = nextLook(c.link, c.world); !next.IsZero() {
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
		return nil
	})
	if errors.Is(err, errNotDue) {
		err = r.Again(ctx, next.Add(-ahead), func(tx *store.Tx) error {
			m, err := tx.Merchant(r.Job.Merchant)
			if err == nil && m.Now(r.Job.Live, now).Sub(now) != ahead {
				return errClockMoved // the job is tried again, and reckons with the new clock
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("look at the expiry of link %s: %w", r.Job.Payload.Link, err)
	}
	return nil
}

// nextLook tells when a link that has not expired may do so; zero when there is nothing to wait for.
// A payment under way that ends sooner expires the link itself.
func nextLook(l paylink.Link, world time.Time) time.Time {
	switch {
	case l.ExpiresAt.IsZero() || l.AmountDue() == 0 || !l.CancelledAt.IsZero():
		return time.Time{}
	case !l.PastExpiry(world):
		return l.ExpiresAt
	case l.StatusAt(world) != paylink.LinkExpired:
		return l.ExpiresAt.Add(paylink.ExpiryGrace)
	}
	return time.Time{}
}
