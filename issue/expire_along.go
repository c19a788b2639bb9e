package issue

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
)

// How many other links a job takes along whose time is up as well: many end at the same midnight, and one
// at a time each would cost a claim and a transaction. On SQLite the transaction stays with them within the
// fifty rows that one may change; on PostgreSQL nobody waits behind it.
const (
	alongSQLite   = 14
	alongPostgres = 120
)

// others are the ids of the events of those that are taken along, made before the transaction.
func (x *Issuer) others(now time.Time) []paylink.EventID {
	n := alongPostgres
	if x.store.Kind() == "sqlite" {
		n = alongSQLite
	}
	ids := make([]paylink.EventID, n)
	for i := range ids {
		ids[i] = paylink.NewEventID(now)
	}
	return ids
}

// mostSwept bounds how many transactions follow one job, some seconds of them.
const mostSwept = 1000

// sweep goes on with what is due, when a job has taken along as many as it could: a claim for every fifteen
// links costs a third of what the links do. It is nobody's duty: the jobs of those that it leaves, because
// something failed or one was changed meanwhile, are due and wait.
func (x *Issuer) sweep(ctx context.Context) {
	for range mostSwept {
		now := x.now()
		others, taken := x.others(now), 0
		err := x.store.Write(ctx, func(tx *store.Tx) (err error) {
			taken, err = takeAlong(tx, others, now)
			return err
		})
		if err != nil || taken < len(others) {
			return
		}
	}
}

// takeAlong expires links whose jobs wait, ends their jobs, and tells how many there were. What needs more
// than that is left to its own job: a payment under way, an expiry that moved, a link that is given new time
// or ended in another way.
func takeAlong(tx *store.Tx, ids []paylink.EventID, now time.Time) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	due, err := tx.DueExpiries(paylink.JobExpire, now, len(ids))
	if err != nil {
		return 0, err
	}
	var expired []store.Expired
	for i, d := range due {
		world := now.Add(d.Ahead)
		if d.Link.InFlight > 0 || !d.Link.NextLook(world).IsZero() || d.Link.RenewsItself(paylink.Merchant{Settings: d.Settings}.RefreshOf(d.Link), world) {
			continue
		}
		read := d.Link.UpdatedAt
		at := d.Link.Touch(now)
		if d.Link.Resettle(world, at) != paylink.EventLinkExpired {
			continue
		}
		expired = append(expired, store.Expired{DueExpiry: d, Read: read, Event: event(ids[i], paylink.EventLinkExpired, d.Link, d.Customer, "system")})
	}
	tx.ExpireLinks(expired)
	return len(expired), nil
}
