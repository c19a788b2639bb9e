package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"paylink/bench/baseline"
)

// sealedOnSQLite compares creates beside the sealer with creates on a node that has no workers, each on
// a copy of its own: whatever is left unsealed burdens nobody else. All workers are away on the other
// side, so the cost of sealing is at most what this says.
func (b *bench) sealedOnSQLite(ctx context.Context) (row, error) {
	var sides [2]program
	for i, name := range []string{"sealed", "unsealed"} {
		dir := filepath.Join(b.dir, name)
		if err := copyTo(ctx, filepath.Join(b.onSQLite.dir, "paylink.db"), dir); err != nil {
			return row{}, err
		}
		sides[i] = *b.onSQLite // with its keys
		sides[i].database = "sqlite://" + filepath.Join(dir, "paylink.db")
	}
	return b.sealed(ctx, "SQLite", &sides[0], &sides[1])
}

func (b *bench) sealedOnPostgres(ctx context.Context) (row, error) {
	if _, err := b.postgres.sql(ctx, "CREATE DATABASE unsealed TEMPLATE paylink"); err != nil {
		return row{}, err
	}
	without := *b.onPostgres
	without.database = b.postgres.url("unsealed", nil)
	return b.sealed(ctx, "PostgreSQL", b.onPostgres, &without)
}

// sealed holds creates with sealing to at least 1/1.12 of the rate without: it adds 12 % at most.
func (b *bench) sealed(ctx context.Context, kind string, with, without *program) (row, error) {
	r := row{what: "create a link, " + kind + ", with sealing against a node without workers, 64 clients", hold: 0.89}
	sealing, err := with.twin()
	if err != nil {
		return r, err
	}
	bare, err := without.twin("PAYLINK_ROLES=api")
	if err != nil {
		return r, err
	}
	if err := sealing.serve(ctx); err != nil {
		return r, err
	}
	if err := bare.serve(ctx); err != nil {
		return r, errors.Join(err, sealing.stop())
	}
	err = b.contend(ctx, &r, side{b.creating(sealing), []*program{sealing}}, side{b.creating(bare), []*program{bare}})
	return r, errors.Join(err, sealing.stop(), bare.stop())
}

// sealingLag follows the feed while links are made at a steady rate: an event is seen there when it has
// its place, so its lag is at most this.
func (b *bench) sealingLag(ctx context.Context, p *program) ([]fact, error) {
	following, stop := context.WithCancel(ctx)
	events, err := p.stream(following)
	if err != nil {
		stop()
		return nil, err
	}
	feed, ended := newEar("payment_link.created"), make(chan struct{})
	go func() {
		defer close(ended)
		follow(events, feed)
	}()
	_, err = p.steady([]byte("[]")).run(ctx, b.window, &b.serial)
	time.Sleep(time.Second)
	stop()
	<-ended
	return []fact{feed.fact("event happens → sealed and seen on the feed, at 200 creates/s", "p50 ≤ 50 ms")}, err
}

// copyTo makes a folder with a copy of the database in it.
func copyTo(ctx context.Context, database, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return baseline.Copy(ctx, database, filepath.Join(dir, "paylink.db"))
}
