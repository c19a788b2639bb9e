package notify

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
	"paylink/store/storetest"
)

// A receiver that says 410 does not want to be called; it is told why by an event, what happens
// meanwhile waits, and when it answers again everything comes.
func TestGoneParksAtOnceAndSuccessResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.always(500) // its next attempt is planned when the endpoint is parked
		happened := w.happen(m, false, paylink.EventPaymentStarted)
		time.Sleep(time.Second)
		r.always(410)
		happened = append(happened, w.happen(m, false, paylink.EventPaymentCaptured)...)
		time.Sleep(time.Second)
		if e := w.endpointNow(made.Endpoint); e.Status != paylink.EndpointParked {
			t.Fatalf("the endpoint is %s", e.Status)
		}
		happened = append(happened, w.happen(m, false, paylink.EventLinkPaid, paylink.EventLinkExpired)...)
		time.Sleep(150 * time.Minute) // the probe hears 410 twice
		if n := len(r.got()); n != 4 {
			t.Errorf("%d calls, want one for each event and two probes", n)
		}
		r.always(200)
		time.Sleep(time.Hour)
		w.seal() // the event that it resumed
		time.Sleep(2 * time.Minute)
		e := w.endpointNow(made.Endpoint)
		if e.Status != paylink.EndpointEnabled || !e.FailingSince.IsZero() {
			t.Errorf("the endpoint is %s, failing since %v", e.Status, e.FailingSince)
		}
		all := w.deliveries(made.Endpoint)
		if count(all, paylink.DeliveryDelivered) != len(all) || len(all) != 6 {
			t.Errorf("delivered %d of %d, want 6", count(all, paylink.DeliveryDelivered), len(all))
		}
		for _, id := range happened {
			if !slices.Contains(r.events(), id) {
				t.Errorf("%s never came", id)
			}
		}
		var told []paylink.EventType
		for _, c := range r.got() {
			if c.told.Type == paylink.EventEndpointParked || c.told.Type == paylink.EventEndpointResumed {
				told = append(told, c.told.Type)
			}
		}
		slices.Sort(told)
		if want := []paylink.EventType{paylink.EventEndpointParked, paylink.EventEndpointResumed}; !slices.Equal(told, want) {
			t.Errorf("told %v of itself, want %v", told, want)
		}
		if jobs, err := w.store.Read(t.Context()).Jobs(); err != nil || len(jobs) != 0 {
			t.Errorf("left behind: %v, %v", jobs, err)
		}
	})
}

// Five days without one success park an endpoint; when it is back after eight, all that happened
// since the beginning comes, also what was given up on the way, each event under one id.
func TestFiveDaysOfFailureParkAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example", string(paylink.EventPaymentCaptured))
		r.always(503)
		var happened []paylink.EventID
		var parkedAfter time.Duration
		for at := time.Duration(0); at < 8*24*time.Hour; at += 6 * time.Hour {
			happened = append(happened, w.happen(m, false, paylink.EventPaymentCaptured)...)
			time.Sleep(6 * time.Hour)
			if parkedAfter == 0 && w.endpointNow(made.Endpoint).Status == paylink.EndpointParked {
				parkedAfter = at + 6*time.Hour
			}
		}
		if parkedAfter < parkAfter || parkedAfter > parkAfter+12*time.Hour {
			t.Errorf("parked after %v", parkedAfter)
		}
		if n := count(w.deliveries(made.Endpoint), paylink.DeliveryFailed); n == 0 {
			t.Error("nothing was given up in eight days; this test shows less than it says")
		}
		r.always(200)
		back := len(r.got())
		time.Sleep(2 * time.Hour)
		ids := map[paylink.EventID]map[string]bool{}
		for _, c := range r.got() {
			if ids[c.told.ID] == nil {
				ids[c.told.ID] = map[string]bool{}
			}
			ids[c.told.ID][c.header.Get("webhook-id")] = true
		}
		var heard []paylink.EventID
		for _, c := range r.got()[back:] {
			heard = append(heard, c.told.ID)
		}
		for _, id := range happened {
			if !slices.Contains(heard, id) || len(ids[id]) != 1 {
				t.Errorf("%s came back: %t, under %d ids", id, slices.Contains(heard, id), len(ids[id]))
			}
		}
		if len(heard) != len(happened) {
			t.Errorf("%d calls after it was back, for %d events", len(heard), len(happened))
		}
	})
}

// One success in five days shows that the endpoint lives; counting on from the first failure would
// park it wrongly.
func TestOneSuccessBeginsTheFiveDaysAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example", string(paylink.EventPaymentCaptured), string(paylink.EventLinkPaid))
		r.says(func(c call) answer {
			if c.told.Type == paylink.EventLinkPaid {
				return answer{status: 200}
			}
			return answer{status: 500}
		})
		for at := time.Duration(0); at < 9*24*time.Hour; at += 24 * time.Hour {
			w.happen(m, false, paylink.EventPaymentCaptured)
			if at == 4*24*time.Hour {
				time.Sleep(23 * time.Hour)
				w.happen(m, false, paylink.EventLinkPaid)
				time.Sleep(time.Hour)
			} else {
				time.Sleep(24 * time.Hour)
			}
		}
		if e := w.endpointNow(made.Endpoint); e.Status != paylink.EndpointEnabled {
			t.Errorf("the endpoint is %s, failing since %v", e.Status, e.FailingSince)
		}
	})
}

// An endpoint that comes back after an outage must not be flooded with everything at once.
func TestRecoveryIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example", string(paylink.EventPaymentCaptured))
		r.always(410)
		w.happen(m, false, paylink.EventPaymentCaptured)
		time.Sleep(time.Second)
		w.happen(m, false, slices.Repeat([]paylink.EventType{paylink.EventPaymentCaptured}, 120)...)
		r.always(200)
		time.Sleep(2 * time.Hour)
		if got := len(r.got()); got != 122 || w.endpointNow(made.Endpoint).Status != paylink.EndpointEnabled {
			t.Fatalf("%d calls, want one refused and 121 taken", got)
		}
		most, calls := 0, r.got()[2:]
		for i := range calls {
			n := 0
			for _, c := range calls[i:] {
				if c.at.Sub(calls[i].at) < time.Second {
					n++
				}
			}
			most = max(most, n)
		}
		if most > 4*errandBatch {
			t.Errorf("%d calls in one second", most)
		}
	})
}
