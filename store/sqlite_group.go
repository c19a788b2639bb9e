package store

import (
	"runtime"
	"slices"
	"time"
)

const (
	groupMost = 128 // members of one commit
	// After groupTime a group takes no further member, unless the last commit took longer than that: on
	// a disk that takes 300 ms for an fsync, 10 ms of members each time would make a queue without end,
	// while whoever waits that long for the disk waits at most as long again for company. Past
	// groupTimeMost nobody else is taken.
	groupTime     = 10 * time.Millisecond
	groupTimeMost = 300 * time.Millisecond
	// memberRows is what a member may change: beside members of 500 rows the slowest one in a hundred
	// interactive writes took 69 ms, beside members of 50 rows 22 ms.
	memberRows = 50
)

// wayTime is how long those that give way wait for a turn at most: with writes without end beside them they
// get one of some five milliseconds in that time.
const wayTime = 50 * time.Millisecond

func (j *job) givesWay() bool { return j.caller.Value(givesWay{}) != nil }

// member is a job in a group.
type member struct {
	*job
	tx  *Tx
	err error
}

// serve works until the queue is closed. If a member ends the goroutine under it, it goes on with a
// new one, and with what is left of that member's group.
func (w *sqliteWriter) serve() {
	orderly := false
	defer func() {
		if !orderly {
			go w.serve()
			return
		}
		if w.conn != nil {
			w.discard()
		}
		close(w.ended)
	}()
	w.scatter()
	for first := w.first(); first != nil; first = w.first() {
		n := w.group(first)
		w.crowded = n > 1
		w.checkpoint(n)
	}
	orderly = true
}

// first waits for a job; nil once the queue is closed. One that gives way is first only when nobody else is
// there.
func (w *sqliteWriter) first() *job {
	w.hurried = false
	select {
	case j := <-w.queue:
		return j
	default:
	}
	select {
	case j := <-w.queue:
		return j
	case j := <-w.later:
		w.turned = time.Now()
		return j
	}
}

// way lets in one that gives way where the group would end: because it has time and nobody else waits for the
// commit, or because none had its turn for a while.
func (w *sqliteWriter) way(over bool) *job {
	if (over || w.hurried) && time.Since(w.turned) < wayTime {
		return nil
	}
	select {
	case j := <-w.later:
		w.turned = time.Now()
		return j
	default:
		return nil
	}
}

// group commits first together with whoever waits, and gives the number of members.
func (w *sqliteWriter) group(first *job) int {
	if err := w.begin(); err != nil {
		first.finish(nil, err)
		return 1
	}
	whole := w.gather(first)
	n := len(w.members)
	w.writes.Add(int64(n))
	if !whole || w.commit() != nil {
		w.scatter()
		return n
	}
	for _, m := range w.members {
		m.finish(m.tx.topics, m.err)
	}
	w.dismiss(n)
	return n
}

// scatter rolls a broken group back and runs its members again, each alone.
func (w *sqliteWriter) scatter() {
	if len(w.members) > 0 {
		w.rollback()
	}
	for len(w.members) > 0 {
		w.alone(w.members[0])
		w.dismiss(1)
	}
}

// dismiss forgets the first n members, who have their answers.
func (w *sqliteWriter) dismiss(n int) {
	w.members = slices.Delete(w.members, 0, n)
}

// gather runs jobs until nobody waits, the group is full, or it is broken.
func (w *sqliteWriter) gather(first *job) (whole bool) {
	until := time.Now().Add(min(max(groupTime, w.took), groupTimeMost))
	for j := first; j != nil; j = w.next(until) {
		if j.caller.Err() != nil {
			j.finish(nil, j.caller.Err())
			continue
		}
		w.hurried = w.hurried || !j.givesWay()
		m := &member{job: j}
		w.members = append(w.members, m)
		if !w.join(m) {
			return false
		}
	}
	return true
}

// next takes a waiting job, if there is room and time for one.
func (w *sqliteWriter) next(until time.Time) *job {
	if len(w.members) >= groupMost {
		return nil
	}
	for tries := 0; ; tries++ {
		if !time.Now().Before(until) {
			return w.way(true)
		}
		select {
		case j := <-w.queue: // nil once the queue is closed
			return j
		default:
		}
		// After a crowd, those it answered are about to come back: let them run up to the queue.
		// This does not sleep, so it costs a lone writer nothing.
		if !w.crowded || tries == 2 {
			return w.way(false)
		}
		runtime.Gosched()
	}
}

// join runs a member inside the group. It reports false when the group is broken.
func (w *sqliteWriter) join(m *member) (whole bool) {
	if w.exec("SAVEPOINT member") != nil {
		return false
	}
	w.run(m)
	if m.tx.died != nil || m.tx.failed != nil && !m.tx.failed.own {
		return false
	}
	if m.err != nil && w.exec("ROLLBACK TO SAVEPOINT member") != nil {
		return false
	}
	return w.exec("RELEASE SAVEPOINT member") == nil
}

// alone runs a member of a broken group again, in a transaction of its own. One that died is not
// asked twice.
func (w *sqliteWriter) alone(m *member) {
	if m.tx != nil && m.tx.died != nil {
		m.finish(nil, m.tx.died)
		return
	}
	if err := w.begin(); err != nil {
		m.finish(nil, err)
		return
	}
	w.run(m)
	if m.err == nil {
		m.err = w.commit()
	}
	if m.err != nil {
		w.rollback()
	}
	m.finish(m.tx.topics, m.err)
}

func (w *sqliteWriter) run(m *member) {
	m.tx = newTx(m.caller, nil, &sqliteSession{w})
	m.err = m.tx.run(m.fn, w.log)
	if m.tx.changed > memberRows && !m.tx.bulk {
		w.log.Warn("store.large_transaction", "rows", m.tx.changed, "limit", memberRows)
	}
}
