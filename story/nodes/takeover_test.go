package nodes

import (
	"syscall"
	"testing"
	"time"

	"paylink/store/storetest"
)

// takenOverWithin is the promise for the work of a node that died: a lease of 15 s, and a look every 4 s.
const takenOverWithin = 30 * time.Second

// Of three nodes one is killed and one falls asleep, both with messages in their hands. Without leases
// the customers of the first would never hear of their links; without fences the second, waking up,
// would write over what happened meanwhile.
func TestNodesTakeOverFromTheDeadAndTheSleeping(t *testing.T) {
	c := newCluster(t, storetest.URL(t, "postgres"), 3, "PAYLINK_LOG_LEVEL=info") // to see what becomes of each job
	stream := c.follow("http://" + c.nodes[0].public)
	l := c.startLoad(true)
	if !until(func() bool { return len(l.all()) >= 30 }) {
		t.Fatal("the load does not begin")
	}
	c.carriers.close()
	if !until(func() bool { return c.carriers.holds() >= 40 }) {
		t.Fatal("no node hands messages over")
	}
	sleeper, dead := c.nodes[1], c.nodes[2]
	sleeper.signal(syscall.SIGSTOP)
	t.Cleanup(func() { sleeper.signal(syscall.SIGCONT) })
	dead.signal(syscall.SIGKILL)
	died, before := time.Now(), l.all()
	time.Sleep(300 * time.Millisecond) // the carriers notice that the dead one's calls are over
	c.carriers.open()
	time.Sleep(2 * time.Second)
	l.end()
	t.Log(summary(l))

	took := c.handedOver(before).Sub(died)
	t.Logf("of %d links acknowledged when the nodes went, the last message left %v later", len(before), took)
	if took > takenOverWithin {
		t.Errorf("the work of a dead node was taken over after %v", took)
	}
	if took < 5*time.Second {
		t.Error("nothing waited for a lease: no work was taken over, and nothing is proved")
	}
	sleeper.signal(syscall.SIGCONT)
	if !until(func() bool { return sleeper.log.count("lease was lost") > 0 }) {
		t.Error("the sleeper's late results were not refused")
	}
	c.run(dead)
	dead.awaitReady()
	sleeper.awaitReady()
	c.checkBooks(l.all())
	t.Logf("%d late results were refused; carriers knew %d messages already", sleeper.log.count("lease was lost"), c.carriers.repeated())
	_, events, _, failures := stream.state()
	t.Logf("the stream told %d events", events)
	c.must("stream", failures)
}
