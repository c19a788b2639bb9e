package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

func newFeed(t *testing.T, s *store.Store) *Feed {
	f := NewFeed(s, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = f.Work(ctx) })
	t.Cleanup(func() { stop(); wait.Wait() })
	return f
}

// next takes n sequences from a watch; it gives fewer when the watch ends or nothing comes.
func next(w *Watch, n int) (got []int64) {
	for range n {
		select {
		case e, ok := <-w.C:
			if !ok {
				return got
			}
			got = append(got, e.Sequence)
		case <-time.After(10 * time.Second):
			return got
		}
	}
	return got
}

func upTo(from, to int64) (all []int64) {
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

// A dashboard that misses an event, or sees one twice or out of order, shows a link in a state that it
// is not in.
func TestWatchersSeeEveryEventInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		m, other := w.merchant(), w.merchant()
		w.happen(m, false, paylink.EventLinkCreated, paylink.EventLinkSent)
		f := newFeed(t, s)
		first := f.Watch(m, false)
		defer first.Close()
		live, stranger := f.Watch(m, true), f.Watch(other, false)
		defer live.Close()
		defer stranger.Close()
		w.happen(m, false, paylink.EventLinkOpened, paylink.EventPaymentStarted, paylink.EventPaymentCaptured)
		if got := next(first, 3); !slices.Equal(got, upTo(3, 5)) {
			t.Errorf("the first watcher saw %v", got)
		}
		second := f.Watch(m, false)
		defer second.Close()
		w.happen(m, false, slices.Repeat([]paylink.EventType{paylink.EventPaymentCaptured}, 100)...)
		for name, watch := range map[string]*Watch{"first": first, "second": second} {
			if got := next(watch, 100); !slices.Equal(got, upTo(6, 105)) {
				t.Errorf("the %s watcher saw %v", name, got)
			}
		}
		if len(live.C) != 0 || len(stranger.C) != 0 {
			t.Errorf("%d came to the other mode, %d to another merchant", len(live.C), len(stranger.C))
		}
	})
}

// A watcher that does not read must not fill our memory nor hold up the others; it is told that it
// has missed something, and reads on from where it was.
func TestLaggingWatcherIsLetGoAndReadsOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		m := w.merchant()
		f := newFeed(t, s)
		slow, quick := f.Watch(m, false), f.Watch(m, false)
		defer slow.Close()
		defer quick.Close()
		const all = watchBuffer + 50
		var seen []int64
		for range 6 {
			w.happen(m, false, slices.Repeat([]paylink.EventType{paylink.EventPaymentCaptured}, all/6)...)
			seen = append(seen, next(quick, all/6)...)
		}
		if !slices.Equal(seen, upTo(1, all)) {
			t.Errorf("the quick watcher saw %d of %d", len(seen), all)
		}
		late := next(slow, all)
		if !slices.Equal(late, upTo(1, watchBuffer)) {
			t.Fatalf("the slow watcher saw %d events, want the %d of its buffer", len(late), watchBuffer)
		}
		select {
		case _, open := <-slow.C:
			if open {
				t.Error("the slow watcher saw more after a gap")
			}
		default:
			t.Error("the slow watcher waits for ever for what it has missed")
		}
		again := f.Watch(m, false)
		defer again.Close()
		events, err := s.Read(t.Context()).EventsAfter(m, false, late[len(late)-1], 100)
		must(t, err)
		for _, e := range events {
			late = append(late, e.Sequence)
		}
		w.happen(m, false, paylink.EventLinkPaid)
		if late = append(late, next(again, 1)...); !slices.Equal(late, upTo(1, all+1)) {
			t.Errorf("after reading on the slow watcher has %v", late)
		}
	})
}

// What ends must end cleanly: a closed watch twice, the feed under its watchers, and more watchers
// than there is room for.
func TestWatchesEnd(t *testing.T) {
	w := newTown(t, storetest.Open(t, "sqlite"))
	m := w.merchant()
	f := NewFeed(w.store, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { _ = f.Work(ctx) })
	closed := f.Watch(m, false)
	closed.Close()
	closed.Close()
	held := f.Watch(m, false)
	f.watches += watchesMost - 1
	crowded := f.Watch(m, false)
	f.watches -= watchesMost - 1
	stop()
	wait.Wait()
	for name, watch := range map[string]*Watch{"closed": closed, "held until the feed ended": held, "one too many": crowded, "after the end": f.Watch(m, false)} {
		if _, open := <-watch.C; open {
			t.Errorf("%s: an event came", name)
		}
		watch.Close()
	}
	if len(f.streams) != 0 || f.watches != 0 {
		t.Errorf("left: %d streams, %d watches", len(f.streams), f.watches)
	}
}
