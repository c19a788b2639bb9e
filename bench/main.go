// Command bench measures paylink against baselines that do the same work with nothing around it, in
// one run on one machine, and writes bench/RESULTS.md.
//
// It is for whoever changes a hot path, and for operators who want to know what a machine of theirs
// can do. It drives the built program from outside, over HTTP, and knows nothing of its insides. It
// judges nobody: a hold that is missed is written down and fails no build.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"paylink/bench/baseline"
)

// bench is one run of everything.
type bench struct {
	dir         string
	window      time.Duration // of one half of a pair
	bulkRows    int64         // of the uploaded file; 0: as the window allows
	pairsWanted int
	clients     int
	only        []string     // names of what is measured; empty: everything
	links       int64        // of the rows about very many links
	postings    int64        // of the account whose balance is asked for
	on          string       // the databases of a soak and of those rows
	profiles    string       // folder for profiles of the program; empty: none
	serial      atomic.Int64 // of requests: every link has a reference of its own

	binary       string
	listened     string // the binary whose merchants' webhooks may be on this machine
	postgres     *postgres
	onSQLite     *program
	onPostgres   *program
	change       baseline.Change // what one create does, as PostgreSQL's log shows it
	pageRead     string
	pipelined    float64 // pgbench's best rate when a transaction is one round trip
	surroundings []fact
}

// longest bounds the run, but for what it is told to do at length: something that hangs ends, and says so.
const longest = 20 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == bareArgument {
		// The parent decides when we end, by closing our input.
		finish(serveBare(context.WithoutCancel(ctx), os.Stdin, os.Stdout))
		return
	}
	b := &bench{clients: 64}
	flag.DurationVar(&b.window, "window", 4*time.Second, "length of one measurement")
	flag.IntVar(&b.pairsWanted, "pairs", 5, "measurements of each kind")
	flag.StringVar(&b.dir, "dir", "", "folder for the databases, on the disk that is to be measured; default: a temporary one")
	flag.Int64Var(&b.bulkRows, "rows", 0, "rows of the uploaded file, at most a million; default: a million, fewer for a short window")
	soak := flag.Duration("soak", 0, "instead of measuring, keep a steady load up for so long on each database and watch the memory; printed, not written")
	flag.StringVar(&b.on, "on", "SQLite,PostgreSQL", "the databases of a soak, one after the other, and of million, confirming, forged and balance")
	flag.Int64Var(&b.links, "links", 1_000_000, "how many links million fills a database with; each takes about a kilobyte of the disk")
	flag.Int64Var(&b.postings, "postings", 1_000_000, "how many postings the account has whose balance is asked for; each takes about half a kilobyte of the disk")
	flag.StringVar(&b.profiles, "profile", "", "folder in which profiles of the program are left, while payments are confirmed and notices forged; it is built with a profiler for it")
	out := flag.String("out", "bench/RESULTS.md", "file to write")
	only := flag.String("only", "", "measure only these, printed and not written: create, page, sealing, nodes, size, weight, telling, dispatch, lag, sending, takeover, verify, bulk, million, confirming, posting, forged, balance")
	flag.Parse()
	if *only != "" {
		b.only, *out = strings.Split(*only, ","), os.DevNull
	}
	ctx, cancel := context.WithTimeout(ctx, longest+2**soak+time.Duration(b.links+b.postings/4)*2*time.Millisecond)
	defer cancel()
	if *soak > 0 {
		finish(b.within(func() error { return b.soakEach(ctx, strings.Split(b.on, ","), *soak) }))
		return
	}
	finish(b.within(func() error { return b.run(ctx, *out) }))
}

// finish tells what went wrong. Measuring never fails a build, so the exit code is that of a run that
// could not be made, and script/bench makes it 0 for callers who do not care.
func finish(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// within gives the work a folder and takes it away afterwards.
func (b *bench) within(work func() error) (err error) {
	if b.dir, err = os.MkdirTemp(b.dir, "paylink-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := os.Chmod(b.dir, 0o755); err != nil { // PostgreSQL runs as another account when we are root
		return err
	}
	return work()
}

// soakEach soaks one database after the other.
func (b *bench) soakEach(ctx context.Context, kinds []string, length time.Duration) (err error) {
	if b.binary, err = build(ctx, b.dir); err != nil {
		return err
	}
	if b.postgres, err = startPostgres(ctx, filepath.Join(b.dir, "postgres")); err != nil {
		return err
	}
	defer b.postgres.stop()
	for _, kind := range kinds {
		if err := b.soak(ctx, kind, length); err != nil {
			return fmt.Errorf("soak on %s: %w", kind, err)
		}
	}
	return nil
}

func (b *bench) run(ctx context.Context, out string) (err error) {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer b.postgres.stop()
	var rows []row
	for _, m := range []struct {
		name string
		row  func(context.Context) (row, error)
	}{
		{"create", b.createOnSQLite}, {"create", b.createOnPostgres}, {"page", b.openPage},
		{"sealing", b.sealedOnSQLite}, {"sealing", b.sealedOnPostgres}, {"nodes", b.threeNodes},
		{"posting", b.postingOnSQLite}, {"posting", b.postingOnPostgres},
	} {
		if !b.wants(m.name) {
			continue
		}
		r, err := m.row(ctx)
		if err != nil {
			return err
		}
		b.say("%s", r.line())
		rows = append(rows, r)
	}
	facts, err := b.promises(ctx)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name  string
		facts func(context.Context) ([]fact, error)
	}{{"sending", b.sending}, {"takeover", b.takeOver}, {"verify", b.verifying}, {"bulk", b.bulkUpload}, {"million", b.million},
		{"confirming", b.confirming}, {"forged", b.forged}, {"balance", b.balance}} {
		if !b.wants(m.name) {
			continue
		}
		more, err := m.facts(ctx)
		if err != nil {
			return err
		}
		facts = append(facts, more...)
	}
	report := b.report(rows, facts)
	fmt.Printf("\n%s", report)
	return os.WriteFile(out, []byte(report), 0o644)
}

func (b *bench) wants(name string) bool { return len(b.only) == 0 || slices.Contains(b.only, name) }

// prepare builds the program, makes a database of each kind with one merchant in it, and learns what
// a create says to its database.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.binary, err = build(ctx, b.dir); err != nil {
		return err
	}
	if b.postgres, err = startPostgres(ctx, filepath.Join(b.dir, "postgres")); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			b.postgres.stop()
		}
	}()
	if _, err = b.postgres.sql(ctx, "CREATE DATABASE paylink"); err != nil {
		return err
	}
	sqlite := filepath.Join(b.dir, "sqlite")
	if b.onSQLite, err = newProgram(ctx, b.binary, sqlite, "sqlite://"+filepath.Join(sqlite, "paylink.db")); err != nil {
		return err
	}
	if b.onPostgres, err = newProgram(ctx, b.binary, filepath.Join(b.dir, "paylink-on-postgres"), b.postgres.url("paylink", nil)); err != nil {
		return err
	}
	if _, err = b.postgres.sql(ctx, "CREATE DATABASE bare TEMPLATE paylink"); err != nil {
		return err
	}
	if b.surroundings, err = b.describe(ctx); err != nil {
		return err
	}
	return b.recordStatements(ctx)
}
