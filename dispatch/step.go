package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// step does the job that looks at a link's delivery plan: what is due goes out, what is not needed any more
// is skipped with its reason, and what is left has a job that looks again. Any number of these jobs may run
// for one link, in any order, since each finds out by itself what there is to do; that a step goes out once
// is decided by its row, which leaves scheduled only once.
func (d *Dispatch) step(ctx context.Context, r *queue.Run) error {
	now := d.now()
	err := r.Finish(ctx, func(tx *store.Tx) error { return d.decide(tx, r.Job, now) })
	if err != nil {
		return fmt.Errorf("look at the delivery plan of link %s: %w", r.Job.Payload.Link, err)
	}
	return nil
}

// mostRuns bounds how many runs of a plan one look decides about: a link seldom has a second, as a plan that
// it is sent with takes the place of the one before.
const mostRuns = 2

// decide locks the messages of the plan and then their link, so that nothing that is decided here was
// overtaken: a receipt, an opening, a payment or a withdrawal comes before it or after it.
func (d *Dispatch) decide(tx *store.Tx, job paylink.Job, now time.Time) error {
	runs, err := d.runs(tx, job)
	if err != nil {
		return err
	}
	l, err := tx.Link(job.Merchant, job.Live, job.Payload.Link)
	if err != nil {
		return err
	}
	m, err := tx.Merchant(job.Merchant)
	if err != nil {
		return err
	}
	var next time.Time
	for i, messages := range runs {
		if i == mostRuns {
			next = earliest(next, m.Now(l.Live, now))
			break
		}
		at, err := d.decideRun(tx, l, messages, m.Now(l.Live, now), now)
		if err != nil {
			return err
		}
		next = earliest(next, at)
	}
	if look, ok := l.WatchDelivery(paylink.NewJobID(now), next); ok {
		tx.Enqueue(look, now)
		return nil
	}
	if read := l.UpdatedAt; l.Course.Waiting {
		l.Course.Waiting = false
		l.Touch(now)
		tx.UpdateLink(l, read)
	}
	return nil
}

// decideRun decides about one run of a plan, and gives when to look at it again. world is now in the link's
// world.
func (d *Dispatch) decideRun(tx *store.Tx, l paylink.Link, messages []paylink.Message, world, now time.Time) (time.Time, error) {
	// A run begins with the making of its first message. Visits have the clock of the node that saw them.
	opened, err := tx.OpenedSince(l.Merchant, l.ID, messages[0].CreatedAt)
	if err != nil {
		return time.Time{}, err
	}
	before := slices.Clone(messages)
	changed, next := paylink.DeliveryRun{Messages: messages, Link: l, Opened: opened, Now: world}.Look()
	for _, i := range changed {
		d.decided(tx, before[i], messages[i], now)
	}
	return next, nil
}

// runs gives the messages of each run of which something is scheduled, the first run first.
func (d *Dispatch) runs(tx *store.Tx, job paylink.Job) ([][]paylink.Message, error) {
	messages, err := tx.DeliveryRun(job.Merchant, job.Payload.Link)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(messages, func(a, b paylink.Message) int { return cmp.Compare(a.Plan, b.Plan) })
	var runs [][]paylink.Message
	for i, m := range messages {
		if i == 0 || messages[i-1].Plan != m.Plan {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], m)
	}
	return runs, nil
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// decided writes what became of one scheduled message, tells it, and has it sent.
func (d *Dispatch) decided(tx *store.Tx, before, m paylink.Message, now time.Time) {
	m.Touch(now)
	tx.DecideMessage(m, before.UpdatedAt)
	switch m.Status {
	case paylink.MessageSkipped:
		tx.AppendEvent(paylink.Event{
			ID: paylink.NewEventID(now), Merchant: m.Merchant, Live: m.Live, At: m.UpdatedAt, Type: paylink.EventMessageSkipped, Link: m.Link, Message: m.ID,
			Actor: "system", Data: paylink.EventData{Message: m.Snapshot()},
		})
	case paylink.MessageQueued:
		tx.Enqueue(paylink.Job{
			ID: paylink.NewJobID(now), Kind: paylink.JobSend, Key: string(m.ID), Merchant: m.Merchant, Live: m.Live,
			Payload: paylink.JobPayload{Link: m.Link, Message: m.ID}, RunAt: now,
		}, now)
	}
}

// follow has the plan of a message looked at when the message has come to nothing: the next step need not
// wait for its time. A message of no plan costs nothing.
func (d *Dispatch) follow(tx *store.Tx, m paylink.Message, now time.Time) {
	if job, ok := m.HurryDelivery(paylink.NewJobID(now), now); ok {
		tx.Enqueue(job, now)
	}
}
