// Package issue makes payment links and changes them: it judges what a merchant asks for, signs the
// terms, and cancels, refreshes, extends, reactivates, sends again and expires what it made.
//
// It is for the API and the dashboard, and it is the only package that gives a link its terms. It
// leaves sending to dispatch and payments to checkout and confirm, for which it writes rows and jobs
// in the transaction of the change; who may act for a merchant is judged before it is called.
package issue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"paylink"
	"paylink/keyring"
	"paylink/queue"
	"paylink/store"
)

// Deps is what an Issuer works with.
type Deps struct {
	Store  *store.Store
	Ring   *keyring.Ring
	Now    func() time.Time // real time
	Random io.Reader        // nil: crypto/rand; the source of short codes
	Placed bool             // the pages are told in which country a visitor is, so links can be kept to some
}

// Issuer makes and changes links. Its methods may be called from many goroutines.
type Issuer struct {
	store  *store.Store
	ring   *keyring.Ring
	clock  func() time.Time
	random io.Reader
	placed bool
}

// New makes an Issuer.
func New(d Deps) *Issuer {
	if d.Random == nil {
		d.Random = rand.Reader
	}
	return &Issuer{store: d.Store, ring: d.Ring, clock: d.Now, random: d.Random, placed: d.Placed}
}

// Register takes over the jobs of this step.
func (x *Issuer) Register(q *queue.Queue) {
	q.Handle(paylink.JobExpire, x.expire)
	q.Handle(paylink.JobRemind, x.remind)
}

// Actor is who asks for a change. Merchant is read anew for every request, because in test mode its
// clock decides what has expired.
type Actor struct {
	Merchant paylink.Merchant
	Live     bool
	ID       string // key_… or usr_…
}

// now is real time as the database keeps it.
func (x *Issuer) now() time.Time { return x.clock().UTC().Truncate(time.Microsecond) }

// namingHolder makes of an error that may come from a reference in use the conflict that names the
// link in the way. own is the link that wanted the reference; every other error comes back as it is.
func (x *Issuer) namingHolder(ctx context.Context, by Actor, reference string, own paylink.LinkID, err error) error {
	var conflict *paylink.Conflict
	switch {
	case err == nil || reference == "" || domain(err) && !errors.As(err, &conflict):
		return err
	case conflict != nil && (conflict.Code != referenceInUse || conflict.Other != ""):
		return err
	}
	// Two revivals in one instant meet at the unique index, whose refusal is nobody's kind of error.
	holder, missing := x.store.Read(ctx).LinkByReference(by.Merchant.ID, by.Live, reference)
	if missing != nil || holder.ID == own {
		return err
	}
	return inUse(holder.ID)
}

const referenceInUse = "reference_in_use"

func inUse(holder paylink.LinkID) *paylink.Conflict {
	return &paylink.Conflict{Code: referenceInUse, Detail: "Another payment link uses this reference.", Other: string(holder)}
}

// domain tells whether an error is one of the five kinds that callers can act on.
func domain(err error) bool {
	var (
		invalid  *paylink.Invalid
		missing  *paylink.NotFound
		conflict *paylink.Conflict
		refused  *paylink.Refused
		expired  *paylink.Expired
	)
	return errors.As(err, &invalid) || errors.As(err, &missing) || errors.As(err, &conflict) ||
		errors.As(err, &refused) || errors.As(err, &expired)
}

// about adds to an internal error what was being done; the kinds say it themselves.
func about(err error, doing string, id any) error {
	if err == nil || domain(err) {
		return err
	}
	return fmt.Errorf("%s %v: %w", doing, id, err)
}
