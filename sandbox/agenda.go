package sandbox

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// maxSending bounds the letters that are on their way at once.
const maxSending = 32

// entry is one thing that waits for its time: an act in the world, or a letter to send.
type entry struct {
	due    time.Time
	turn   uint64 // keeps things of one moment in the order in which they were asked for
	act    func(now time.Time)
	letter *letter
}

// agenda holds entries, the earliest first.
type agenda struct {
	entries []entry
	turns   uint64
}

func (a *agenda) Len() int { return len(a.entries) }
func (a *agenda) Less(i, j int) bool {
	x, y := a.entries[i], a.entries[j]
	if x.due.Equal(y.due) {
		return x.turn < y.turn
	}
	return x.due.Before(y.due)
}
func (a *agenda) Swap(i, j int) { a.entries[i], a.entries[j] = a.entries[j], a.entries[i] }
func (a *agenda) Push(e any)    { a.entries = append(a.entries, e.(entry)) }
func (a *agenda) Pop() any {
	last := len(a.entries) - 1
	e := a.entries[last]
	a.entries[last] = entry{}
	a.entries = a.entries[:last]
	return e
}

func (a *agenda) add(e entry) {
	a.turns++
	e.turn = a.turns
	heap.Push(a, e)
}

// take removes and returns the first entry if its time has come.
func (a *agenda) take(now time.Time) (entry, bool) {
	if len(a.entries) == 0 || a.entries[0].due.After(now) {
		return entry{}, false
	}
	return heap.Pop(a).(entry), true
}

// step does what is due and says how long nothing else will be.
func (s *Sandbox) step(ctx context.Context, sending *sync.WaitGroup) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for e, ok := s.acts.take(now); ok; e, ok = s.acts.take(now) {
		e.act(now)
	}
	for s.sending < maxSending && ctx.Err() == nil {
		e, ok := s.outbox.take(now)
		if !ok {
			break
		}
		s.sending++
		sending.Go(func() { s.send(ctx, e.letter) })
	}
	wait := time.Hour
	if s.acts.Len() > 0 {
		wait = min(wait, s.acts.entries[0].due.Sub(now))
	}
	// With every sender busy, the next one to finish rings.
	if s.outbox.Len() > 0 && s.sending < maxSending {
		wait = min(wait, s.outbox.entries[0].due.Sub(now))
	}
	return max(wait, 0)
}

// ring makes Run look at its agenda again.
func (s *Sandbox) ring() {
	select {
	case s.wake <- struct{}{}:
	default: // it is going to look anyway
	}
}
