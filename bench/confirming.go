package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	confirmRate = 500 // payments a second
	confirmBy   = 100 // connections of the gateway that share the rate
)

// confirming measures the way of a gateway's notice at a steady rate, on each database: until the payment is
// captured, in the books and told, with a job for the merchant's webhook.
func (b *bench) confirming(ctx context.Context) (facts []fact, err error) {
	for _, kind := range strings.Split(b.on, ",") {
		t, err := b.newTill(ctx, kind, "confirming")
		if err != nil {
			return nil, fmt.Errorf("confirming on %s: %w", kind, err)
		}
		more, err := b.confirmed(ctx, t)
		if err = errors.Join(err, t.close()); err != nil {
			return nil, fmt.Errorf("confirming on %s: %w", kind, err)
		}
		facts = append(facts, more...)
	}
	return facts, nil
}

func (b *bench) confirmed(ctx context.Context, t *till) (facts []fact, err error) {
	warm, length := b.window/2, 3*b.window
	if err := t.begun(ctx, 2*(payments(confirmRate, warm)+payments(confirmRate, length))); err != nil {
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
	for _, way := range []struct{ name, what, hold, receipts string }{
		{"confirming", "", "p99 < 100 ms", `[]`},
		{"receipted", ", with a receipt sent to each customer", "—", `["email"]`},
	} {
		if err := t.p.patch(ctx, "/v1/merchant", `{"settings":{"receipts":{"channels":`+way.receipts+`}}}`); err != nil {
			return nil, err
		}
		if _, err := t.paid(ctx, w, warm, confirmRate, confirmBy); err != nil {
			return nil, err
		}
		end := b.profiled(t.p, way.name+"-"+t.kind)
		used := t.p.cpu()
		m, err := t.paid(ctx, w, length, confirmRate, confirmBy)
		if err = errors.Join(err, end()); err != nil {
			return nil, err
		}
		cpu := (t.p.cpu() - used) / time.Duration(max(1, m.sent))
		facts = append(facts, fact{
			fmt.Sprintf("%s: %d payments a second confirmed%s: notice sent → paid, in the books, sealed, webhook's job there (seen on the live feed)", t.kind, confirmRate, way.what), way.hold,
			fmt.Sprintf("p50 %s, p99 %s (%d payments at %.0f/s, %s of processor each, the delivery of the webhook included)%s; notice answered p99 %s; webhook arrives p50 %s, p99 %s (%d)",
				ms(quantile(m.seen, 50)), ms(quantile(m.seen, 99)), len(m.seen), m.rate, ms(cpu), m.missing(), ms(m.answered.p99), ms(quantile(m.told, 50)), ms(quantile(m.told, 99)), len(m.told)),
		})
	}
	return facts, t.verify(ctx)
}

// payments is how many come at a rate in some time, and some more: each connection begins with one.
func payments(rate int, length time.Duration) int64 {
	return int64(float64(rate)*length.Seconds()) + 2*confirmBy
}

// bookedWithin is how long after all that was measured the last payment has to be in the books.
const bookedWithin = time.Minute

// verify fails unless every payment whose notice went out is paid and in the books, which balance: what is quick and
// wrong is worth nothing.
func (t *till) verify(ctx context.Context) error {
	for late := time.Now().Add(bookedWithin); ; time.Sleep(100 * time.Millisecond) {
		var entries, sum, paid int64
		err := t.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM ledger_entries WHERE kind = 'capture'), (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_postings),
			(SELECT COUNT(*) FROM links WHERE status = 'paid')`).Scan(&entries, &sum, &paid)
		if err != nil || entries == t.sent && paid == t.sent && sum == 0 {
			return err
		}
		if time.Now().After(late) {
			return fmt.Errorf("of %d payments that were told %d are in the books, which sum to %d, and %d links are paid", t.sent, entries, sum, paid)
		}
	}
}

// watcher notes when it is told of each payment of a till for the first time: by the live feed, which tells what is
// sealed and committed together with the webhooks' jobs, and by the merchant's webhook.
type watcher struct {
	seen, told sightings
	server     *http.Server
	stop       context.CancelFunc
	running    sync.WaitGroup
}

// sightings are the times of payments by their numbers.
type sightings struct {
	mu sync.Mutex
	at map[int64]time.Time
}

// note reads the text of an event.
func (s *sightings) note(event []byte) {
	now := time.Now()
	if !bytes.Contains(event, []byte(`"type":"payment.captured"`)) {
		return
	}
	const mark = `"plink_06h000000`
	at := bytes.Index(event, []byte(mark))
	if at < 0 || len(event) < at+len(mark)+17 {
		return
	}
	i, err := strconv.ParseInt(string(event[at+len(mark):][:17]), 16, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.at[i]; err == nil && !again {
		s.at[i] = now
	}
}

func (s *sightings) count() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.at))
}

// since gives how long after each time its payment was seen, sorted.
func (s *sightings) since(sent map[int64]time.Time) (took []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, at := range sent {
		if seen, ok := s.at[i]; ok {
			took = append(took, seen.Sub(at))
		}
	}
	slices.Sort(took)
	return took
}

// watch has the merchant listen for captured payments.
func (t *till) watch(ctx context.Context) (*watcher, error) {
	w := &watcher{seen: sightings{at: map[int64]time.Time{}}, told: sightings{at: map[int64]time.Time{}}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20)); err == nil {
			w.told.note(body)
		}
		rw.WriteHeader(http.StatusNoContent)
	})}
	w.running.Go(func() { _ = w.server.Serve(listener) }) // it ends by Close
	ctx, w.stop = context.WithCancel(ctx)
	endpoint := fmt.Sprintf(`{"url":"http://%s/","events":["payment.captured"]}`, listener.Addr())
	err = t.p.post(ctx, "/v1/webhook_endpoints", endpoint, http.StatusCreated, new(any))
	var events io.ReadCloser
	if err == nil {
		events, err = t.p.stream(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	w.running.Go(func() { followLines(events, w.seen.note) })
	return w, nil
}

func (w *watcher) close() {
	w.stop()
	_ = w.server.Close()
	w.running.Wait()
}

// last is when the feed told the last one.
func (w *watcher) last() (last time.Time) {
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	for _, at := range w.seen.at {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// measured is what came of payments that were confirmed for a while.
type measured struct {
	sent       int64
	rate       float64
	answered   tally
	seen, told []time.Duration // from the notice to the feed and to the webhook, sorted
}

func (m measured) missing() string {
	if n := m.sent - int64(len(m.seen)); n > 0 {
		return fmt.Sprintf("; **%d of them were not told**", n)
	}
	return ""
}

// silentFor is after how long without any news nobody waits for more of it.
const silentFor = 5 * time.Second

// await returns when so many payments are told in both ways, or nothing is told any more.
func (w *watcher) await(ctx context.Context, payments int64) {
	for news, heard := time.Now(), int64(0); time.Since(news) < silentFor && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		seen, told := w.seen.count(), w.told.count()
		if seen >= payments && told >= payments {
			return
		}
		if seen+told > heard {
			news, heard = time.Now(), seen+told
		}
	}
}

// paid sends the notices of payments that wait, at a rate or, when it is 0, as fast as they are taken.
func (t *till) paid(ctx context.Context, w *watcher, length time.Duration, rate, by int) (m measured, err error) {
	var mu sync.Mutex
	sent, key := map[int64]time.Time{}, t.key()
	var serial atomic.Int64
	serial.Store(t.sent)
	l := load{addr: t.p.listen, clients: by, want: http.StatusOK, request: func(buf []byte, i int64) []byte {
		now := time.Now()
		buf = t.signed(buf, t.notice(i, now), key, now)
		mu.Lock()
		defer mu.Unlock()
		sent[i] = time.Now()
		return buf
	}}
	if rate > 0 {
		l.pace = time.Duration(by) * time.Second / time.Duration(rate)
		l.apart = l.pace / time.Duration(by)
	}
	m.answered, err = l.run(ctx, length, &serial)
	m.sent, t.sent = serial.Load()-t.sent, serial.Load()
	m.rate = m.answered.rate()
	if err != nil {
		return m, err
	}
	if t.sent > t.made {
		return m, fmt.Errorf("%d payments were to be made, not %d", t.sent, t.made)
	}
	w.await(ctx, t.sent)
	m.seen, m.told = w.seen.since(sent), w.told.since(sent)
	return m, ctx.Err()
}
