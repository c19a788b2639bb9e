package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

const kind = "test.work"

// Work that is enqueued with its reason is done after the commit, and a rolled-back reason leaves none.
func TestJobRunsOnlyWhenItsTransactionCommits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		done := make(chan paylink.JobPayload, 2)
		work(t, s, queue.Options{}, func(ctx context.Context, r *queue.Run) error {
			done <- r.Job.Payload
			return nil
		})
		broken := errors.New("the reason fell through")
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Enqueue(job(merchant, "never"), time.Now())
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("write: %v", err)
		}
		enqueue(t, s, job(merchant, "once"))
		if got := receive(t, done); got.Link != "once" {
			t.Errorf("ran the job of %q", got.Link)
		}
		empty(t, s)
		select {
		case p := <-done:
			t.Errorf("a job ran that was never committed: %v", p)
		default:
		}
	})
}

// A bell that nobody answers quickly would break the promise of two seconds: pick-up is a matter of
// the commit, not of the poll.
func TestJobIsPickedUpOnTheBellNotThePoll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		done := make(chan time.Time, 1)
		work(t, s, queue.Options{Poll: time.Hour}, func(ctx context.Context, r *queue.Run) error {
			done <- time.Now()
			return nil
		})
		time.Sleep(50 * time.Millisecond) // the worker has looked, and rests
		enqueue(t, s, job(merchant, "soon"))
		receive(t, done)
	})
}

// Two processes on one database share the jobs: none is done twice and none is left.
func TestTwoWorkersShareEveryJobOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		var mu sync.Mutex
		seen := map[paylink.LinkID]int{}
		handler := func(ctx context.Context, r *queue.Run) error {
			mu.Lock()
			seen[r.Job.Payload.Link]++
			mu.Unlock()
			return nil
		}
		work(t, s, queue.Options{}, handler)
		work(t, s, queue.Options{}, handler)
		const jobs = 200
		for i := range jobs {
			enqueue(t, s, job(merchant, paylink.LinkID(fmt.Sprint(i))))
		}
		empty(t, s)
		mu.Lock()
		defer mu.Unlock()
		if len(seen) != jobs {
			t.Errorf("%d of %d jobs ran", len(seen), jobs)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("job %s ran %d times", id, n)
			}
		}
	})
}

// A worker that was only slow comes back after another took its job over: its late effects must not
// be written beside the other's.
func TestSlowWorkerIsFencedOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		enqueue(t, s, job(merchant, "contested"))
		now := time.Now()
		slow := claim(t, s, "slow", now, now.Add(time.Second))
		later := now.Add(2 * time.Second)
		write(t, s, func(tx *store.Tx) error {
			n, err := tx.ReclaimJobs(later, 50)
			if n != 1 {
				t.Errorf("reclaimed %d jobs", n)
			}
			return err
		})
		quick := claim(t, s, "quick", later, later.Add(time.Second))
		if quick.Fence <= slow.Fence {
			t.Fatalf("the fence went from %d to %d", slow.Fence, quick.Fence)
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.AdvanceClock(merchant, time.Hour) // the late effect
			tx.FinishJob(slow, later)
			return nil
		})
		if !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the slow worker got %v", err)
		}
		m, err := s.Read(t.Context()).Merchant(merchant)
		if err != nil || m.ClockOffset != 0 {
			t.Errorf("the late effect was written: %v %v", m.ClockOffset, err)
		}
		write(t, s, func(tx *store.Tx) error { tx.FinishJob(quick, later); return nil })
		empty(t, s)
	})
}

// A process dies with its jobs: another does them once the lease has run out.
func TestDeadWorkersJobIsTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		enqueue(t, s, job(merchant, "orphan"))
		claim(t, s, "dead", time.Now(), time.Now().Add(200*time.Millisecond))
		done := make(chan paylink.JobPayload, 1)
		work(t, s, queue.Options{Lease: 200 * time.Millisecond, Poll: 20 * time.Millisecond}, func(ctx context.Context, r *queue.Run) error {
			done <- r.Job.Payload
			return nil
		})
		receive(t, done)
	})
}

// A job that takes longer than its lease keeps it, because its worker beats.
func TestLongJobKeepsItsLeaseByTheHeartbeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		var runs atomic.Int32
		done := make(chan error, 2)
		work(t, s, queue.Options{Lease: 200 * time.Millisecond, Poll: 20 * time.Millisecond}, func(ctx context.Context, r *queue.Run) error {
			runs.Add(1)
			time.Sleep(700 * time.Millisecond)
			err := r.Finish(ctx, nil)
			done <- err
			return err
		})
		enqueue(t, s, job(merchant, "long"))
		if err := receive(t, done); err != nil {
			t.Errorf("the long job lost its lease: %v", err)
		}
		if n := runs.Load(); n != 1 {
			t.Errorf("it ran %d times", n)
		}
	})
}

// One bad job must not stop the others, and it is tried again.
func TestPanicAndErrorAreRetriedAndHurtNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		done := make(chan paylink.LinkID, 8)
		work(t, s, queue.Options{Poll: 20 * time.Millisecond}, func(ctx context.Context, r *queue.Run) error {
			if r.Job.Payload.Link == "bad" && r.Job.Attempts == 1 {
				panic("of this job alone")
			}
			if r.Job.Payload.Link == "sad" && r.Job.Attempts == 1 {
				return errors.New("not this time")
			}
			done <- r.Job.Payload.Link
			return nil
		})
		for _, id := range []paylink.LinkID{"bad", "sad", "good"} {
			enqueue(t, s, job(merchant, id))
		}
		got := map[paylink.LinkID]bool{receive(t, done): true, receive(t, done): true, receive(t, done): true}
		if !got["bad"] || !got["sad"] || !got["good"] {
			t.Errorf("done: %v", got)
		}
		empty(t, s)
	})
}

// A key holds a second job of the same kind off while the first waits, and is free again afterwards.
func TestKeyKeepsOneJobWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		first, second := job(merchant, "first"), job(merchant, "second")
		first.Key, second.Key = "same", "same"
		enqueue(t, s, first)
		enqueue(t, s, second)
		got := claim(t, s, "w", time.Now(), time.Now().Add(time.Minute))
		if got.Payload.Link != "first" {
			t.Errorf("claimed %q", got.Payload.Link)
		}
		write(t, s, func(tx *store.Tx) error { tx.FinishJob(got, time.Now()); return nil })
		empty(t, s)
		third := job(merchant, "third")
		third.Key = "same"
		enqueue(t, s, third)
		if got := claim(t, s, "w", time.Now(), time.Now().Add(time.Minute)); got.Payload.Link != "third" {
			t.Errorf("claimed %q", got.Payload.Link)
		}
	})
}

// A job for later waits for its time; put back by Again it keeps what its handler learned.
func TestScheduledJobWaitsAndAgainKeepsThePayload(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		type run struct {
			at    time.Time
			tries int64
		}
		done := make(chan run, 4)
		work(t, s, queue.Options{Poll: time.Hour}, func(ctx context.Context, r *queue.Run) error {
			done <- run{time.Now(), r.Job.Payload.Tries}
			if r.Job.Payload.Tries > 0 {
				return nil
			}
			r.Job.Payload.Tries++
			return r.Again(ctx, time.Now().Add(150*time.Millisecond), nil)
		})
		later := job(merchant, "later")
		later.RunAt = time.Now().Add(150 * time.Millisecond)
		enqueue(t, s, later)
		first, second := receive(t, done), receive(t, done)
		if first.at.Before(later.RunAt) {
			t.Errorf("ran %v too early", later.RunAt.Sub(first.at))
		}
		if second.tries != 1 || second.at.Sub(first.at) < 150*time.Millisecond {
			t.Errorf("second run with %d tries after %v", second.tries, second.at.Sub(first.at))
		}
		empty(t, s)
	})
}

// The sandbox clock moves what waits in its own merchant's test world, and nothing else: not another
// merchant's, not live jobs, not leases.
func TestSandboxClockMovesOnlyItsWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, other := addMerchant(t, s), addMerchant(t, s)
		in := time.Now().Add(time.Hour)
		for _, j := range []struct {
			id          paylink.LinkID
			merchant    paylink.MerchantID
			live, world bool
		}{{"mine", mine, false, true}, {"other", other, false, true}, {"live", mine, true, true}, {"real", mine, false, false}} {
			job := job(j.merchant, j.id)
			job.Live, job.World, job.RunAt = j.live, j.world, in
			enqueue(t, s, job)
		}
		write(t, s, func(tx *store.Tx) error { tx.AdvanceClock(mine, 2*time.Hour); return nil })
		write(t, s, func(tx *store.Tx) error {
			n, err := tx.MoveWorldJobs(mine, 50)
			if n != 1 {
				t.Errorf("moved %d jobs", n)
			}
			return err
		})
		if got := claim(t, s, "w", time.Now(), time.Now().Add(time.Minute)); got.Payload.Link != "mine" {
			t.Errorf("due now: %q", got.Payload.Link)
		}
		// A job that is made after the clock was moved is due in the moved world's time.
		after := job(mine, "after")
		after.World, after.RunAt = true, time.Now().Add(2*time.Hour-time.Second)
		enqueue(t, s, after)
		if got := claim(t, s, "w", time.Now(), time.Now().Add(time.Minute)); got.Payload.Link != "after" {
			t.Errorf("due now: %q", got.Payload.Link)
		}
	})
}

// What failed together must not return together, and not too often.
func TestBackoffGrowsWithJitterToABound(t *testing.T) {
	for attempt := int64(1); attempt <= queue.MaxAttempts; attempt++ {
		whole := min(500*time.Millisecond<<min(attempt-1, 14), 2*time.Hour)
		for range 50 {
			if got := queue.Backoff(attempt); got < whole*3/4 || got > whole*5/4 {
				t.Fatalf("pause after attempt %d is %v, want %v ± a quarter", attempt, got, whole)
			}
		}
	}
	pauses := map[time.Duration]bool{}
	for range 5 {
		pauses[queue.Backoff(3)] = true
	}
	if len(pauses) == 1 {
		t.Error("five pauses are all the same")
	}
}

func addMerchant(t *testing.T, s *store.Store) paylink.MerchantID {
	t.Helper()
	now := time.Now()
	id := paylink.NewMerchantID(now)
	write(t, s, func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: id, Name: "Acme", Currency: "INR", CreatedAt: now})
		return nil
	})
	return id
}

func job(merchant paylink.MerchantID, link paylink.LinkID) paylink.Job {
	now := time.Now()
	return paylink.Job{ID: paylink.NewJobID(now), Kind: kind, Merchant: merchant, Payload: paylink.JobPayload{Link: link}, RunAt: now}
}

func enqueue(t *testing.T, s *store.Store, j paylink.Job) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error { tx.Enqueue(j, time.Now()); return nil })
}

func write(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *store.Store, worker string, now, lease time.Time) paylink.Job {
	t.Helper()
	var jobs []paylink.Job
	write(t, s, func(tx *store.Tx) (err error) {
		jobs, err = tx.ClaimJobs(worker, []store.Room{{Kind: kind, Jobs: 10}}, now, lease, 10)
		return err
	})
	if len(jobs) != 1 {
		t.Fatalf("claimed %d jobs, want one", len(jobs))
	}
	return jobs[0]
}

// work runs a queue for the length of the test.
func work(t *testing.T, s *store.Store, opt queue.Options, h queue.Handler) {
	t.Helper()
	q := queue.New(s, opt)
	q.Handle(kind, h)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		q.Work(ctx)
	}()
	t.Cleanup(func() { stop(); <-ended })
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in twenty seconds")
		panic("unreachable")
	}
}

// empty waits until no job is left in the hot table.
func empty(t *testing.T, s *store.Store) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		counts, err := s.Read(t.Context()).Jobs()
		if err != nil {
			t.Fatal(err)
		}
		if len(counts) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("jobs left: %v", counts)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
