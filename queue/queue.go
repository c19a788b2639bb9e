// Package queue does the work that a transaction made necessary, after its commit: it claims jobs,
// runs their handlers, retries with back-off, takes over what a dead worker left, and parks what
// cannot be done until a person says so.
//
// It is for the steps, which enqueue in the transaction that makes the work necessary
// (store.Tx.Enqueue) and register a handler for each kind. It leaves what a job means to them, and
// the rows and their order to the store. A job runs at least once; its effects happen exactly once,
// because they are written in the transaction that ends the job, guarded by the job's fence.
package queue

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

// Options adjust a queue. The zero value works.
type Options struct {
	Now     func() time.Time // default time.Now
	Log     *slog.Logger     // default slog.Default()
	Workers map[string]int   // jobs of a kind running at once, where it is not the default of the kind
	Lease   time.Duration    // how long a job stays with a silent worker; default DefaultLease
	Poll    time.Duration    // the safety net under the bell; default 200 ms on PostgreSQL, 10 s on SQLite

	Around func(Handler) Handler // stands around every handler, for traces; nil: nothing does
	Ended  func(Outcome)         // called once for each run that has ended, from its goroutine; nil: nobody asks
}

// DefaultLease is how long a job stays with a silent worker. Nodes judge it by their own clocks, so these
// may differ by much less.
const DefaultLease = 15 * time.Second

// claimMost is how many jobs one claim takes: what a member of a group commit may change on SQLite.
const claimMost = 50

// Handler does one job. It ends the job with its effects by Run.Finish, Run.Again or Run.Park; if it
// returns nil without any, the job is finished. An error means: try again later, after a growing pause;
// one that wraps a *Parked means: not before a person says so.
type Handler func(ctx context.Context, r *Run) error

// Queue is one worker process on the store's jobs. It claims only what it has a handler for, so that an
// older build beside a newer one leaves alone what it does not know.
type Queue struct {
	store  *store.Store
	opt    Options
	worker string

	mu    sync.Mutex
	kinds []*kind              // the most urgent first
	held  map[store.Lease]bool // what is run here
	doubt bool                 // more may bear our name than is held: a claim or an end was not confirmed
	done  chan struct{}        // a slot became free
}

// New makes a queue; Handle the kinds, then Work.
func New(s *store.Store, opt Options) *Queue {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Ended == nil {
		opt.Ended = func(Outcome) {}
	}
	opt.Lease = orDefault(opt.Lease, DefaultLease)
	// Another process can enqueue on PostgreSQL without ringing our bell; on SQLite there is none.
	if s.Kind() == "sqlite" {
		opt.Poll = orDefault(opt.Poll, 10*time.Second)
	}
	opt.Poll = orDefault(opt.Poll, 200*time.Millisecond)
	var name [8]byte
	rand.Read(name[:])
	return &Queue{store: s, opt: opt, worker: hex.EncodeToString(name[:]), held: map[store.Lease]bool{}, done: make(chan struct{}, 1)}
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Handle names the handler of a kind, before Work. Two handlers for a kind are a mistake in the wiring.
func (q *Queue) Handle(name string, h Handler) {
	if q.kind(name) != nil {
		panic("two handlers for jobs of kind " + name)
	}
	if q.opt.Around != nil {
		h = q.opt.Around(h)
	}
	workers := orDefault(q.opt.Workers[name], orDefault(workersOf[name], workersOfOthers))
	q.kinds = append(q.kinds, &kind{name: name, handle: h, workers: workers, held: map[paylink.MerchantID]int{}})
	slices.SortFunc(q.kinds, urgency)
}

// kind finds a kind that has a handler; nil: it has none.
func (q *Queue) kind(name string) *kind {
	for _, k := range q.kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// Work claims and runs jobs until ctx is done, and returns when the last of them has ended and what this
// worker leaves undone is given back. A job that runs on when ctx is done keeps its lease, and gets its
// context cancelled only after the lease's length.
func (q *Queue) Work(ctx context.Context) error {
	bell := q.store.Bell(store.BellJobs)
	defer bell.Close()
	jobs, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	beats, stopBeat := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBeat()
	var running, beating sync.WaitGroup
	beating.Go(func() { q.beat(beats) })

	for ctx.Err() == nil {
		claimed, next, err := q.claim(ctx)
		if err != nil && ctx.Err() == nil {
			q.opt.Log.Error("queue.claim", "error", err)
		}
		if ctx.Err() != nil {
			for _, job := range claimed { // not begun, and given back below
				q.free(job)
			}
			break
		}
		for _, job := range claimed {
			running.Go(func() { q.run(jobs, job) })
		}
		if len(claimed) == 0 {
			q.rest(ctx, bell.C, next, err != nil)
		}
	}
	stop := time.AfterFunc(q.opt.Lease, giveUp)
	defer stop.Stop()
	running.Wait()
	stopBeat()
	beating.Wait()
	q.leave(context.WithoutCancel(ctx))
	return nil
}
