package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// noPosting leaves the books empty and all else the same: what the entries say is still worked out and judged.
var noPosting = edit{"ledger/ledger.go", "\ttx.InsertEntries(said)\n", ""}

func (b *bench) postingOnSQLite(ctx context.Context) (row, error) { return b.posting(ctx, "SQLite") }

func (b *bench) postingOnPostgres(ctx context.Context) (row, error) {
	return b.posting(ctx, "PostgreSQL")
}

// posting compares confirming payments with and without the postings, each side on a database of its own, in turn:
// as many payments as fit, from the first notice until the last is told. The books cost at most 15 %.
func (b *bench) posting(ctx context.Context, kind string) (r row, err error) {
	r = row{what: "confirm a payment, " + kind + ", with the books against a build that posts nothing, 64 clients", hold: 0.85}
	var sides [2]*till
	var watchers [2]*watcher
	for i, name := range []string{"books", "no_books"} {
		if sides[i], err = b.newTill(ctx, kind, name); err != nil {
			return r, err
		}
		defer func() { err = errors.Join(err, sides[i].close()) }()
	}
	if sides[1].p.binary, err = b.buildEdited(ctx, "without-books", onLoopback, noPosting); err != nil {
		return r, err
	}
	for i, t := range sides {
		// Nobody confirms so many a second on two cores, and what is left over harms nobody.
		if err := t.begun(ctx, int64(3000*b.window.Seconds())*int64(b.pairsWanted+1)+200); err != nil {
			return r, err
		}
		if err := t.p.serve(ctx); err != nil {
			return r, err
		}
		defer func() { err = errors.Join(err, t.p.stop()) }()
		if watchers[i], err = t.watch(ctx); err != nil {
			return r, err
		}
		defer watchers[i].close()
	}
	for pair := -1; pair < b.pairsWanted; pair++ { // the first one warms up
		var both [2]tally
		for i := range sides {
			n := (i + pair + 2) % 2 // whoever comes second finds the disk as the first left it
			if both[n], err = b.alone(ctx, sides[n], watchers[n], sides[1-n]); err != nil {
				return r, fmt.Errorf("%s: %w", r.what, err)
			}
		}
		if pair < 0 {
			continue
		}
		r.add(both[0], both[1].rate())
		b.say("%-50s  pair %d: with %5.0f/s  without %5.0f/s  ratio %.2f; processor of each %s and %s", r.what, pair+1, both[0].rate(), both[1].rate(), both[0].rate()/both[1].rate(), ms(both[0].cpu), ms(both[1].cpu))
	}
	if err = sides[0].verify(ctx); err != nil {
		return r, err
	}
	var entries int64
	if err = sides[1].db.QueryRowContext(ctx, `SELECT COUNT(*) FROM ledger_entries`).Scan(&entries); err == nil && entries > 0 {
		err = fmt.Errorf("the build without books wrote %d entries", entries)
	}
	return r, err
}

// alone confirms payments on one side while the other stands still.
func (b *bench) alone(ctx context.Context, t *till, w *watcher, other *till) (tally, error) {
	other.p.pause(true)
	defer other.p.pause(false)
	used, start := t.p.cpu(), time.Now()
	m, err := t.paid(ctx, w, b.window, 0, b.clients)
	if err == nil && m.missing() != "" {
		err = errors.New("payments were not confirmed in time" + m.missing())
	}
	is := tally{done: m.sent, took: w.last().Sub(start), p50: quantile(m.seen, 50), p99: quantile(m.seen, 99)}
	time.Sleep(restFor)
	is.cpu = (t.p.cpu() - used) / time.Duration(max(1, m.sent))
	return is, err
}
