package issue

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

const (
	maxAdvance = 366 * 24 * time.Hour      // in one step: a year's end can be seen
	maxAhead   = 20 * 366 * 24 * time.Hour // in all: dates stay those that tokens and people can write
	moveBatch  = 50                        // jobs in one transaction, so that nobody waits for a large world
)

// AdvanceClock moves the sandbox clock of the merchant's test world forward, and with it what waits
// there for its time. It returns the world's new now. Live links, leases, sessions and the
// timestamps of webhooks do not move.
func (x *Issuer) AdvanceClock(ctx context.Context, merchant paylink.MerchantID, by time.Duration) (time.Time, error) {
	var bad paylink.Invalid
	switch {
	case by < time.Microsecond:
		bad.Add("/advance", "too_small", "The clock only moves forward.")
	case by > maxAdvance:
		bad.Add("/advance", "too_far", "The clock moves by at most 366 days at a time.")
	}
	if err := bad.OrNil(); err != nil {
		return time.Time{}, err
	}
	now := x.now()
	var world time.Time
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		tx.AdvanceClock(merchant, by.Truncate(time.Microsecond))
		m, err := tx.Merchant(merchant)
		if err == nil && m.ClockOffset > maxAhead {
			return &paylink.Conflict{Code: "clock_limit", Detail: "The sandbox clock is as far ahead as it goes.", Other: string(merchant)}
		}
		world = m.Now(false, now)
		return err
	})
	if err != nil {
		return time.Time{}, about(err, "advance the clock of", merchant)
	}
	if err := x.moveWorld(ctx, merchant); err != nil {
		return time.Time{}, err
	}
	return world, nil
}

func (x *Issuer) moveWorld(ctx context.Context, merchant paylink.MerchantID) error {
	for moved := int64(1); moved > 0; {
		err := x.store.Write(ctx, func(tx *store.Tx) (err error) {
			moved, err = tx.MoveWorldJobs(merchant, moveBatch)
			return err
		})
		if err != nil {
			return fmt.Errorf("move the jobs of %s's test world: %w", merchant, err)
		}
	}
	return nil
}
