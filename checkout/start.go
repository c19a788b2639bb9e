package checkout

import (
	"context"
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
	"paylink/token"
)

// startTries is how often a gateway that cannot be reached is called before the customer is told to
// use another method: about four seconds, while somebody waits.
const startTries = 4

// start asks the gateway for a payment that a customer has just begun.
func (c *Checkout) start(ctx context.Context, r *queue.Run) error {
	read := c.Store.Read(ctx)
	p, err := read.Payment(r.Job.Merchant, r.Job.Live, r.Job.Payload.Payment)
	if err != nil {
		return err
	}
	if p.Status != paylink.PaymentCreated {
		return r.Finish(ctx, nil)
	}
	l, err := read.Link(p.Merchant, p.Live, p.Link)
	if err != nil {
		return err
	}
	customer, err := read.CustomerOf(l)
	if err != nil {
		return err
	}
	shop, err := c.shop(read, l)
	if err != nil {
		return err
	}
	outcome, err := c.call(ctx, r, l, p, shop)
	if err != nil {
		return err
	}
	now := c.Now()
	worldNow := shop.merchant.Now(p.Live, now)
	return r.Finish(ctx, func(tx *store.Tx) error {
		l, p, err := lockBoth(tx, p)
		if err != nil {
			return err
		}
		if p.Status.Live() {
			tx.Enqueue(paylink.Job{
				ID: paylink.NewJobID(now), Kind: paylink.JobAsk, Key: string(p.ID), Merchant: p.Merchant, Live: p.Live,
				Payload: paylink.JobPayload{Payment: p.ID}, RunAt: now.Add(paylink.AskAfter(0)),
			}, now)
		}
		return advance(tx, l, p, customer, "gateway", outcome, worldNow, now)
	})
}

// call asks the gateway and tells what its answer means for the payment.
func (c *Checkout) call(ctx context.Context, r *queue.Run, l paylink.Link, p paylink.Payment, s shop) (paylink.Outcome, error) {
	account, ok := s.accountFor(l, p.Method)
	if !ok || account.ID != p.Account {
		// The merchant disconnected the gateway between the press of the button and now.
		return paylink.Outcome{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "provider_down"}}, nil
	}
	order, err := c.order(l, p, s.merchant)
	if err != nil {
		return paylink.Outcome{}, err
	}
	opened, err := provider.Open(c.Ring, account.Account)
	if err != nil {
		return paylink.Outcome{}, err
	}
	began := c.Now()
	started, err := account.gateway.Start(ctx, opened, order)
	c.Log.InfoContext(ctx, "payment.start", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID), "gateway", p.Gateway, "method", string(p.Method),
		"took", c.Now().Sub(began), "error", err)
	return c.judge(account.gateway, r, started, err)
}

// judge turns the gateway's answer to a start into what it means for the payment; an error means that
// the job is to be tried again.
func (c *Checkout) judge(g gateway.Gateway, r *queue.Run, started gateway.Started, err error) (paylink.Outcome, error) {
	var rejected *gateway.Rejected
	var broken *gateway.Broken
	last := r.Job.Attempts >= startTries
	down := paylink.Outcome{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "provider_down"}}
	switch {
	case err == nil:
		return paylink.Outcome{Status: paylink.PaymentActionRequired, Action: started.Action, GatewayOrder: started.Order}, nil
	case errors.As(err, &rejected) && !rejected.Temporary:
		return paylink.Outcome{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "not_approved", Code: rejected.Code}}, nil
	case errors.As(err, &rejected) && last:
		return down, nil
	case errors.As(err, &broken) && broken.When == gateway.NotSent && last:
		return down, nil
	case errors.As(err, &broken) && broken.When == gateway.Unknown && (last || !g.Capabilities().Idempotent):
		// It may have been taken: only asking can tell, and until then nobody pays a second time.
		return paylink.Outcome{Status: paylink.PaymentUnknown}, nil
	}
	return paylink.Outcome{}, err
}

// order is what the gateway is told: our reference, the amount of the row, and where to call back.
func (c *Checkout) order(l paylink.Link, p paylink.Payment, m paylink.Merchant) (gateway.Order, error) {
	code, err := token.CodeFor(c.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return gateway.Order{}, err
	}
	return gateway.Order{
		Reference: p.Reference, Amount: p.Amount, Method: p.Method, Description: l.Description, MerchantName: m.Name,
		ReturnURL: c.PublicURL + "/" + code + "/return",
		NotifyURL: c.PublicURL + "/inbound/gateway/" + p.Gateway + "/" + string(p.Account),
		ExpiresAt: p.ExpiresAt,
	}, nil
}

// lockBoth reads a payment and its link for a change, the link first: everybody locks in that order.
func lockBoth(tx *store.Tx, p paylink.Payment) (paylink.Link, paylink.Payment, error) {
	l, err := tx.Link(p.Merchant, p.Live, p.Link)
	if err != nil {
		return l, p, err
	}
	p, err = tx.Payment(p.Merchant, p.Live, p.ID)
	return l, p, err
}

// advance writes one outcome, its link and its events. A move that the machine does not allow writes
// nothing: somebody else knew better in the meantime.
func advance(tx *store.Tx, l paylink.Link, p paylink.Payment, customer *paylink.Customer, actor string, o paylink.Outcome, worldNow, now time.Time) error {
	readLink, readStatus := l.UpdatedAt, p.Status
	told, ok := paylink.Advance(&l, &p, o, worldNow, now)
	if !ok {
		return nil
	}
	for _, e := range l.Tell(now, actor, customer, &p, told...) {
		tx.AppendEvent(e)
	}
	l.Touch(now)
	tx.UpdatePayment(p, readStatus)
	tx.UpdateLink(l, readLink)
	tx.HurryDelivery(l, now)
	return nil
}
