// Package customer keeps what a merchant knows of the people who pay: their details, what they allowed and took
// back, that two of them are one, and that one is to be forgotten.
//
// It is for the API and the dashboard. A link's contact is written by issue, and whose contact it is the store
// finds out; here begins what is done to a person. It has issue judge names and addresses and withdraw links,
// and leaves to dispatch to heed what it enters in the list of addresses that get no more.
package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/keyring"
	"paylink/queue"
	"paylink/store"
)

// Deps are what People works with.
type Deps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Issuer *issue.Issuer
	Now    func() time.Time // real time
}

// People keeps what a merchant knows of people. Its methods may be called from many goroutines.
type People struct{ Deps }

// New makes People.
func New(d Deps) *People { return &People{d} }

// Register takes over the jobs of this room.
func (g *People) Register(q *queue.Queue) { q.Handle(paylink.JobErase, g.sweep) }

func (g *People) now() time.Time { return g.Now().UTC().Truncate(time.Microsecond) }

// Change is what is to be different about a person. What is nil stays.
type Change struct {
	Name, Phone, Email, Locale, TaxID, Notes *string
	Metadata                                 map[string]string // nil: stays
	IfRevision                               *int64            // the revision that the caller read; nil: any
}

// Create adds a person. It fails with *paylink.Invalid naming every wrong field, and with *paylink.Conflict
// "customer_exists" naming whoever has the same number and mailbox. A claim that was used before gives the person
// as he is now.
func (g *People) Create(ctx context.Context, by issue.Actor, card issue.Card, claim *store.Claim) (paylink.Customer, error) {
	now := g.now()
	c, invalid := card.Judge(by)
	if invalid == nil && c.Name == "" && c.Phone == "" && c.Email == "" {
		nobody := &paylink.Invalid{}
		nobody.Add("/name", "required", "A customer needs a name, a phone number or an e-mail address.")
		invalid = nobody
	}
	if invalid != nil {
		return c, invalid
	}
	c.ID, c.Revision, c.CreatedAt, c.UpdatedAt = paylink.NewCustomerID(now), 1, now, now
	told := paylink.NewEventID(now)
	out, replayed, err := g.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		tx.InsertCustomer(c)
		made, err := tx.Customer(c.Merchant, c.Live, c.ID)
		if err != nil {
			return store.Outcome{}, err
		}
		if made.Person != "" {
			return store.Outcome{}, &paylink.Conflict{Code: "customer_exists", Detail: "You have a customer with this phone number and e-mail address.", Other: string(made.Person)}
		}
		tx.AppendEvent(c.Told(told, paylink.EventCustomerCreated, by.ID))
		return store.Outcome{Status: 201, Object: string(c.ID), Event: told}, nil
	})
	if err == nil && replayed {
		c, err = g.Store.Read(ctx).Person(by.Merchant.ID, by.Live, paylink.CustomerID(out.Object))
	}
	return c, about(err, "add a customer for", by.Merchant.ID)
}

// Change changes a person from now on, and with him the contact of links that name him. What other links were
// made with stays theirs. It fails with *paylink.Invalid, with *paylink.Conflict "wrong_revision" when IfRevision
// is not the person's, and with "erased".
func (g *People) Change(ctx context.Context, by issue.Actor, id paylink.CustomerID, change Change) (paylink.Customer, error) {
	now := g.now()
	told := paylink.NewEventID(now)
	var made paylink.Customer
	err := g.Store.Write(ctx, func(tx *store.Tx) error {
		c, err := living(tx, by, id)
		if err != nil {
			return err
		}
		if change.IfRevision != nil && *change.IfRevision != c.Revision {
			return &paylink.Conflict{Code: "wrong_revision", Detail: "The customer has changed since you read it.", Other: string(c.ID)}
		}
		if made, err = change.of(c).Judge(by); err != nil {
			return err
		}
		made.ID, made.Person, made.Revision, made.CreatedAt, made.UpdatedAt = c.ID, "", c.Revision, c.CreatedAt, c.UpdatedAt
		if equal(made, c) {
			return nil
		}
		made.Touch(now)
		tx.UpdatePerson(made, c.Revision)
		tx.AppendEvent(made.Told(told, paylink.EventCustomerUpdated, by.ID))
		return nil
	})
	return made, about(err, "change customer", id)
}

// of is the card of a person with the change.
func (change Change) of(c paylink.Customer) issue.Card {
	card := issue.Card{Contact: issue.Contact{Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID}, Notes: c.Notes, Metadata: c.Metadata}
	for _, f := range []struct{ said, is *string }{
		{change.Name, &card.Name}, {change.Phone, &card.Phone}, {change.Email, &card.Email}, {change.Locale, &card.Locale},
		{change.TaxID, &card.TaxID}, {change.Notes, &card.Notes},
	} {
		if f.said != nil {
			*f.is = *f.said
		}
	}
	if change.Metadata != nil {
		card.Metadata = change.Metadata
	}
	return card
}

// living reads a person who is to be changed, locked.
func living(tx *store.Tx, by issue.Actor, id paylink.CustomerID) (paylink.Customer, error) {
	c, err := tx.Person(by.Merchant.ID, by.Live, id)
	if err == nil && !c.ErasedAt.IsZero() {
		err = &paylink.Conflict{Code: "erased", Detail: "The customer was erased, and nothing is kept of the person any more.", Other: string(c.ID)}
	}
	return c, err
}

// about adds to an internal error what was being done; the kinds say it themselves.
func about(err error, doing string, id any) error {
	var (
		invalid  *paylink.Invalid
		missing  *paylink.NotFound
		conflict *paylink.Conflict
	)
	if err == nil || errors.As(err, &invalid) || errors.As(err, &missing) || errors.As(err, &conflict) {
		return err
	}
	return fmt.Errorf("%s %v: %w", doing, id, err)
}

// settled tells that a link is as it is: paid, or withdrawn by somebody else meanwhile.
func settled(err error) bool {
	var conflict *paylink.Conflict
	return errors.As(err, &conflict)
}
