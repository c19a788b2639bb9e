package issue

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Changed is a link right after a change.
type Changed struct {
	Link     paylink.Link
	Customer *paylink.Customer
	Event    paylink.EventID  // what the change was told as
	Replayed bool             // the same request had been answered before; nothing happened now
	Payment  *paylink.Payment // what the change recorded; nil otherwise
}

// Cancel withdraws a link at once. A payment that is under way may still succeed, and is late then.
func (x *Issuer) Cancel(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		switch c.link.Status {
		case paylink.LinkPaid, paylink.LinkCancelled:
			return c.not("not_cancellable", "cannot be cancelled")
		}
		c.link.CancelledAt, c.kind = c.link.UpdatedAt, paylink.EventLinkCancelled
		return nil
	})
}

// Extend moves the expiry of a link that has not expired to expiresIn seconds from now, which must be
// later than it was.
func (x *Issuer) Extend(ctx context.Context, by Actor, id paylink.LinkID, expiresIn *int64, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		switch {
		case c.link.Status == paylink.LinkPaid || c.link.Status == paylink.LinkCancelled || c.link.Status == paylink.LinkExpired:
			return c.not("not_extendable", "cannot be extended")
		case c.link.ExpiresAt.IsZero():
			return c.not("not_extendable", "never expires")
		}
		j := &judgement{by: c.by, world: c.world}
		if expiresIn == nil {
			j.bad.Add("/expires_in", "required", "The new time is missing.")
			return &j.bad
		}
		until := j.expiresIn(*expiresIn)
		if len(j.bad.Fields) == 0 && !until.After(c.link.ExpiresAt) {
			j.bad.Add("/expires_in", "too_small", "The link would expire earlier than it does now. The time counts from now.")
		}
		if err := j.bad.OrNil(); err != nil {
			return err
		}
		c.kind = paylink.EventLinkAmended
		return c.revise(until)
	})
}

// Reactivate takes a cancellation back. A link whose time has run out meanwhile becomes expired, and
// may be refreshed.
func (x *Issuer) Reactivate(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim) (Changed, error) {
	return x.change(ctx, by, id, claim, func(c *change) error {
		if c.link.Status != paylink.LinkCancelled {
			return c.not("not_reactivatable", "is not cancelled")
		}
		if c.link.ReplacedBy != "" {
			return replaced(c.link)
		}
		if !c.link.PastExpiry(c.world) {
			if err := c.free(); err != nil {
				return err
			}
		}
		c.link.CancelledAt, c.kind = time.Time{}, paylink.EventLinkRefreshed
		c.link.Revive(c.world, "cancelled", false)
		return c.revise(c.link.ExpiresAt)
	})
}

// change is one change of a link on its way through a transaction.
type change struct {
	issuer *Issuer
	tx     *store.Tx
	by     Actor             // with the merchant as it is in the transaction
	world  time.Time         // now, in the merchant's world
	link   paylink.Link      // locked; its status is today's, its UpdatedAt the time of the change
	payer  *paylink.Customer // nil when the link has none
	kind   paylink.EventType // what the change is told as; empty: there was nothing to change

	payment *paylink.Payment    // recorded by the change
	told    []paylink.EventType // of the payment, in the place of kind
}

// change runs one change: do judges the state and changes facts and terms, the rest is the same for
// all of them.
func (x *Issuer) change(ctx context.Context, by Actor, id paylink.LinkID, claim *store.Claim, do func(*change) error) (Changed, error) {
	now := x.now()
	lapse, told, job := paylink.NewEventID(now), paylink.NewEventID(now), paylink.NewJobID(now)
	var done Changed
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		c, customer, err := x.open(tx, by, id, now)
		if err != nil {
			return store.Outcome{}, err
		}
		before := c.link
		at := c.link.Touch(now)
		if kind := c.link.Resettle(c.world, at); kind != "" {
			// Its time was up and the job had not come to it yet.
			tx.AppendEvent(event(lapse, kind, c.link, customer, "system"))
			at = c.link.Touch(now)
		}
		lapsed := c.link
		if err := do(c); err != nil {
			return store.Outcome{}, err
		}
		if c.kind == "" && c.payment == nil {
			if before.Status != lapsed.Status {
				tx.UpdateLink(lapsed, before.UpdatedAt)
				before = lapsed
			}
			done = Changed{Link: before, Customer: customer}
			return store.Outcome{Status: 200, Object: string(id)}, nil
		}
		answer := c.tell(told, customer, at, now)
		done = Changed{Link: c.link, Customer: customer, Event: answer, Payment: c.payment}
		tx.UpdateLink(c.link, before.UpdatedAt)
		if err := closeAttempts(tx, c.link, now); err != nil {
			return store.Outcome{}, err
		}
		if look, ok := c.link.Watch(job, before, c.world); ok {
			tx.Enqueue(look, now)
		}
		c.watchReminders(before, now)
		tx.HurryDelivery(c.link, now)
		if c.payment != nil {
			tx.Receipt(c.link, *c.payment, customer, c.by.Merchant.Settings, now)
		}
		return store.Outcome{Status: 200, Object: string(id), Event: answer}, nil
	})
	if err != nil {
		return Changed{}, about(x.clash(ctx, by, id, err), "change link", id)
	}
	if replayed {
		l, customer, err := x.asOf(ctx, by, paylink.LinkID(out.Object), out.Event)
		return Changed{Link: l, Customer: customer, Event: out.Event, Replayed: true}, about(err, "answer again about link", id)
	}
	return done, nil
}

// tell appends the events of the change and gives the one that it is answered by. at dates the change.
func (c *change) tell(id paylink.EventID, customer *paylink.Customer, at, now time.Time) paylink.EventID {
	if c.payment != nil {
		events := c.link.Tell(now, c.by.ID, customer, c.payment, c.told...)
		for _, e := range events {
			c.tx.AppendEvent(e)
		}
		return events[0].ID
	}
	turned := c.link.Resettle(c.world, at)
	if turned == paylink.EventLinkExpired {
		c.kind = turned
	}
	c.tx.AppendEvent(event(id, c.kind, c.link, customer, c.by.ID))
	if turned == paylink.EventLinkPaid { // the new amount is what was paid already
		kinds := []paylink.EventType{turned}
		if c.link.KeepPromise() {
			kinds = append(kinds, paylink.EventPromiseKept)
		}
		for _, e := range c.link.Tell(now, c.by.ID, customer, nil, kinds...) {
			c.tx.AppendEvent(e)
		}
	}
	return id
}

// open reads what a change is about, the link locked.
func (x *Issuer) open(tx *store.Tx, by Actor, id paylink.LinkID, now time.Time) (*change, *paylink.Customer, error) {
	m, err := tx.Merchant(by.Merchant.ID)
	if err != nil {
		return nil, nil, err
	}
	l, err := tx.Link(m.ID, by.Live, id)
	if err != nil {
		return nil, nil, err
	}
	customer, err := tx.CustomerOf(l)
	if err != nil {
		return nil, nil, err
	}
	by.Merchant = m
	return &change{issuer: x, tx: tx, by: by, world: m.Now(by.Live, now), link: l, payer: customer}, customer, nil
}

// not refuses a change that the link's state does not allow.
func (c *change) not(code, why string) error {
	return &paylink.Conflict{Code: code, Detail: "The payment link is " + string(c.link.Status) + " and " + why + ".", Other: string(c.link.ID)}
}

// free tells that no other link has taken the reference while this one was out of use.
func (c *change) free() error {
	if c.link.Reference == "" {
		return nil
	}
	holder, err := c.tx.LinkByReference(c.link.Merchant, c.link.Live, c.link.Reference)
	if paylink.IsNotFound(err) || err == nil && holder.ID == c.link.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return inUse(holder.ID)
}

// revise gives the link a new revision with a new expiry and signs it.
func (c *change) revise(until time.Time) error {
	if err := c.genuine(); err != nil {
		return err
	}
	if !until.Equal(c.link.ExpiresAt) {
		c.link.ExpireAt(until, c.world)
	}
	return c.sign()
}

// genuine tells that the terms are those that were signed. What was tampered with is not signed again:
// that would make it genuine.
func (c *change) genuine() error {
	signed, err := token.ReadLink(c.issuer.ring, c.link.Token)
	if err != nil || signed != token.Claims(c.link) || c.link.Hold == paylink.HoldTampered {
		return &paylink.Conflict{Code: "tampered", Detail: "The payment link's terms are not those that were signed.", Other: string(c.link.ID)}
	}
	return nil
}

// sign gives the link, whose terms were genuine and have changed, its next revision.
func (c *change) sign() (err error) {
	c.link.Revision++
	c.link.Token, err = token.SignLink(c.issuer.ring, token.Claims(c.link))
	return err
}

// clash finds out whether an error of the database was two links reaching for one reference.
func (x *Issuer) clash(ctx context.Context, by Actor, id paylink.LinkID, err error) error {
	if domain(err) {
		return err
	}
	l, missing := x.store.Read(ctx).Link(by.Merchant.ID, by.Live, id)
	if missing != nil {
		return err
	}
	return x.namingHolder(ctx, by, l.Reference, id, err)
}
