package paypage

import (
	"fmt"
	"net/http"
	"time"

	"paylink"
	"paylink/web/respond"
)

const (
	heartbeat   = 15 * time.Second // proxies close what is silent for longer
	longest     = 5 * time.Minute  // then the browser connects again, perhaps to another node
	writeWithin = 10 * time.Second // a browser that takes longer for one line is gone
)

// stream tells a page at once when its link or payment changes. The first event is the full state
// and so is every other: a lost one costs nothing. It is only a faster poll; the page never depends
// on it.
func (h *Handler) stream(w http.ResponseWriter, r *http.Request, a address) {
	visitor := h.visitor(r)
	page, err := h.Checkout.State(r.Context(), a.code, visitor)
	if err == nil && !a.heldBy(page.Merchant) {
		err = &paylink.NotFound{Kind: "payment_link"}
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	link, again := page.Link.ID, wantsAgain(r)

	// Watch before the first state is read again: what happens between the two is then told twice
	// and never lost.
	watch := h.Feed.Watch(page.Merchant.ID, page.Link.Live)
	defer watch.Close()

	h.headers(w, nil)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		respond.WriteWithin(out, writeWithin)
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	// tell sends the state as it is now, under the sequence of the event that made it, and says
	// whether more can follow.
	tell := func(sequence int64) bool {
		page, err := h.Checkout.State(r.Context(), a.code, visitor)
		if err != nil {
			return false
		}
		id := ""
		if sequence > 0 {
			id = fmt.Sprintf("id: %d\n", sequence)
		}
		s := stateOf(page, again, h.spoken(r, page))
		return send("%sdata: %s\n\n", id, s.json()) && !s.Page.final()
	}

	if !send("retry: 3000\n\n") || !tell(0) {
		return
	}
	beat, end := time.NewTicker(heartbeat), time.NewTimer(longest)
	defer beat.Stop()
	defer end.Stop()
	for open := true; open; {
		select {
		case event, ok := <-watch.C:
			if !ok { // we have missed something: the browser connects again, after a pause, and gets the full state
				return
			}
			if event.Link == link {
				open = tell(event.Sequence)
			}
		case <-beat.C:
			open = send(": still here\n\n")
		case <-end.C:
			return
		case <-h.Stop:
			send("%s", respond.Farewell())
			return
		case <-r.Context().Done():
			return
		}
	}
}
