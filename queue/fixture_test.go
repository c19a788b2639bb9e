package queue_test

import (
	"context"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

const kind = "test.work"

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
