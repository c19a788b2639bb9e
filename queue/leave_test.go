package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"paylink/queue"
	"paylink/store"
	"paylink/store/storetest"

	"github.com/jackc/pgx/v5"
)

// A node that stops keeps what it could not end under its name: the customer waits for a lease to run
// out, in the middle of an orderly restart.
func TestStoppedWorkerLeavesNoJobBehind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		merchant := addMerchant(t, s)
		q := queue.New(s, queue.Options{Lease: 300 * time.Millisecond})
		begun := make(chan bool, 1)
		q.Handle(kind, func(ctx context.Context, r *queue.Run) error {
			begun <- true
			<-ctx.Done()
			return ctx.Err()
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- q.Work(ctx) }()
		enqueue(t, s, job(merchant, "slow"))
		receive(t, begun)
		stop()
		if err := receive(t, ended); err != nil {
			t.Fatal(err)
		}
		if counts, err := s.Read(t.Context()).Jobs(); err != nil || counts["waiting"] != 1 || counts["running"] != 0 {
			t.Errorf("jobs: %v %v", counts, err)
		}
	})
}

// The database is away in the moment in which a job ends. The worker lives and beats, so no lease runs
// out: the job would stay with nobody for as long as the node has anything to do.
func TestJobWhoseEndCouldNotBeWrittenRunsAgain(t *testing.T) {
	url := storetest.URL(t, "postgres")
	s := storetest.OpenURL(t, url+"&lock_timeout=30ms")
	if err := s.Migrate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	merchant := addMerchant(t, s)
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())

	var runs atomic.Int64
	ran := make(chan bool, 10)
	work(t, s, queue.Options{}, func(ctx context.Context, r *queue.Run) error {
		if runs.Add(1) == 1 { // somebody holds the row, so that neither the end nor a failure can be written
			if _, err := other.Exec(ctx, `BEGIN; SELECT 1 FROM jobs FOR UPDATE`); err != nil {
				t.Error(err)
			}
		}
		ran <- true
		return nil
	})
	enqueue(t, s, job(merchant, "unlucky"))
	receive(t, ran)
	time.Sleep(200 * time.Millisecond)
	if _, err := other.Exec(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	receive(t, ran)
	if waited := time.Since(begun); waited > 10*time.Second {
		t.Errorf("the job waited %v, as if for its lease", waited)
	}
	empty(t, s)
}
