package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"paylink/bench/baseline"
)

// referencePrefix stands before the digits of our references.
const referencePrefix = "bench-"

// order is the create that is measured: a new customer, a reference and an expiry, no channels, no
// Idempotency-Key. It writes five rows: customer, link, code, event, and the job that expires it.
const order = `{"amount":245000,"currency":"INR","description":"Order 1042","reference":"` + referencePrefix + `%016d",` +
	`"customer":{"name":"Asha","phone":"+9198%06d42","email":"asha@example.com"},"expires_in":86400,"channels":%s}`

// creating makes the load that creates links.
func (b *bench) creating(p *program) load {
	body := fmt.Sprintf(order, int64(0), 123456, "[]")
	before, after, _ := strings.Cut(body, "0000000000000000")
	before = p.postHead("/v1/payment_links", len(body)) + before
	return load{addr: p.listen, clients: b.clients, want: http.StatusCreated, request: func(buf []byte, n int64) []byte {
		buf = append(buf, before...)
		buf = strconv.AppendInt(buf, baseline.FirstSerial+n, 10)
		return append(buf, after...)
	}}
}

// recordStatements has PostgreSQL write down what one create and one page say to it. The texts are
// the same on SQLite.
func (b *bench) recordStatements(ctx context.Context) error {
	p := b.onPostgres
	plain := p.database
	p.database = b.postgres.url("paylink", url.Values{"log_statement": {"all"}})
	err := p.serve(ctx)
	if err != nil {
		return err
	}
	made, err := b.create(ctx, p)
	if err == nil {
		_, err = fetch(ctx, p.pageURL(made.Code))
	}
	p.database = plain
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	log, err := os.Open(filepath.Join(b.postgres.dir, "data/log/server.json"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	said, err := readLog(log)
	if err != nil {
		return err
	}
	if b.change, err = findChange(said); err != nil {
		return err
	}
	b.pageRead, err = findPageRead(said)
	return err
}

// createOnSQLite is the first row: pairs of our rate and the bare loop's, one after the other.
func (b *bench) createOnSQLite(ctx context.Context) (row, error) {
	r := row{what: "create a link over HTTP, SQLite FULL, 64 clients", hold: 0.5}
	bare := filepath.Join(b.dir, "bare.db")
	if err := baseline.Copy(ctx, filepath.Join(b.onSQLite.dir, "paylink.db"), bare); err != nil {
		return r, err
	}
	change := movedTo(b.change, b.onPostgres.merchant, b.onSQLite.merchant)
	if err := b.onSQLite.serve(ctx); err != nil {
		return r, err
	}
	serial := int64(baseline.FirstSerial)
	err := b.pairs(ctx, &r, b.creating(b.onSQLite), b.onSQLite, func() (float64, error) {
		start := time.Now()
		done, err := baseline.Commits(ctx, bare, change, b.clients, &serial, start.Add(b.window))
		return float64(done) / time.Since(start).Seconds(), err
	})
	return r, errors.Join(err, b.onSQLite.stop())
}

// createOnPostgres is the second row. Of pgbench's runs the best counts.
func (b *bench) createOnPostgres(ctx context.Context) (row, error) {
	r := row{what: "create a link over HTTP, PostgreSQL, 64 clients", hold: 0.6}
	if err := b.onPostgres.serve(ctx); err != nil {
		return r, err
	}
	base := int64(baseline.FirstSerial)
	best := func(script string) (float64, error) {
		most := 0.0
		for _, clients := range []int{16, 32, 64} {
			base += 1_000_000_000 // nobody makes so many in one run
			rate, err := b.postgres.pgbench(ctx, "bare", script, clients, b.window*3/4, base)
			if err != nil {
				return 0, err
			}
			most = max(most, rate)
		}
		return most, nil
	}
	err := b.pairs(ctx, &r, b.creating(b.onPostgres), b.onPostgres, func() (float64, error) {
		return best(baseline.Script(b.change, false))
	})
	if err == nil {
		b.onPostgres.pause(true)
		b.pipelined, err = best(baseline.Script(b.change, true))
	}
	return r, errors.Join(err, b.onPostgres.stop())
}

// pairs measures us and the baseline in turn, each while the other one rests.
func (b *bench) pairs(ctx context.Context, r *row, ours load, p *program, bare func() (float64, error)) error {
	for i := range b.pairsWanted {
		before := p.cpu()
		t, err := ours.run(ctx, b.window, &b.serial)
		if err != nil {
			return fmt.Errorf("%s: %w", r.what, err)
		}
		time.Sleep(restFor) // what we left behind, the sealing of the last events above all, is ours to end
		t.cpu = (p.cpu() - before) / time.Duration(max(1, t.done))
		p.pause(true)
		rate, err := bare()
		p.pause(false)
		if err != nil {
			return fmt.Errorf("%s: the baseline: %w", r.what, err)
		}
		r.add(t, rate)
		b.say("%-50s  pair %d: ours %6.0f/s  baseline %6.0f/s  ratio %.2f  p50 %s  p99 %s  cpu %s",
			r.what, i+1, t.rate(), rate, t.rate()/rate, ms(t.p50), ms(t.p99), ms(t.cpu))
	}
	return nil
}

const restFor = 300 * time.Millisecond
