package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is one comparison: what was measured against what, pair by pair.
type row struct {
	what string
	hold float64 // the least ratio that the design asks for
	ours []tally
	bare []float64 // changes or pages per second
}

func (r *row) add(t tally, bare float64) {
	r.ours, r.bare = append(r.ours, t), append(r.bare, bare)
}

// ratios are sorted.
func (r row) ratios() []float64 {
	all := make([]float64, len(r.ours))
	for i, t := range r.ours {
		all[i] = t.rate() / r.bare[i]
	}
	slices.Sort(all)
	return all
}

func (r row) rates() (ours, bare float64) {
	all := make([]float64, len(r.ours))
	for i, t := range r.ours {
		all[i] = t.rate()
	}
	return median(all), median(r.bare)
}

// slowness gives the medians of the pairs' p50, p99 and processor time.
func (r row) slowness() (p50, p99, cpu time.Duration) {
	var halves, tails, costs []time.Duration
	for _, t := range r.ours {
		halves, tails, costs = append(halves, t.p50), append(tails, t.p99), append(costs, t.cpu)
	}
	return median(halves), median(tails), median(costs)
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return quantile(sorted, 50)
}

// fact is one line of what was measured besides: a promise of the design and what came of it.
type fact struct{ what, hold, measured string }

func ms(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000)
}

// report is the whole page.
func (b *bench) report(rows []row, facts []fact) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("# Measurements\n")
	line("Written by `script/bench`; the numbers are this machine's, so compare ratios, not rates.\n")
	for _, f := range b.surroundings {
		line("- %s: %s", f.what, f.measured)
	}
	line("\n## Against bare baselines, and against ourselves\n")
	line("Each pair is ours and then the baseline, %s each, the other one at rest. Rates and times are medians of the pairs.\n", b.window)
	line("| what | ours /s | baseline /s | ratio: min · median · max | hold | met | p50 | p99 | CPU per answer |")
	line("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, r := range rows {
		line("%s", r.line())
	}
	line("\n%s\n", strings.TrimSpace(howMeasured))
	line("## Promises besides\n")
	line("| what | promise | measured |")
	line("| --- | --- | --- |")
	for _, f := range facts {
		line("| %s | %s | %s |", f.what, f.hold, f.measured)
	}
	return out.String()
}

// line is the row of the table.
func (r row) line() string {
	ratios := r.ratios()
	ours, bare := r.rates()
	p50, p99, cpu := r.slowness()
	met := "yes"
	if median(ratios) < r.hold {
		met = "**no**"
	}
	return fmt.Sprintf("| %s | %.0f | %.0f | %.2f · **%.2f** · %.2f | ≥ %.2g | %s | %s | %s | %s |", r.what, ours, bare,
		ratios[0], median(ratios), ratios[len(ratios)-1], r.hold, met, ms(p50), ms(p99), ms(cpu))
}

const howMeasured = `
"Met" judges the median. CPU per answer is the server's processor time, which depends least on what
else the machine did; on PostgreSQL the database's own comes on top.

The server is the built binary in a process of its own, as an operator runs it (log of requests
included, rate limit off); the load is 64 connections that stay open, each waiting for its answer.
A create has a new customer, a reference and an expiry, no channels and no Idempotency-Key: five
rows. What follows from it, the sealing of its event above all, is ours and not the baseline's.

- SQLite baseline: one Go loop with the driver only, the same five statements in a savepoint each, 64 to a commit, same pragmas, same disk.
- PostgreSQL baseline: the best of pgbench at 16, 32 and 64 clients, prepared, over the same socket. The statements are those that the server's own log shows for one of our creates.
- Pages are those of 1,000 links in turn, opened by browsers without cookies.
- Three nodes: the same binary three times on one PostgreSQL; the baseline is one node on the same database, on the same cores, while the three stand still.
- Sealing: the baseline is a node with PAYLINK_ROLES=api on a copy of the database, so without the sealer and every other worker.
- Page baseline: net/http in a process of its own that reads the link's row by the code's key and writes the bytes that we wrote.
`
