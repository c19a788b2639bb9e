// Package queuetest does the jobs that a test has made, to the end.
//
// It is for the tests of the steps: each hands over by jobs, and its tests want them done before they
// look. It runs the real queue on the real store and leaves time to the test.
package queuetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"paylink/queue"
	"paylink/store"
)

// patience is how long a test waits for its jobs.
const patience = 20 * time.Second

// Drain does the jobs that are due by now, and those that they make due. handle registers the handlers.
func Drain(t testing.TB, s *store.Store, now func() time.Time, handle func(*queue.Queue)) {
	t.Helper()
	q := queue.New(s, queue.Options{Now: now, Poll: 5 * time.Millisecond})
	handle(q)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- q.Work(ctx) }()
	err := settled(s, q.Kinds(), now)
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
}

// settled waits until no job of the kinds is due or running. Two looks are not one: a job may be claimed, or make
// another, between them. Three quiet ones in a row will do.
func settled(s *store.Store, kinds []string, now func() time.Time) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	read := s.Read(context.Background())
	for quiet := 0; quiet < 3; {
		counts, err := read.Jobs()
		next, errDue := read.NextJobs(kinds)
		if err := errors.Join(err, errDue); err != nil {
			return err
		}
		quiet++
		due := func(at time.Time) bool { return !at.IsZero() && !at.After(now()) }
		if counts["running"] > 0 || slices.ContainsFunc(next, due) {
			quiet = 0
		}
		select {
		case <-deadline.C:
			return errors.New("the jobs do not end")
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}
