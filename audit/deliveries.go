package audit

import (
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

type delivery struct {
	paylink.Delivery
	job paylink.Job // none for a parked endpoint: what waits is sent when it resumes
}

// calls are whom events are told to.
type calls struct {
	deliveries []delivery
	news       []paylink.Job // for the devices of the merchant's people
}

// rows is how many the calls write.
func (c calls) rows() int {
	n := len(c.news)
	for _, d := range c.deliveries {
		n++
		if d.job.ID != "" {
			n++
		}
	}
	return n
}

// calls makes a delivery for each endpoint that asked for one, and a job where the merchant's people have devices
// to be told on. Whether they have is read once, and for an event that they may hear of only.
func (c *chain) calls(read store.Reader, e store.Entry, now time.Time) (calls, error) {
	all := calls{deliveries: c.deliveries(e, now)}
	if !slices.Contains(paylink.StaffNews, e.Type) {
		return all, nil
	}
	if c.devices == nil {
		some, err := read.StaffDevices(e.Merchant, e.Live, paylink.Device{}, 1)
		if err != nil {
			return calls{}, err
		}
		any := len(some) > 0
		c.devices = &any
	}
	if *c.devices {
		all.news = []paylink.Job{{
			ID: paylink.NewJobID(now), Kind: paylink.JobNews, Key: string(e.ID), Merchant: e.Merchant, Live: e.Live,
			Payload: paylink.JobPayload{Event: e.ID}, RunAt: now,
		}}
	}
	return all, nil
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
