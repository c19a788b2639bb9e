package issue

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// remindJob looks at a link when its next reminder is due. A link with reminders has one such job at a
// time; when the moment moves, the job finds out and waits on. It stands behind other work: a reminder
// may come a moment late.
func remindJob(id paylink.JobID, l paylink.Link, at time.Time) paylink.Job {
	return paylink.Job{
		ID: id, Kind: paylink.JobRemind, Key: string(l.ID), Merchant: l.Merchant, Live: l.Live, World: true,
		Payload: paylink.JobPayload{Link: l.ID}, RunAt: at, Priority: paylink.JobBulk,
	}
}

// remind does the job that looks at a link's reminders: one goes out, or the job waits for the next, or
// there is none any more. That a reminder goes out once is decided by the link's row, which holds what
// was decided before, and changes only for whoever has read it as it is.
func (x *Issuer) remind(ctx context.Context, r *queue.Run) error {
	now, read := x.now(), x.store.Read(ctx)
	m, err := read.Merchant(r.Job.Merchant)
	if err != nil {
		return fmt.Errorf("load merchant %s: %w", r.Job.Merchant, err)
	}
	l, err := read.Link(m.ID, r.Job.Live, r.Job.Payload.Link)
	if err != nil {
		return fmt.Errorf("load link %s: %w", r.Job.Payload.Link, err)
	}
	world := m.Now(l.Live, now)
	next := l.NextReminder(m.Quiet(), world)
	seen := glance{next: next, offset: m.ClockOffset, now: now}
	switch {
	case next.IsZero():
		err = r.Finish(ctx, func(tx *store.Tx) error { return x.stillSo(tx, r.Job, seen) })
	case next.After(world):
		err = r.Again(ctx, now.Add(next.Sub(world)), func(tx *store.Tx) error { return x.stillSo(tx, r.Job, seen) })
	default:
		err = x.remindNow(ctx, r, now)
	}
	if err != nil {
		return fmt.Errorf("look at the reminders of link %s: %w", l.ID, err)
	}
	return nil
}

// glance is what was read before a job ends by it.
type glance struct {
	next   time.Time // in the time of the link's world
	offset time.Duration
	now    time.Time
}

// stillSo tells, with the link locked, that a job may end by what was read of it. If not, it is tried
// again, and reckons anew.
func (x *Issuer) stillSo(tx *store.Tx, job paylink.Job, seen glance) error {
	m, err := tx.Merchant(job.Merchant)
	if err != nil {
		return err
	}
	l, err := tx.Link(job.Merchant, job.Live, job.Payload.Link)
	if err != nil {
		return err
	}
	if m.ClockOffset != seen.offset || !l.NextReminder(m.Quiet(), m.Now(job.Live, seen.now)).Equal(seen.next) {
		return errMoved
	}
	return nil
}

// remindNow decides about what is due and puts the job back at once, to find the moment after it.
func (x *Issuer) remindNow(ctx context.Context, r *queue.Run, now time.Time) error {
	id := paylink.NewEventID(now)
	messages, jobs := letters(paylink.Link{ID: r.Job.Payload.Link, Merchant: r.Job.Merchant, Live: r.Job.Live}, paylink.Channels, now)
	return r.Again(ctx, now, func(tx *store.Tx) error {
		c, customer, err := x.open(tx, Actor{Merchant: paylink.Merchant{ID: r.Job.Merchant}, Live: r.Job.Live}, r.Job.Payload.Link, now)
		if err != nil {
			return err
		}
		earlier, err := tx.MessagesOf(c.link.Merchant, c.link.ID, remembered)
		if err != nil {
			return err
		}
		disputed, err := tx.LinkDisputed(c.link.Merchant, c.link.ID)
		if err != nil {
			return err
		}
		before, closed := c.link, optedOut(earlier)
		due := c.link.Remind(c.by.Merchant.Quiet(), c.world, func(r paylink.Reminder) string {
			if disputed {
				return "disputed" // who objects to what was paid is not asked to pay the rest
			}
			_, why := reached(c.link, r, customer, closed)
			return why
		})
		if reflect.DeepEqual(c.link.Reminding, before.Reminding) {
			return nil // another worker was quicker
		}
		c.link.Touch(now)
		if due != nil {
			channels, _ := reached(c.link, *due, customer, closed)
			c.sendReminder(messages, jobs, channels, customer, now)
			tx.AppendEvent(event(id, paylink.EventLinkReminded, c.link, customer, "system"))
		}
		tx.UpdateLink(c.link, before.UpdatedAt)
		return nil
	})
}

// sendReminder queues those of the messages that go out on the channels. They come after all earlier
// ones, and behind what customers wait for.
func (c *change) sendReminder(messages []paylink.Message, jobs []paylink.Job, channels []paylink.Channel, customer *paylink.Customer, now time.Time) {
	for i, m := range messages {
		if !slices.Contains(channels, m.Channel) {
			continue
		}
		m.To, m.Purpose = customer.Address(m.Channel), paylink.PurposeReminder
		m.CreatedAt = c.link.UpdatedAt.Add(time.Duration(i) * time.Microsecond)
		m.UpdatedAt = m.CreatedAt
		jobs[i].Priority = paylink.JobBulk
		c.tx.InsertMessage(m)
		c.tx.Enqueue(jobs[i], now)
	}
}

// Remind sends a link once more as a reminder, by hand: at once, also in quiet hours, because somebody has
// decided so. It fails with *paylink.Conflict "reminded_recently" within an hour of another reminder of
// the link, and with *paylink.Invalid "opted_out" for a channel on which the customer has said no.
func (x *Issuer) Remind(ctx context.Context, by Actor, id paylink.LinkID, channels []paylink.Channel, to map[paylink.Channel]string, claim *store.Claim) (Sent, error) {
	return x.send(ctx, by, id, channels, to, claim, paylink.PurposeReminder)
}

// remindByHand judges and notes a reminder that somebody sends.
func (c *change) remindByHand(messages []paylink.Message, now time.Time) error {
	if c.link.JustReminded(c.world) {
		return &paylink.Conflict{Code: "reminded_recently", Detail: "The customer was reminded less than an hour ago.", Other: string(c.link.ID)}
	}
	earlier, err := c.tx.MessagesOf(c.link.Merchant, c.link.ID, remembered)
	if err != nil {
		return err
	}
	closed, bad := optedOut(earlier), paylink.Invalid{}
	for i, m := range messages {
		if slices.Contains(closed, m.Channel) {
			bad.Add(fmt.Sprintf("/channels/%d", i), "opted_out", "The customer has said no to messages on this channel.")
		}
	}
	c.link.Touch(now)
	c.link.Reminding.Last = c.world
	return bad.OrNil()
}

// remembered is how many of a link's messages are looked at for an answer of the customer's.
const remembered = 200

// optedOut lists the channels on which the customer has said no to messages of this link.
func optedOut(messages []paylink.Message) (closed []paylink.Channel) {
	for _, m := range messages {
		if m.Status == paylink.MessageBlocked && m.ErrorCode == "opted_out" {
			closed = append(closed, m.Channel)
		}
	}
	return closed
}

// reached are the channels on which a reminder reaches the customer. why says why there is none.
func reached(l paylink.Link, r paylink.Reminder, customer *paylink.Customer, closed []paylink.Channel) (channels []paylink.Channel, why string) {
	wanted := r.Channels
	if len(wanted) == 0 {
		wanted = l.Channels
	}
	why = "no_contact"
	for _, channel := range wanted {
		switch {
		case slices.Contains(closed, channel):
			why = "opted_out"
		case customer.Address(channel) != "":
			channels = append(channels, channel)
		}
	}
	if len(channels) > 0 {
		why = ""
	}
	return channels, why
}
