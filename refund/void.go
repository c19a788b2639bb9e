package refund

import (
	"context"
	"errors"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/store"
)

func void(ctx context.Context, g gateway.Gateway, a gateway.Account, p paylink.Payment) (gateway.Word, error) {
	voider, ok := gateway.As[gateway.Voider](g)
	if !ok {
		return gateway.Word{}, &gateway.Rejected{Code: "not_supported"}
	}
	return voider.Void(ctx, a, known(p))
}

// lapse gives reserved money back when its time is over and nobody has decided about it. The time may have been
// moved since: a link that got more time lets its money wait as long as the bank does.
func (x *Refunds) lapse(ctx context.Context, r *queue.Run) error {
	read := x.Store.Read(ctx)
	p, err := read.Payment(r.Job.Merchant, r.Job.Live, r.Job.Payload.Payment)
	if err != nil {
		return err
	}
	l, err := read.Link(p.Merchant, p.Live, p.Link)
	if err != nil {
		return err
	}
	m, err := read.Merchant(p.Merchant)
	if err != nil {
		return err
	}
	now := x.Now()
	worldNow := m.Now(p.Live, now)
	until := p.ReservedUntil(l)
	switch {
	case p.Status != paylink.PaymentAuthorised || p.Intent != "" || until.IsZero():
		return r.Finish(ctx, nil)
	case worldNow.Before(until):
		return r.Again(ctx, now.Add(until.Sub(worldNow)), nil)
	}
	err = r.Finish(ctx, func(tx *store.Tx) error {
		_, err := x.decide(tx, Decision{Merchant: p.Merchant, Live: p.Live, Payment: p.ID, Intent: paylink.IntentVoid, Actor: "system"}, p.Link, now)
		return err
	})
	var decided *paylink.Conflict
	if errors.As(err, &decided) {
		return r.Finish(ctx, nil) // somebody was faster
	}
	return err
}
