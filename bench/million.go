package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// few is what growth is compared with.
const few = 10_000

// million measures what a merchant notices when there are very many links: whether making and opening one
// slows down, how long it takes to find one, and what it is like when all of them expire at once.
func (b *bench) million(ctx context.Context) ([]fact, error) {
	var facts []fact
	for _, on := range []struct {
		kind      string
		merchants int64
	}{{"SQLite", 100}, {"PostgreSQL", 10_000}} {
		if !strings.Contains(b.on, on.kind) {
			continue
		}
		c, err := b.newCrowd(ctx, on.kind, on.merchants)
		if err != nil {
			return nil, fmt.Errorf("the crowd on %s: %w", on.kind, err)
		}
		more, err := b.crowded(ctx, c)
		if err = errors.Join(err, c.db.Close()); err != nil {
			return nil, fmt.Errorf("the crowd on %s: %w", on.kind, err)
		}
		facts = append(facts, more...)
	}
	return facts, nil
}

func (b *bench) crowded(ctx context.Context, c *crowd) ([]fact, error) {
	if err := c.fill(ctx, few); err != nil {
		return nil, err
	}
	before, err := b.pace(ctx, c)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := c.fill(ctx, b.links); err != nil {
		return nil, err
	}
	b.say("%s: %d links filled in %.0f s", c.kind, b.links, time.Since(start).Seconds())
	after, err := b.pace(ctx, c)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%s: growth from %d links to %d, %d merchants", c.kind, few, b.links, c.merchants)
	facts := []fact{
		{what + ", create", "p50 ≤ 1.3 ×", before.create.against(after.create)},
		{what + ", open a page", "p50 ≤ 1.3 ×", before.open.against(after.open)},
	}
	found, err := b.finding(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, f := range append(facts, found...) {
		b.say("%s: %s", f.what, f.measured)
	}
	ended, err := b.expiring(ctx, c)
	return append(append(facts, found...), ended...), err
}

func (t tally) against(later tally) string {
	return fmt.Sprintf("**%.2f ×** (p50 %s → %s; %.0f/s → %.0f/s; processor each %s → %s)", float64(later.p50)/float64(t.p50), ms(t.p50), ms(later.p50), t.rate(), later.rate(), ms(t.cpu), ms(later.cpu))
}

type paces struct{ create, open tally }

// pace makes links for all the merchants whose keys we have in turn, and opens their pages.
func (b *bench) pace(ctx context.Context, c *crowd) (is paces, err error) {
	if err := c.p.serve(ctx); err != nil {
		return is, err
	}
	defer func() { err = errors.Join(err, c.p.stop()) }()
	var made collected
	making := b.creating(c.p)
	plain, own := making.request, "Bearer "+c.p.key
	making.request = func(buf []byte, n int64) []byte {
		from := len(buf)
		buf = plain(buf, n)
		other := "Bearer " + c.secrets[n%int64(len(c.secrets))]
		return append(buf[:from], strings.Replace(string(buf[from:]), own, other, 1)...)
	}
	if _, err = making.run(ctx, b.window/2, &b.serial); err != nil { // warm
		return is, err
	}
	making.keep = made.add
	used := c.p.cpu()
	if is.create, err = making.run(ctx, b.window, &b.serial); err != nil {
		return is, err
	}
	is.create.cpu = (c.p.cpu() - used) / time.Duration(max(1, is.create.done))
	requests := make([]string, 0, len(made.links))
	for _, l := range made.links {
		requests = append(requests, "GET /"+l.Code+" HTTP/1.1\r\nHost: "+c.p.listen+"\r\nAccept: text/html\r\n\r\n")
	}
	opening := load{addr: c.p.listen, clients: b.clients, want: 200, request: func(buf []byte, n int64) []byte {
		return append(buf, requests[n%int64(len(requests))]...)
	}}
	used = c.p.cpu()
	is.open, err = opening.run(ctx, b.window, &b.serial)
	is.open.cpu = (c.p.cpu() - used) / time.Duration(max(1, is.open.done))
	return is, err
}

// finding asks for the links of the merchant who has half of them, in every way in which an index answers,
// and in those in which none does.
func (b *bench) finding(ctx context.Context, c *crowd) (facts []fact, err error) {
	if err := c.p.serve(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.p.stop()) }()
	some := func(n int64) int64 { return 2 * (1 + n*7919%(b.links/2-1)) } // every second one is the merchant's
	one := func(format string) func(int64) string {
		return func(n int64) string { return fmt.Sprintf(format, some(n)) }
	}
	for _, group := range []struct {
		what string
		ask  []func(n int64) string
	}{
		{"list", []func(int64) string{
			func(int64) string { return "limit=20" }, func(int64) string { return "limit=100" }, func(int64) string { return "include=none" },
		}},
		{"filter", []func(int64) string{
			one("reference=crowd-%d"), func(n int64) string { return fmt.Sprintf("phone=%%2B91%d", 7000000000+some(n)) }, one("email=c%d@example.com"),
			func(int64) string { return "status=pending" }, func(int64) string { return "status=paid" }, func(int64) string { return "archived=true" },
			func(n int64) string {
				a := 10000 + some(n)*7919%500000
				return fmt.Sprintf("amount_min=%d&amount_max=%d", a, a)
			},
			func(n int64) string { return fmt.Sprintf("amount_min=%d", 10000+some(n)*7919%500000) },
			func(int64) string { return "created_before=" + url.QueryEscape(time.Now().Format(time.RFC3339)) },
			func(int64) string { return "channel=email" },
		}},
		{"search", []func(int64) string{
			one("q=crowd-%d"), func(n int64) string { return fmt.Sprintf("q=%%2B91%d", 7000000000+some(n)) }, one("q=c%d@example.com"), one("q=%d"),
			one("q=Instalment+%d"), func(int64) string { return "q=nothing+of+the+kind" }, func(int64) string { return "q=instal" },
		}},
	} {
		for _, clients := range []int{1, 4} { // whoever waits for a page, and four of them with the load on two cores
			asking := load{addr: c.p.listen, clients: clients, want: 200, request: func(buf []byte, n int64) []byte {
				return append(buf, "GET /v1/payment_links?"+group.ask[n%int64(len(group.ask))](n)+" HTTP/1.1\r\nHost: "+c.p.listen+"\r\nAuthorization: Bearer "+c.p.key+"\r\n\r\n"...)
			}}
			used := c.p.cpu()
			t, err := asking.run(ctx, b.window, &b.serial)
			if err != nil {
				return facts, err
			}
			t.cpu = (c.p.cpu() - used) / time.Duration(max(1, t.done))
			facts = append(facts, fact{fmt.Sprintf("%s: %s among %d links, %d at a time", c.kind, group.what, b.links, clients), "p99 < 20 ms",
				fmt.Sprintf("p99 **%s**, p50 %s (%.0f/s, %d ways, %s of processor each)", ms(t.p99), ms(t.p50), t.rate(), len(group.ask), ms(t.cpu))})
		}
	}
	return facts, nil
}
