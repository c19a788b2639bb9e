package audit_test

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// plan is what is fixed about a delivery before it is made: all but its id.
func plan(w world, endpoint paylink.EndpointID, e paylink.Event, sequence int64, next time.Time) paylink.Delivery {
	return paylink.Delivery{
		Merchant: w.merchant, Live: w.live, Endpoint: endpoint, Event: e.ID, EventType: e.Type, Sequence: sequence,
		Status: paylink.DeliveryPending, NextAt: next, CreatedAt: dawn, UpdatedAt: dawn,
	}
}

// An endpoint is told of what it asked for, once; nobody else's endpoint is told of it, and a parked
// one has it waiting without a job that would call it.
func TestEachEventGoesToTheEndpointsThatAskedForIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		test, live, other := world{"mer_a", false}, world{"mer_a", true}, world{"mer_b", false}
		addMerchants(t, s, test.merchant, other.merchant)
		wants := func(types ...string) func(*paylink.Endpoint) {
			return func(e *paylink.Endpoint) { e.Events = types }
		}
		addEndpoint(t, s, test, "we_all", nil)
		addEndpoint(t, s, test, "we_paid", wants("payment_link.paid", "payment_link.cancelled"))
		addEndpoint(t, s, test, "we_none", wants("payment.late"))
		addEndpoint(t, s, test, "we_parked", func(e *paylink.Endpoint) { e.Status = paylink.EndpointParked })
		addEndpoint(t, s, live, "we_all", nil)
		addEndpoint(t, s, other, "we_other", wants("payment_link.opened"))

		opened, paid := test.event("evt_1", noon), test.event("evt_2", noon.Add(time.Second))
		paid.Type = paylink.EventLinkPaid
		stranger := other.event("evt_3", noon)
		stranger.Type = paylink.EventLinkPaid
		appendAll(t, s, opened, paid, stranger)
		if n, err := newSealer(s).Seal(t.Context()); n != 3 || err != nil {
			t.Fatalf("sealed %d, %v", n, err)
		}

		want := []paylink.Delivery{
			plan(test, "we_all", opened, 1, dawn), plan(test, "we_all", paid, 2, dawn), plan(test, "we_paid", paid, 2, dawn),
			plan(test, "we_parked", opened, 1, time.Time{}), plan(test, "we_parked", paid, 2, time.Time{}),
		}
		made := deliveries(t, s, test)
		called := map[paylink.DeliveryID]bool{}
		var got []paylink.Delivery
		for _, d := range made {
			if d.Endpoint != "we_parked" {
				called[d.ID] = true
			}
			d.ID = ""
			got = append(got, d)
		}
		slices.SortFunc(got, func(a, b paylink.Delivery) int {
			return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Sequence, b.Sequence))
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("deliveries\ngot  %+v\nwant %+v", got, want)
		}
		if d := append(deliveries(t, s, live), deliveries(t, s, other)...); len(d) != 0 {
			t.Errorf("endpoints of others were told: %+v", d)
		}
		wantCalls(t, s, test, called)
	})
}

// wantCalls holds the jobs that are due to be one for each of the deliveries.
func wantCalls(t *testing.T, s *store.Store, w world, called map[paylink.DeliveryID]bool) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		jobs, err := tx.ClaimJobs("w", []store.Room{{Kind: paylink.JobDeliver, Jobs: 50}}, dawn, noon, 50)
		if err != nil || len(jobs) != len(called) {
			t.Errorf("%d jobs, want %d, %v", len(jobs), len(called), err)
		}
		for _, j := range jobs {
			want := paylink.Job{
				ID: j.ID, Kind: paylink.JobDeliver, Key: string(j.Payload.Delivery), Merchant: w.merchant, Live: w.live,
				Payload: paylink.JobPayload{Delivery: j.Payload.Delivery}, RunAt: dawn, Attempts: 1, Fence: 1,
			}
			if !called[j.Payload.Delivery] || !reflect.DeepEqual(j, want) {
				t.Errorf("job %+v, want %+v for one of %v", j, want, called)
			}
		}
	})
}
