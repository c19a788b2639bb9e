package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What the soak asks for, second by second: little enough that nothing queues up, so that memory which
// grows is kept by nobody's need.
const (
	soakCreates  = 100 // links without channels
	soakSends    = 10  // links on two channels
	soakOpens    = 50  // payment pages
	soakPayments = 4   // by card, to the end

	sampleEvery = 10 * time.Second
	// soakFlat is the growth that counts as none: of the resident memory in an hour, over the last half
	// of the soak. After a quarter of an hour SQLite's caches are full, and the sandbox, which is in the
	// same process, forgets an order and a message for each new one.
	soakFlat = 0.10
)

// soaking is a soak under way.
type soaking struct {
	b        *bench
	p        *program
	codes    []string // pages that are opened
	payments atomic.Int64
	webhooks atomic.Int64
}

// soak keeps a steady mixed load up against a demo on one database and tells whether its memory stays
// flat. It prints what it found, and errs only when it could not go on.
func (b *bench) soak(ctx context.Context, kind string, length time.Duration) error {
	p, err := b.newDemo(ctx, kind)
	if err != nil {
		return err
	}
	if _, err = p.demo(ctx); err != nil {
		return err
	}
	s := &soaking{b: b, p: p}
	hooks, err := s.listen(ctx)
	if err != nil {
		return errors.Join(err, p.stop())
	}
	before := b.serial.Load()
	samples, err := s.load(ctx, length)
	err = errors.Join(err, hooks.Close())
	heap, heapErr := p.heap(ctx)
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	b.say("- soak on %s: %s, %s", kind, length, verdict(samples))
	b.say("- soak on %s: %d links at %d/s, %d payments, %d webhooks, %d pages at %d/s", kind,
		b.serial.Load()-before, soakCreates+soakSends, s.payments.Load(), s.webhooks.Load(), int64(length/time.Second)*soakOpens, soakOpens)
	if heapErr != nil {
		heap = "not told: " + heapErr.Error()
	}
	b.say("- soak on %s: heap after the load: %s", kind, heap)
	return nil
}

// listen makes pages to open and an endpoint that hears of payments.
func (s *soaking) listen(ctx context.Context) (*http.Server, error) {
	for range 100 {
		made, err := s.b.create(ctx, s.p)
		if err != nil {
			return nil, err
		}
		s.codes = append(s.codes, made.Code)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.webhooks.Add(1)
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = server.Serve(listener) }() // it ends by Close
	endpoint := fmt.Sprintf(`{"url":"http://%s/","events":["payment.captured","payment_link.paid"]}`, listener.Addr())
	return server, s.p.post(ctx, "/v1/webhook_endpoints", endpoint, http.StatusCreated, new(any))
}

// load runs all of it side by side and samples the memory until the time is up.
func (s *soaking) load(ctx context.Context, length time.Duration) ([]sample, error) {
	creates, sends := s.p.steady([]byte("[]")), s.p.steady([]byte(`["sms","email"]`))
	creates.clients, creates.pace = 10, 10*time.Second/soakCreates
	sends.clients, sends.pace = 2, 2*time.Second/soakSends
	var pages atomic.Int64
	opens := load{addr: s.p.listen, clients: 5, want: http.StatusOK, pace: 5 * time.Second / soakOpens, request: func(buf []byte, n int64) []byte {
		return append(buf, "GET /"+s.codes[n%int64(len(s.codes))]+" HTTP/1.1\r\nHost: "+s.p.listen+"\r\nAccept: text/html\r\n\r\n"...)
	}}
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for i, l := range []load{creates, sends, opens} {
		serial := &s.b.serial
		if i == 2 {
			serial = &pages
		}
		wait.Go(func() { _, errs[i] = l.run(ctx, length, serial) })
	}
	wait.Go(func() { errs[3] = s.pay(ctx, time.Now().Add(length)) })
	var samples []sample
	for start := time.Now(); time.Since(start) < length && ctx.Err() == nil; {
		time.Sleep(min(sampleEvery, length/6))
		bytes, err := s.p.resident()
		if err != nil {
			errs[3] = errors.Join(errs[3], err)
			break
		}
		samples = append(samples, sample{time.Since(start), bytes})
	}
	wait.Wait()
	return samples, errors.Join(errs...)
}

// pay has one link paid after the other.
func (s *soaking) pay(ctx context.Context, until time.Time) error {
	for next := time.Now(); next.Before(until); next = next.Add(time.Second / soakPayments) {
		time.Sleep(time.Until(next))
		if err := s.b.payOne(ctx, s.p); err != nil {
			return err
		}
		s.payments.Add(1)
	}
	return nil
}

// sample is the resident memory at a moment of the soak.
type sample struct {
	at    time.Duration
	bytes int64
}

// verdict tells the growth by least squares over the last half.
func verdict(samples []sample) string {
	late := samples[len(samples)/2:]
	if len(late) < 2 {
		return "too short to say anything"
	}
	growth, mean := perHour(late)
	most := slices.MaxFunc(samples, func(a, b sample) int { return int(a.bytes - b.bytes) })
	word := "flat"
	if growth > soakFlat*mean {
		word = "**growing**"
	}
	return fmt.Sprintf("memory %s: %.0f MB on average, %.0f MB at most, %+.1f MB an hour over the last half (%d samples)",
		word, mean/(1<<20), float64(most.bytes)/(1<<20), growth/(1<<20), len(late))
}

// perHour is the slope of the line through the samples, in bytes an hour, and their mean.
func perHour(samples []sample) (slope, mean float64) {
	n, times := float64(len(samples)), 0.0
	for _, s := range samples {
		times += s.at.Hours() / n
		mean += float64(s.bytes) / n
	}
	var across, along float64
	for _, s := range samples {
		along += (s.at.Hours() - times) * (s.at.Hours() - times)
		across += (s.at.Hours() - times) * (float64(s.bytes) - mean)
	}
	return across / along, mean
}

// heap asks the program's metrics for its live heap, where it has them.
func (p *program) heap(ctx context.Context) (string, error) {
	page, err := fetch(ctx, p.admin+"/metrics")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(page.body)) {
		if value, found := strings.CutPrefix(line, "go_memstats_heap_alloc_bytes "); found {
			return strings.TrimSpace(value) + " bytes", nil
		}
	}
	return "", errors.New("the metrics do not hold it")
}
