package issue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/store"
)

// Sending is how a link is sent again in steps.
type Sending struct {
	Plan  paylink.DeliveryPlan
	To    map[paylink.Channel]string // corrected addresses for some of the channels, for this sending only
	Wrong []paylink.Field            // what its caller has found wrong already
}

// Deliver sends a link again, by a plan of its own. What is still scheduled of an earlier plan is skipped as
// replaced. A plan can begin although the link was opened before: what ends it is an opening after its
// beginning.
func (x *Issuer) Deliver(ctx context.Context, by Actor, id paylink.LinkID, s Sending, claim *store.Claim) (Sent, error) {
	now, p := x.now(), s.Plan
	j := &judgement{by: by, bad: paylink.Invalid{Fields: s.Wrong}}
	j.delivery("/delivery", &p)
	corrected := j.corrected(p.Channels(), s.To)
	if err := j.bad.OrNil(); err != nil {
		return Sent{}, err
	}
	if invalid, err := x.carried(ctx, by, &p); invalid != nil || err != nil {
		return Sent{}, cmp.Or(invalid, err)
	}
	for range maxMoved {
		sent, err := x.deliver(ctx, by, id, p, corrected, claim, now)
		if !errors.Is(err, errMoved) {
			return sent, about(err, "send link", id)
		}
	}
	return Sent{}, &paylink.Conflict{Code: "changed", Detail: "The payment link is being sent by several plans at once.", Other: string(id)}
}

// maxMoved is how often a plan begins anew because another one of the link has begun in the meantime.
const maxMoved = 20

// deliver is Deliver for a plan that is in order. It fails with errMoved when another plan has begun after this
// one looked.
func (x *Issuer) deliver(ctx context.Context, by Actor, id paylink.LinkID, p paylink.DeliveryPlan, corrected map[paylink.Channel]string, claim *store.Claim, now time.Time) (Sent, error) {
	var sent Sent
	_, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		earlier, err := tx.DeliveryRun(by.Merchant.ID, id) // messages are locked before their link
		if err != nil {
			return store.Outcome{}, err
		}
		c, customer, err := x.open(tx, by, id, now)
		if err != nil {
			return store.Outcome{}, err
		}
		before := c.link.UpdatedAt
		if c.link.Status = c.link.StatusAt(c.world); !sendable(c.link, c.world) {
			return store.Outcome{}, c.not("not_sendable", "takes no payment, so it is not sent")
		}
		// The link is locked, so no other plan begins from here on; but one may have begun since the look.
		switch plan, err := tx.ScheduledPlan(by.Merchant.ID, id); {
		case err != nil:
			return store.Outcome{}, err
		case plan != "" && (len(earlier) == 0 || earlier[0].Plan != plan):
			return store.Outcome{}, errMoved
		}
		replacePlan(tx, earlier, now)
		messages, err := c.deliver(p, customer, corrected, now)
		if err != nil {
			return store.Outcome{}, err
		}
		c.link.Touch(now)
		tx.UpdateLink(c.link, before)
		sent = Sent{Link: c.link, Customer: customer, Messages: messages}
		return store.Outcome{Status: 200, Object: string(id)}, nil
	})
	if err == nil && replayed {
		return x.sentBefore(ctx, by, id)
	}
	return sent, err
}

// deliver begins a plan of a link that there is. A plan that reaches nobody is *paylink.Invalid
// "needs_contact". The link is still to be written.
func (c *change) deliver(p paylink.DeliveryPlan, customer *paylink.Customer, corrected map[paylink.Channel]string, now time.Time) ([]paylink.Message, error) {
	// Whatever another node's clock says, they come after those of an earlier sending.
	at := latest(now, c.link.UpdatedAt.Add(maxList*time.Microsecond))
	messages, jobs := planned(&c.link, p, customer, corrected, c.world, at)
	if !slices.ContainsFunc(messages, func(m paylink.Message) bool { return m.To != "" }) {
		var bad paylink.Invalid
		for i := range messages {
			bad.Add(fmt.Sprintf("/delivery/steps/%d/channel", i), "needs_contact", "The customer has no address for this channel.")
		}
		return nil, &bad
	}
	for _, m := range messages {
		c.tx.InsertMessage(m)
	}
	for _, e := range skipped(messages, now) {
		c.tx.AppendEvent(e)
	}
	for _, job := range jobs {
		c.tx.Enqueue(job, now)
	}
	return messages, nil
}

// planned makes the messages of a plan as they are in its first moment, and the jobs that send them and that
// look at it again. world is now in the link's world. A step whose channel has no address is skipped, and
// the next one takes its place.
func planned(l *paylink.Link, p paylink.DeliveryPlan, customer *paylink.Customer, corrected map[paylink.Channel]string, world, now time.Time) ([]paylink.Message, []paylink.Job) {
	messages := p.Messages(*l, world)
	for i := range messages {
		m := &messages[i]
		m.ID = paylink.NewMessageID(now)
		m.CreatedAt = now.Add(time.Duration(i) * time.Microsecond)
		m.UpdatedAt, m.Plan = m.CreatedAt, messages[0].ID
		if m.To = corrected[m.Channel]; m.To == "" {
			m.To = customer.Address(m.Channel)
		}
	}
	next := begin(messages, *l, world)
	var jobs []paylink.Job
	for i := range messages {
		switch m := &messages[i]; m.Status {
		case paylink.MessageQueued:
			jobs = append(jobs, sendJob(paylink.NewJobID(now), *m, now))
		case paylink.MessageSkipped:
			m.Touch(now) // it is told after the making of the link
		}
	}
	if look, ok := l.WatchDelivery(paylink.NewJobID(now), next); ok {
		l.Course.Waiting, jobs = true, append(jobs, look)
	}
	return messages, jobs
}

// begin decides about the messages of a plan that starts, and gives when to look at it again.
func begin(messages []paylink.Message, l paylink.Link, world time.Time) time.Time {
	for i := range messages {
		if messages[i].To == "" {
			messages[i].Status, messages[i].ErrorCode = paylink.MessageSkipped, paylink.SkipNoContact
		}
	}
	_, next := paylink.DeliveryRun{Messages: messages, Link: l, Now: world}.Look()
	return next
}

// Begun gives the messages of a plan as they were in its first moment, whatever has become of them since: made
// are those of its steps, of which the ids, addresses and times count. start is that moment in the link's world.
func Begun(l paylink.Link, p paylink.DeliveryPlan, made []paylink.Message, start time.Time) []paylink.Message {
	messages := p.Messages(l, start)
	for i := range messages[:min(len(made), len(messages))] {
		m := &messages[i]
		m.ID, m.To, m.CreatedAt, m.UpdatedAt, m.Plan = made[i].ID, made[i].To, made[i].CreatedAt, made[i].CreatedAt, made[0].ID
	}
	begin(messages, l, start)
	return messages
}

// skipped tells of the messages that were skipped in the moment in which they were made.
func skipped(messages []paylink.Message, now time.Time) []paylink.Event {
	var told []paylink.Event
	for _, m := range messages {
		if m.Status == paylink.MessageSkipped {
			told = append(told, paylink.Event{
				ID: paylink.NewEventID(now), Merchant: m.Merchant, Live: m.Live, At: m.UpdatedAt, Type: paylink.EventMessageSkipped, Link: m.Link, Message: m.ID,
				Actor: "system", Data: paylink.EventData{Message: m.Snapshot()},
			})
		}
	}
	return told
}

// replacePlan skips what is still scheduled of the link's plan, because it is sent with another.
func replacePlan(tx *store.Tx, run []paylink.Message, now time.Time) {
	for _, m := range run {
		if m.Status != paylink.MessageScheduled {
			continue
		}
		read := m.UpdatedAt
		m.Status, m.ErrorCode = paylink.MessageSkipped, paylink.SkipReplaced
		m.Touch(now)
		tx.DecideMessage(m, read)
		for _, e := range skipped([]paylink.Message{m}, now) {
			tx.AppendEvent(e)
		}
	}
}
