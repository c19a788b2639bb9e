package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/web/respond"
)

const (
	heartbeat   = 15 * time.Second // so that proxies see life, and we see who has gone
	streamLife  = time.Hour
	writeTime   = 10 * time.Second // a reader that takes nothing for so long is let go
	keyStreams  = 20               // open at once with one key on this node
	streamBatch = 100              // events read from the store at once
	lagPause    = time.Second      // before a reader that the feed let go subscribes again
)

type streamIn struct {
	LastEventID string `header:"Last-Event-ID" doc:"sequence of the last event that was seen; absent: from now on"`
}

type streamAnswer struct{ Body func(huma.Context) }

// streamEvents follows a merchant's events. What was missed comes from the store, what happens from
// the feed; when the feed lets a slow reader go, the store fills the gap.
func (a *API) streamEvents(ctx context.Context, c *call, in *streamIn) (*streamAnswer, error) {
	last, err := a.startAfter(ctx, c, in.LastEventID)
	if err != nil {
		return nil, err
	}
	if !a.streams.enter(c.KeyID, keyStreams) {
		return nil, respond.NewProblem(http.StatusTooManyRequests, "too_many_streams", fmt.Sprintf("One key has at most %d streams open.", keyStreams))
	}
	return &streamAnswer{func(hc huma.Context) {
		defer a.streams.leave(c.KeyID)
		r, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		s := &stream{api: a, call: c, last: last, w: w, control: http.NewResponseController(w)}
		s.tell = s.event
		s.alive = func(ctx context.Context) bool {
			_, err := a.Access.Identify(ctx, c.secret)
			return err == nil && s.write(": \n\n")
		}
		ctx, cancel := context.WithTimeout(r.Context(), streamLife)
		defer cancel()
		if s.write("retry: 1000\n\n") {
			s.run(ctx)
		}
	}}, nil
}

// startAfter gives the sequence after which a stream begins.
func (a *API) startAfter(ctx context.Context, c *call, given string) (int64, error) {
	if given != "" {
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil || n < 0 {
			return 0, respond.NewProblem(http.StatusBadRequest, "bad_last_event_id", "Last-Event-ID is the id of an event of this stream.")
		}
		return n, nil
	}
	return a.Store.Read(ctx).ChainHead(c.Merchant, c.Live)
}

// stream is one reader.
type stream struct {
	api     *API
	call    *call
	last    int64                      // sequence of the last event that was told
	tell    func(paylink.Event) bool   // writes what of an event is for this reader; false: the reader has gone
	alive   func(context.Context) bool // gives a sign of life, unless the reader may listen no longer
	w       io.Writer
	control *http.ResponseController
}

// run writes until the reader goes, its key is revoked, or its time is over.
func (s *stream) run(ctx context.Context) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		watch := s.api.Feed.Watch(s.call.Merchant, s.call.Live)
		// Subscribed first and read afterwards, so that nothing falls between the two.
		alive := s.catchUp(ctx) && s.follow(ctx, watch.C, beat.C)
		watch.Close()
		if !alive {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.api.Stop:
			return
		case <-time.After(lagPause):
		}
	}
}

// follow writes what the feed tells. It reports true when the feed has let the reader go, who then
// subscribes again.
func (s *stream) follow(ctx context.Context, live <-chan paylink.Event, beat <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-s.api.Stop:
			s.write(respond.Farewell())
			return false
		case <-beat:
			if !s.alive(ctx) {
				return false
			}
		case e, open := <-live:
			switch {
			case !open:
				return true
			case e.Sequence <= s.last: // written by catchUp
			case e.Sequence > s.last+1:
				if !s.catchUp(ctx) {
					return false
				}
			default:
				if !s.tell(e) {
					return false
				}
			}
		}
	}
}

// catchUp writes what the store has after the last event.
func (s *stream) catchUp(ctx context.Context) bool {
	for {
		events, err := s.api.Store.Read(ctx).EventsAfter(s.call.Merchant, s.call.Live, s.last, streamBatch)
		if err != nil {
			return false
		}
		for _, e := range events {
			if !s.tell(e) {
				return false
			}
		}
		if len(events) < streamBatch {
			return true
		}
	}
}

func (s *stream) event(e paylink.Event) bool {
	data, err := json.Marshal(viewEvent(e))
	if err != nil {
		return false
	}
	s.last = e.Sequence
	return s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.Sequence, e.Type, data))
}

func (s *stream) write(text string) bool {
	respond.WriteWithin(s.control, writeTime)
	_, err := io.WriteString(s.w, text)
	return err == nil && s.control.Flush() == nil
}

// streams counts the open streams of each key, or of each customer under the customer's id.
type streams struct {
	mu   sync.Mutex
	open map[paylink.KeyID]int
}

func (s *streams) enter(key paylink.KeyID, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[key] >= most {
		return false
	}
	s.open[key]++
	return true
}

func (s *streams) leave(key paylink.KeyID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[key]--; s.open[key] <= 0 {
		delete(s.open, key)
	}
}
