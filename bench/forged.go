package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	forgedRate = 5000 // notices a second that nobody signed
	forgedBy   = 50   // connections that share the rate
	amidRate   = 100  // payments a second, quiet and amid the forged notices
	amidBy     = 20
)

// forged floods the door of gateways' notices with forged ones and compares what payments take meanwhile with what
// they take without.
func (b *bench) forged(ctx context.Context) (facts []fact, err error) {
	for _, kind := range strings.Split(b.on, ",") {
		t, err := b.newTill(ctx, kind, "forged")
		if err != nil {
			return nil, fmt.Errorf("forged notices on %s: %w", kind, err)
		}
		more, err := b.flooded(ctx, t)
		if err = errors.Join(err, t.close()); err != nil {
			return nil, fmt.Errorf("forged notices on %s: %w", kind, err)
		}
		facts = append(facts, more...)
	}
	return facts, nil
}

func (b *bench) flooded(ctx context.Context, t *till) (facts []fact, err error) {
	length := 3 * b.window
	if err := t.begun(ctx, payments(amidRate, b.window/2)+2*payments(amidRate, length)); err != nil {
		return nil, err
	}
	if err := t.p.serve(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.p.stop()) }()
	w, err := t.watch(ctx)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if _, err := t.paid(ctx, w, b.window/2, amidRate, amidBy); err != nil { // warm
		return nil, err
	}
	quiet, err := t.paid(ctx, w, length, amidRate, amidBy)
	if err != nil {
		return nil, err
	}
	end := b.profiled(t.p, "forged-"+t.kind)
	flood, amid, err := t.amid(ctx, w, length)
	if err = errors.Join(err, end()); err != nil {
		return nil, err
	}
	kept, err := t.kept(ctx)
	if err != nil {
		return nil, err
	}
	return []fact{
		{fmt.Sprintf("%s: a payment from its notice to the live feed, at %d/s, amid %d forged notices/s", t.kind, amidRate, forgedRate), "p99 ≤ 2 × of quiet",
			fmt.Sprintf("p99 **%.2f ×** (%s → %s), p50 %.2f × (%s → %s), of %d and %d%s", ratio(quiet.seen, amid.seen, 99), ms(quantile(quiet.seen, 99)), ms(quantile(amid.seen, 99)),
				ratio(quiet.seen, amid.seen, 50), ms(quantile(quiet.seen, 50)), ms(quantile(amid.seen, 50)), len(quiet.seen), len(amid.seen), amid.missing())},
		{t.kind + ": the forged notices", "all refused",
			fmt.Sprintf("%.0f/s refused, p99 %s, %d of %d kept", flood.rate(), ms(flood.p99), kept, flood.done)},
	}, t.verify(ctx)
}

// amid confirms payments beside the flood, which begins before them and ends with them.
func (t *till) amid(ctx context.Context, w *watcher, length time.Duration) (flood tally, amid measured, err error) {
	var serial atomic.Int64
	forging := load{addr: t.p.listen, clients: forgedBy, want: 401, shed: 503, pace: forgedBy * time.Second / forgedRate, apart: time.Second / forgedRate,
		request: func(buf []byte, n int64) []byte {
			now := time.Now() // every one is another, about payments that there are
			return t.signed(buf, t.notice(1+n%t.made, now), "not the key", now)
		}}
	const ahead = 200 * time.Millisecond
	var flooding sync.WaitGroup
	var failed error
	flooding.Go(func() { flood, failed = forging.run(ctx, ahead+length, &serial) })
	time.Sleep(ahead)
	amid, err = t.paid(ctx, w, length, amidRate, amidBy)
	flooding.Wait()
	return flood, amid, errors.Join(err, failed)
}

// kept is how many forged notices stand in the database.
func (t *till) kept(ctx context.Context) (n int64, err error) {
	err = t.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM notices WHERE verdict = 'refused'`).Scan(&n)
	return n, err
}
