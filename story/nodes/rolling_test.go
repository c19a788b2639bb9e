package nodes

import (
	"syscall"
	"testing"
	"time"

	"paylink/store/storetest"
)

// An operator who brings a new version would have to choose an hour when nobody pays: each node that
// stops would break what customers are doing, and end a merchant's stream for good.
func TestRollingRestartFailsNoRequest(t *testing.T) {
	c := newCluster(t, storetest.URL(t, "postgres"), 3, "PAYLINK_DRAIN=1s")
	stream := c.follow(c.front.server.URL)
	l := c.startLoad(false)
	time.Sleep(time.Second)
	for _, n := range c.nodes {
		begun := time.Now()
		n.signal(syscall.SIGTERM)
		if !until(func() bool { return !answers("http://" + n.admin + "/readyz") }) {
			t.Fatal("a node that stops still says that it is ready")
		}
		if noticed := time.Since(begun); noticed > time.Second {
			t.Errorf("it took %v until /readyz said no", noticed)
		}
		if err := n.stop(syscall.SIGCONT); err != nil { // which says nothing to it; we only wait for the end
			t.Errorf("the node did not end well: %v\n%s", err, n.log.tail(3000))
		}
		t.Logf("stopped in %v", time.Since(begun))
		c.run(n)
		n.awaitReady()
	}
	time.Sleep(time.Second)
	l.end()
	t.Log(summary(l))
	c.must("request", l.failed())
	c.checkBooks(l.all())
	var head struct{ Data []event }
	if _, err := c.get(c.front.server.URL, "/v1/events?limit=1", &head); err != nil || len(head.Data) != 1 {
		t.Fatal("no events", err)
	}
	if !until(func() bool { last, _, _, _ := stream.state(); return last >= head.Data[0].Sequence }) {
		t.Error("the stream has not come to the end")
	}
	_, events, visits, failures := stream.state()
	t.Logf("the stream told %d events in %d visits", events, visits)
	c.must("stream", failures)
	if visits < 2 {
		t.Error("no node that stopped held the stream: nothing is proved about it")
	}
}
