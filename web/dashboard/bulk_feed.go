package dashboard

import (
	"encoding/json"
	"net/http"
	"time"

	"paylink"
	"paylink/web/respond"
)

// lookAtBulk is how often an upload is looked at for a page that is open.
const lookAtBulk = 500 * time.Millisecond

// BulkFeed tells when an upload has come further, by server-sent events: GET
// /dashboard/{mode}/bulk/{id}/feed. Each says in a sentence how it stands; what has changed on the page, the
// page fetches.
func (d *Dashboard) BulkFeed(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.bulkFeed) }

func (d *Dashboard) bulkFeed(w http.ResponseWriter, r *http.Request, s scene) error {
	id := paylink.BulkID(r.PathValue("id"))
	b, err := d.Store.Read(r.Context()).Bulk(s.Merchant.ID, s.Live, id)
	if err != nil {
		return err
	}
	line := &wire{out: http.NewResponseController(w), w: w}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	line.send("retry: 2000\n\n")
	look, beat, end := time.NewTicker(lookAtBulk), time.NewTicker(heartbeat), time.NewTimer(longest)
	defer look.Stop()
	defer beat.Stop()
	defer end.Stop()
	for told := ""; !line.broken; {
		if b, err = d.Bulk.Progress(r.Context(), b); err != nil {
			return nil // the browser comes back
		}
		if now := d.bulkSaid(b); now != told {
			line.send("data: %s\n\n", now)
			told = now
		}
		if !b.Open() {
			line.send("event: end\ndata: {}\n\n")
			return nil
		}
		select {
		case <-look.C:
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
		if b, err = d.Store.Read(r.Context()).Bulk(s.Merchant.ID, s.Live, id); err != nil {
			return nil
		}
	}
	return nil
}

// bulkSaid is how an upload stands, for the stream: a sentence without figures that change all the time,
// which a screen reader would read all the time, and beside it what tells one state from the next.
func (d *Dashboard) bulkSaid(b paylink.Bulk) string {
	said := paylink.BulkMachine.Says[b.Status]
	if !b.Open() {
		said = bulkLabel(b).Word + ": " + afterColon(b.Summary())
	}
	c := b.Course
	text, err := json.Marshal(struct {
		Said string  `json:"said"`
		At   []int64 `json:"at"`
	}{said, []int64{b.Rows, b.Made, b.Failed, b.Skipped, c.Sent, c.Waiting, c.Delivered, c.Opened, c.Paid}})
	if err != nil {
		panic("an upload for its feed: " + err.Error()) // plain fields always marshal
	}
	return string(text)
}
