package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Deps is what a Keeper needs.
type Deps struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Keeper does what the books need besides being written: it gathers their totals, so that balances stay quick,
// and enters the payments from before there were books. Any number of nodes may keep at once.
type Keeper struct{ Deps }

// NewKeeper makes a Keeper.
func NewKeeper(d Deps) *Keeper { return &Keeper{d} }

// Work keeps the books until ctx is done.
func (k *Keeper) Work(ctx context.Context) error {
	const every = 10 * time.Minute
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		timer.Reset(every)
		ctx := store.GiveWay(ctx)
		if err := k.CatchUp(ctx); err != nil && ctx.Err() == nil {
			k.Log.Error("ledger.catch_up", "error", err)
		}
		if err := k.Gather(ctx); err != nil && ctx.Err() == nil {
			k.Log.Error("ledger.gather", "error", err)
		}
	}
}

// Gather moves the totals of past days together until none are left that can be.
func (k *Keeper) Gather(ctx context.Context) error {
	for more := true; more; {
		now := k.Now()
		err := k.Store.Write(ctx, func(tx *store.Tx) (err error) {
			more, err = tx.GatherTotals(now)
			return err
		})
		if err != nil && !store.GatheredMeanwhile(err) {
			return fmt.Errorf("gather the ledger's totals: %w", err)
		}
	}
	return nil
}

const (
	// pageOld is how many old payments are entered between two notes of how far it is: oldWriters at once, each
	// in transactions of oldEach, which change at most 50 rows.
	pageOld    = 256
	oldWriters = 16
	oldEach    = 4

	// lookBack is how long after the first pass over a merchant's payments the last one is: until then a node of
	// an older version may have gone on capturing beside us.
	lookBack = time.Hour
)

// CatchUp enters payments that were captured before there were books, or by an older version beside us. It can be
// ended at any moment and goes on where it was; a payment that is entered twice is found out by its key.
func (k *Keeper) CatchUp(ctx context.Context) error {
	for after := paylink.MerchantID(""); ; {
		some, err := k.Store.Read(ctx).LedgerBacklogs(after, 100)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, b := range some {
			if err := k.enterOld(ctx, b); err != nil {
				return fmt.Errorf("enter old payments of %s: %w", b.Merchant, err)
			}
			after = b.Merchant
		}
	}
}

// enterOld goes through one merchant's payments, from where it was to the last.
func (k *Keeper) enterOld(ctx context.Context, b store.LedgerBacklog) error {
	if !b.PassedAt.IsZero() && k.Now().Sub(b.PassedAt) < lookBack {
		return nil
	}
	for {
		page, err := k.Store.Read(ctx).PaymentsAfter(b.Merchant, b.After, pageOld)
		if err != nil {
			return err
		}
		if err := k.enterAll(ctx, page); err != nil {
			return err
		}
		if len(page) == pageOld {
			b.After = page[len(page)-1].ID
			if err := k.move(ctx, b); err != nil {
				return err
			}
			continue
		}
		if !b.PassedAt.IsZero() {
			return k.Store.Write(ctx, func(tx *store.Tx) error { return tx.EndBacklog(b.Merchant) })
		}
		// Those that were open when we began may have been captured by an older node since.
		b.PassedAt = k.Now()
		b.After = paylink.PaymentIDFrom(b.PassedAt.Add(-paylink.AskFor - lookBack))
		return k.move(ctx, b)
	}
}

func (k *Keeper) move(ctx context.Context, b store.LedgerBacklog) error {
	return k.Store.Write(ctx, func(tx *store.Tx) error { return tx.MoveBacklog(b) })
}

// enterAll enters what of a page is captured and not in the books, several transactions at once: on SQLite they
// share their commits.
func (k *Keeper) enterAll(ctx context.Context, page []paylink.Payment) error {
	errs := make(chan error, oldWriters)
	var all sync.WaitGroup
	for w := range oldWriters {
		all.Go(func() {
			for i := w * oldEach; i < len(page); i += oldWriters * oldEach {
				if err := k.Store.Write(ctx, func(tx *store.Tx) error { return enterSome(tx, page[i:min(i+oldEach, len(page))]) }); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// enterSome enters payments. Each is locked and read again: whoever captures it now enters it too.
func enterSome(tx *store.Tx, some []paylink.Payment) error {
	for _, was := range some {
		p, err := tx.Payment(was.Merchant, was.Live, was.ID)
		if err == nil {
			err = Enter(tx, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Enter writes a captured payment into the books if it is not in them, at the time when it was captured or
// recorded. The transaction holds the payment locked. Whoever changes what the money of a captured payment is, as
// resolving held money does, calls it first: the payment may be from before there were books.
func Enter(tx *store.Tx, p paylink.Payment) error {
	if p.Status != paylink.PaymentCaptured {
		return nil
	}
	entries := paylink.PaymentEntries(p)
	posted, err := tx.LedgerPosted(p.Merchant, p.ID, "", entries[0].Kind)
	if err != nil || posted {
		return err
	}
	at := p.CapturedAt
	if p.CreatedAt.After(at) { // it was taken before it was recorded
		at = p.CreatedAt
	}
	return Post(tx, at, entries...)
}
