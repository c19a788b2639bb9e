package notify

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// deliver makes one attempt at a delivery and plans what comes after it.
func (n *Notify) deliver(ctx context.Context, r *queue.Run) error {
	read := n.Store.Read(ctx)
	d, err := read.Delivery(r.Job.Merchant, r.Job.Live, r.Job.Payload.Delivery)
	if paylink.IsNotFound(err) || err == nil && d.Status != paylink.DeliveryPending {
		return r.Finish(ctx, nil)
	}
	if err != nil {
		return err
	}
	e, err := read.Endpoint(d.Merchant, d.Live, d.Endpoint)
	if paylink.IsNotFound(err) {
		return r.Finish(ctx, n.fail(d, "endpoint deleted"))
	}
	if err != nil {
		return err
	}
	if e.Status == paylink.EndpointParked && !r.Job.Payload.Once {
		return r.Finish(ctx, n.wait(d))
	}
	seat, retryAt := n.lanes.enter(ctx, e, d.Sequence)
	if seat == nil {
		return r.Again(ctx, retryAt, nil)
	}
	a, err := n.attempt(ctx, read, e, d)
	seat.leave()
	if err != nil && r.Last() {
		n.Log.Error("webhook.given_up", "delivery", string(d.ID), "endpoint", string(e.ID), "error", err)
		return r.Finish(ctx, n.fail(d, "internal error"))
	}
	if err != nil {
		return err
	}
	if a.problem == "" {
		return r.Finish(ctx, n.delivered(d, e, a))
	}
	return n.failed(ctx, r, d, e, a)
}

// attempt calls the endpoint once. An error means that we could not; what the receiver or the network
// did wrong is in the attempt.
func (n *Notify) attempt(ctx context.Context, read store.Reader, e paylink.Endpoint, d paylink.Delivery) (attempt, error) {
	text, err := n.render(read, e, d)
	if err != nil {
		return attempt{}, fmt.Errorf("write webhook %s: %w", d.ID, err)
	}
	k, err := openKeys(n.Ring, e)
	if err != nil {
		return attempt{}, err
	}
	a := attempt{began: n.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(text))
	if err != nil {
		a.problem = "not allowed: the URL cannot be read"
		return a, nil
	}
	req.Header = k.header(d.ID, a.began, text)
	res, err := n.Client.Do(ctx, req)
	if ctx.Err() != nil {
		return attempt{}, ctx.Err() // we stop; the receiver did nothing wrong
	}
	ended := n.Now()
	a.status, a.problem, a.took = res.Status, judge(res, err), ended.Sub(a.began)
	a.retryAfter = retryAfter(res.Header, ended)
	if n.Attempted != nil {
		n.Attempted(Attempt{Delivery: d, Began: a.began, Status: a.status, Problem: a.problem})
	}
	n.Log.InfoContext(ctx, "webhook.attempted", "merchant", string(d.Merchant), "endpoint", string(e.ID), "delivery", string(d.ID), "event", string(d.Event),
		"type", string(d.EventType), "attempt", d.Attempts+1, "status", a.status, "problem", a.problem, "took", a.took)
	return a, nil
}

func (n *Notify) render(read store.Reader, e paylink.Endpoint, d paylink.Delivery) ([]byte, error) {
	if d.EventType == EventTest {
		return renderTest(d, e)
	}
	event, err := read.Event(d.Merchant, d.Live, d.Event)
	if err != nil {
		return nil, err
	}
	return render(read, n.Ring, event, e.APIVersion)
}

// failed plans what comes after an attempt that did not come through.
func (n *Notify) failed(ctx context.Context, r *queue.Run, d paylink.Delivery, e paylink.Endpoint, a attempt) error {
	now := n.Now()
	next, more := nextAttempt(d.Attempts+1, a.retryAfter, now)
	failing := !e.FailingSince.IsZero() && now.Sub(e.FailingSince) >= parkAfter
	switch {
	case d.EventType == EventTest: // the merchant looks on and tries again by hand
		return r.Finish(ctx, n.record(d, a, func(d *paylink.Delivery) { d.Status, d.NextAt = paylink.DeliveryFailed, time.Time{} }))
	case e.Status == paylink.EndpointParked:
		return r.Finish(ctx, n.record(d, a, func(d *paylink.Delivery) { d.NextAt = time.Time{} }))
	case a.gone() || failing:
		return r.Finish(ctx, n.park(d, e, a))
	case r.Job.Payload.Once && d.NextAt.After(now): // beside the regular job, which goes on
		return r.Finish(ctx, n.suffer(d, a, func(*paylink.Delivery) {}))
	case !more:
		return r.Finish(ctx, n.suffer(d, a, func(d *paylink.Delivery) { d.Status, d.NextAt = paylink.DeliveryFailed, time.Time{} }))
	}
	return r.Again(ctx, next, n.suffer(d, a, func(d *paylink.Delivery) { d.NextAt = next }))
}

// record writes an attempt that did not come through into its delivery. Another attempt, made by hand,
// may have ended in the meantime: the row is read again, and one that came through stands.
func (n *Notify) record(d paylink.Delivery, a attempt, plan func(*paylink.Delivery)) func(*store.Tx) error {
	now := n.Now()
	return func(tx *store.Tx) error {
		d, err := tx.Delivery(d.Merchant, d.Live, d.ID)
		if err != nil || d.Status != paylink.DeliveryPending {
			return err
		}
		readAt := d.UpdatedAt
		d.Attempts++
		d.LastStatus, d.LastError, d.LastTook = int64(a.status), a.problem, a.took
		d.UpdatedAt = after(now, readAt)
		plan(&d)
		tx.UpdateDelivery(d, readAt)
		return nil
	}
}

// suffer is record, and notes that the endpoint fails.
func (n *Notify) suffer(d paylink.Delivery, a attempt, plan func(*paylink.Delivery)) func(*store.Tx) error {
	record := n.record(d, a, plan)
	return func(tx *store.Tx) error {
		if err := record(tx); err != nil {
			return err
		}
		tx.MarkEndpointFailing(d.Merchant, d.Endpoint, a.began)
		return nil
	}
}

// delivered writes an attempt that came through. A parked endpoint is resumed by it.
func (n *Notify) delivered(d paylink.Delivery, e paylink.Endpoint, a attempt) func(*store.Tx) error {
	now := n.Now()
	resume := n.resume(e, now)
	return func(tx *store.Tx) error {
		d, err := tx.Delivery(d.Merchant, d.Live, d.ID)
		if err != nil {
			return err
		}
		readAt := d.UpdatedAt
		d.Status, d.NextAt = paylink.DeliveryDelivered, time.Time{}
		d.Attempts++
		d.LastStatus, d.LastError, d.LastTook = int64(a.status), "", a.took
		d.UpdatedAt = after(now, readAt)
		tx.UpdateDelivery(d, readAt)
		if e.Status == paylink.EndpointParked {
			return resume(tx)
		}
		tx.MarkEndpointWorking(e.Merchant, e.ID)
		return nil
	}
}

// wait leaves a delivery to whoever resumes its parked endpoint.
func (n *Notify) wait(d paylink.Delivery) func(*store.Tx) error {
	return n.change(d, func(d *paylink.Delivery) { d.NextAt = time.Time{} })
}

// fail ends a delivery for which there is no attempt to make.
func (n *Notify) fail(d paylink.Delivery, why string) func(*store.Tx) error {
	return n.change(d, func(d *paylink.Delivery) {
		d.Status, d.NextAt, d.LastError = paylink.DeliveryFailed, time.Time{}, why
	})
}

func (n *Notify) change(d paylink.Delivery, to func(*paylink.Delivery)) func(*store.Tx) error {
	now := n.Now()
	return func(tx *store.Tx) error {
		d := d
		readAt := d.UpdatedAt
		to(&d)
		d.UpdatedAt = after(now, readAt)
		tx.UpdateDelivery(d, readAt)
		return nil
	}
}
