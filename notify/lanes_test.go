package notify

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paylink"
)

func newLanes() *lanes {
	return &lanes{now: time.Now, of: map[paylink.EndpointID]*lane{}}
}

// Endpoints that are down get few seats each and few together, however many there are; otherwise an
// outage of one platform silences every other merchant.
func TestEndpointsInTroubleShareFewSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ls := newLanes()
		down := func(id string) paylink.Endpoint {
			return paylink.Endpoint{ID: paylink.EndpointID(id), FailingSince: time.Now().Add(-time.Hour)}
		}
		all := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		for _, id := range all { // each has answered once, so more is known than nothing
			s, _ := ls.enter(t.Context(), down(id), 1)
			s.leave()
		}
		var seats []*seat
		for _, id := range all {
			for n := range 4 {
				s, at := ls.enter(t.Context(), down(id), int64(n))
				if s != nil {
					seats = append(seats, s)
				} else if at.Before(time.Now().Add(laneReturn)) || at.After(time.Now().Add(laneFar)) {
					t.Errorf("comes again in %v", time.Until(at))
				}
			}
		}
		if len(seats) != troubledMost || len(ls.of["a"].taken) != laneNarrow {
			t.Errorf("%d seats, %d at one endpoint", len(seats), len(ls.of["a"].taken))
		}
		for _, s := range seats {
			s.leave()
		}
		if ls.troubled != 0 {
			t.Errorf("%d seats still count", ls.troubled)
		}
	})
}

// An endpoint whose answer is overdue is one in trouble before anybody has written that it fails.
func TestOverdueAnswerMakesAnEndpointNarrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ls := newLanes()
		e := paylink.Endpoint{ID: "a"}
		first, _ := ls.enter(t.Context(), e, 1)
		time.Sleep(laneSlow)
		if s, _ := ls.enter(t.Context(), e, 2); s != nil {
			t.Error("a second seat while the first answer is overdue")
		}
		first.leave()
		second, _ := ls.enter(t.Context(), e, 3)
		if second == nil || !second.troubled {
			t.Fatal("an endpoint that took too long is not in trouble")
		}
		second.leave()
		third, _ := ls.enter(t.Context(), e, 4)
		if third == nil || third.troubled {
			t.Fatal("an endpoint that has just answered at once is in trouble")
		}
		third.leave()
	})
}

// What comes together is seated by sequence, whoever came first, and an attempt that is out for long
// holds back the next one only for a moment.
func TestSeatsAreTakenInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ls := newLanes()
		e := paylink.Endpoint{ID: "a"}
		s, _ := ls.enter(t.Context(), e, 1)
		s.leave()
		var mu sync.Mutex
		var order []int64
		var at []time.Duration
		var wait sync.WaitGroup
		began := time.Now()
		for _, sequence := range []int64{4, 2, 3} {
			wait.Go(func() {
				s, _ := ls.enter(t.Context(), e, sequence)
				mu.Lock()
				order, at = append(order, sequence), append(at, time.Since(began))
				mu.Unlock()
				time.Sleep(120 * time.Millisecond)
				s.leave()
			})
		}
		wait.Wait()
		if len(order) != 3 || order[0] != 2 || order[1] != 3 || order[2] != 4 {
			t.Errorf("seated in the order %v", order)
		}
		if at[0] > laneGather || at[1] > laneGather+2*laneStagger || at[2] > lanePatient {
			t.Errorf("seated after %v", at)
		}
	})
}
