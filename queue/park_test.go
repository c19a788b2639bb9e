package queue_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"
)

// tried queues a job that has been tried so often.
func tried(t *testing.T, s *store.Store, merchant paylink.MerchantID, link paylink.LinkID, times int64) {
	t.Helper()
	enqueue(t, s, job(merchant, link))
	now := time.Now()
	claimed := claim(t, s, "before", now, now.Add(time.Minute))
	write(t, s, func(tx *store.Tx) error { tx.PostponeJob(claimed, now, times, "it went wrong"); return nil })
}

// parked waits for the merchant's parked job.
func parked(t *testing.T, s *store.Store, merchant paylink.MerchantID) store.ParkedJob {
	t.Helper()
	empty(t, s)
	list, err := s.Read(t.Context()).ParkedJobs(merchant, false, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d jobs are parked, %v", len(list), err)
	}
	return list[0]
}

// A job that nothing helps must end somewhere, with its reason, and a person must be able to have it
// tried again; one that still has tries left must not end there.
func TestHopelessJobIsParkedWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		attempts int64 // before
		handle   queue.Handler
		reason   string
		err      string
	}{
		"the last try fails": {queue.MaxAttempts - 1, func(context.Context, *queue.Run) error {
			return errors.New("the gateway is down")
		}, queue.ReasonGaveUp, "the gateway is down"},
		"it panics again": {4, func(context.Context, *queue.Run) error { panic("of this job alone") }, queue.ReasonPanic, "panic in the handler: of this job alone"},
		"its worker died at each try": {queue.MaxAttempts, func(context.Context, *queue.Run) error {
			return errors.New("it must not run once more")
		}, queue.ReasonLost, "lost: its workers died before it ended"},
		"its handler says so": {0, func(ctx context.Context, r *queue.Run) error {
			return r.Park(ctx, "no_gateway", nil)
		}, "no_gateway", "it went wrong"},
		"its handler's error says so": {0, func(context.Context, *queue.Run) error {
			return fmt.Errorf("ask: %w", &queue.Parked{Reason: "no_gateway", Err: errors.New("no gateway is connected")})
		}, "no_gateway", "ask: no_gateway: no gateway is connected"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				merchant := addMerchant(t, s)
				tried(t, s, merchant, "hopeless", c.attempts)
				outcomes := make(chan queue.Outcome, 9)
				work(t, s, queue.Options{Poll: 20 * time.Millisecond, Ended: func(o queue.Outcome) { outcomes <- o }}, c.handle)
				o := receive(t, outcomes)
				if o.Result != queue.ResultParked || o.Kind != kind || o.Attempt != c.attempts+1 || o.Waited < 0 || o.Took < 0 {
					t.Errorf("outcome %+v", o)
				}
				got := parked(t, s, merchant)
				if got.Reason != c.reason || got.LastError != c.err || got.Attempts != c.attempts+1 || got.Payload.Link != "hopeless" {
					t.Errorf("parked as %q, %q after %d tries", got.Reason, got.LastError, got.Attempts)
				}
			})
		})
	}
}

// A job that is retried by a person begins anew, and is done.
func TestRetriedJobIsDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		tried(t, s, merchant, "once more", queue.MaxAttempts-1)
		attempts := make(chan int64, 9)
		help := make(chan struct{})
		work(t, s, queue.Options{Poll: 20 * time.Millisecond}, func(ctx context.Context, r *queue.Run) error {
			attempts <- r.Job.Attempts
			select {
			case <-help:
				return nil
			default:
				return errors.New("not before a person has helped")
			}
		})
		got := parked(t, s, merchant)
		close(help)
		write(t, s, func(tx *store.Tx) error { _, err := tx.RetryJob(merchant, false, got.ID, time.Now()); return err })
		if first, second := receive(t, attempts), receive(t, attempts); first != queue.MaxAttempts || second != 1 {
			t.Errorf("attempts %d, then %d", first, second)
		}
		empty(t, s)
		past, err := s.Read(t.Context()).PastJobs(merchant, false, 9)
		if err != nil || len(past) != 1 || past[0].Outcome != store.JobDone {
			t.Errorf("history %+v, %v", past, err)
		}
	})
}

// A handler that ends its goroutine, as a test's FailNow or a library's does, must not leave the job with
// a worker that beats for it for ever.
func TestHandlerThatEndsItsGoroutineHasFailed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		outcomes := make(chan queue.Outcome, 9)
		work(t, s, queue.Options{Poll: 20 * time.Millisecond, Ended: func(o queue.Outcome) { outcomes <- o }}, func(ctx context.Context, r *queue.Run) error {
			if r.Job.Attempts == 1 {
				runtime.Goexit()
			}
			if r.Job.LastError != "the handler ended its goroutine" {
				t.Errorf("the second try is told %q", r.Job.LastError)
			}
			return nil
		})
		enqueue(t, s, job(merchant, "gone"))
		if first, second := receive(t, outcomes).Result, receive(t, outcomes).Result; first != queue.ResultFailed || second != queue.ResultDone {
			t.Errorf("%s, then %s", first, second)
		}
		empty(t, s)
	})
}

// In a rolling upgrade a newer node makes jobs that an older one does not know: it must leave them alone,
// with all their tries.
func TestKindWithoutHandlerIsLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		done := make(chan struct{}, 1)
		work(t, s, queue.Options{Poll: 5 * time.Millisecond}, func(context.Context, *queue.Run) error { done <- struct{}{}; return nil })
		unknown := job(merchant, "unknown")
		unknown.Kind = "of.tomorrow"
		enqueue(t, s, unknown)
		enqueue(t, s, job(merchant, "known"))
		receive(t, done)
		time.Sleep(50 * time.Millisecond) // ten polls
		var got []paylink.Job
		write(t, s, func(tx *store.Tx) (err error) {
			now := time.Now()
			got, err = tx.ClaimJobs("a newer node", []store.Room{{Kind: "of.tomorrow", Jobs: 1}}, now, now.Add(time.Minute), 1)
			return err
		})
		if len(got) != 1 || got[0].Attempts != 1 || got[0].Fence != 1 {
			t.Errorf("the newer node finds %+v", got)
		}
	})
}

// What the database says names hosts, accounts and statements: it is for the log, not for the merchant
// who looks at the job.
func TestDatabaseErrorsStayInTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		tried(t, s, merchant, "refused", queue.MaxAttempts-1)
		work(t, s, queue.Options{Poll: 20 * time.Millisecond}, func(ctx context.Context, r *queue.Run) error {
			return r.Finish(ctx, func(tx *store.Tx) error {
				m := paylink.Merchant{ID: merchant, Name: "Acme", Currency: "INR", CreatedAt: time.Now()}
				tx.InsertMerchant(m) // it is there already
				return nil
			})
		})
		if got := parked(t, s, merchant); got.LastError != "the database did not answer as it should" {
			t.Errorf("kept: %s", got.LastError)
		}
	})
}
