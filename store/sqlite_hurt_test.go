package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store"
)

// A panic in one request hurts nobody else: the others run again, alone, and once only in effect.
func TestPanicHurtsNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		var good, bad atomic.Int64
		bell := s.Bell("good")
		defer bell.Close()
		errs := together(t, s,
			counted(&good, put(1)),
			counted(&bad, func(tx *store.Tx) error { tx.Exec(insert, 2, "2"); panic("impossible state") }),
			counted(&good, func(tx *store.Tx) error { tx.Ring("good"); return put(3)(tx) }),
		)
		if errs[0] != nil || errs[2] != nil || errs[1] == nil || !strings.Contains(errs[1].Error(), "impossible state") {
			t.Errorf("errors: %v", errs)
		}
		// The third came after the break, into a group of its own or alone.
		if bad.Load() != 1 || good.Load() != 3 {
			t.Errorf("the good ran %d times, the bad %d times", good.Load(), bad.Load())
		}
		wantNames(t, s, "1", "3")
		select {
		case <-bell.C:
		default:
			t.Error("no bell for what was committed")
		}
	})
}

// One member was refused because of what another one had written. When that is rolled back, the
// refusal was wrong: it must be decided again.
func TestRefusalIsDecidedAgainWhenItsReasonIsRolledBack(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		const once = `INSERT INTO things (id, name) VALUES (1, $1) ON CONFLICT DO NOTHING`
		runs := 0
		errs := together(t, s,
			func(tx *store.Tx) error {
				if runs++; runs > 1 {
					return errors.New("changed its mind")
				}
				tx.PutUnless(errRefused, once, "first")
				return nil
			},
			func(tx *store.Tx) error { tx.PutUnless(errRefused, once, "second"); return nil },
			func(*store.Tx) error { panic("impossible state") },
		)
		if errs[0] == nil || errs[1] != nil || errs[2] == nil {
			t.Errorf("errors: %v", errs)
		}
		wantNames(t, s, "second")
	})
}

// When the disk is full SQLite rolls the whole group back by itself. Carrying on would write the next
// member outside any transaction: kept, although its caller is told that it failed.
func TestFullDiskHurtsNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		var pages int
		if err := s.Read(t.Context()).Row(`PRAGMA page_count`, nil, &pages); err != nil {
			t.Fatal(err)
		}
		limit := func(pages int) {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				return tx.Script(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		big := func(shrug bool) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO things (id, name, body) VALUES (99, 'big', $1)`, make([]byte, 1<<20))
				if shrug {
					return nil
				}
				return err
			}
		}
		limit(pages + 10)
		errs := together(t, s, put(1), big(false), put(2), big(true), func(*store.Tx) error { return errRefused }, put(3))
		for i, err := range errs {
			full := err != nil && strings.Contains(err.Error(), "full")
			switch i {
			case 1, 3:
				if !full {
					t.Errorf("the big member %d: %v", i, err)
				}
			case 4:
				if err != errRefused {
					t.Errorf("the refused member: %v", err)
				}
			default:
				if err != nil {
					t.Errorf("member %d: %v", i, err)
				}
			}
		}
		wantNames(t, s, "1", "2", "3")
		limit(1 << 20)
		if err := s.Write(t.Context(), big(false)); err != nil {
			t.Errorf("when there is room again: %v", err)
		}
		wantNames(t, s, "1", "2", "3", "big")
	})
}

// A COMMIT that fails decides about everybody in the group. The test's own table has a deferred foreign
// key, which the product forbids itself because it does just this: it fails at COMMIT.
func TestFailedCommitHurtsNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Script(`CREATE TABLE parts (thing INTEGER REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED) STRICT`)
		})
		if err != nil {
			t.Fatal(err)
		}
		before := s.Stats()
		errs := together(t, s, put(1),
			func(tx *store.Tx) error {
				tx.Put(insert, 2, "2")
				tx.Put(`INSERT INTO parts (thing) VALUES (77)`)
				return nil
			},
			put(3))
		if errs[0] != nil || errs[1] == nil || !strings.HasPrefix(errs[1].Error(), "COMMIT: ") || errs[2] != nil {
			t.Errorf("errors: %v", errs)
		}
		if got := s.Stats().Commits - before.Commits; got != 3 { // the first one's, and two alone
			t.Errorf("%d commits", got)
		}
		wantNames(t, s, "1", "3")
	})
}

// A caller who gives up in the middle of a write hurts nobody else, and one who gave up before his turn
// is not run at all.
func TestCancelledCallerHurtsNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		early, giveUp := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		release := make(chan struct{})
		callers.Go(func() { s.Write(t.Context(), func(*store.Tx) error { <-release; return nil }) })
		synctest.Wait()
		want := []error{nil, context.Canceled, context.Canceled, nil}
		got := make([]error, len(want))
		write := func(i int, ctx context.Context, fn func(*store.Tx) error) {
			callers.Go(func() { got[i] = s.Write(ctx, fn) })
			synctest.Wait()
		}
		write(0, t.Context(), put(1))
		write(1, ctx, func(tx *store.Tx) error {
			tx.Exec(insert, 2, "2")
			cancel()
			time.Sleep(time.Millisecond) // the caller is gone by now
			_, err := tx.Exec(insert, 3, "3")
			return err
		})
		write(2, early, put(4))
		write(3, t.Context(), put(5))
		giveUp()
		synctest.Wait()
		if got[2] != context.Canceled {
			t.Errorf("who gave up early still waits: %v", got[2])
		}
		close(release)
		callers.Wait()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("errors %v, want %v", got, want)
		}
		wantNames(t, s, "1", "2", "3", "5")
	})
}
