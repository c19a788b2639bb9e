package dispatch

import (
	"context"
	"sync"

	"paylink"
)

// firsts lets one message of a link be settled at a time, until the link is marked as sent. A link's
// messages often end within a millisecond, and whoever marks it locks its row: on PostgreSQL each waited
// for the commits of those before it, with a connection in its hands, to find nothing left to mark.
// It only spares that wait. Between nodes, and if it were not here, the row's lock decides.
type firsts struct {
	mu    sync.Mutex
	under map[paylink.LinkID]*first
}

// first is a settling under way.
type first struct {
	ended  chan struct{}
	marked bool // the link is marked as sent; read after ended
}

// enter waits until no other message of the link is being settled, and tells whether one that was marked
// the link. If not, it is the caller's turn, who leaves with whether it did.
func (f *firsts) enter(ctx context.Context, link paylink.LinkID) (marked bool, leave func(marked bool)) {
	own := &first{ended: make(chan struct{})}
	for {
		ahead := f.take(link, own)
		if ahead == nil {
			return false, func(marked bool) {
				f.mu.Lock()
				delete(f.under, link)
				f.mu.Unlock()
				own.marked = marked
				close(own.ended)
			}
		}
		select {
		case <-ahead.ended:
			if ahead.marked {
				return true, func(bool) {}
			}
		case <-ctx.Done():
			return false, func(bool) {}
		}
	}
}

// take takes the link's place, or gives who has it.
func (f *firsts) take(link paylink.LinkID, own *first) (ahead *first) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if taken := f.under[link]; taken != nil {
		return taken
	}
	if f.under == nil {
		f.under = map[paylink.LinkID]*first{}
	}
	f.under[link] = own
	return nil
}
