package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// expiring gives every link of the crowd its job at one instant and measures how long it takes until all
// are marked, and what a payment takes meanwhile against the same server at rest. From its instant on, a
// link takes no payment whether it is marked or not.
func (b *bench) expiring(ctx context.Context, c *crowd) ([]fact, error) {
	if err := c.p.serve(ctx); err != nil {
		return nil, err
	}
	quiet, err := b.paying(ctx, c.p, func() bool { return true })
	if err = errors.Join(err, c.p.stop()); err != nil {
		return nil, err
	}
	if err := c.ripen(ctx); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := c.p.serve(ctx); err != nil {
		return nil, err
	}
	var marked, worked time.Duration // of the clock, and of the server's processors
	busy, err := b.paying(ctx, c.p, func() bool {
		left, failed := c.any(ctx, `SELECT 1 FROM jobs WHERE kind = 'issue.expire' AND state IN ('waiting', 'running') AND key >= 'plink_06h000000' AND key < 'plink_06h000001' LIMIT 1`)
		if marked == 0 && failed == nil && !left {
			marked, worked = time.Since(start), c.p.cpu()
		}
		return marked > 0
	})
	if err != nil {
		return nil, errors.Join(err, c.p.stop())
	}
	for waiting := true; waiting && err == nil; time.Sleep(200 * time.Millisecond) {
		waiting, err = c.any(ctx, `SELECT 1 FROM events WHERE seq IS NULL LIMIT 1`)
	}
	sealed := time.Since(start)
	if err = errors.Join(err, c.p.stop()); err != nil {
		return nil, err
	}
	var expired int64
	if err := c.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM links WHERE status = 'expired'`).Scan(&expired); err != nil || expired < c.links {
		return nil, fmt.Errorf("%d of %d links expired: %w", expired, c.links, err)
	}
	return []fact{
		{fmt.Sprintf("%s: %d links expire at one instant", c.kind, c.links), "all marked within 2 min at 1,000,000",
			fmt.Sprintf("**%.0f s** (%.0f/s, %.0f µs of the server's processor each, sealing and payments included); every event sealed after %.0f s",
				marked.Seconds(), float64(c.links)/marked.Seconds(), float64(worked.Microseconds())/float64(c.links), sealed.Seconds())},
		{c.kind + ": a payment from the page to captured, while they expire", "p99 ≤ 1.5 × of quiet",
			fmt.Sprintf("p99 **%.2f ×** (%s → %s), p50 %.2f × (%s → %s), of %d and %d", ratio(quiet, busy, 99), ms(quantile(quiet, 99)), ms(quantile(busy, 99)),
				ratio(quiet, busy, 50), ms(quantile(quiet, 50)), ms(quantile(busy, 50)), len(quiet), len(busy))},
	}, nil
}

func ratio(quiet, busy []time.Duration, percent int) float64 {
	return float64(quantile(busy, percent)) / float64(max(1, quantile(quiet, percent)))
}

func (c *crowd) any(ctx context.Context, q string) (bool, error) {
	rows, err := c.db.QueryContext(ctx, q)
	if err != nil {
		return false, err
	}
	found := rows.Next()
	return found, errors.Join(rows.Err(), rows.Close())
}

// paying has two customers pay, one link after the other, for at least two windows and until done says so.
// It gives what each payment took, sorted.
func (b *bench) paying(ctx context.Context, p *program, done func() bool) ([]time.Duration, error) {
	paying, stop := context.WithCancel(ctx)
	defer stop()
	took, errs := make([][]time.Duration, 2), make([]error, 2)
	var customers sync.WaitGroup
	for i := range took {
		customers.Go(func() {
			defer stop()
			for paying.Err() == nil && errs[i] == nil {
				var made madeLink
				if made, errs[i] = b.create(ctx, p); errs[i] == nil {
					start := time.Now()
					errs[i] = p.pay(ctx, made.URL)
					took[i] = append(took[i], time.Since(start))
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	for least := time.Now().Add(2 * b.window); paying.Err() == nil && (time.Now().Before(least) || !done()); {
		time.Sleep(500 * time.Millisecond)
	}
	stop()
	customers.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	return all, errors.Join(errs...)
}
