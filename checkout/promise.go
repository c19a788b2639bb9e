package checkout

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Promise notes on which day, written as 2026-12-01, the customer will pay what is due next. A form that was
// sent before or is too old gives *paylink.Expired; a link that takes no promise *paylink.Conflict with the
// reason as its code, among them promises_spent; a day that will not do *paylink.Invalid at /date.
func (c *Checkout) Promise(ctx context.Context, code, tokenText string, v Visitor, day string) error {
	l, customer, err := c.link(ctx, code)
	if err != nil {
		return err
	}
	now := c.Now()
	once, err := c.readToken(tokenText, PagePurpose, l, v.Device, now)
	if err != nil {
		return err
	}
	m, err := c.Store.Read(ctx).Merchant(l.Merchant)
	if err != nil {
		return err
	}
	world, job := m.Now(l.Live, now), paylink.NewJobID(now)
	return c.Store.Write(ctx, func(tx *store.Tx) error {
		l, err := tx.Link(l.Merchant, l.Live, l.ID)
		if err != nil {
			return err
		}
		if err := c.admit(l, customer, v, now); err != nil {
			return err
		}
		if l.Revision != once.Revision {
			return &paylink.Expired{Code: "terms_changed", Detail: "The request changed since this page was opened."}
		}
		if why := PromiseRefusal(l, l.Refusal(world)); why != "" {
			return &paylink.Conflict{Code: why, Detail: "The payment link takes no promise now.", Other: string(l.ID)}
		}
		at, fault := l.PromiseDay(day, m.TimeZone, world, l.Terms.Promises.Days())
		if fault != "" {
			wrong := &paylink.Invalid{}
			wrong.Add("/date", fault, "The link cannot be promised for this day.")
			return wrong
		}
		tx.SpendNonce(once.Nonce[:], once.ExpiresAt)
		before := l
		l.Promised(paylink.Promising{Date: at, By: "customer"}, now)
		if err := c.outlast(&l, world); err != nil {
			return err
		}
		for _, e := range l.Tell(now, "customer", customer, nil, paylink.EventPromised) {
			tx.AppendEvent(e)
		}
		tx.UpdateLink(l, before.UpdatedAt)
		if look, ok := l.Watch(job, before, world); ok {
			tx.Enqueue(look, now)
		}
		return nil
	})
}

// outlast moves an expiry that comes before the promised day is over, which the link's terms allow by
// then, and signs the new revision.
func (c *Checkout) outlast(l *paylink.Link, world time.Time) error {
	if l.ExpiresAt.IsZero() || !l.ExpiresAt.Before(l.PromisedFor) {
		return nil
	}
	if !c.genuine(*l) { // what was tampered with must not be signed again
		return &paylink.Conflict{Code: "on_hold", Detail: "The payment link's terms are not those that were signed.", Other: string(l.ID)}
	}
	l.ExpireAt(l.PromisedFor, world)
	l.Revision++
	var err error
	l.Token, err = token.SignLink(c.Ring, token.Claims(*l))
	return err
}

// PromiseRefusal says why a customer may not promise on the page; empty: one may. refusal is why no payment
// may start.
func PromiseRefusal(l paylink.Link, refusal string) string {
	switch {
	case l.Terms.Promises == nil:
		return "no_promises"
	case refusal != "":
		return refusal
	case l.PromisesByCustomer() >= paylink.MaxCustomerPromises:
		return "promises_spent"
	}
	return ""
}
