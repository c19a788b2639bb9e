package customer

import (
	"context"
	"maps"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// lot is how many rows one transaction changes at most: on SQLite whoever waits to write waits for all of it.
const lot = 40

func equal(a, b paylink.Customer) bool {
	return a.Name == b.Name && a.Phone == b.Phone && a.Email == b.Email && a.Locale == b.Locale && a.TaxID == b.TaxID && a.Notes == b.Notes &&
		maps.Equal(a.Metadata, b.Metadata)
}

// Merge makes of two people one: the links, contacts and consents of from are into's from now on, and its id
// leads there. What into does not know, from may fill in; the notes of from are lost. It cannot be taken back. A
// call that breaks off has moved a part of them, and the next goes on.
func (g *People) Merge(ctx context.Context, by issue.Actor, into, from paylink.CustomerID, claim *store.Claim) (paylink.Customer, error) {
	now := g.now()
	told := paylink.NewEventID(now)
	// A contact leads to its person, and would lead elsewhere once it has been moved.
	for _, id := range []*paylink.CustomerID{&into, &from} {
		p, err := g.Store.Read(ctx).Person(by.Merchant.ID, by.Live, *id)
		if err != nil {
			return p, about(err, "merge customer", from)
		}
		*id = p.ID
	}
	for {
		more, err := g.move(ctx, by, into, from)
		if err != nil {
			return paylink.Customer{}, about(err, "merge customer", from)
		}
		if !more {
			break
		}
	}
	var made paylink.Customer
	out, replayed, err := g.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		to, gone, err := both(tx, by, into, from)
		if err != nil {
			return store.Outcome{}, err
		}
		if made = to; to.ID == gone.ID {
			return store.Outcome{Status: 200, Object: string(to.ID)}, nil // they are one already
		}
		// Whoever made a link meanwhile waits for us, or we waited for him.
		for _, some := range []func(from, into paylink.Customer, limit int) (int64, error){tx.MoveContacts, tx.MoveConsents} {
			if moved, err := some(gone, to, lot/2); err != nil || moved == lot/2 {
				return store.Outcome{}, either(err, &paylink.Conflict{Code: "changed", Detail: "The customer changed in the meantime.", Other: string(gone.ID)})
			}
		}
		fill(&made, gone)
		made.Touch(now)
		tx.JoinInboxes(gone, made)
		tx.BecomeContact(gone, made)
		tx.UpdatePerson(made, to.Revision)
		e := made.Told(told, paylink.EventCustomerMerged, by.ID)
		e.Data.Customer.MergedFrom = gone.ID
		tx.AppendEvent(e)
		return store.Outcome{Status: 200, Object: string(made.ID), Event: told}, nil
	})
	if err == nil && replayed {
		made, err = g.Store.Read(ctx).Person(by.Merchant.ID, by.Live, paylink.CustomerID(out.Object))
	}
	return made, about(err, "merge customer", from)
}

// move takes some of what is from's to into, and tells whether there may be more.
func (g *People) move(ctx context.Context, by issue.Actor, into, from paylink.CustomerID) (more bool, err error) {
	err = g.Store.Write(ctx, func(tx *store.Tx) error {
		to, gone, err := both(tx, by, into, from)
		if err != nil || to.ID == gone.ID {
			more = false
			return err
		}
		contacts, err := tx.MoveContacts(gone, to, lot/2)
		if err != nil {
			return err
		}
		consents, err := tx.MoveConsents(gone, to, lot/2)
		more = contacts == lot/2 || consents == lot/2
		return err
	})
	return more, err
}

// both reads and locks two people in the order of their ids, so that two merges never wait for each other.
func both(tx *store.Tx, by issue.Actor, into, from paylink.CustomerID) (to, gone paylink.Customer, err error) {
	first, second := into, from
	if second < first {
		first, second = second, first
	}
	a, err := living(tx, by, first)
	if err != nil {
		return to, gone, err
	}
	b, err := living(tx, by, second)
	if first == into {
		return a, b, err
	}
	return b, a, err
}

// fill takes over what is not known yet.
func fill(c *paylink.Customer, from paylink.Customer) {
	for _, f := range []struct {
		is   *string
		said string
	}{{&c.Name, from.Name}, {&c.Phone, from.Phone}, {&c.Email, from.Email}, {&c.Locale, from.Locale}, {&c.TaxID, from.TaxID}} {
		if *f.is == "" {
			*f.is = f.said
		}
	}
}

func either(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
