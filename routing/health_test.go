package routing_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/routing"
	"paylink/store"
	"paylink/store/storetest"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// nodes are two of one database, by a clock that the test turns.
type nodes struct {
	*testing.T
	one, two *routing.Health
	account  paylink.Account
	clock    atomic.Int64
	turned   atomic.Int32
}

func two(t *testing.T, tell func(n *nodes)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := &nodes{T: t, account: paylink.Account{ID: "acct_1", Merchant: "mer_1", Provider: "till"}}
		n.clock.Store(noon.UnixMicro())
		d := routing.Deps{
			Store: s, Now: func() time.Time { return time.UnixMicro(n.clock.Load()).UTC() }, Log: slog.New(slog.DiscardHandler),
			Turned: func(string, routing.State) { n.turned.Add(1) },
		}
		n.one, n.two = routing.NewHealth(d), routing.NewHealth(d)
		tell(n)
	})
}

func (n *nodes) later(d time.Duration) { n.clock.Add(d.Microseconds()) }

// refresh lets both nodes write what they counted, then read.
func (n *nodes) refresh() {
	n.Helper()
	for range 2 {
		for _, h := range []*routing.Health{n.one, n.two} {
			if err := h.Refresh(n.Context()); err != nil {
				n.Fatal(err)
			}
		}
	}
}

func (n *nodes) ended(h *routing.Health, status paylink.PaymentStatus, group, app string) {
	p := &paylink.PaymentSnapshot{AccountID: n.account.ID, Method: paylink.MethodUPI, Status: status, MethodDetails: paylink.MethodDetails{App: app}}
	if group != "" {
		p.Decline = &paylink.Decline{Group: group}
	}
	h.Ended(n.account.Merchant, p, time.UnixMicro(n.clock.Load()))
}

func (n *nodes) may(h *routing.Health, alone bool) bool {
	n.Helper()
	may, err := h.May(context.Background(), n.account, alone)
	if err != nil {
		n.Error(err)
	}
	return may
}

var errDown = &gateway.Broken{When: gateway.NotSent, Err: errors.New("refused")}

// A node judges by what it has seen itself, and shows a gateway as well that fails for all the others; or what
// was an hour ago hides a method that works again.
func TestAllNodesCountTogetherForFifteenMinutes(t *testing.T) {
	two(t, func(n *nodes) {
		for range 15 {
			n.ended(n.one, paylink.PaymentCaptured, "", "PhonePe")
			n.ended(n.two, paylink.PaymentFailed, "provider_down", "Paytm")
			n.ended(n.two, paylink.PaymentFailed, "upi_declined", "")
			n.ended(n.two, paylink.PaymentUnknown, "", "") // it is not over
		}
		n.refresh()
		for _, h := range []*routing.Health{n.one, n.two} {
			if s := h.See(n.account.ID, paylink.MethodUPI); s.Taken != 15 || s.Declined != 15 || s.Down != 15 || !s.Slow() {
				t.Errorf("%+v", s)
			}
			if of := h.Of(n.account.ID); len(of) != 3 || of[1].Through != "Paytm" || of[1].Down != 15 || of[2].Taken != 15 {
				t.Errorf("%+v", of)
			}
		}
		n.later(10 * time.Minute)
		n.ended(n.one, paylink.PaymentCaptured, "", "")
		n.refresh()
		n.later(6 * time.Minute)
		n.refresh()
		if s := n.two.See(n.account.ID, paylink.MethodUPI); s.Taken != 1 || s.Tried() != 1 {
			t.Errorf("sixteen minutes later: %+v", s)
		}
	})
}

// A gateway is down: each payment asks it first and waits. When it is back, everybody asks at once; or nobody
// uses it any more.
func TestAccountThatFailsRestsOnAllNodes(t *testing.T) {
	two(t, func(n *nodes) {
		for range 5 {
			if !n.may(n.one, false) {
				t.Fatal("it is left alone too soon")
			}
			n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, errDown)
		}
		n.refresh()
		for _, h := range []*routing.Health{n.one, n.two} {
			if s := h.See(n.account.ID, paylink.MethodCard); !s.Dead() || n.may(h, false) {
				t.Errorf("not left alone: %+v", s)
			}
		}
		n.later(16 * time.Second)
		const many = 16
		var probes atomic.Int32
		var group sync.WaitGroup
		for i := range many {
			group.Go(func() {
				if n.may(map[bool]*routing.Health{true: n.one, false: n.two}[i%2 == 0], false) {
					probes.Add(1)
				}
			})
		}
		group.Wait()
		if probes.Load() != 1 {
			t.Fatalf("%d probes at once", probes.Load())
		}
		n.two.Called(t.Context(), n.account, paylink.MethodCard, time.Second, errDown)
		if s := n.two.See(n.account.ID, paylink.MethodCard); s.Until.Sub(time.UnixMicro(n.clock.Load())) != 30*time.Second {
			t.Errorf("after a probe that failed it rests until %v", s.Until)
		}
		n.refresh()
		n.later(31 * time.Second)
		if !n.may(n.one, false) {
			t.Fatal("it is not tried again")
		}
		n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, &gateway.Rejected{Code: "card_refused"})
		n.refresh()
		if n.two.See(n.account.ID, paylink.MethodCard).Resting || !n.may(n.two, false) || n.turned.Load() != 2 {
			t.Errorf("it works again, and rests; turned %d times", n.turned.Load())
		}
	})
}

// The merchant's only gateway was down a moment ago: nobody can pay until its rest is over, or all who wait try
// it together.
func TestOnlyAccountIsProbedEarlyByOne(t *testing.T) {
	two(t, func(n *nodes) {
		for range 5 {
			n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, &gateway.Rejected{Code: "busy", Temporary: true, Reason: provider.ProviderDown})
		}
		n.refresh()
		if n.may(n.two, false) || !n.may(n.two, true) || n.may(n.one, true) {
			t.Error("it is not one payment that finds out")
		}
		n.later(31 * time.Second) // whoever tried it has died
		if !n.may(n.one, true) {
			t.Error("a probe that died holds the account for ever")
		}
	})
}

// Declined cards trip the breaker, and a gateway that works is left alone.
func TestRefusedPaymentsAreNoOutage(t *testing.T) {
	two(t, func(n *nodes) {
		for range 10 {
			n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, &gateway.Rejected{Code: "card_refused"})
			n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, errDown)
			n.one.Called(t.Context(), n.account, paylink.MethodCard, time.Second, nil)
		}
		if s := n.one.See(n.account.ID, paylink.MethodCard); s.Resting || s.Calls != 30 {
			t.Errorf("%+v", s)
		}
	})
}
