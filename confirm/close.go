package confirm

import (
	"context"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/store"
)

// An attempt that the customer gave up, or whose time is over, may still stand open at its gateway. Where the
// gateway can, it is closed there before it counts as over: what is no longer wanted cannot be paid. Where it
// cannot, a late payment is heard as such.

// lookUp asks the gateway what became of a payment, and closes one that is given up.
func (c *Confirm) lookUp(ctx context.Context, g gateway.Gateway, a gateway.Account, p paylink.Payment, now time.Time) (gateway.Word, error) {
	k := known(p)
	canceller, closes := gateway.As[gateway.Canceller](g)
	if closes {
		over, err := c.over(ctx, p, now)
		if err != nil {
			return gateway.Word{}, err
		}
		closes = over
	}
	if !closes {
		return g.Lookup(ctx, a, k)
	}
	w, err := canceller.Cancel(ctx, a, k)
	if err == nil && w.Status == paylink.PaymentFailed && w.Decline.Group == "timeout" {
		// No bank said no: nobody came.
		w.Status, w.Decline = paylink.PaymentAbandoned, paylink.Decline{}
	}
	return w, err
}

// over tells whether nobody is wanted to finish the attempt: it was given up, its time is over, or its link was
// cancelled or has expired meanwhile. Reserved money is the merchant's to decide about.
func (c *Confirm) over(ctx context.Context, p paylink.Payment, now time.Time) (bool, error) {
	if p.Status == paylink.PaymentAbandoned || lapsed(p, now) {
		return true, nil
	}
	l, err := c.Store.Read(ctx).Link(p.Merchant, p.Live, p.Link)
	ended := l.Status == paylink.LinkCancelled || l.Status == paylink.LinkExpired
	return ended && p.Status != paylink.PaymentAuthorised, err
}

// giveBackLate notes that the bank reserves money for an attempt that came to nothing, and leaves the job that gives
// it back: a customer who pays by another method must not find the money of both blocked for a week. Where the
// gateway gives back on its own only, the bank's time is waited for.
func (c *Confirm) giveBackLate(tx *store.Tx, l paylink.Link, p paylink.Payment, h hearing, now time.Time) (string, error) {
	if _, voids := gateway.As[gateway.Voider](c.Gateways[p.Gateway]); !voids || p.Intent != "" {
		return reasonOrder, nil
	}
	read := l.UpdatedAt
	p.Identify(paylink.Outcome{GatewayOrder: h.word.Order, GatewayReference: h.word.GatewayReference})
	p.Intent = paylink.IntentVoid
	p.Touch(now)
	tx.GiveBackLate(p)
	for _, e := range l.Tell(now, "system", h.customer, &p, paylink.EventVoidAsked) {
		tx.AppendEvent(e)
	}
	tx.UpdateLink(l, read)
	tx.Enqueue(paylink.Job{
		ID: paylink.NewJobID(now), Kind: paylink.JobCapture, Key: string(p.ID), Merchant: p.Merchant, Live: p.Live,
		Payload: paylink.JobPayload{Payment: p.ID}, RunAt: now, Priority: paylink.JobUrgent,
	}, now)
	return "", nil
}

// lapsed tells whether the time is over in which the customer may act.
func lapsed(p paylink.Payment, now time.Time) bool {
	return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt)
}
