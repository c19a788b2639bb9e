package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"paylink"
	"paylink/store"
)

const (
	watchBuffer = 256    // events that a watcher may be behind
	watchesMost = 10_000 // in one process
	feedBatch   = 200    // events in one read
	headWithin  = 5 * time.Second
)

// Feed tells watchers in this process of events as they are sealed. It reads each event once, however
// many watch.
type Feed struct {
	store *store.Store
	log   *slog.Logger
	poll  time.Duration

	mu      sync.Mutex
	streams map[world]*stream
	watches int
	closed  bool
}

// world is one merchant in one mode: a sequence of its own.
type world struct {
	merchant paylink.MerchantID
	live     bool
}

type stream struct {
	sequence int64 // of the last event that the watchers were told
	watches  map[*Watch]struct{}
}

// Watch is one watcher's subscription. C gives every event of the merchant and mode that is sealed
// after Watch returned, in the order of the sequence; a few may come that were sealed just before.
//
// C is closed when the watcher is more than 256 events behind, when the feed ends, and at once when
// there are too many watchers or the database does not answer. The watcher then watches again, after
// a pause, and shows the full state, or reads on by store.Reader.EventsAfter: it goes by the sequence
// of the last event that it has.
type Watch struct {
	C     <-chan paylink.Event
	c     chan paylink.Event
	feed  *Feed
	world world
}

// NewFeed makes a feed. Nothing comes until Work runs.
func NewFeed(s *store.Store, log *slog.Logger) *Feed {
	f := &Feed{store: s, log: log, poll: 200 * time.Millisecond, streams: map[world]*stream{}}
	if s.Kind() == "sqlite" {
		f.poll = time.Minute // nobody but this process writes, and it rings
	}
	return f
}

// Watch subscribes to one merchant's events of one mode. The watcher closes it.
func (f *Feed) Watch(merchant paylink.MerchantID, live bool) *Watch {
	c := make(chan paylink.Event, watchBuffer)
	w := &Watch{C: c, c: c, feed: f, world: world{merchant, live}}
	if f.join(w, nil) {
		return w
	}
	// The first watcher of a world brings the place to read on from.
	ctx, cancel := context.WithTimeout(context.Background(), headWithin)
	defer cancel()
	head, err := f.store.Read(ctx).ChainHead(merchant, live)
	if err != nil {
		f.log.Error("feed.head", "merchant", string(merchant), "error", err)
	}
	if err != nil || !f.join(w, &head) {
		close(c)
	}
	return w
}

// Watches tells how many watch at the moment: each is an open stream of a page or a program.
func (f *Feed) Watches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watches
}

// join adds a watcher to its world's stream, beginning the stream at head if there is none. It reports
// false when it could not.
func (f *Feed) join(w *Watch, head *int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.streams[w.world]
	if f.closed || f.watches >= watchesMost || s == nil && head == nil {
		return false
	}
	if s == nil {
		s = &stream{sequence: *head, watches: map[*Watch]struct{}{}}
		f.streams[w.world] = s
	}
	s.watches[w] = struct{}{}
	f.watches++
	return true
}

// Close ends the subscription and closes C.
func (w *Watch) Close() {
	w.feed.mu.Lock()
	defer w.feed.mu.Unlock()
	w.feed.part(w)
}

// part takes a watcher out of its stream, once, and closes its channel. The caller holds f.mu.
func (f *Feed) part(w *Watch) {
	s := f.streams[w.world]
	if s == nil {
		return
	}
	if _, ok := s.watches[w]; !ok {
		return
	}
	delete(s.watches, w)
	f.watches--
	close(w.c)
	if len(s.watches) == 0 {
		delete(f.streams, w.world)
	}
}

// Work reads and tells until ctx is done. Then it ends every subscription.
func (f *Feed) Work(ctx context.Context) error {
	defer f.end()
	bell := f.store.Bell(store.BellSealed)
	defer bell.Close()
	ticker := time.NewTicker(f.poll)
	defer ticker.Stop()
	for {
		for _, at := range f.worlds() { // at first too: what was sealed before there was a bell rang for nobody
			if err := f.tell(ctx, at); err != nil && ctx.Err() == nil {
				f.log.Error("feed.read", "merchant", string(at.merchant), "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell.C:
		case <-ticker.C:
		}
	}
}

func (f *Feed) worlds() []world {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]world, 0, len(f.streams))
	for at := range f.streams {
		all = append(all, at)
	}
	return all
}

// tell reads what is new in one world and hands it to its watchers.
func (f *Feed) tell(ctx context.Context, at world) error {
	for {
		f.mu.Lock()
		s := f.streams[at]
		if s == nil {
			f.mu.Unlock()
			return nil
		}
		last := s.sequence
		f.mu.Unlock()
		events, err := f.store.Read(ctx).EventsAfter(at.merchant, at.live, last, feedBatch)
		if err != nil {
			return err
		}
		f.hand(at, events)
		if len(events) < feedBatch {
			return nil
		}
	}
}

// hand gives events to the watchers of a world. One whose buffer is full is let go.
func (f *Feed) hand(at world, events []paylink.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		s := f.streams[at]
		if s == nil {
			return
		}
		if e.Sequence <= s.sequence {
			continue // the stream was begun anew in the meantime, further on
		}
		s.sequence = e.Sequence
		for w := range s.watches {
			select {
			case w.c <- e:
			default:
				f.part(w)
			}
		}
	}
}

// end closes every subscription; later ones are closed from the start.
func (f *Feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, s := range f.streams {
		for w := range s.watches {
			f.part(w)
		}
	}
}
