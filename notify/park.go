package notify

import (
	"time"

	"paylink"
	"paylink/store"
)

// park stops the calls to an endpoint that is down or gone, tells so by an event, and sets a probe on
// it. The delivery at hand waits, as all others of the endpoint do from now on: nothing is dropped.
func (n *Notify) park(d paylink.Delivery, e paylink.Endpoint, a attempt) func(*store.Tx) error {
	now := n.Now()
	record := n.record(d, a, func(d *paylink.Delivery) { d.NextAt = time.Time{} })
	probe := errand{endpoint: e.ID, verb: verbProbe}.job(e, now.Add(jitter(probeEvery)), now)
	event := paylink.NewEventID(now)
	return func(tx *store.Tx) error {
		if err := record(tx); err != nil {
			return err
		}
		e, err := tx.Endpoint(e.Merchant, e.Live, e.ID)
		if paylink.IsNotFound(err) || err == nil && e.Status != paylink.EndpointEnabled {
			return nil
		}
		if err != nil {
			return err
		}
		if e.FailingSince.IsZero() {
			e.FailingSince = a.began
		}
		moved(tx, e, paylink.EndpointParked, paylink.EventEndpointParked, event, now)
		tx.Enqueue(probe, now)
		return nil
	}
}

// resume calls a parked endpoint again, tells so by an event, and sends what waited.
func (n *Notify) resume(e paylink.Endpoint, now time.Time) func(*store.Tx) error {
	event, id := paylink.NewEventID(now), paylink.NewJobID(now)
	return func(tx *store.Tx) error {
		e, err := tx.Endpoint(e.Merchant, e.Live, e.ID)
		if paylink.IsNotFound(err) || err == nil && e.Status != paylink.EndpointParked {
			return nil
		}
		if err != nil {
			return err
		}
		catchUp := errand{endpoint: e.ID, verb: verbCatchUp, since: e.FailingSince}.job(e, now, now)
		catchUp.ID = id // the same in every run of this function
		e.FailingSince = time.Time{}
		moved(tx, e, paylink.EndpointEnabled, paylink.EventEndpointResumed, event, now)
		tx.Enqueue(catchUp, now)
		return nil
	}
}

// moved writes an endpoint in its new status, and the event of it.
func moved(tx *store.Tx, e paylink.Endpoint, to paylink.EndpointStatus, told paylink.EventType, id paylink.EventID, now time.Time) {
	if !paylink.EndpointMachine.Can(e.Status, to) {
		panic("webhook endpoint " + string(e.ID) + " cannot become " + string(to))
	}
	readAt := e.UpdatedAt
	e.Status, e.UpdatedAt = to, after(now, readAt)
	tx.UpdateEndpoint(e, readAt)
	tx.AppendEvent(paylink.Event{
		ID: id, Merchant: e.Merchant, Live: e.Live, At: e.UpdatedAt, Type: told, Actor: "system",
		Data: paylink.EventData{Endpoint: Snapshot(e)},
	})
}
