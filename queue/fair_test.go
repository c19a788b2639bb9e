package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

// enqueueAll queues jobs in one transaction.
func enqueueAll(t *testing.T, s *store.Store, jobs ...paylink.Job) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		for _, j := range jobs {
			tx.Enqueue(j, time.Now())
		}
		return nil
	})
}

// start runs a queue with several handlers until the test ends or stop is called, which waits for it.
func start(t *testing.T, s *store.Store, opt queue.Options, handlers map[string]queue.Handler) (q *queue.Queue, stop func()) {
	t.Helper()
	q = queue.New(s, opt)
	for kind, h := range handlers {
		q.Handle(kind, h)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := q.Work(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return q, stop
}

// Webhooks to a merchant whose server hangs fill all their workers: a message must go out all the same.
func TestFullKindDoesNotStopAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		release, sent := make(chan struct{}), make(chan struct{}, 1)
		q, _ := start(t, s, queue.Options{Workers: map[string]int{paylink.JobDeliver: 3}, Poll: time.Hour}, map[string]queue.Handler{
			paylink.JobDeliver: func(context.Context, *queue.Run) error { <-release; return nil },
			paylink.JobSend:    func(context.Context, *queue.Run) error { sent <- struct{}{}; return nil },
		})
		var slow []paylink.Job
		for range 20 {
			j := job(merchant, "slow")
			j.Kind = paylink.JobDeliver
			slow = append(slow, j)
		}
		enqueueAll(t, s, slow...)
		quick := job(merchant, "quick")
		quick.Kind = paylink.JobSend
		enqueue(t, s, quick)
		receive(t, sent)
		want := []queue.Stat{{Kind: paylink.JobSend, Workers: 128}, {Kind: paylink.JobDeliver, Running: 3, Workers: 3}}
		deadline := time.Now().Add(10 * time.Second)
		for got := q.Stats(); fmt.Sprint(got) != fmt.Sprint(want); got = q.Stats() {
			if time.Now().After(deadline) {
				t.Fatalf("stats %v, want %v", got, want)
			}
			time.Sleep(5 * time.Millisecond)
		}
		close(release)
		empty(t, s)
	})
}

// One merchant's backlog has long been due when another's jobs come. Each gets his half of the workers
// while both wait, and all of them when the other is done.
func TestMerchantHoldsAtMostHalfWhileOthersWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		greedy, modest := addMerchant(t, s), addMerchant(t, s)
		var jobs []paylink.Job
		for i := range 16 {
			old := job(greedy, "old")
			old.RunAt = old.RunAt.Add(-time.Hour + time.Duration(i)*time.Millisecond)
			jobs = append(jobs, old)
			if i < 6 {
				jobs = append(jobs, job(modest, "new"))
			}
		}
		enqueueAll(t, s, jobs...)
		began, over := make(chan paylink.MerchantID, len(jobs)), make(chan struct{})
		release := map[paylink.MerchantID]chan struct{}{greedy: make(chan struct{}), modest: make(chan struct{})}
		start(t, s, queue.Options{Workers: map[string]int{kind: 4}}, map[string]queue.Handler{kind: func(_ context.Context, r *queue.Run) error {
			began <- r.Job.Merchant
			select {
			case <-release[r.Job.Merchant]:
			case <-over:
			}
			return nil
		}})
		t.Cleanup(func() { close(over) }) // the queue waits for its handlers, also when the test has failed
		letOneGo := func() {
			select {
			case release[modest] <- struct{}{}:
			case <-time.After(10 * time.Second):
				t.Fatal("no job of the modest runs")
			}
		}
		first := map[paylink.MerchantID]int{}
		for range 4 {
			first[receive(t, began)]++
		}
		if first[greedy] != 2 || first[modest] != 2 {
			t.Errorf("at first %d of the greedy and %d of the modest run", first[greedy], first[modest])
		}
		// The modest one's places are taken by his own next jobs, although older ones of the other wait.
		for range 4 {
			letOneGo()
			if receive(t, began) != modest {
				t.Error("a place of the modest went to the greedy")
			}
		}
		// Then nobody else waits, and the greedy one has all four.
		for range 2 {
			letOneGo()
			if receive(t, began) != greedy {
				t.Error("the modest one has more jobs than he queued")
			}
		}
		close(release[greedy])
		empty(t, s)
	})
}

// A node's clock stands, or its machine was asleep: its leases ran out. Another does its job, and what
// the first comes back with is refused.
func TestNodeThatWasOnlySlowIsFencedOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		overdue := job(merchant, "contested")
		overdue.RunAt = time.Now().Add(-2 * time.Hour)
		enqueue(t, s, overdue)
		begun, doneByOther := make(chan struct{}, 9), make(chan struct{})
		slow, quick := make(chan queue.Outcome, 9), make(chan queue.Outcome, 9)
		effect := func(tx *store.Tx) error { tx.AdvanceClock(merchant, time.Hour); return nil }
		past := func() time.Time { return time.Now().Add(-time.Hour) }
		_, stop := start(t, s, queue.Options{Now: past, Workers: map[string]int{kind: 1}, Ended: func(o queue.Outcome) { slow <- o }}, map[string]queue.Handler{kind: func(ctx context.Context, r *queue.Run) error {
			begun <- struct{}{}
			<-doneByOther
			return r.Finish(ctx, effect)
		}})
		receive(t, begun)
		start(t, s, queue.Options{Lease: 200 * time.Millisecond, Ended: func(o queue.Outcome) { quick <- o }}, map[string]queue.Handler{kind: func(ctx context.Context, r *queue.Run) error {
			return r.Finish(ctx, effect)
		}})
		if o := receive(t, quick); o.Result != queue.ResultDone || o.Attempt != 2 {
			t.Errorf("the other: %+v", o)
		}
		close(doneByOther)
		if o := receive(t, slow); o.Result != queue.ResultLost {
			t.Errorf("the slow one: %+v", o)
		}
		stop()
		m, err := s.Read(t.Context()).Merchants()
		if err != nil || m[0].ClockOffset != time.Hour {
			t.Errorf("the effect was written %d times, %v", m[0].ClockOffset/time.Hour, err)
		}
	})
}

// A node that is told to stop finishes what it has begun: nobody may take it over meanwhile. What it
// cannot finish goes to another at once, and the stop does not count as a failure.
func TestStoppingNodeKeepsItsJobsAndHandsThemOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		enqueue(t, s, job(merchant, "long"))
		var mu sync.Mutex
		held := false
		begun, ends := make(chan struct{}, 9), make(chan queue.Outcome, 9)
		_, stop := start(t, s, queue.Options{Lease: 3 * time.Second, Ended: func(o queue.Outcome) { ends <- o }}, map[string]queue.Handler{kind: func(ctx context.Context, r *queue.Run) error {
			mu.Lock()
			held = true
			mu.Unlock()
			begun <- struct{}{}
			<-ctx.Done()
			mu.Lock()
			held = false
			mu.Unlock()
			return ctx.Err()
		}})
		receive(t, begun)
		attempts := make(chan int64, 9)
		start(t, s, queue.Options{Lease: 200 * time.Millisecond, Poll: 20 * time.Millisecond}, map[string]queue.Handler{kind: func(ctx context.Context, r *queue.Run) error {
			mu.Lock()
			defer mu.Unlock()
			if held {
				t.Error("it was taken over while the stopping node worked on it")
			}
			attempts <- r.Job.Attempts
			return nil
		}})
		time.Sleep(1300 * time.Millisecond) // so that the stop lasts past the lease of the last beat before it
		stop()
		if o := receive(t, ends); o.Result != queue.ResultStopped {
			t.Errorf("the stopped run: %+v", o)
		}
		if n := receive(t, attempts); n != 1 {
			t.Errorf("it counts as attempt %d", n)
		}
		empty(t, s)
	})
}

// An operator reads one line for each run, with ids and no payload.
func TestEachRunLeavesOneWideLine(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	merchant := addMerchant(t, s)
	var mu sync.Mutex
	var lines strings.Builder
	log := slog.New(slog.NewJSONHandler(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return lines.Write(p)
	}), nil))
	ended := make(chan queue.Outcome, 9)
	work(t, s, queue.Options{Log: log, Ended: func(o queue.Outcome) { ended <- o }}, func(ctx context.Context, r *queue.Run) error {
		if r.Job.Attempts == 1 {
			return fmt.Errorf("not this time")
		}
		return nil
	})
	j := job(merchant, "plink_secret")
	enqueue(t, s, j)
	receive(t, ended)
	receive(t, ended)
	mu.Lock()
	defer mu.Unlock()
	runs := strings.Split(strings.TrimSpace(lines.String()), "\n")
	if len(runs) != 2 {
		t.Fatalf("%d lines:\n%s", len(runs), lines.String())
	}
	for i, want := range []string{`"outcome":"failed","error":"not this time"`, `"attempt":2`} {
		for _, want := range []string{want, `"msg":"job.run"`, `"kind":"test.work"`, `"job":"` + string(j.ID) + `"`, `"merchant":"` + string(merchant) + `"`, `"waited":`, `"took":`} {
			if !strings.Contains(runs[i], want) {
				t.Errorf("line %d has no %s: %s", i+1, want, runs[i])
			}
		}
	}
	if strings.Contains(lines.String(), "plink_secret") {
		t.Error("the payload is in the log")
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
