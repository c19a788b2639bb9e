package dispatch

import (
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

// decide locks the messages of the plan and then their link, so that nothing that is decided here was
// overtaken: a receipt, an opening, a payment or a withdrawal comes before it or after it.
func (d *Dispatch) decide(tx *store.Tx, job paylink.Job, now time.Time) error {
	messages, err := tx.DeliveryRun(job.Merchant, job.Payload.Link)
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
	run := paylink.DeliveryRun{Messages: messages, Link: l, Now: m.Now(l.Live, now)}
	if len(messages) > 0 {
		// A run begins with the making of its first message. Visits have the clock of the node that saw them.
		if run.Opened, err = tx.OpenedSince(l.Merchant, l.ID, messages[0].CreatedAt); err != nil {
			return err
		}
	}
	before := slices.Clone(messages)
	changed, next := run.Look()
	for _, i := range changed {
		d.decided(tx, before[i], messages[i], now)
	}
	if look, ok := l.WatchDelivery(paylink.NewJobID(now), next); ok {
		tx.Enqueue(look, now)
	} else if read := l.UpdatedAt; l.Course.Waiting {
		l.Course.Waiting = false
		l.Touch(now)
		tx.UpdateLink(l, read)
	}
	return nil
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

// hurry has the plan of a message looked at when the message has come to nothing: the next step need not
// wait for its time. A message of no plan costs nothing.
func (d *Dispatch) hurry(tx *store.Tx, m paylink.Message, now time.Time) {
	if job, ok := m.HurryDelivery(paylink.NewJobID(now), now); ok {
		tx.Enqueue(job, now)
	}
}
