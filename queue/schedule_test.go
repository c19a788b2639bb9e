package queue_test

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

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

// The dashboard tells a merchant that a job failed for about half a day before it was set aside; the
// playbooks reckon with it too.
func TestTriesLastAboutHalfADay(t *testing.T) {
	for range 100 {
		var all time.Duration
		for n := int64(1); n < queue.MaxAttempts; n++ {
			all += queue.Backoff(n)
		}
		if all < 9*time.Hour || all > 16*time.Hour {
			t.Errorf("the tries last %v", all)
		}
	}
}
