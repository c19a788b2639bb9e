package confirm

import (
	"context"
	"time"

	"paylink"
	"paylink/gateway"
)

// An attempt that the customer gave up, or whose time is over, may still stand open at its gateway. Where the
// gateway can, it is closed there before it counts as over: what is no longer wanted cannot be paid. Where it
// cannot, a late payment is heard as such.

// lookUp asks the gateway what became of a payment, and closes one that is given up.
func (c *Confirm) lookUp(ctx context.Context, g gateway.Gateway, a gateway.Account, p paylink.Payment, now time.Time) (gateway.Word, error) {
	k := known(p)
	canceller, closes := gateway.As[gateway.Canceller](g)
	if over := p.Status == paylink.PaymentAbandoned || lapsed(p, now); !closes || !over {
		return g.Lookup(ctx, a, k)
	}
	w, err := canceller.Cancel(ctx, a, k)
	if err == nil && w.Status == paylink.PaymentFailed && w.Decline.Group == "timeout" {
		// No bank said no: nobody came.
		w.Status, w.Decline = paylink.PaymentAbandoned, paylink.Decline{}
	}
	return w, err
}

// lapsed tells whether the time is over in which the customer may act.
func lapsed(p paylink.Payment, now time.Time) bool {
	return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt)
}
