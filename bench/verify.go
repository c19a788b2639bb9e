package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"paylink/bench/baseline"
)

// verifyMost is how many events are proven. A shorter window means a quick look, and fewer.
const verifyMost = 1_000_000

// verifying has `paylink verify` prove a long chain on each database. What it cannot do is said, and the
// other numbers stand.
func (b *bench) verifying(ctx context.Context) ([]fact, error) {
	more := min(verifyMost, int64(b.window/time.Millisecond)*50)
	var facts []fact
	for _, on := range []struct {
		kind string
		p    *program
		add  func() (int64, error)
	}{
		{"SQLite", b.onSQLite, func() (int64, error) {
			return baseline.LengthenSQLite(ctx, filepath.Join(b.onSQLite.dir, "paylink.db"), more)
		}},
		{"PostgreSQL", b.onPostgres, func() (int64, error) { return baseline.LengthenPostgres(ctx, b.onPostgres.database, more) }},
	} {
		f := fact{what: on.kind + ": paylink verify, one chain", hold: "≥ 200,000 events/s"}
		if err := b.oneEvent(ctx, on.p); err != nil {
			return nil, err
		}
		length, err := on.add()
		if err != nil {
			return nil, fmt.Errorf("lengthen the chain on %s: %w", on.kind, err)
		}
		if on.kind == "PostgreSQL" { // as autovacuum would have done by and by
			if _, err := b.postgres.tool(ctx, "psql", "-X", "-h", b.postgres.dir, "-U", "postgres", "-c", "VACUUM ANALYZE events", "paylink"); err != nil {
				return nil, err
			}
		}
		start := time.Now()
		said, err := on.p.command(ctx, "verify").CombinedOutput()
		took := time.Since(start)
		f.measured = fmt.Sprintf("%.0f events/s (%d events in %.2f s, the program's start included)", float64(length)/took.Seconds(), length, took.Seconds())
		if err != nil {
			f.measured = fmt.Sprintf("**not proven**: %v: %.200q", err, said)
		}
		facts = append(facts, f)
	}
	return facts, nil
}

// oneEvent makes sure that there is a chain to lengthen, also when nothing else was measured before.
func (b *bench) oneEvent(ctx context.Context, p *program) error {
	if err := p.serve(ctx); err != nil {
		return err
	}
	_, err := b.create(ctx, p)
	time.Sleep(time.Second) // it is sealed
	return errors.Join(err, p.stop())
}
