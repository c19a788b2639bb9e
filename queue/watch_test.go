package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

// A run that is counted twice, or as another end than it had, makes every rate on the board a guess; and
// whoever stands around the handlers sees each run.
func TestEveryRunIsToldOnceWithItsEnd(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	now := time.Now().UTC()
	var mu sync.Mutex
	told, around := map[string]string{}, 0
	ended := make(chan struct{}, 10)
	q := queue.New(s, queue.Options{
		Around: func(next queue.Handler) queue.Handler {
			return func(ctx context.Context, r *queue.Run) error {
				mu.Lock()
				around++
				mu.Unlock()
				return next(ctx, r)
			}
		},
		Ended: func(o queue.Outcome) {
			mu.Lock()
			told[o.Kind] += o.Result
			mu.Unlock()
			if o.Took < 0 || o.Waited < 0 || o.Attempt < 1 {
				t.Errorf("told %+v", o)
			}
			ended <- struct{}{}
		},
	})
	q.Handle("a.done", func(context.Context, *queue.Run) error { return nil })
	q.Handle("b.again", func(ctx context.Context, r *queue.Run) error { return r.Again(ctx, now.Add(time.Hour), nil) })
	q.Handle("c.failed", func(context.Context, *queue.Run) error { return errors.New("no") })
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: "mer_a", CreatedAt: now})
		for _, kind := range []string{"a.done", "b.again", "c.failed"} {
			tx.Enqueue(paylink.Job{ID: paylink.NewJobID(now), Kind: kind, Merchant: "mer_a", RunAt: now}, now)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() { _ = q.Work(ctx) })
	for range 3 {
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("a run was not told")
		}
	}
	stop()
	working.Wait()
	mu.Lock()
	defer mu.Unlock()
	want := map[string]string{"a.done": "done", "b.again": "again"}
	for kind, result := range want {
		if told[kind] != result {
			t.Errorf("%s was told as %q", kind, told[kind])
		}
	}
	if around < 3 {
		t.Errorf("%d runs were seen", around)
	}
}
