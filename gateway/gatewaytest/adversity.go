package gatewaytest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/provider/providertest"
)

var adversity = map[string]func(*testing.T, suite){
	"a page in place of an answer is none":       pages,
	"a busy gateway is asked when it says":       busy,
	"a gateway whose clock is off is understood": clocks,
}

// A page of a proxy counts as a yes, or as the bank's no.
func pages(t *testing.T, s suite) {
	k := s.begun(t)
	for status, want := range map[int]string{
		http.StatusOK: "unknown", http.StatusForbidden: "rejected", http.StatusNotFound: "rejected",
		http.StatusBadGateway: "unknown", http.StatusServiceUnavailable: "unknown",
	} {
		s.world.Far.Say(status, nil)
		if !s.world.Alone {
			if _, err := s.Start(t.Context(), s.account, s.order(s.Capabilities().Methods[0])); providertest.Ending(err) != want {
				t.Errorf("a start that a page of HTML answered with %d ended %q, want %q", status, providertest.Ending(err), want)
			}
		}
		if w, err := s.Lookup(t.Context(), s.account, k); providertest.Ending(err) != want {
			t.Errorf("a look-up that a page of HTML answered with %d ended %q with %+v, want %q", status, providertest.Ending(err), w, want)
		}
	}
	s.world.Far.Say(0, nil)
	if _, err := s.Lookup(t.Context(), s.account, k); err != nil {
		t.Errorf("after all this: %v", err)
	}
}

// A gateway that is busy is pressed harder, until it shuts the merchant out; or the order is given up.
func busy(t *testing.T, s suite) {
	k := s.begun(t)
	s.world.Far.Say(http.StatusTooManyRequests, http.Header{"Retry-After": {"17"}})
	_, lookup := s.Lookup(t.Context(), s.account, k)
	tried := map[string]error{"look-up": lookup}
	if !s.world.Alone {
		_, tried["start"] = s.Start(t.Context(), s.account, s.order(s.Capabilities().Methods[0]))
	}
	for what, err := range tried {
		var rejected *gateway.Rejected
		if !errors.As(err, &rejected) || !rejected.Temporary || rejected.Reason != provider.Throttled || rejected.After != 17*time.Second {
			t.Errorf("a %s of a busy gateway ended %+v (%v), want one to try in 17 s", what, rejected, err)
		}
	}
}

// A notice of a gateway whose clock is a little off is thrown away, or dated by ours.
func clocks(t *testing.T, s suite) {
	if s.world.Ahead == nil {
		return
	}
	for _, ahead := range []time.Duration{4 * time.Minute, -4 * time.Minute} {
		s.world.Ahead(ahead)
		o := s.order(s.Capabilities().Methods[0])
		started := s.start(t, o)
		s.world.Pay(t, started, true)
		_, told := s.notice(t, o.Reference, paylink.PaymentCaptured)
		if off := told.At.Sub(time.Now().Add(ahead)).Abs(); off > time.Minute {
			t.Errorf("of a clock that is %v ahead the notice is dated %v, now is %v", ahead, told.At, time.Now())
		}
		if w, err := s.Lookup(t.Context(), s.account, known(o, started)); err != nil || w.Status != paylink.PaymentCaptured {
			t.Errorf("of a clock that is %v ahead the look-up says %+v (%v)", ahead, w, err)
		}
	}
}

// begun is an order that waits for its customer.
func (s suite) begun(t *testing.T) gateway.Known {
	t.Helper()
	o := s.order(s.Capabilities().Methods[0])
	return known(o, s.start(t, o))
}
