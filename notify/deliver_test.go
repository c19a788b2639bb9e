package notify

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// The plain case: what happened reaches the endpoint once, signed, and the log says so.
func TestWhatHappenedIsToldSigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		want := w.happen(m, false, paylink.EventPaymentStarted, paylink.EventPaymentCaptured, paylink.EventLinkPaid)
		until(t, "three delivered", func() bool { return count(w.deliveries(made.Endpoint), paylink.DeliveryDelivered) == 3 })
		library, err := standardwebhooks.NewWebhook(made.Secret)
		must(t, err)
		for i, d := range w.deliveries(made.Endpoint) {
			calls := r.got()
			at := slices.IndexFunc(calls, func(c call) bool { return c.told.ID == want[i] })
			if at < 0 || len(calls) != 3 {
				t.Fatalf("told %v, want %v", r.events(), want)
			}
			c := calls[at]
			if err := library.Verify([]byte(c.body), c.header); err != nil || c.header.Get("webhook-id") != string(d.ID) {
				t.Errorf("delivery %s came as %v: %v", d.ID, c.header, err)
			}
			if d.LastTook <= 0 || d.UpdatedAt.Before(d.CreatedAt) {
				t.Errorf("delivery %s took %v, updated %v", d.ID, d.LastTook, d.UpdatedAt)
			}
			d.LastTook, d.CreatedAt, d.UpdatedAt = 0, time.Time{}, time.Time{}
			logged := paylink.Delivery{
				ID: d.ID, Merchant: m, Endpoint: made.Endpoint.ID, Event: want[i], EventType: c.told.Type, Sequence: int64(i + 1),
				Status: paylink.DeliveryDelivered, Attempts: 1, LastStatus: 200,
			}
			if d != logged {
				t.Errorf("the log says %+v, want %+v", d, logged)
			}
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || len(jobs) != 0 {
			t.Errorf("left behind: %v, %v", jobs, err)
		}
	})
}

// A receiver that hears "paid" before "captured" needs code for it. While it answers quickly, it hears
// things in the order in which they happened.
func TestHealthyEndpointHearsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, _ := w.endpoint(m, false, "a.example")
		r.says(func(call) answer { return answer{status: 200, after: 8 * time.Millisecond} })
		var want []paylink.EventID
		for range 20 {
			want = append(want, w.happen(m, false, paylink.EventPaymentStarted, paylink.EventPaymentCaptured, paylink.EventLinkPaid)...)
			time.Sleep(300 * time.Millisecond)
		}
		if got := r.events(); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// An endpoint that is down hears the published schedule, each time the same bytes under the same id,
// and after the last attempt the delivery stands in the log to be sent again.
func TestAttemptsFollowTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.always(500)
		w.happen(m, false, paylink.EventPaymentCaptured)
		time.Sleep(90 * time.Hour)

		calls := r.got()
		if len(calls) != len(schedule) {
			t.Fatalf("%d attempts, want %d", len(calls), len(schedule))
		}
		for i := 1; i < len(calls); i++ {
			pause, slack := calls[i].at.Sub(calls[i-1].at), time.Second
			if pause < schedule[i]*9/10-slack || pause > schedule[i]*11/10+slack {
				t.Errorf("attempt %d came after %v, want %v ± 10 %%", i+1, pause, schedule[i])
			}
			if calls[i].body != calls[0].body || calls[i].header.Get("webhook-id") != calls[0].header.Get("webhook-id") {
				t.Errorf("attempt %d is another message", i+1)
			}
		}
		d := w.deliveries(made.Endpoint)[0]
		if d.Status != paylink.DeliveryFailed || d.Attempts != 10 || !d.NextAt.IsZero() || d.LastStatus != 500 || d.LastError != "status 500" {
			t.Errorf("the log says %+v", d)
		}
		if e := w.endpointNow(made.Endpoint); e.Status != paylink.EndpointEnabled || !e.FailingSince.Equal(calls[0].at) {
			t.Errorf("the endpoint is %s, failing since %v", e.Status, e.FailingSince)
		}
	})
}

// Two failures and then a success are one delivery; the endpoint is well again.
func TestFailuresThenSuccessEndTheDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.says(func(call) answer {
			return answer{status: []int{500, 302, 204}[min(len(r.got())-1, 2)]}
		})
		w.happen(m, false, paylink.EventPaymentCaptured)
		time.Sleep(time.Hour)
		if n := len(r.got()); n != 3 {
			t.Errorf("%d attempts, want 3", n)
		}
		if d := w.deliveries(made.Endpoint)[0]; d.Status != paylink.DeliveryDelivered || d.Attempts != 3 || d.LastStatus != 204 || d.LastError != "" {
			t.Errorf("the log says %+v", d)
		}
		if e := w.endpointNow(made.Endpoint); !e.FailingSince.IsZero() {
			t.Errorf("failing since %v after a success", e.FailingSince)
		}
	})
}

// A receiver that asks for a pause is called after it and not before.
func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, _ := w.endpoint(m, false, "a.example")
		r.says(func(call) answer {
			if len(r.got()) == 1 {
				return answer{status: 429, retryAfter: "600"}
			}
			return answer{status: 200}
		})
		w.happen(m, false, paylink.EventPaymentCaptured)
		time.Sleep(time.Hour)
		calls := r.got()
		if len(calls) != 2 || calls[1].at.Sub(calls[0].at) < 10*time.Minute || calls[1].at.Sub(calls[0].at) > 10*time.Minute+time.Second {
			t.Errorf("calls at %v", times(calls))
		}
	})
}

// A receiver that takes a quarter of a minute is given up at the deadline and tried again.
func TestSilenceIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, made := w.endpoint(m, false, "a.example")
		r.says(func(call) answer { return answer{status: 200, after: time.Minute} })
		w.happen(m, false, paylink.EventPaymentCaptured)
		time.Sleep(16 * time.Second)
		d := w.deliveries(made.Endpoint)[0]
		if d.Status != paylink.DeliveryPending || d.Attempts != 1 || d.LastStatus != 0 || d.LastError != "timeout" || d.LastTook != 15*time.Second {
			t.Errorf("the log says %+v", d)
		}
	})
}

// If events crossed from one merchant or mode to another, one shop would read another's customers.
func TestEndpointsHearOnlyTheirMerchantAndMode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		w.work()
		one, two := w.merchant(), w.merchant()
		a, madeA := w.endpoint(one, false, "a.example")
		b, madeB := w.endpoint(one, true, "b.example", string(paylink.EventPaymentCaptured))
		c, madeC := w.endpoint(two, false, "c.example", string(paylink.EventLinkPaid), string(paylink.EventLinkExpired))
		types := []paylink.EventType{paylink.EventPaymentCaptured, paylink.EventLinkPaid}
		oneTest, oneLive, twoTest := w.happen(one, false, types...), w.happen(one, true, types...), w.happen(two, false, types...)
		w.happen(two, true, types...)
		until(t, "all delivered", func() bool {
			return count(w.deliveries(madeA.Endpoint), paylink.DeliveryDelivered) == 2 &&
				count(w.deliveries(madeB.Endpoint), paylink.DeliveryDelivered) == 1 && count(w.deliveries(madeC.Endpoint), paylink.DeliveryDelivered) == 1
		})
		got := map[string][]paylink.EventID{"a": slices.Sorted(slices.Values(a.events())), "b": b.events(), "c": c.events()}
		slices.Sort(oneTest)
		if want := map[string][]paylink.EventID{"a": oneTest, "b": oneLive[:1], "c": twoTest[1:]}; !reflect.DeepEqual(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
		for _, e := range []paylink.Endpoint{madeA.Endpoint, madeB.Endpoint, madeC.Endpoint} {
			other := e
			other.Merchant, other.Live = two, true
			if len(w.deliveries(other)) != 0 {
				t.Errorf("another merchant sees deliveries of %s", e.ID)
			}
		}
	})
}

// Receivers that never answer must not hold up the others, be they as many as could take all of the
// queue's workers; and what is meant for them must not be lost.
func TestTarpitsLeaveOthersQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		tarpit := w.shops.receiver("a.example")
		tarpit.says(func(call) answer { return answer{status: 200, after: time.Hour} })
		var stuck []paylink.Endpoint
		for range 8 {
			m := w.merchant()
			_, made := w.endpoint(m, false, "a.example")
			stuck = append(stuck, made.Endpoint)
			w.happen(m, false, slices.Repeat([]paylink.EventType{paylink.EventPaymentCaptured}, 12)...)
		}
		m := w.merchant()
		r, _ := w.endpoint(m, false, "b.example")
		r.says(func(call) answer { return answer{status: 200, after: 10 * time.Millisecond} })
		for i := range 10 {
			began := time.Now()
			w.happen(m, false, paylink.EventPaymentCaptured)
			until(t, "the quick one told", func() bool { return len(r.got()) == i+1 })
			if took := r.got()[i].at.Sub(began); took > 500*time.Millisecond {
				t.Errorf("event %d took %v", i, took)
			}
			time.Sleep(5 * time.Second)
		}
		if most := atOnce(tarpit.got(), 15*time.Second); most > troubledMost {
			t.Errorf("%d calls to tarpits at once", most)
		}
		for _, e := range stuck {
			if n := count(w.deliveries(e), paylink.DeliveryPending); n != 12 {
				t.Errorf("%d of 12 wait for %s", n, e.ID)
			}
		}
	})
}

// A flood to one endpoint is delivered whole, by at most four calls at once.
func TestFloodIsDeliveredWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, storetest.Open(t, "sqlite"))
		w.work()
		m := w.merchant()
		r, _ := w.endpoint(m, false, "a.example")
		r.says(func(call) answer { return answer{status: 200, after: 40 * time.Millisecond} })
		want := w.happen(m, false, slices.Repeat([]paylink.EventType{paylink.EventPaymentCaptured}, 80)...)
		until(t, "all told", func() bool { return len(r.got()) == len(want) })
		got := r.events()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Error("told other events than happened")
		}
		if most := atOnce(r.got(), 40*time.Millisecond); most > laneWide {
			t.Errorf("%d calls at once", most)
		}
	})
}

func count(all []paylink.Delivery, s paylink.DeliveryStatus) (n int) {
	for _, d := range all {
		if d.Status == s {
			n++
		}
	}
	return n
}

func times(calls []call) (at []time.Time) {
	for _, c := range calls {
		at = append(at, c.at)
	}
	return at
}

// atOnce is how many calls ran at one time when each took as long.
func atOnce(calls []call, took time.Duration) (most int) {
	for i := range calls {
		n := 0
		for _, c := range calls[:i+1] {
			if calls[i].at.Sub(c.at) < took {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
