package nodes

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"paylink/store/storetest"
)

// resumesWithin is how long a node may take to find the new primary.
const resumesWithin = 10 * time.Second

// The machine of the primary dies under load and its standby is promoted. A write that was acknowledged
// and is gone is money that nobody looks for; a write that is doubled is asked for twice; and a service
// that must be started anew by hand waits until somebody wakes up.
func TestPromotionLosesNothingAcknowledged(t *testing.T) {
	for n := range *promotions {
		t.Run(fmt.Sprintf("promotion %d", n+1), promotion)
	}
}

func promotion(t *testing.T) {
	pair := storetest.StartPair(t)

	c := newCluster(t, pair.URL(), 2, "PAYLINK_DRAIN=0s")
	stream := c.follow("http://" + c.nodes[0].public)
	l := c.startLoad(true)
	if !until(func() bool { return len(l.all()) >= 50 }) {
		t.Fatal("the load does not begin")
	}
	pair.KillPrimary()
	died := time.Now()
	acknowledged := len(l.all())
	time.Sleep(500 * time.Millisecond) // somebody notices
	t.Logf("promoted in %v", pair.Promote())
	promoted := time.Now()
	if !until(func() bool { return len(l.all()) >= acknowledged+50 }) {
		t.Fatal("no link can be made on the promoted standby")
	}
	all := l.all()
	resumed := promoted // the first link that was made on the new primary
	for _, l := range all {
		if l.At.After(promoted) {
			resumed = l.At
			break
		}
	}
	t.Logf("no link could be made for %v, the last %v of them after the promotion", resumed.Sub(died), resumed.Sub(promoted))
	if resumed.Sub(promoted) > resumesWithin {
		t.Error("the service does not resume by itself in time")
	}
	// Still under load: what was under way when the primary died must not wait for a quiet hour.
	sent := c.handedOver(all).Sub(promoted)
	t.Logf("the last message that was under way left %v after the promotion", sent)
	if sent > takenOverWithin {
		t.Errorf("it took %v", sent)
	}
	l.end()
	t.Log(summary(l))
	for status := range l.statuses {
		switch status {
		case http.StatusOK, http.StatusCreated, http.StatusServiceUnavailable:
		case http.StatusConflict: // the first attempt of the same key was still waiting for its end
		default:
			t.Errorf("%d requests were answered %d", l.statuses[status], status)
		}
	}
	c.checkBooks(l.all())
	c.checkBells(stream)
}

// checkBells makes sure that nodes hear each other again: what happens on the second reaches a stream of
// the first.
func (c *cluster) checkBells(stream *follower) {
	c.t.Helper()
	for _, n := range c.nodes {
		if n.ended() {
			c.t.Fatal("a node has ended with the primary")
		}
		if lost := n.log.count("bells.not_heard"); lost == 0 {
			c.t.Error("the listener has not noticed that its server is gone")
		}
	}
	last, events, visits, failures := stream.state()
	c.t.Logf("the stream told %d events in %d visits", events, visits)
	for _, f := range failures {
		c.t.Logf("stream: %s", f) // it may find no database for a while; it may not lose an event
	}
	l := &load{c: c, statuses: map[int]int{}, made: 1_000_000}
	l.create()
	if !until(func() bool { now, _, _, _ := stream.state(); return now > last }) {
		c.t.Error("the stream tells nothing any more")
	}
}
