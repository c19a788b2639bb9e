package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/store"
	"paylink/token"
	"paylink/web/respond"
)

const (
	inboxStreams = 5    // open at once for one customer on this node
	inboxBehind  = 2000 // events of the merchant's that a reader who comes back may have missed
	itemsOfLink  = 5    // of one link that are told when the link changes
)

type inboxStreamIn struct {
	LastEventID string `header:"Last-Event-ID" doc:"id of the last message that was seen; absent: from now on"`
}

// inboxSignal is what a message of the stream holds.
type inboxSignal struct {
	Item   *inboxItemView `json:"item,omitempty"`
	Unread int64          `json:"unread"`
}

// streamInbox follows one customer's inbox. It runs on the merchant's events, as every live page does; the
// places among them are sealed, because how much a merchant sells is nothing for customers.
func (a *API) streamInbox(ctx context.Context, c *call, in *inboxStreamIn) (*streamAnswer, error) {
	head, err := a.Store.Read(ctx).ChainHead(c.Merchant, c.Live)
	if err != nil {
		return nil, err
	}
	last, kind := head, "open"
	if in.LastEventID != "" {
		if last, err = token.OpenPlace(a.Ring, string(c.customer), in.LastEventID); err != nil || last > head {
			return nil, respond.NewProblem(http.StatusBadRequest, "bad_last_event_id", "Last-Event-ID is the id of an event of this stream.")
		}
		if head-last > inboxBehind {
			last, kind = head, "reset"
		}
	}
	who := paylink.KeyID(c.customer)
	if !a.inboxes.enter(who, inboxStreams) {
		return nil, respond.NewProblem(http.StatusTooManyRequests, "too_many_streams", fmt.Sprintf("One customer has at most %d streams open.", inboxStreams))
	}
	return &streamAnswer{func(hc huma.Context) {
		defer a.inboxes.leave(who)
		r, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		s := &stream{api: a, call: c, last: last, w: w, control: http.NewResponseController(w)}
		ctx, cancel := context.WithTimeout(r.Context(), streamLife)
		defer cancel()
		f := inboxFollower{s, c}
		s.alive = func(ctx context.Context) bool {
			_, err := a.Inbox.Enter(ctx, c.secret)
			return err == nil && s.write("id: "+f.place()+"\n\n") // a place alone moves on what the reader has seen
		}
		s.tell = func(e paylink.Event) bool { return f.tell(ctx, e) }
		if s.write("retry: 1000\n\n") && f.send(ctx, kind, nil) {
			s.run(ctx)
		}
	}}, nil
}

// inboxFollower writes what of a merchant's events is news for one customer.
type inboxFollower struct {
	s *stream
	c *call
}

func (f inboxFollower) place() string {
	return token.SealPlace(f.s.api.Ring, string(f.c.customer), f.s.last)
}

// tell writes the items that an event is about; most are about nobody here.
func (f inboxFollower) tell(ctx context.Context, e paylink.Event) bool {
	f.s.last = e.Sequence
	entries, err := f.about(ctx, e)
	if err != nil || len(entries) == 0 {
		return err == nil
	}
	shown, err := f.s.api.Dispatch.Show(ctx, entries)
	if err != nil {
		return false
	}
	for _, item := range shown {
		view := viewInboxItem(item)
		if !f.send(ctx, "item", &view) {
			return false
		}
	}
	return true
}

// about finds the items that an event changes.
func (f inboxFollower) about(ctx context.Context, e paylink.Event) ([]store.InboxEntry, error) {
	m, l := e.Data.Message, e.Data.Link
	fresh := (e.Type == paylink.EventMessageSent || e.Type == paylink.EventMessageRead) && m != nil && m.Channel == paylink.ChannelInApp
	changed := l != nil && l.Customer != nil && strings.HasPrefix(string(e.Type), "payment_link.") &&
		e.Type != paylink.EventLinkCreated && e.Type != paylink.EventLinkSent && e.Type != paylink.EventLinkOpened
	if !fresh && !changed {
		return nil, nil
	}
	read := f.s.api.Store.Read(ctx)
	person, err := f.s.api.whose.of(read, e, f.s.api.now())
	switch {
	case err != nil || person != f.c.customer:
		return nil, err
	case changed:
		return read.InboxItemsOf(e.Merchant, e.Live, person, e.Link, itemsOfLink)
	}
	entry, err := read.InboxItemOf(e.Merchant, e.Live, person, e.Message)
	if paylink.IsNotFound(err) {
		return nil, nil
	}
	return []store.InboxEntry{entry}, err
}

// whose keeps for a moment to whom links belong: each event is looked at by every open stream of its merchant,
// and one question is enough for all of them.
type whose struct {
	mu   sync.Mutex
	kept map[paylink.LinkID]*belonging
}

type belonging struct {
	person paylink.CustomerID
	err    error
	until  time.Time
	known  chan struct{} // closed when it is
}

// A link's customer may be merged into another at any time, which those who follow hear a moment later.
const (
	whoseLife = 10 * time.Second
	whoseMost = 10_000
)

// of gives the person whose link an event is about; empty: nobody's.
func (w *whose) of(read store.Reader, e paylink.Event, now time.Time) (paylink.CustomerID, error) {
	w.mu.Lock()
	b := w.kept[e.Link]
	if b != nil && now.Before(b.until) {
		w.mu.Unlock()
		<-b.known
		return b.person, b.err
	}
	if w.kept == nil || len(w.kept) >= whoseMost {
		w.kept = map[paylink.LinkID]*belonging{}
	}
	b = &belonging{until: now.Add(whoseLife), known: make(chan struct{})}
	w.kept[e.Link] = b
	w.mu.Unlock()
	defer close(b.known)
	b.person, b.err = read.PersonOfLink(e.Merchant, e.Live, e.Link)
	if b.err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.kept, e.Link)
	}
	return b.person, b.err
}

// send writes one message of the stream.
func (f inboxFollower) send(ctx context.Context, kind string, item *inboxItemView) bool {
	unread, err := f.s.api.Store.Read(ctx).Unread(f.c.Merchant, f.c.Live, f.c.customer, unreadMost)
	if err != nil {
		return false
	}
	data, err := json.Marshal(inboxSignal{item, unread})
	if err != nil {
		return false
	}
	return f.s.write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", f.place(), kind, data))
}
