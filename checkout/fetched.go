package checkout

import (
	"context"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Bounds of the buffer of page fetches.
const (
	fetchEvery = 250 * time.Millisecond
	fetchRows  = 40    // links written in one transaction
	fetchMost  = 10000 // links remembered between two writes; beyond it fetches go uncounted
)

// fetches gathers what asked for pages, people and preview bots alike. It is only a count: what a crash
// loses of it is accepted, so that opening a page stays a read.
type fetches struct {
	mu     sync.Mutex
	counts map[paylink.LinkID]*store.Fetches
	ring   chan struct{}
}

// Fetched counts one GET of a link's page.
func (c *Checkout) Fetched(l paylink.Link) {
	f := &c.fetches
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[paylink.LinkID]*store.Fetches{}
	}
	if seen := f.counts[l.ID]; seen != nil {
		seen.Times++
		return
	}
	if len(f.counts) >= fetchMost {
		return
	}
	f.counts[l.ID] = &store.Fetches{Link: l, Times: 1}
	select {
	case f.ring <- struct{}{}:
	default:
	}
}

// Work writes the gathered fetches until ctx is done, and what is left then.
func (c *Checkout) Work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return c.writeFetches(context.WithoutCancel(ctx))
		case <-c.fetches.ring:
		}
		select {
		case <-ctx.Done():
		case <-time.After(fetchEvery):
		}
		if err := c.writeFetches(context.WithoutCancel(ctx)); err != nil {
			c.Log.Warn("visits.write", "error", err)
		}
	}
}

func (c *Checkout) writeFetches(ctx context.Context) error {
	c.fetches.mu.Lock()
	counts := c.fetches.counts
	c.fetches.counts = nil
	c.fetches.mu.Unlock()

	all := make([]store.Fetches, 0, len(counts))
	for _, f := range counts {
		all = append(all, *f)
	}
	now := c.Now()
	for len(all) > 0 {
		part := all[:min(fetchRows, len(all))]
		all = all[len(part):]
		err := c.Store.Write(ctx, func(tx *store.Tx) error {
			tx.Fetched(part, now)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
