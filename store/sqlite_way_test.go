package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store"
)

// A million links expire at midnight. Were their writes to stand in line with the others, a payment would
// wait behind all that are under way, for each of its writes.
func TestWritesThatGiveWayLetOthersGoFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		var callers sync.WaitGroup
		var order []string // only the writer appends, and it runs one at a time
		write := func(ctx context.Context, name string, takes time.Duration) {
			callers.Go(func() {
				s.Write(ctx, func(*store.Tx) error {
					time.Sleep(takes)
					order = append(order, name)
					return nil
				})
			})
			synctest.Wait()
		}
		later := store.GiveWay(t.Context())
		write(t.Context(), "first", time.Millisecond)
		for range 5 {
			write(later, "later", 4*time.Millisecond)
		}
		write(t.Context(), "a", time.Millisecond)
		write(t.Context(), "b", time.Millisecond)
		time.Sleep(5 * time.Millisecond) // one that gives way has its turn
		write(t.Context(), "c", time.Millisecond)
		callers.Wait()
		if want := []string{"first", "a", "b", "later", "c", "later", "later", "later", "later"}; !slices.Equal(order, want) {
			t.Errorf("they went %v, want %v", order, want)
		}
	})
}

// Somebody creates links without a pause. What gives way must come to its turn all the same, and not all of
// it at once.
func TestWritesThatGiveWayAreNotForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store.Store) {
		creating, stop := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 15 { // more than one group takes
			callers.Go(func() {
				for creating.Err() == nil {
					s.Write(t.Context(), func(*store.Tx) error { time.Sleep(time.Millisecond); return nil })
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		var turns []time.Duration
		begun := time.Now()
		var later sync.WaitGroup
		for range 3 {
			later.Go(func() {
				s.Write(store.GiveWay(t.Context()), func(*store.Tx) error { turns = append(turns, time.Since(begun)); return nil })
			})
		}
		later.Wait()
		stop()
		callers.Wait()
		if len(turns) != 3 || turns[0] > 100*time.Millisecond || turns[2] > 300*time.Millisecond {
			t.Errorf("they had their turns after %v", turns)
		}
		if gap := turns[2] - turns[1]; gap < 40*time.Millisecond {
			t.Errorf("two had their turns within %v", gap)
		}
	})
}
