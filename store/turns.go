package store

import (
	"sync"
	"time"

	"paylink"
)

const (
	// turnSpacing is how far apart the turns of one merchant's jobs of one kind stand: whoever queues
	// 100,000 at once has his last turn eight minutes from now, and whoever queues one meanwhile stands
	// in between. It slows nobody: a job whose turn is still to come runs when there is room.
	turnSpacing = 5 * time.Millisecond

	// bulkDelay is how far behind the others bulk work stands.
	bulkDelay = 10 * time.Minute

	// dueSoon is what counts as now: a step that plans several jobs in order plans them microseconds apart.
	dueSoon = 50 * time.Millisecond

	// mostTurns bounds what is remembered. Only merchants with more than a job in five milliseconds
	// have anything to remember.
	mostTurns = 10_000
)

// turns gives the jobs that are due now their places. A job's turn is its due time, or turnSpacing
// after the turn of the same merchant's job before it, whichever is later. The memory is this process's
// own: on three nodes a merchant may get three times as far, and a restart forgives everything.
type turns struct {
	mu   sync.Mutex
	last map[turnKey]time.Time
}

type turnKey struct {
	merchant paylink.MerchantID
	kind     string
	priority paylink.JobPriority
}

// putOff is how long after its due time the job's turn is. What is not due yet keeps its own time.
func (t *turns) putOff(j paylink.Job, now time.Time) time.Duration {
	if j.RunAt.After(now.Add(dueSoon)) || j.Priority <= paylink.JobUrgent {
		return 0
	}
	key := turnKey{j.Merchant, j.Kind, j.Priority}
	t.mu.Lock()
	defer t.mu.Unlock()
	turn := j.RunAt
	if last, ok := t.last[key]; ok && turn.Before(last.Add(turnSpacing)) {
		turn = last.Add(turnSpacing)
	}
	t.remember(key, turn, now)
	if j.Priority >= paylink.JobBulk {
		turn = turn.Add(bulkDelay)
	}
	return turn.Sub(j.RunAt)
}

// remember makes room by forgetting the turns that have passed, which put nobody off any more; when
// none has, everybody begins anew.
func (t *turns) remember(key turnKey, turn, now time.Time) {
	if t.last == nil {
		t.last = map[turnKey]time.Time{}
	}
	if _, known := t.last[key]; !known && len(t.last) >= mostTurns {
		for k, last := range t.last {
			if last.Add(turnSpacing).Before(now) {
				delete(t.last, k)
			}
		}
		if len(t.last) >= mostTurns {
			clear(t.last)
		}
	}
	t.last[key] = turn
}
