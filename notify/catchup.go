package notify

import (
	"context"
	"strings"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// catchUp plans, batch by batch, what an endpoint missed while it was down: first what was given up in
// that time, then what waited while it was parked.
func (n *Notify) catchUp(ctx context.Context, r *queue.Run, er errand, e paylink.Endpoint) error {
	now := n.Now()
	if e.Status == paylink.EndpointParked { // down again before we were through
		return r.Again(ctx, now.Add(jitter(probeEvery)), nil)
	}
	missed, err := n.missed(ctx, er, e)
	if err != nil {
		return err
	}
	if len(missed) == 0 {
		if settled := e.UpdatedAt.Add(errandLinger); now.Before(settled) {
			return r.Again(ctx, settled, nil)
		}
		return r.Finish(ctx, nil)
	}
	plans := make([]paylink.Job, len(missed))
	for i := range missed {
		plans[i] = deliveryJob(missed[i], inOrder(now, i), now)
		plans[i].Priority = paylink.JobBulk // today's news goes first, everybody's
	}
	return r.Again(ctx, now.Add(errandPause), func(tx *store.Tx) error {
		for i, d := range missed {
			again(tx, d, plans[i], now)
		}
		return nil
	})
}

func (n *Notify) missed(ctx context.Context, er errand, e paylink.Endpoint) ([]paylink.Delivery, error) {
	read := n.Store.Read(ctx)
	// A delivery is given up about three days after it was made, later if its receiver asked for pauses.
	missed, err := read.FailedDeliveries(e.Merchant, e.ID, idAt(deliveryTag, er.since.Add(-14*24*time.Hour)), er.since, errandBatch)
	if err != nil || len(missed) > 0 {
		return missed, err
	}
	return read.UnplannedDeliveries(e.Merchant, e.ID, errandBatch)
}

// replay plans one batch of a stretch of the past and hands the rest to the next errand.
func (n *Notify) replay(ctx context.Context, r *queue.Run, er errand, e paylink.Endpoint) error {
	now := n.Now()
	// Ids sort by the time they were made, which is within moments of when the event happened.
	const skew = time.Minute
	from := idAt(eventTag, er.since.Add(-skew))
	told, err := n.Store.Read(ctx).Told(store.ToldFilter{
		Merchant: e.Merchant, Live: e.Live, Endpoint: e.ID, Since: er.since, Until: er.until,
		After: max(from, er.cursor), Before: idAt(eventTag, er.until.Add(skew)), Limit: errandBatch,
	})
	if err != nil || len(told) == 0 {
		return orFinish(ctx, r, err)
	}
	er.cursor = string(told[len(told)-1].Event)
	rest := er.job(e, now.Add(errandPause), now)
	plans := make([]paylink.Job, len(told))
	fresh := make([]paylink.Delivery, len(told))
	for i, t := range told {
		fresh[i] = paylink.Delivery{
			ID: paylink.NewDeliveryID(now), Merchant: e.Merchant, Live: e.Live, Endpoint: e.ID, Event: t.Event, EventType: t.Type,
			Sequence: t.Sequence, Status: paylink.DeliveryPending, CreatedAt: now, UpdatedAt: now,
		}
		if t.Delivery != "" {
			fresh[i].ID = t.Delivery
		}
		plans[i] = deliveryJob(fresh[i], inOrder(now, i), now)
		plans[i].Priority = paylink.JobBulk
	}
	return r.Finish(ctx, func(tx *store.Tx) error {
		for i, t := range told {
			if err := repeat(tx, t, fresh[i], plans[i], er.onlyFailed, e, now); err != nil {
				return err
			}
		}
		tx.Enqueue(rest, now)
		return nil
	})
}

// repeat plans one event of a replay once more, or for the first time. What is on its way stays so.
func repeat(tx *store.Tx, t store.Told, fresh paylink.Delivery, plan paylink.Job, onlyFailed bool, e paylink.Endpoint, now time.Time) error {
	parked := e.Status == paylink.EndpointParked
	if t.Delivery == "" {
		if onlyFailed || !e.Wants(t.Type) {
			return nil
		}
		if !parked {
			fresh.NextAt = plan.RunAt
			tx.Enqueue(plan, now)
		}
		tx.InsertDelivery(fresh)
		return nil
	}
	d, err := tx.Delivery(fresh.Merchant, fresh.Live, t.Delivery)
	if err != nil || d.Status == paylink.DeliveryPending || onlyFailed && d.Status != paylink.DeliveryFailed {
		return err
	}
	if parked {
		readAt := d.UpdatedAt
		d.Status, d.Attempts, d.NextAt, d.UpdatedAt = paylink.DeliveryPending, 0, time.Time{}, after(now, readAt)
		tx.UpdateDelivery(d, readAt)
		return nil
	}
	again(tx, d, plan, now)
	return nil
}

// again begins a delivery's schedule anew.
func again(tx *store.Tx, d paylink.Delivery, plan paylink.Job, now time.Time) {
	readAt := d.UpdatedAt
	d.Status, d.Attempts, d.NextAt, d.UpdatedAt = paylink.DeliveryPending, 0, plan.RunAt, after(now, readAt)
	tx.UpdateDelivery(d, readAt)
	tx.Enqueue(plan, now)
}

// drop ends what waits for an endpoint that was deleted.
func (n *Notify) drop(ctx context.Context, r *queue.Run, er errand) error {
	waiting, err := n.Store.Read(ctx).UnplannedDeliveries(r.Job.Merchant, er.endpoint, errandBatch)
	if err != nil || len(waiting) == 0 {
		return orFinish(ctx, r, err)
	}
	return r.Again(ctx, n.Now(), func(tx *store.Tx) error {
		for _, d := range waiting {
			if err := n.fail(d, "endpoint deleted")(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func orFinish(ctx context.Context, r *queue.Run, err error) error {
	if err != nil {
		return err
	}
	return r.Finish(ctx, nil)
}

func deliveryJob(d paylink.Delivery, at, now time.Time) paylink.Job {
	return paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobDeliver, Key: string(d.ID), Merchant: d.Merchant, Live: d.Live,
		Payload: paylink.JobPayload{Delivery: d.ID}, RunAt: at,
	}
}

// inOrder keeps what is planned at one moment in its order.
func inOrder(now time.Time, i int) time.Time { return now.Add(time.Duration(i) * time.Microsecond) }

const (
	deliveryTag = "whd_"
	eventTag    = "evt_"
)

// idAt gives the beginning that ids made at a time have, as a bound to look from. An id begins with
// its 48 bits of milliseconds, so nine characters of five bits are certain, to within 8 ms.
func idAt(tag string, at time.Time) string {
	_, rest, _ := strings.Cut(string(paylink.NewEventID(at)), "_")
	return tag + rest[:9]
}
