// Package queue does the work that a transaction made necessary, after its commit: it claims jobs,
// runs their handlers, retries with back-off, and takes over what a dead worker left.
//
// It is for the steps, which enqueue in the transaction that makes the work necessary
// (store.Tx.Enqueue) and register a handler for each kind. It leaves what a job means to them, and
// the rows to the store. A job runs at least once; its effects happen exactly once, because they
// are written in the transaction that ends the job, guarded by the job's fence.
package queue

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Options adjust a queue. The zero value works.
type Options struct {
	Now     func() time.Time // default time.Now
	Log     *slog.Logger     // default slog.Default()
	Workers int              // jobs running at once; default 160
	PerKind int              // of one kind at once, so that slow webhooks leave room for messages; default 64
	Lease   time.Duration    // how long a job stays with a silent worker; default 20 s
	Poll    time.Duration    // the safety net under the bell; default 200 ms on PostgreSQL, 10 s on SQLite
}

// claimMost is how many jobs one claim takes: what a member of a group commit may change on SQLite.
const claimMost = 50

// Handler does one job. It ends the job with its effects by Run.Finish or Run.Again; if it returns nil
// without either, the job is finished. An error means: try again later, after a growing pause.
type Handler func(ctx context.Context, r *Run) error

// Queue is one worker process on the store's jobs.
type Queue struct {
	store    *store.Store
	opt      Options
	worker   string
	handlers map[string]Handler

	mu      sync.Mutex
	running map[string]int // by kind
	total   int
	orphans []paylink.Job // whose end could not be written
	done    chan struct{} // a slot became free
}

// New makes a queue; Handle the kinds, then Work.
func New(s *store.Store, opt Options) *Queue {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	opt.Workers = orDefault(opt.Workers, 160)
	opt.PerKind = orDefault(opt.PerKind, 64)
	opt.Lease = orDefault(opt.Lease, 20*time.Second)
	// Another process can enqueue on PostgreSQL without ringing our bell; on SQLite there is none.
	if s.Kind() == "sqlite" {
		opt.Poll = orDefault(opt.Poll, 10*time.Second)
	}
	opt.Poll = orDefault(opt.Poll, 200*time.Millisecond)
	var name [8]byte
	rand.Read(name[:])
	return &Queue{
		store: s, opt: opt, worker: hex.EncodeToString(name[:]),
		handlers: map[string]Handler{}, running: map[string]int{}, done: make(chan struct{}, 1),
	}
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Handle names the handler of a kind, before Work. Two handlers for a kind are a mistake in the wiring.
func (q *Queue) Handle(kind string, h Handler) {
	if q.handlers[kind] != nil {
		panic("two handlers for jobs of kind " + kind)
	}
	q.handlers[kind] = h
}

// Work claims and runs jobs until ctx is done, and returns when the last of them has ended. A job that
// runs on when ctx is done gets its context cancelled only after the lease's length.
func (q *Queue) Work(ctx context.Context) error {
	bell := q.store.Bell(store.BellJobs)
	defer bell.Close()
	jobs, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var wait sync.WaitGroup
	wait.Go(func() { q.beat(ctx) })
	wait.Go(func() { q.giveBackOrphans(ctx) })

	for ctx.Err() == nil {
		claimed, err := q.claim(ctx)
		if err != nil && ctx.Err() == nil {
			q.opt.Log.Error("queue.claim", "error", err)
		}
		if ctx.Err() != nil {
			break // what was claimed and not begun is given back below
		}
		for _, job := range claimed {
			wait.Go(func() { q.run(jobs, job) })
		}
		if len(claimed) == 0 {
			q.rest(ctx, bell.C, err != nil)
		}
	}
	stop := time.AfterFunc(q.opt.Lease, giveUp)
	defer stop.Stop()
	wait.Wait()
	return q.leave(context.WithoutCancel(ctx))
}

// claim takes what is due and fits.
func (q *Queue) claim(ctx context.Context) ([]paylink.Job, error) {
	q.mu.Lock()
	free := min(q.opt.Workers-q.total, claimMost)
	var full []string
	for kind, n := range q.running {
		if n >= q.opt.PerKind {
			full = append(full, kind)
		}
	}
	q.mu.Unlock()
	if free <= 0 {
		return nil, nil
	}
	now := q.opt.Now()
	// A look costs far less than a turn at the writer, and most bells find their job taken already.
	due, ok, err := q.store.Read(ctx).NextJob()
	if err != nil || !ok || due.After(now) {
		return nil, err
	}
	var claimed []paylink.Job
	// The claim is waited for even when the queue is told to stop: what it took must be given back.
	err = q.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) (err error) {
		claimed, err = tx.ClaimJobs(q.worker, full, now, now.Add(q.opt.Lease), free)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	q.mu.Lock()
	for _, job := range claimed {
		q.running[job.Kind]++
		q.total++
	}
	q.mu.Unlock()
	return claimed, nil
}

// rest waits for a bell, a free slot, the next due time or the poll.
func (q *Queue) rest(ctx context.Context, bell <-chan struct{}, troubled bool) {
	pause := q.opt.Poll
	if troubled {
		pause = min(pause, time.Second)
	} else if due, ok, err := q.store.Read(ctx).NextJob(); err == nil && ok {
		if until := due.Sub(q.opt.Now()); until > 0 {
			pause = min(pause, until)
		} else {
			pause = min(pause, 50*time.Millisecond) // due, but there is no room, or another took it
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-bell:
	case <-q.done:
	case <-timer.C:
	}
}

// beat prolongs this worker's leases and frees those of silent ones.
func (q *Queue) beat(ctx context.Context) {
	ticker := time.NewTicker(q.opt.Lease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := q.opt.Now()
		q.mu.Lock()
		busy := q.total > 0
		q.mu.Unlock()
		silent, err := q.store.Read(ctx).SilentJobs(now)
		if err == nil && !busy && !silent {
			continue // an idle process leaves the disk alone
		}
		err = q.store.Write(ctx, func(tx *store.Tx) error {
			if busy {
				tx.BeatJobs(q.worker, now.Add(q.opt.Lease))
			}
			freed, err := tx.ReclaimJobs(now)
			if freed > 0 {
				tx.Ring(store.BellJobs)
			}
			return err
		})
		if err != nil && ctx.Err() == nil {
			q.opt.Log.Error("queue.beat", "error", err)
		}
	}
}

func (q *Queue) free(kind string) {
	q.mu.Lock()
	q.running[kind]--
	if q.running[kind] == 0 {
		delete(q.running, kind)
	}
	q.total--
	q.mu.Unlock()
	select {
	case q.done <- struct{}{}:
	default:
	}
}
