package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

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
