// Package store keeps every fact of paylink in one database: SQLite in one file, or PostgreSQL.
// It is for the steps and the web doors, which hand it nouns and get nouns back, and it holds every
// SQL statement there is, one text for both databases.
// It leaves the rules about links, money and states to the nouns and the steps, and it leaves time to
// its callers: no statement asks the clock.
//
// A read goes through a Reader, a change through a Tx:
//
//	link, err := s.Read(ctx).Link(merchant, id)
//	err = s.Write(ctx, func(tx *store.Tx) error { return tx.CancelLink(merchant, id, now) })
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Options adjust how a database is opened. The zero value works.
type Options struct {
	// Log takes what the store has to tell the operator: panics, oversized transactions, a database
	// log that does not shrink. Without it slog.Default is used.
	Log *slog.Logger
	// Listen is where the bells of other nodes are heard, on PostgreSQL: ListenOff, or the URL of the
	// server itself where the database's URL leads through a pooler, which cannot LISTEN. Empty is the
	// database's URL.
	Listen string

	// Watch, if set, sees every Write: it returns what is called when the function of the write begins,
	// perhaps more than once and from another goroutine, and what is called when Write returns.
	Watch func(ctx context.Context) (begun func(), ended func(error))
}

// ListenOff as Options.Listen neither sends bells to other nodes nor hears theirs. Whoever must not miss
// a change polls anyway, so it comes a fifth of a second later.
const ListenOff = "off"

// ErrClosed answers a write that comes after Close.
var ErrClosed = errors.New("the store is closed")

// ErrLocked answers a write that waited two seconds for a row that another transaction holds.
// Nothing of the write has happened. Only PostgreSQL gives it; on SQLite writes queue up.
var ErrLocked = errors.New("another transaction holds the row")

// ErrUnavailable answers a read or a write that the database does not take now: it is away, it is full,
// it may only be read, or the connection broke. Of a write it is certain that nothing has happened,
// unless the connection broke at the very commit: whoever asks again with the same Idempotency-Key
// learns which.
var ErrUnavailable = errors.New("the database does not take this now")

// Store is one open database. Its methods may be called from any goroutine.
type Store struct {
	db     engine
	bells  switchboard
	herald *herald // carries bells to other nodes; nil where there are none
	kept   kept
	turns  turns
	gate   gate
	claims claimsRunning
	watch  func(context.Context) (begun func(), ended func(error))

	readOnly bool
}

// engine is one of the two real databases that can stand under a Store.
type engine interface {
	kind() string
	// query runs a read outside any transaction and hands over its rows until visit returns false.
	query(ctx context.Context, q string, args []any, visit visit) error
	// write runs job.fn in one transaction, in its own time and without the caller's cancellation,
	// and calls job.finish exactly once when the outcome is certain. It does not wait for that.
	write(job *job)
	stats() Stats
	close() error
}

// visit receives one row, as a function that copies its columns out, and tells whether it wants more.
type visit func(scan func(dest ...any) error) (more bool)

// Open connects to the database that url names: "sqlite:///absolute/path.db",
// "sqlite://./relative/path.db" or "postgres://…". The folder and the file of a SQLite database are
// made when they are missing, readable by their owner only. A SQLite file that another process has
// open is refused.
func Open(ctx context.Context, url string, opt Options) (*Store, error) {
	log := opt.Log
	if log == nil {
		log = slog.Default()
	}
	s := &Store{watch: opt.Watch}
	scheme, rest, _ := strings.Cut(url, "://")
	var err error
	switch scheme {
	case "sqlite":
		s.db, err = openSQLite(ctx, rest, log)
	case "postgres", "postgresql":
		s.db, s.herald, err = openPostgres(ctx, s, url, opt.Listen, log)
	default:
		// The url is not repeated here: it may hold a password.
		return nil, errors.New("the database URL must begin with sqlite:// or postgres://")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Kind names the database, "sqlite" or "postgres".
func (s *Store) Kind() string { return s.db.kind() }

// Read gives a Reader for reads outside any transaction: each of its queries sees what was committed
// when the query began. ctx bounds them all.
func (s *Store) Read(ctx context.Context) Reader {
	return Reader{ctx: ctx, db: s.db, kept: &s.kept}
}

// Write runs fn in one transaction and commits it. Whatever error fn returns comes back unchanged and
// nothing of fn's work stays.
//
// fn may run more than once, so ids and times are made before it, and what it hands out is overwritten
// by a second run. It calls nothing outside, does not sleep, and never calls Write. It does not see
// ctx: a caller who gives up gets ctx.Err() and stops waiting, and the transaction ends by itself,
// either way, so such a caller leaves alone what fn writes to. A panic in fn becomes an error here.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	if s.watch == nil {
		return s.write(ctx, fn)
	}
	begun, ended := s.watch(ctx)
	err := s.write(ctx, func(tx *Tx) error {
		begun()
		return fn(tx)
	})
	ended(err)
	return err
}

func (s *Store) write(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.readOnly {
		return ErrReadOnly
	}
	if !s.gate.enter() {
		return ErrClosed
	}
	done := make(chan error, 1)
	s.db.write(&job{
		caller: ctx,
		fn: func(tx *Tx) error {
			tx.turns = &s.turns
			return fn(tx)
		},
		finish: func(topics []string, err error) {
			if err == nil {
				s.kept.changed(topics)
				s.bells.ring(topics)
				s.herald.announce(topics)
			}
			done <- err
			s.gate.leave()
		},
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done: // both happened: the certain outcome is worth more
		return err
	default:
		return ctx.Err()
	}
}

// GiveWay marks the writes under a context as ones that can wait: on SQLite, where all writes stand in one
// line, others go before them, and they are not held up for longer than a moment at a time. It is for what
// comes in a great number at once and that nobody looks at.
func GiveWay(ctx context.Context) context.Context { return context.WithValue(ctx, givesWay{}, true) }

type givesWay struct{}

// job is one call of Write on its way through an engine.
type job struct {
	caller context.Context // for its values and to see that nobody waits any more
	fn     func(*Tx) error
	finish func(topics []string, err error)
}

// Ping tells whether the database can be read and takes writes.
func (s *Store) Ping(ctx context.Context) error {
	var one int64
	if err := s.Read(ctx).row(`SELECT 1`, nil, &one); err != nil {
		return fmt.Errorf("ping %s: %w", s.Kind(), err)
	}
	err := s.Write(ctx, func(tx *Tx) error {
		if f := tx.session.writable(); f != nil {
			return f.err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ping %s: %w", s.Kind(), err)
	}
	return nil
}

// Stats are counts since the store was opened, for the operator's metrics.
type Stats struct {
	Writes   int64 // transactions that ran to an end, committed or rolled back
	Commits  int64 // on SQLite fewer than Writes: one commit gathers many
	LogBytes int64 // size of SQLite's write-ahead log; 0 on PostgreSQL
	Pool     Pool
}

// Pool counts connections: on PostgreSQL those of this node, on SQLite those that read.
type Pool struct {
	Most, InUse, Idle int64
	Waits             int64         // how often somebody waited for one since the store was opened
	Waited            time.Duration // how long, summed up
}

// Stats gives the counts up to now.
func (s *Store) Stats() Stats { return s.db.stats() }

// Close waits for the writes under way, refuses new ones, and lets go of the database.
// A second Close does nothing.
func (s *Store) Close() error {
	if !s.gate.shut() {
		return nil
	}
	s.herald.close()
	return s.db.close()
}

// gate counts the writes under way, so that Close can refuse new ones and wait for the rest.
type gate struct {
	mu     sync.RWMutex
	closed bool
	inside sync.WaitGroup
}

func (g *gate) enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

// shut closes the gate and waits until everyone has left. It reports whether it was open.
func (g *gate) shut() bool {
	g.mu.Lock()
	wasOpen := !g.closed
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
	return wasOpen
}
