package audit

import (
	"time"

	"paylink"
	"paylink/store"
)

type delivery struct {
	paylink.Delivery
	job paylink.Job // none for a parked endpoint: what waits is sent when it resumes
}

// deliveries makes one for each endpoint that asked for events of the type.
func (c *chain) deliveries(e store.Entry, now time.Time) []delivery {
	var all []delivery
	for _, endpoint := range c.endpoints {
		if !endpoint.Wants(e.Type) {
			continue
		}
		d := delivery{Delivery: paylink.Delivery{
			ID: paylink.NewDeliveryID(now), Merchant: e.Merchant, Live: e.Live, Endpoint: endpoint.ID,
			Event: e.ID, EventType: e.Type, Sequence: e.Sequence, Status: paylink.DeliveryPending,
			CreatedAt: now, UpdatedAt: now,
		}}
		if endpoint.Status == paylink.EndpointEnabled {
			d.NextAt = now
			d.job = paylink.Job{
				ID: paylink.NewJobID(now), Kind: paylink.JobDeliver, Key: string(d.ID), Merchant: e.Merchant, Live: e.Live,
				Payload: paylink.JobPayload{Delivery: d.ID}, RunAt: now,
			}
		}
		all = append(all, d)
	}
	return all
}
