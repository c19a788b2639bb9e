package issue

import (
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

func (x *Issuer) along() int {
	if x.store.Kind() == "sqlite" {
		return alongSQLite
	}
	return alongPostgres
}

// takeAlong expires links whose jobs wait, and ends their jobs. What needs more than that is left to its
// own job: a payment under way, an expiry that moved, a link that is given new time or ended in another way.
func takeAlong(tx *store.Tx, ids []paylink.EventID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	due, err := tx.DueExpiries(paylink.JobExpire, now, len(ids))
	if err != nil {
		return err
	}
	var expired []store.Expired
	for i, d := range due {
		world := now.Add(d.Ahead)
		if !d.Link.NextLook(world).IsZero() || d.Link.RenewsItself(paylink.Merchant{Settings: d.Settings}.RefreshOf(d.Link), world) {
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
	return nil
}
