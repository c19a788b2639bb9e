package notify

import (
	"context"
	"net/http"
	"time"

	"paylink"
	"paylink/store"
)

// Test sends the endpoint a delivery of type EventTest, once and at once, parked or not. How it ended
// stands in the log of deliveries. It belongs to no event: event lists and other endpoints do not see
// it, and its failure counts neither towards parking nor for a retry.
func (n *Notify) Test(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.EndpointID, claim *store.Claim) (d paylink.Delivery, replayed bool, err error) {
	now := n.Now().UTC().Truncate(time.Microsecond)
	d = paylink.Delivery{
		ID: paylink.NewDeliveryID(now), Merchant: merchant, Live: live, Endpoint: id, Event: paylink.NewEventID(now), EventType: EventTest,
		Status: paylink.DeliveryPending, NextAt: now, CreatedAt: now, UpdatedAt: now,
	}
	job := deliveryJob(d, now, now)
	job.Payload.Once = true
	out, replayed, err := n.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if _, err := tx.Endpoint(merchant, live, id); err != nil {
			return store.Outcome{}, err
		}
		tx.InsertDelivery(d)
		tx.Enqueue(job, now)
		return store.Outcome{Status: http.StatusAccepted, Object: string(d.ID)}, nil
	})
	if err != nil || !replayed {
		return d, replayed, err
	}
	d, err = n.Store.Read(ctx).Delivery(merchant, live, paylink.DeliveryID(out.Object))
	return d, replayed, err
}

// Resend attempts a delivery at once, whatever became of it and even when its endpoint is parked,
// under the same id. One that was over begins its schedule anew. The error is *paylink.NotFound, or
// *paylink.Conflict "endpoint_deleted".
func (n *Notify) Resend(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.DeliveryID, claim *store.Claim) (d paylink.Delivery, replayed bool, err error) {
	now := n.Now()
	// Without a key: the regular job, if there is one, goes on beside it.
	job := paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobDeliver, Merchant: merchant, Live: live,
		Payload: paylink.JobPayload{Delivery: id, Once: true}, RunAt: now, Priority: paylink.JobUrgent,
	}
	_, replayed, err = n.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if d, err = tx.Delivery(merchant, live, id); err != nil {
			return store.Outcome{}, err
		}
		_, err := tx.Endpoint(merchant, live, d.Endpoint)
		if paylink.IsNotFound(err) {
			err = &paylink.Conflict{Code: "endpoint_deleted", Detail: "The endpoint of this delivery was deleted.", Other: string(d.Endpoint)}
		}
		if err != nil {
			return store.Outcome{}, err
		}
		readAt := d.UpdatedAt
		if d.Status != paylink.DeliveryPending {
			d.Status, d.Attempts = paylink.DeliveryPending, 0
		}
		if d.NextAt.IsZero() {
			d.NextAt = now.UTC().Truncate(time.Microsecond)
		}
		d.UpdatedAt = after(now, readAt)
		tx.UpdateDelivery(d, readAt)
		tx.Enqueue(job, now)
		return store.Outcome{Status: http.StatusAccepted, Object: string(id)}, nil
	})
	if err != nil || !replayed {
		return d, replayed, err
	}
	d, err = n.Store.Read(ctx).Delivery(merchant, live, id)
	return d, replayed, err
}

// Stretch is a part of the past, Since included and Until not; a zero Until is now.
type Stretch struct {
	Since, Until time.Time
	OnlyFailed   bool // only deliveries that were given up; else every event that the endpoint wants
}

// maxStretch is how far back a replay can reach.
const maxStretch = 366 * 24 * time.Hour

// Replay sends what happened in a stretch of the past again: every event that the endpoint wants,
// also those from before it was made, or only what was given up. What is on its way is left alone. It
// is done in the background, about fifty events a second. It
// tells whether the request came before.
func (n *Notify) Replay(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.EndpointID, s Stretch, claim *store.Claim) (replayed bool, err error) {
	now := n.Now().UTC().Truncate(time.Microsecond)
	wrong := &paylink.Invalid{}
	switch {
	case s.Since.IsZero():
		wrong.Add("/since", "required", "Say from when on.")
	case now.Sub(s.Since) > maxStretch:
		wrong.Add("/since", "too_far", "A replay reaches back one year at most.")
	case s.Since.After(now):
		wrong.Add("/since", "in_the_future", "Nothing has happened since then yet.")
	}
	if !s.Until.IsZero() && !s.Until.After(s.Since) {
		wrong.Add("/until", "before_since", "This is not after since.")
	}
	if err := wrong.OrNil(); err != nil {
		return false, err
	}
	er := errand{endpoint: id, verb: verbReplay, since: s.Since, until: s.Until, onlyFailed: s.OnlyFailed}
	if s.Until.IsZero() || s.Until.After(now) {
		er.until = now
	}
	job := er.job(paylink.Endpoint{Merchant: merchant, Live: live}, now, now)
	_, replayed, err = n.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		_, err := tx.Endpoint(merchant, live, id)
		if err != nil {
			return store.Outcome{}, err
		}
		tx.Enqueue(job, now)
		return store.Outcome{Status: http.StatusAccepted, Object: string(id)}, nil
	})
	return replayed, err
}
