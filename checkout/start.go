package checkout

import (
	"context"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/store"
	"paylink/token"
)

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
	p, outcome, err := c.call(ctx, r, l, p, customer, shop)
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

// order is what the gateway is told: our reference, the amount of the row, who pays as far as the merchant said,
// and where to call back.
func (c *Checkout) order(l paylink.Link, p paylink.Payment, customer *paylink.Customer, m paylink.Merchant) (gateway.Order, error) {
	code, err := token.CodeFor(c.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return gateway.Order{}, err
	}
	return gateway.Order{
		Reference: p.Reference, Amount: p.Amount, Method: p.Method, Description: l.Description, MerchantName: m.Name,
		ReturnURL: c.PublicURL + "/" + code + "/return",
		NotifyURL: c.PublicURL + "/inbound/gateway/" + p.Gateway + "/" + string(p.Account),
		ExpiresAt: p.ExpiresAt, Customer: payer(customer), Manual: p.Manual,
	}, nil
}

// payer is a customer as gateways are told of one; nobody when the link names none.
func payer(c *paylink.Customer) gateway.Customer {
	if c == nil {
		return gateway.Customer{}
	}
	return gateway.Customer{ID: string(c.ID), Name: c.Name, Email: c.Email, Phone: c.Phone}
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
