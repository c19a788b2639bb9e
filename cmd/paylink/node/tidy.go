package node

import (
	"context"
	"time"

	"paylink/store"
)

// How long things are kept, and how many go in one transaction, so that tidying holds nobody up.
const (
	tidyEvery      = 10 * time.Minute
	tidyRows       = 50
	keepNotices    = 90 * 24 * time.Hour
	keepIdempotent = 30 * 24 * time.Hour
	keepFailures   = 24 * time.Hour
	keepJobs       = 30 * 24 * time.Hour
	keepNumbers    = 2 * time.Hour
	keepOutcomes   = time.Hour          // four times what is looked at
	keepParts      = 7 * 24 * time.Hour // no operator reports later
)

// tidy forgets what has served its time, until ctx is done.
func (n *Node) tidy(ctx context.Context) error {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := n.world.Now()
		if err := n.rooms.uploads.Forget(ctx); err != nil && ctx.Err() == nil {
			n.world.Log.Error("tidy.failed", "what", "uploaded files", "error", err)
		}
		for what, forget := range map[string]func(*store.Tx) (int64, error){
			"one-time tokens":  func(tx *store.Tx) (int64, error) { return tx.ForgetNonces(now, tidyRows) },
			"notices":          func(tx *store.Tx) (int64, error) { return tx.ForgetNotices(now.Add(-keepNotices), tidyRows) },
			"idempotency keys": func(tx *store.Tx) (int64, error) { return tx.ForgetClaims(now.Add(-keepIdempotent), tidyRows) },
			"job history":      func(tx *store.Tx) (int64, error) { return tx.ForgetJobs(now.Add(-keepJobs), tidyRows) },
			"sessions":         func(tx *store.Tx) (int64, error) { return tx.ForgetSessions(now, tidyRows) },
			"numbers sent to":  func(tx *store.Tx) (int64, error) { return tx.ForgetNumbers(now.Add(-keepNumbers), tidyRows) },
			"message parts":    func(tx *store.Tx) (int64, error) { return tx.ForgetParts(now.Add(-keepParts), tidyRows) },
			"gateway counts":   func(tx *store.Tx) (int64, error) { return tx.ForgetOutcomes(now.Add(-keepOutcomes), tidyRows) },
			"failed sign-ins":  func(tx *store.Tx) (int64, error) { return tx.ForgetSignInFailures(now.Add(-keepFailures), tidyRows) },
		} {
			if err := n.forget(ctx, forget); err != nil && ctx.Err() == nil {
				n.world.Log.Error("tidy.failed", "what", what, "error", err)
			}
		}
	}
}

func (n *Node) forget(ctx context.Context, some func(*store.Tx) (int64, error)) error {
	for ctx.Err() == nil {
		var gone int64
		err := n.store.Write(ctx, func(tx *store.Tx) (err error) {
			gone, err = some(tx)
			return err
		})
		if err != nil || gone < tidyRows {
			return err
		}
	}
	return nil
}
