package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"paylink/bench/baseline"
)

// promises measures what the design promises beside the ratios, on both databases, each with a demo,
// where the sandbox takes the messages and the payments.
func (b *bench) promises(ctx context.Context) ([]fact, error) {
	facts := []fact{{"PostgreSQL: pgbench's best with the transaction in one round trip (ours takes two)", "—", fmt.Sprintf("%.0f /s", b.pipelined)}}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		p, err := b.newDemo(ctx, kind)
		if err != nil {
			return nil, err
		}
		more, err := b.promisesOn(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("the demo on %s: %w", kind, err)
		}
		for i := range more {
			more[i].what = kind + ": " + more[i].what
		}
		facts = append(facts, more...)
	}
	return facts, nil
}

// newDemo gives a demo that has a folder, and a database of its own. It is not started yet.
func (b *bench) newDemo(ctx context.Context, kind string) (*program, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &program{binary: b.binary, dir: filepath.Join(b.dir, "demo-on-"+kind), listen: listen}
	if kind == "PostgreSQL" {
		p.database = b.postgres.url("demo", nil)
		_, err = b.postgres.sql(ctx, "CREATE DATABASE demo")
	}
	return p, err
}

func (b *bench) promisesOn(ctx context.Context, p *program) ([]fact, error) {
	first, err := p.demo(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.stop(); err != nil {
		return nil, err
	}
	again, err := p.demo(ctx)
	if err != nil {
		return nil, err
	}
	facts := []fact{
		{"demo until it says that it is ready, new database", "≤ 2 s", ms(first)},
		{"demo until it says that it is ready, existing database", "≤ 1 s", ms(again)},
	}
	for _, m := range []struct {
		name  string
		facts func(context.Context, *program) ([]fact, error)
	}{{"size", b.size}, {"weight", b.weight}, {"telling", b.telling}, {"dispatch", b.dispatching}, {"lag", b.sealingLag}} {
		if !b.wants(m.name) {
			continue
		}
		more, err := m.facts(ctx, p)
		if err != nil {
			return nil, errors.Join(err, p.stop())
		}
		facts = append(facts, more...)
	}
	return facts, p.stop()
}

// size looks at the process before anything is asked of it.
func (b *bench) size(ctx context.Context, p *program) ([]fact, error) {
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return nil, err
	}
	resident, err := p.resident()
	if err != nil {
		return nil, err
	}
	return []fact{
		{"resident memory, idle", "≤ 80 MB", fmt.Sprintf("%.0f MB", float64(resident)/(1<<20))},
		{"binary", "≤ 45 MB", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)},
	}, nil
}

const (
	dispatchRate = 200 // links per second
	dispatchFor  = 5 * time.Second
	dispatchBy   = 20 // clients that share the rate

	// promisedToMerchants is how long a message may take before it is late for them.
	promisedToMerchants = 2 * time.Second
)

// dispatching measures the way of a message twice: for links on one channel, and on all four.
func (b *bench) dispatching(ctx context.Context, p *program) ([]fact, error) {
	one, err := b.dispatch(ctx, p, "received by its carrier", "sms")
	if err != nil {
		return nil, err
	}
	all, err := b.dispatch(ctx, p, "received by all four carriers", "sms", "whatsapp", "email", "in_app")
	return []fact{one, all}, err
}

// dispatch creates links at a steady rate and compares each one's created_at with the time at which
// the last of its carriers says that it received the message.
func (b *bench) dispatch(ctx context.Context, p *program, what string, channels ...string) (fact, error) {
	f := fact{what: fmt.Sprintf("link created → %s, at %d links/s", what, dispatchRate), hold: "p99 < 250 ms"}
	named, err := json.Marshal(channels)
	if err != nil {
		return f, err
	}
	var made collected
	steady := p.steady(named)
	steady.keep = made.add
	t, err := steady.run(ctx, dispatchFor, &b.serial)
	if err != nil {
		return f, err
	}
	time.Sleep(promisedToMerchants)
	var took []time.Duration
	missing := 0
	for _, l := range made.links {
		last, n, err := lastReceived(ctx, p, l)
		if err != nil {
			return f, err
		}
		if n < len(channels) {
			missing++
			continue
		}
		took = append(took, last.Sub(l.CreatedAt))
	}
	slices.Sort(took)
	f.measured = fmt.Sprintf("p50 %s, p99 %s (%d links at %.0f/s", ms(quantile(took, 50)), ms(quantile(took, 99)), len(made.links), t.rate())
	if missing > 0 {
		f.measured += fmt.Sprintf("; **%d of them were not complete %s after the last**", missing, promisedToMerchants)
	}
	f.measured += ")"
	return f, nil
}

// steady makes links at the rate of the promises, each for a customer of its own. channels is JSON.
func (p *program) steady(channels []byte) load {
	return load{
		addr: p.listen, clients: dispatchBy, want: 201, pace: dispatchBy * time.Second / dispatchRate,
		request: func(buf []byte, n int64) []byte {
			body := fmt.Sprintf(order, baseline.FirstSerial+n, n%1_000_000, channels)
			body = strings.Replace(body, "asha@", fmt.Sprintf("asha.%d@", n), 1)
			return append(append(buf, p.postHead("/v1/payment_links", len(body))...), body...)
		},
	}
}

// lastReceived asks the sandbox for a link's messages: each link of the load has addresses of its own.
func lastReceived(ctx context.Context, p *program, l madeLink) (last time.Time, n int, err error) {
	for _, to := range []string{l.Customer.Phone, l.Customer.Email, l.Customer.ID} {
		var received struct {
			Data []struct {
				At time.Time `json:"received_at"`
			} `json:"data"`
		}
		if err := p.get(ctx, "/sandbox/messages?to="+url.QueryEscape(to), &received); err != nil {
			return last, n, err
		}
		for _, m := range received.Data {
			n++
			if m.At.After(last) {
				last = m.At
			}
		}
	}
	return last, n, nil
}
