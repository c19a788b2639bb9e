package customer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/queue"
	"paylink/store"
	"paylink/token"
)

// again is how long after the first sweep another one looks: whoever had read an address before the erasure has
// written it by then, or given up.
const again = 2 * time.Minute

// mostCancelled bounds how many links one erasure withdraws.
const mostCancelled = 1000

// Erase forgets a person, for good. His name and addresses are gone when it returns; what his other contacts,
// messages and answers hold goes by a job that begins at once. Links stay with their money. While one of his
// links can be paid it fails with *paylink.Conflict "customer_in_use", unless cancel says that they are withdrawn
// first. A person who was erased before is given as he is.
func (g *People) Erase(ctx context.Context, by issue.Actor, id paylink.CustomerID, cancel bool, claim *store.Claim) (paylink.Customer, error) {
	now := g.now()
	if cancel {
		if err := g.withdraw(ctx, by, id, now); err != nil {
			return paylink.Customer{}, about(err, "withdraw the links of customer", id)
		}
	}
	told, job := paylink.NewEventID(now), paylink.NewJobID(now)
	var gone paylink.Customer
	out, replayed, err := g.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		c, err := tx.Person(by.Merchant.ID, by.Live, id)
		if err != nil {
			return store.Outcome{}, err
		}
		if gone = c; !c.ErasedAt.IsZero() {
			return store.Outcome{Status: 200, Object: string(c.ID)}, nil
		}
		payable, err := tx.PayableOf(c, by.Merchant.Now(by.Live, now), 1)
		if err != nil {
			return store.Outcome{}, err
		}
		if len(payable) > 0 {
			return store.Outcome{}, &paylink.Conflict{
				Code: "customer_in_use", Detail: "The customer has a link that can still be paid. Cancel it first, or ask for it with cancel_links.", Other: string(payable[0]),
			}
		}
		if err := g.unname(tx, c); err != nil {
			return store.Outcome{}, err
		}
		gone.Erase(now)
		tx.CloseInbox(c)
		tx.UpdatePerson(gone, c.Revision)
		tx.AppendEvent(gone.Told(told, paylink.EventCustomerErased, by.ID))
		tx.Enqueue(paylink.Job{
			ID: job, Kind: paylink.JobErase, Key: string(c.ID), Merchant: c.Merchant, Live: c.Live, Payload: paylink.JobPayload{Customer: c.ID}, RunAt: now,
		}, now)
		return store.Outcome{Status: 200, Object: string(c.ID), Event: told}, nil
	})
	if err == nil && replayed {
		gone, err = g.Store.Read(ctx).Person(by.Merchant.ID, by.Live, paylink.CustomerID(out.Object))
	}
	return gone, about(err, "erase customer", id)
}

// withdraw cancels the person's links that can be paid.
func (g *People) withdraw(ctx context.Context, by issue.Actor, id paylink.CustomerID, now time.Time) error {
	read := g.Store.Read(ctx)
	c, err := read.Person(by.Merchant.ID, by.Live, id)
	if err != nil {
		return err
	}
	links, err := read.PayableOf(c, by.Merchant.Now(by.Live, now), mostCancelled)
	if err != nil {
		return err
	}
	for _, link := range links {
		// Who pays at this moment is not stopped: the erasure sees the link as it is then.
		if _, err := g.Issuer.Cancel(ctx, by, link, nil); err != nil && !settled(err) {
			return err
		}
	}
	return nil
}

// sweep empties what was kept of an erased person, a few rows at a time, and looks once more later.
func (g *People) sweep(ctx context.Context, r *queue.Run) error {
	ctx = store.GiveWay(ctx)
	p, err := g.Store.Read(ctx).Person(r.Job.Merchant, r.Job.Live, r.Job.Payload.Customer)
	if paylink.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := g.sweepContacts(ctx, p); err != nil {
		return fmt.Errorf("erase the contacts of customer %s: %w", p.ID, err)
	}
	if err := g.sweepLinks(ctx, p); err != nil {
		return fmt.Errorf("erase what links keep of customer %s: %w", p.ID, err)
	}
	if r.Job.Payload.Once {
		return nil
	}
	r.Job.Payload.Once = true
	return r.Again(ctx, g.now().Add(again), nil)
}

func (g *People) sweepContacts(ctx context.Context, p paylink.Customer) error {
	for {
		some, err := g.Store.Read(ctx).ContactsToErase(p, lot/4)
		if err != nil || len(some) == 0 {
			return err
		}
		err = g.Store.Write(ctx, func(tx *store.Tx) error {
			for _, c := range some {
				if err := g.unname(tx, c); err != nil {
					return err
				}
				tx.EraseContact(c, p.ErasedAt)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// unname leaves on the list of addresses that get no more only the digests of a contact's addresses: he is still
// not written to, and nobody can read whom.
func (g *People) unname(tx *store.Tx, c paylink.Customer) error {
	for _, channel := range paylink.Channels {
		to := c.Phone
		switch channel {
		case paylink.ChannelEmail:
			to = c.Email
		case paylink.ChannelInApp:
			continue // an id, and no name
		}
		if to == "" {
			continue
		}
		keys, err := token.AddressKeys(g.Ring, c.Merchant, c.Live, channel, to)
		if err != nil {
			return err
		}
		s, err := tx.Suppressed(c.Merchant, c.Live, channel, keys...)
		if err != nil {
			return err
		}
		if s != nil {
			s.Sealed = token.SealAddress(g.Ring, s.ID, "")
			tx.ResealSuppression(*s)
		}
	}
	return nil
}

func (g *People) sweepLinks(ctx context.Context, p paylink.Customer) error {
	for before := paylink.CustomerID(""); ; {
		contacts, err := g.Store.Read(ctx).Contacts(p, before, 100)
		if err != nil || len(contacts) == 0 {
			return err
		}
		for _, c := range contacts {
			if err := g.sweepLinksOf(ctx, c); err != nil {
				return err
			}
		}
		if before = contacts[len(contacts)-1].ID; before == p.ID { // the person comes first, and has no others
			return nil
		}
	}
}

func (g *People) sweepLinksOf(ctx context.Context, c paylink.Customer) error {
	for before := paylink.LinkID(""); ; {
		page, err := g.Store.Read(ctx).LinksOfContact(c, before, 100)
		if err != nil || len(page) == 0 {
			return err
		}
		ids := make([]paylink.LinkID, len(page))
		for i, l := range page {
			ids[i] = l.ID
		}
		before = ids[len(ids)-1]
		if ids, err = g.Store.Read(ctx).LinksToErase(c.Merchant, ids); err != nil {
			return err
		}
		slices.Sort(ids)
		for _, id := range ids {
			if err := g.sweepLink(ctx, c.Merchant, id); err != nil {
				return err
			}
		}
	}
}

func (g *People) sweepLink(ctx context.Context, merchant paylink.MerchantID, id paylink.LinkID) error {
	for left := int64(1); left > 0; {
		err := g.Store.Write(ctx, func(tx *store.Tx) (err error) {
			left, err = tx.EraseLink(merchant, id, lot)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
