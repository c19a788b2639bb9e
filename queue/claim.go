package queue

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/store"
)

// claim takes what is due and fits. next is when the next job is due for which there is room: the zero
// time when none waits.
func (q *Queue) claim(ctx context.Context) (claimed []paylink.Job, next time.Time, err error) {
	if err := q.settleDoubt(ctx); err != nil {
		return nil, next, err
	}
	now := q.opt.Now()
	rooms, next, err := q.due(ctx, q.rooms(now), now)
	if err != nil || len(rooms) == 0 {
		return nil, next, err
	}
	// The claim is waited for even when the queue is told to stop: what it took must be given back.
	err = q.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) (err error) {
		claimed, err = tx.ClaimJobs(q.worker, rooms, now, now.Add(q.opt.Lease), claimMost)
		return err
	})
	if err != nil {
		q.inDoubt()
		return nil, next, fmt.Errorf("claim jobs: %w", err)
	}
	q.take(rooms, claimed, now)
	return claimed, next, nil
}

// rooms is where there is room, the most urgent kind first.
func (q *Queue) rooms(now time.Time) (rooms []store.Room) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, k := range q.kinds {
		if r := k.room(now); r.Jobs > 0 {
			rooms = append(rooms, r)
		}
	}
	return rooms
}

// due leaves the rooms for which something is due. A look costs far less than a turn at the writer, and
// most bells find their job taken already.
func (q *Queue) due(ctx context.Context, rooms []store.Room, now time.Time) (wanted []store.Room, next time.Time, err error) {
	names := make([]string, len(rooms))
	for i, r := range rooms {
		names[i] = r.Kind
	}
	times, err := q.store.Read(ctx).NextJobs(names)
	if err != nil {
		return nil, next, err
	}
	for i, at := range times {
		if at.IsZero() {
			continue
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
		if !at.After(now) {
			wanted = append(wanted, rooms[i])
		}
	}
	return wanted, next, nil
}

// take counts what was claimed, and notes where nobody but the crowd was found.
func (q *Queue) take(rooms []store.Room, claimed []paylink.Job, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	others := map[string]bool{}
	for _, r := range rooms {
		for _, job := range claimed {
			if r.Crowd != "" && job.Kind == r.Kind && job.Merchant != r.Crowd {
				others[r.Kind] = true
			}
		}
	}
	for _, r := range rooms {
		if r.Crowd != "" && !others[r.Kind] {
			q.kind(r.Kind).alone = now.Add(aloneFor)
		}
	}
	for _, job := range claimed {
		q.kind(job.Kind).take(job)
		q.held[store.Lease{Job: job.ID, Fence: job.Fence}] = true
	}
}

// inDoubt notes that more may bear our name in the database than we hold.
func (q *Queue) inDoubt() {
	q.mu.Lock()
	q.doubt = true
	q.mu.Unlock()
}

// settleDoubt gives that back, before anything is claimed.
func (q *Queue) settleDoubt(ctx context.Context) error {
	q.mu.Lock()
	doubt := q.doubt
	q.doubt = false
	q.mu.Unlock()
	if !doubt {
		return nil
	}
	err := q.giveBack(ctx)
	if err != nil {
		q.inDoubt()
	}
	return err
}

// free gives a job's place back.
func (q *Queue) free(job paylink.Job) {
	q.mu.Lock()
	q.kind(job.Kind).leave(job)
	delete(q.held, store.Lease{Job: job.ID, Fence: job.Fence})
	q.mu.Unlock()
	select {
	case q.done <- struct{}{}:
	default:
	}
}

// rest waits for a bell, a free place, the next due time or the poll.
func (q *Queue) rest(ctx context.Context, bell <-chan struct{}, next time.Time, troubled bool) {
	pause := q.opt.Poll
	switch until := next.Sub(q.opt.Now()); {
	case troubled:
		pause = min(pause, time.Second)
	case next.IsZero():
	case until > 0:
		pause = min(pause, until)
	default:
		pause = min(pause, 50*time.Millisecond) // due, but another took it
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-bell:
	case <-q.done:
	case <-timer.C:
	}
}
