package notify

import (
	"context"
	"slices"
	"sync"
	"time"

	"paylink"
)

// Bounds of the calls under way at once. The queue runs a few dozen deliveries; these keep endpoints
// that are slow or down from taking all of them.
const (
	laneFirst    = 1  // to one endpoint that never answered yet
	laneWide     = 4  // to one endpoint
	laneNarrow   = 2  // to one endpoint in trouble, or until it answers
	troubledMost = 10 // to all endpoints in trouble
	laneQueue    = 16 // waiting for a seat at one endpoint

	laneGather  = 3 * time.Millisecond   // what was sealed together is lined up before the first starts
	laneStagger = 50 * time.Millisecond  // how long an attempt holds back the next one in the order
	lanePatient = 250 * time.Millisecond // waiting for a seat; after that the job comes again
	laneSlow    = 2 * time.Second        // an answer that takes longer makes an endpoint one in trouble

	laneReturn = 250 * time.Millisecond // the soonest that a job comes again
	laneFar    = time.Minute            // and the latest
	laneStep   = 10 * time.Millisecond  // the least between two that come again
	lanesMost  = 10_000                 // endpoints remembered
)

// lanes seats attempts, so many to an endpoint at once, in the order of their sequence. It knows this
// process only; another node has lanes of its own.
type lanes struct {
	now func() time.Time

	mu       sync.Mutex
	of       map[paylink.EndpointID]*lane
	troubled int // seats taken at endpoints in trouble
}

type lane struct {
	taken   []*seat       // in the order in which they started
	waiting []*seat       // by sequence
	known   bool          // an attempt has ended here before
	heard   bool          // one has ended since the lane was last empty
	took    time.Duration // by the last attempt
	next    time.Time     // when the next job that found no seat comes again
}

type seat struct {
	lanes    *lanes
	endpoint paylink.EndpointID
	sequence int64
	troubled bool
	started  time.Time
	taken    chan struct{}
}

// enter waits for a seat at the endpoint, not for long. Without one it tells when to come again.
func (ls *lanes) enter(ctx context.Context, e paylink.Endpoint, sequence int64) (*seat, time.Time) {
	s := &seat{lanes: ls, endpoint: e.ID, sequence: sequence, taken: make(chan struct{})}
	ls.mu.Lock()
	l := ls.of[e.ID]
	if l == nil {
		l = &lane{}
		ls.of[e.ID] = l
	}
	s.troubled = !e.FailingSince.IsZero() || l.slow(ls.now())
	if s.troubled {
		defer ls.mu.Unlock()
		if len(l.taken) >= min(laneNarrow, l.width()) || ls.troubled >= troubledMost {
			return nil, ls.later(l)
		}
		ls.seat(l, s)
		return s, time.Time{}
	}
	if len(l.waiting) >= l.room() || l.silent(ls.now()) {
		defer ls.mu.Unlock()
		return nil, ls.later(l)
	}
	at, _ := slices.BinarySearchFunc(l.waiting, s, func(a, b *seat) int { return int(a.sequence - b.sequence) })
	l.waiting = slices.Insert(l.waiting, at, s)
	ls.mu.Unlock()
	return ls.wait(ctx, l, s)
}

// wait holds on for a seat in an endpoint's line.
func (ls *lanes) wait(ctx context.Context, l *lane, s *seat) (*seat, time.Time) {
	tick := time.NewTimer(laneGather)
	defer tick.Stop()
	deadline := ls.now().Add(lanePatient)
	for {
		select {
		case <-s.taken:
			return s, time.Time{}
		case <-ctx.Done():
		case <-tick.C:
		}
		ls.mu.Lock()
		ls.fill(l)
		now := ls.now()
		if s.started.IsZero() && (ctx.Err() != nil || !now.Before(deadline)) {
			l.waiting = slices.DeleteFunc(l.waiting, func(w *seat) bool { return w == s })
			at := ls.later(l)
			ls.mu.Unlock()
			return nil, at
		}
		ls.mu.Unlock()
		tick.Reset(laneStagger)
	}
}

// fill seats those who wait, lowest sequence first. While few wait, each start holds back the next
// until it was answered or laneStagger has passed; when many wait, speed is worth more than order.
// The caller holds ls.mu.
func (ls *lanes) fill(l *lane) {
	for len(l.waiting) > 0 && len(l.taken) < l.width() {
		orderly := len(l.waiting) <= laneWide && len(l.taken) > 0
		if orderly && ls.now().Sub(l.taken[len(l.taken)-1].started) < laneStagger {
			return
		}
		s := l.waiting[0]
		l.waiting = l.waiting[1:]
		ls.seat(l, s)
		close(s.taken)
	}
}

func (ls *lanes) seat(l *lane, s *seat) {
	s.started = ls.now()
	l.taken = append(l.taken, s)
	if s.troubled {
		ls.troubled++
	}
}

// leave gives the seat to the next in line.
func (s *seat) leave() {
	ls := s.lanes
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.of[s.endpoint]
	l.taken = slices.DeleteFunc(l.taken, func(t *seat) bool { return t == s })
	l.heard, l.known, l.took = true, true, ls.now().Sub(s.started)
	if s.troubled {
		ls.troubled--
	}
	ls.fill(l)
	if len(l.taken)+len(l.waiting) > 0 {
		return
	}
	l.heard = false
	if len(ls.of) > lanesMost {
		delete(ls.of, s.endpoint)
	}
}

// later spreads the jobs that found no seat over the time that the endpoint will need for them.
func (ls *lanes) later(l *lane) time.Time {
	soonest := ls.now().Add(laneReturn)
	if l.next.Before(soonest) {
		l.next = soonest
	}
	at := l.next
	each := l.took // how long a call takes there, as far as we know
	if len(l.taken) > 0 {
		each = max(each, ls.now().Sub(l.taken[0].started))
	}
	l.next = l.next.Add(min(max(each/laneNarrow, laneStep), time.Second))
	if far := ls.now().Add(laneFar); l.next.After(far) {
		l.next = far
	}
	return at
}

// width is how many calls a healthy endpoint gets at once. One that has just stopped answering looks
// healthy too; until the first answer it shall not take many.
func (l *lane) width() int {
	switch {
	case l.heard:
		return laneWide
	case l.known:
		return laneNarrow
	}
	return laneFirst
}

// room is how many may wait for a seat: few, as long as nothing is known of the endpoint.
func (l *lane) room() int {
	if l.known {
		return laneQueue
	}
	return laneWide
}

// silent tells whether the endpoint lets us wait for its first answer, so that a line is of no use.
func (l *lane) silent(now time.Time) bool {
	return !l.heard && len(l.taken) > 0 && now.Sub(l.taken[0].started) >= lanePatient
}

// slow tells whether the endpoint takes too long to answer, or is about to.
func (l *lane) slow(now time.Time) bool {
	return l.took >= laneSlow || len(l.taken) > 0 && now.Sub(l.taken[0].started) >= laneSlow
}
