package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"paylink"
)

// watcher is one open phone page. Its bell says that something of its merchant has changed; the page
// then asks for itself again, so the bell needs no memory.
type watcher struct {
	merchant paylink.MerchantID
	bell     chan struct{}
}

const (
	maxWatchers = 256
	calmFor     = 100 * time.Millisecond // between two rings, so that a burst is one
	heartbeat   = 15 * time.Second
)

// changed rings the bells of those who may see the account. The caller holds s.mu.
func (s *Sandbox) changed(account string) {
	for w := range s.watchers {
		if sees(w.merchant, account) {
			select {
			case w.bell <- struct{}{}:
			default: // it has been rung and not answered yet
			}
		}
	}
}

// stream is the phone page's live feed (server-sent events): "changed" without contents.
func (s *Sandbox) stream(w http.ResponseWriter, r *http.Request) {
	me := &watcher{merchant: merchantOf(r), bell: make(chan struct{}, 1)}
	if !s.watch(me) {
		problem(w, http.StatusServiceUnavailable, "too_many_streams", "Too many phone pages are open.", nil)
		return
	}
	defer s.unwatch(me)
	out := http.NewResponseController(w)
	out.SetWriteDeadline(time.Time{}) // a stream outlives any answer's deadline; where there is none, nothing is lost
	w.Header().Set("Content-Type", "text/event-stream")
	// Whoever connects again may have missed something, so the first event comes at once.
	for event := "event: changed\ndata: {}\n\n"; ; {
		if _, err := fmt.Fprint(w, event); err != nil || out.Flush() != nil {
			return
		}
		if !pause(r.Context().Done(), s.ended, calmFor) {
			return
		}
		silence := time.NewTimer(heartbeat)
		select {
		case <-me.bell:
			event = "event: changed\ndata: {}\n\n"
		case <-silence.C:
			event = ": still here\n\n"
		case <-r.Context().Done():
		case <-s.ended:
		}
		silence.Stop()
		if r.Context().Err() != nil {
			return
		}
	}
}

func (s *Sandbox) watch(w *watcher) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.watchers) >= maxWatchers {
		return false
	}
	s.watchers[w] = struct{}{}
	return true
}

func (s *Sandbox) unwatch(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watchers, w)
}

// pause waits; it answers false when one of the two ends comes first.
func pause(end1, end2 <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-end1:
	case <-end2:
	}
	return false
}
