package dispatch

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"paylink/queue"
	"paylink/store"
)

const (
	// togetherMost is how many messages are settled in one transaction.
	togetherMost = 16
	// togetherWriters is how many such transactions are under way at once.
	togetherWriters = 2
)

// settling is what one message writes when it has come to something, in the order in which everybody locks:
// messages, then links, then what is counted.
type settling struct {
	run   *queue.Run
	order string // of its link and message
	steps [3]func(*store.Tx) error

	done  chan error
	leads chan struct{} // it is this one's turn to write, for itself and those who wait
}

// together settles many messages in one transaction, where each would make one of its own and wait for its
// commit: on PostgreSQL two round trips for sixteen messages instead of thirty-two. Whoever comes while
// others write waits for them, and then one of the waiting writes for all. When something is in the way of
// one message, each is settled alone. On SQLite the store does the same for everybody.
type together struct {
	mu      sync.Mutex
	writers int
	waiting []*settling
}

// finish writes the settling, with others or alone, and ends its job.
func (t *together) finish(ctx context.Context, s *settling) error {
	s.done, s.leads = make(chan error, 1), make(chan struct{}, 1)
	t.mu.Lock()
	t.waiting = append(t.waiting, s)
	if t.writers < togetherWriters {
		t.writers++
		s.leads <- struct{}{}
	}
	t.mu.Unlock()
	select {
	case err := <-s.done:
		return err
	case <-s.leads:
	}
	t.mu.Lock()
	group := t.waiting[:min(len(t.waiting), togetherMost)]
	t.waiting = slices.Clone(t.waiting[len(group):])
	t.mu.Unlock()
	defer t.pass()
	t.write(ctx, slices.Clone(group))
	return <-s.done
}

// pass gives the turn to the first who waits.
func (t *together) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.writers--
		return
	}
	t.waiting[0].leads <- struct{}{}
}

// write settles a group, and tells each member how it ended. A member is told also when the writing breaks
// off, because it would wait for ever.
func (t *together) write(ctx context.Context, group []*settling) {
	slices.SortFunc(group, func(a, b *settling) int { return cmp.Compare(a.order, b.order) })
	runs := make([]*queue.Run, len(group))
	for i, s := range group {
		runs[i] = s.run
	}
	err := queue.FinishAll(ctx, runs, func(tx *store.Tx) error {
		for step := range 3 {
			for _, s := range group {
				if err := s.steps[step](tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, s := range group {
		if err != nil && len(group) > 1 {
			s.done <- s.run.Finish(ctx, s.all)
		} else {
			s.done <- err
		}
	}
}

// all takes the steps one after the other.
func (s *settling) all(tx *store.Tx) error {
	for _, step := range s.steps {
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}
