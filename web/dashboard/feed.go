package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"paylink"
	"paylink/web/respond"
)

const (
	heartbeat   = 15 * time.Second // proxies close what is silent for longer
	longest     = 5 * time.Minute  // then the browser connects again, with whatever session it has by then
	writeWithin = 10 * time.Second // a browser that takes longer for one line is gone
	catchUp     = 500              // events; whoever has missed more loads the page again
)

// told is one event as the stream tells it. The texts are whole: a page only puts them in place.
type told struct {
	Sequence int64             `json:"sequence"`
	ID       paylink.EventID   `json:"id"`
	Type     paylink.EventType `json:"type"`
	Link     paylink.LinkID    `json:"link"`
	Lane     string            `json:"lane"`
	LaneWord string            `json:"lane_word"`
	Tone     string            `json:"tone"`
	Subject  string            `json:"subject"`
	Text     string            `json:"text"`
	Href     string            `json:"href"`
	At       string            `json:"at"`
	When     string            `json:"when"`
	Notice   *notice           `json:"notice"`
}

func (n *names) told(e paylink.Event) ([]byte, error) {
	t, err := n.entry(e)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(told{
		Sequence: e.Sequence, ID: e.ID, Type: e.Type, Link: e.Link, Lane: t.Lane.Key, LaneWord: t.Lane.Word, Tone: t.Tone,
		Subject: t.Subject, Text: t.Text, Href: t.Href, At: t.When.Machine, When: t.When.Text, Notice: n.scene.notice(e),
	})
	if err != nil {
		panic("event for the feed: " + err.Error()) // plain fields always marshal
	}
	return b, nil
}

// Stream tells every sealed event of the mode as it happens, by server-sent events under their
// sequence: GET /dashboard/{mode}/feed. It goes on after Last-Event-ID, else after ?after=, else now.
func (d *Dashboard) Stream(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.stream) }

func (d *Dashboard) stream(w http.ResponseWriter, r *http.Request, s scene) error {
	// Watch first: what happens between the look into the database and the watch would be lost.
	watch := d.Feed.Watch(s.Merchant.ID, s.Live)
	defer watch.Close()
	after, err := d.heardBefore(r, s)
	if err != nil {
		return err
	}
	line := &wire{out: http.NewResponseController(w), w: w, names: d.names(r.Context(), s)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	line.send("retry: 2000\n\n")
	after = d.missed(r, s, line, after)

	beat, end := time.NewTicker(heartbeat), time.NewTimer(longest)
	defer beat.Stop()
	defer end.Stop()
	for !line.broken {
		select {
		case e, ok := <-watch.C:
			if !ok {
				return nil // we read too slowly; the browser comes back after a pause with its Last-Event-ID
			}
			if e.Sequence > after {
				line.event(e)
				after = e.Sequence
			}
		case <-beat.C:
			line.send(": still here\n\n")
		case <-end.C:
			return nil
		case <-d.Stop:
			line.send("%s", respond.Farewell())
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
	return nil
}

// heardBefore is the sequence of the last event that the page knows.
func (d *Dashboard) heardBefore(r *http.Request, s scene) (int64, error) {
	for _, text := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")} {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			return n, nil
		}
	}
	return d.newest(r, s)
}

// newest is the sequence of the newest sealed event; zero when there is none.
func (d *Dashboard) newest(r *http.Request, s scene) (int64, error) {
	events, err := d.Store.Read(r.Context()).EventsBefore(s.Merchant.ID, s.Live, 0, 1)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	return events[0].Sequence, nil
}

// missed tells what happened since the last event that the page knows, and gives the sequence up to
// which it knows now. After too much of it, it asks the page to load itself anew.
func (d *Dashboard) missed(r *http.Request, s scene, line *wire, after int64) int64 {
	events, err := d.Store.Read(r.Context()).EventsAfter(s.Merchant.ID, s.Live, after, catchUp+1)
	if err != nil {
		d.Log.WarnContext(r.Context(), "dashboard.stream_ended", "merchant", s.Merchant.ID, "error", err)
		line.broken = true // the browser connects again by itself
		return after
	}
	if len(events) > catchUp {
		line.send("event: reload\ndata: {}\n\n")
		line.broken = true
		return after
	}
	for _, e := range events {
		line.event(e)
		after = e.Sequence
	}
	return after
}

// wire is the connection of one stream.
type wire struct {
	w      http.ResponseWriter
	out    *http.ResponseController
	names  *names
	broken bool
}

func (l *wire) event(e paylink.Event) {
	text, err := l.names.told(e)
	if err != nil {
		l.broken = true // the browser connects again and asks from the event before
		return
	}
	l.send("id: %d\ndata: %s\n\n", e.Sequence, text)
}

func (l *wire) send(format string, args ...any) {
	if l.broken {
		return
	}
	respond.WriteWithin(l.out, writeWithin)
	_, err := fmt.Fprintf(l.w, format, args...)
	l.broken = err != nil || l.out.Flush() != nil
}
