package gatewaytest

import (
	"context"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/provider/providertest"
)

var cancelling = map[string]func(*testing.T, suite){
	"an order that is cancelled cannot be paid":     cancelled,
	"a customer who was faster is not cancelled":    cancelledLate,
	"orders of another account cannot be cancelled": cancelStrangers,
	"cancelling tells how it ended":                 cancelEndings,
}

// A customer pays by another method, finds the first page still open, and pays twice.
func cancelled(t *testing.T, s suite) {
	c, ok := gateway.As[gateway.Canceller](s.Gateway)
	if !ok {
		return
	}
	for _, m := range s.Capabilities().Methods {
		o := s.order(m)
		k := known(o, s.start(t, o))
		for range 2 {
			w, err := c.Cancel(t.Context(), s.account, k)
			if err != nil || w.Status != paylink.PaymentFailed || w.Decline.Group != "timeout" || w.Reference != o.Reference || w.Amount != o.Amount {
				t.Errorf("%s: cancelled, the answer says %+v (%v)", m, w, err)
			}
		}
		if w, err := s.Lookup(t.Context(), s.account, k); err != nil || w.Status != paylink.PaymentFailed && w.Status != paylink.PaymentAbandoned {
			t.Errorf("%s: a cancelled order looks up as %+v (%v)", m, w, err)
		}
	}
	k := gateway.Known{Reference: paylink.NewPaymentReference(), Amount: paylink.Money{Minor: 100, Currency: "INR"}, Method: s.Capabilities().Methods[0], Began: s.world.Now()}
	if _, err := c.Cancel(t.Context(), s.account, k); !paylink.IsNotFound(err) {
		t.Errorf("an order that was never started, cancelled: %v, want *NotFound", err)
	}
}

// Money that came a moment before counts as cancelled, and nobody gives it back.
func cancelledLate(t *testing.T, s suite) {
	c, ok := gateway.As[gateway.Canceller](s.Gateway)
	if !ok {
		return
	}
	k := s.paid(t)
	w, err := c.Cancel(t.Context(), s.account, k)
	if err != nil || w.Status != paylink.PaymentCaptured || w.Amount != k.Amount || w.GatewayReference != k.Payment && !s.world.Later {
		t.Errorf("cancelled after it was paid, the answer says %+v (%v)", w, err)
	}
}

// One merchant closes the pages of another's customers.
func cancelStrangers(t *testing.T, s suite) {
	c, ok := gateway.As[gateway.Canceller](s.Gateway)
	if !ok {
		return
	}
	o := s.order(s.Capabilities().Methods[0])
	k := known(o, s.start(t, o))
	if w, err := c.Cancel(t.Context(), s.world.Stranger, k); err == nil {
		t.Errorf("another account cancelled our order: %+v", w)
	}
	if w, err := s.Lookup(t.Context(), s.account, k); err != nil || w.Status == paylink.PaymentFailed || w.Status == paylink.PaymentAbandoned {
		t.Errorf("after a stranger's try our order looks up as %+v (%v)", w, err)
	}
}

// An order whose cancelling was not heard counts as cancelled, and is paid later.
func cancelEndings(t *testing.T, s suite) {
	c, ok := gateway.As[gateway.Canceller](s.Gateway)
	if !ok {
		return
	}
	o := s.order(s.Capabilities().Methods[0])
	k := known(o, s.start(t, o))
	providertest.Calling(t, s.world.Far, s.account, func(ctx context.Context, a gateway.Account) error {
		_, err := c.Cancel(ctx, a, k)
		return err
	})
}
