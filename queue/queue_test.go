package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

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
