// Package inbox says who may look into a customer's inbox, and on which devices its owner is told of what is
// new there.
//
// It is for the merchant's own app: the merchant's server asks for a token that opens the inbox of one
// customer, the app looks with it and registers itself. It keeps the browsers of the merchant's own people as
// well, for the dashboard. It leaves what stands in an inbox, and telling the devices, to dispatch and notify.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/store"
	"paylink/token"
)

// How long a token opens an inbox.
const (
	Shortest = time.Minute
	Usual    = 24 * time.Hour
	Longest  = 30 * 24 * time.Hour
)

// Deps is what Access works with.
type Deps struct {
	Store *store.Store
	Ring  *keyring.Ring
	Now   func() time.Time // real time
}

// Access opens inboxes and keeps devices. Its methods may be called from many goroutines.
type Access struct {
	store *store.Store
	ring  *keyring.Ring
	clock func() time.Time
}

// New makes an Access.
func New(d Deps) *Access { return &Access{store: d.Store, ring: d.Ring, clock: d.Now} }

// Owner is one customer of a merchant, in one mode. Whichever contact of a person it names, the person is meant.
type Owner struct {
	Merchant paylink.MerchantID
	Live     bool
	Customer paylink.CustomerID
}

// Token makes a token for a customer's inbox, which is kept nowhere. lasts is zero for the usual time; one
// that is too short or too long is *paylink.Invalid at /expires_in, and a customer of somebody else
// *paylink.NotFound.
func (x *Access) Token(ctx context.Context, of Owner, lasts time.Duration) (text string, expires time.Time, err error) {
	if lasts == 0 {
		lasts = Usual
	}
	if lasts < Shortest || lasts > Longest {
		var bad paylink.Invalid
		bad.Add("/expires_in", "out_of_range", "A token opens an inbox for one minute to thirty days.")
		return "", time.Time{}, &bad
	}
	person, generation, err := x.store.Read(ctx).InboxOwner(of.Merchant, of.Live, of.Customer)
	if err != nil {
		return "", time.Time{}, err
	}
	expires = x.now().Add(lasts)
	text, err = token.SignInbox(x.ring, token.Inbox{
		Merchant: of.Merchant, Live: of.Live, Customer: person, Generation: generation, ExpiresAt: expires,
	})
	return text, expires, err
}

// End ends every token for a customer's inbox.
func (x *Access) End(ctx context.Context, of Owner) error {
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		p, err := person(tx, of)
		if err == nil {
			tx.EndInboxTokens(p.Merchant, p.Live, p.ID)
		}
		return err
	})
	return about(err, "end the inbox tokens of", of.Customer)
}

// Enter tells whose inbox a token opens. One that opens none is *paylink.Refused "unauthenticated", whatever is
// wrong with it; one whose time is over is *paylink.Refused "inbox_token_expired", with whose inbox it opened.
func (x *Access) Enter(ctx context.Context, text string) (Owner, error) {
	refused := &paylink.Refused{Code: "unauthenticated", Detail: "This token opens no inbox."}
	claims, err := token.ReadInbox(x.ring, text, x.now())
	switch {
	case errors.Is(err, token.ErrExpired):
		return owner(claims), &paylink.Refused{Code: "inbox_token_expired", Detail: "This token's time is over. Ask the merchant's server for another."}
	case err != nil:
		return Owner{}, refused
	}
	person, generation, err := x.store.Read(ctx).InboxOwner(claims.Merchant, claims.Live, claims.Customer)
	switch {
	case paylink.IsNotFound(err), err == nil && generation != claims.Generation:
		return Owner{}, refused
	case err != nil:
		return Owner{}, fmt.Errorf("open the inbox of %s: %w", claims.Customer, err)
	}
	return Owner{Merchant: claims.Merchant, Live: claims.Live, Customer: person}, nil
}

// person reads and locks whom a customer stands for. Whoever was erased is not found.
func person(tx *store.Tx, of Owner) (paylink.Customer, error) {
	p, err := tx.Person(of.Merchant, of.Live, of.Customer)
	if err == nil && !p.ErasedAt.IsZero() {
		err = &paylink.NotFound{Kind: "customer", ID: string(of.Customer)}
	}
	return p, err
}

func owner(of token.Inbox) Owner {
	return Owner{Merchant: of.Merchant, Live: of.Live, Customer: of.Customer}
}

func (x *Access) now() time.Time { return x.clock().UTC().Truncate(time.Microsecond) }

// about says what was being done, and leaves errors alone that are meant for the caller.
func about(err error, doing string, what any) error {
	if err == nil || paylink.IsNotFound(err) {
		return err
	}
	return fmt.Errorf("%s %v: %w", doing, what, err)
}
