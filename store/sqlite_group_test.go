package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

// together lets all fns wait for the writer, so that they become members of one group in their order,
// and gives their errors. It must run in a synctest bubble, which tells when they wait.
func together(t *testing.T, s *store.Store, fns ...func(*store.Tx) error) []error {
	t.Helper()
	release := make(chan struct{})
	var callers sync.WaitGroup
	callers.Go(func() {
		s.Write(t.Context(), func(*store.Tx) error { <-release; return nil })
	})
	errs := make([]error, len(fns))
	for i, fn := range fns {
		synctest.Wait()
		callers.Go(func() { errs[i] = s.Write(t.Context(), fn) })
	}
	synctest.Wait()
	// Past its ten milliseconds the group of the first one takes nobody else.
	time.Sleep(store.GroupTime + time.Millisecond)
	close(release)
	callers.Wait()
	return errs
}

// put makes a member that writes one row.
func put(id int) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Put(insert, id, fmt.Sprint(id))
		return nil
	}
}

// counted counts the runs of a member.
func counted(runs *atomic.Int64, fn func(*store.Tx) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		runs.Add(1)
		return fn(tx)
	}
}

// inBubble runs fn on an empty SQLite store under virtual time.
func inBubble(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "sqlite")
		things(t, s)
		fn(t, s)
	})
}

// If each waiting write had its own fsync, the disk would set the pace: a tenth of the throughput.
func TestWaitingWritesShareOneCommit(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		before := s.Stats()
		errs := together(t, s, put(1), put(2), put(3))
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		after := s.Stats()
		if after.Writes-before.Writes != 4 || after.Commits-before.Commits != 2 {
			t.Errorf("before %+v, after %+v", before, after)
		}
		wantNames(t, s, "1", "2", "3")
	})
}

// A writer that waited for company would add its wait to every lone payment.
func TestLoneWriterWaitsForNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		begun := time.Now()
		for id := range 10 {
			if err := s.Write(t.Context(), put(id)); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("waited %v", waited)
		}
	})
}

// Without an end, a stream of newcomers would keep the first member waiting for its commit.
func TestGroupIsBoundedInTimeAndMembers(t *testing.T) {
	slow := func(id int, pause time.Duration) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			time.Sleep(pause)
			return put(id)(tx)
		}
	}
	many := make([]func(*store.Tx) error, store.GroupMost+1)
	for i := range many {
		many[i] = put(i)
	}
	cases := []struct {
		name    string
		fns     []func(*store.Tx) error
		commits int64
	}{
		{"in time", []func(*store.Tx) error{slow(1, 9*time.Millisecond), put(2)}, 1},
		{"too late", []func(*store.Tx) error{slow(1, 11*time.Millisecond), put(2)}, 2},
		{"full", many[:store.GroupMost], 1},
		{"one too many", many, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *store.Store) {
				before := s.Stats()
				if err := errors.Join(together(t, s, c.fns...)...); err != nil {
					t.Fatal(err)
				}
				if got := s.Stats().Commits - before.Commits - 1; got != c.commits {
					t.Errorf("%d commits, want %d", got, c.commits)
				}
			})
		})
	}
}

// A duplicate reference or a refusal by rule in one request must cost the others nothing: they run
// once and their work stays.
func TestMembersOwnFailureIsItsAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		before := s.Stats()
		var runs atomic.Int64
		errs := together(t, s,
			counted(&runs, put(1)),
			counted(&runs, func(tx *store.Tx) error { tx.Put(insert, 2, "2"); tx.Exec(insert, 1, "taken"); return nil }),
			counted(&runs, func(tx *store.Tx) error { tx.Exec(insert, 3, "3"); return errRefused }),
			counted(&runs, put(4)),
		)
		if errs[0] != nil || errs[1] == nil || errs[2] != errRefused || errs[3] != nil {
			t.Errorf("errors: %v", errs)
		}
		if runs.Load() != 4 || s.Stats().Commits-before.Commits != 2 {
			t.Errorf("%d runs, %+v", runs.Load(), s.Stats())
		}
		wantNames(t, s, "1", "4")
	})
}
