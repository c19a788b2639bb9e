package issue

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// Created is a new link as it was when it was made, however late the answer is asked for.
type Created struct {
	Link     paylink.Link
	Customer *paylink.Customer // nil when the link has none
	Messages []paylink.Message // one for each channel, queued; of a plan, one for each step
	Event    paylink.EventID   // payment_link.created
	Replayed bool              // the same request had been answered before; nothing happened now
}

// Create makes a link of a draft. It fails with *paylink.Invalid, naming every wrong field, and with
// *paylink.Conflict "reference_in_use" naming the link that uses the reference. A claim that was
// used before gives what came of it then, whatever has become of the link since.
func (x *Issuer) Create(ctx context.Context, by Actor, d Draft, claim *store.Claim) (Created, error) {
	c, invalid, err := x.compose(ctx, by, d)
	if err != nil {
		return Created{}, about(err, "compose a link for", by.Merchant.ID)
	}
	if invalid != nil && claim == nil {
		return Created{}, invalid
	}
	out, replayed, err := x.store.WriteOnce(ctx, claim, c.now, func(tx *store.Tx) (store.Outcome, error) {
		if invalid != nil {
			// What was right when it was first asked may have become wrong by now, such as an expiry.
			// The look makes the store say first whether the claim was used.
			if _, err := tx.Merchant(by.Merchant.ID); err != nil {
				return store.Outcome{}, err
			}
			return store.Outcome{}, invalid
		}
		if err := x.replace(tx, by, d.Replaces, c); err != nil {
			return store.Outcome{}, err
		}
		c.write(tx)
		return store.Outcome{Status: 201, Object: string(c.Link.ID), Event: c.Event}, nil
	})
	if err != nil {
		return Created{}, about(x.namingHolder(ctx, by, d.Reference, c.Link.ID, err), "create a link for", by.Merchant.ID)
	}
	if replayed {
		again, err := x.replayCreated(ctx, by, out)
		return again, about(err, "answer again about link", out.Object)
	}
	return c.Created, nil
}

// composed is a link with everything that will be written with it, ids and times included, because
// the transaction can run twice.
type composed struct {
	Created
	now         time.Time
	newCustomer bool
	event       paylink.Event
	skipped     []paylink.Event // steps of its delivery plan that reach nobody
	replaced    paylink.EventID // how the link is told that the new one stands in for
	jobs        []paylink.Job
}

// compose judges the draft and makes what follows from it. invalid is *paylink.Invalid or nil.
func (x *Issuer) compose(ctx context.Context, by Actor, d Draft) (c composed, invalid, err error) {
	c.now = x.now()
	if d, invalid, err = x.succeed(ctx, by, d); invalid != nil || err != nil {
		return c, invalid, err
	}
	known, err := x.customer(ctx, by, d.Customer.ID)
	if err != nil {
		return c, nil, err
	}
	d.placed = x.placed
	l, customer, invalid := d.judge(by, c.now, known)
	if invalid != nil {
		return c, invalid, nil
	}
	if invalid, err = x.attached(ctx, l); invalid != nil || err != nil {
		return c, invalid, err
	}
	if l.Terms.Restrict, err = x.keyed(l.Terms.Restrict, d.PIN); err != nil {
		return c, nil, err
	}
	if c.newCustomer = customer != nil && known == nil; c.newCustomer {
		customer.ID, customer.CreatedAt = paylink.NewCustomerID(c.now), c.now
	}
	if customer != nil {
		l.Customer = customer.ID
	}
	l.ID, l.CreatedAt, l.UpdatedAt, l.CreatedBy = paylink.NewLinkID(c.now), c.now, c.now, by.ID
	if l.CodeKey, l.CodeSlot, _, err = token.NewCode(x.ring, 0, x.random); err != nil {
		return c, nil, err
	}
	if l.Token, err = token.SignLink(x.ring, token.Claims(l)); err != nil {
		return c, nil, err
	}
	if invalid, err = x.carried(ctx, by, d.Terms.Delivery); invalid != nil || err != nil {
		return c, invalid, err
	}
	if p := l.Terms.Delivery; p != nil {
		c.Messages, c.jobs = planned(&l, *p, customer, nil, by.Merchant.Now(by.Live, c.now), c.now)
		c.skipped = skipped(c.Messages, c.now)
	} else {
		c.Messages, c.jobs = letters(l, l.Channels, c.now)
		if err := direct(c.Messages, customer, nil); err != nil {
			return c, err, nil
		}
	}
	c.Link, c.Customer = l, customer
	if job, ok := l.Watch(paylink.NewJobID(c.now), paylink.Link{}, by.Merchant.Now(by.Live, c.now)); ok {
		c.jobs = append(c.jobs, job)
	}
	c.jobs = append(c.jobs, reminderJobs(by, l, c.now)...)
	c.event = event(paylink.NewEventID(c.now), paylink.EventLinkCreated, l, customer, by.ID)
	c.Event, c.replaced = c.event.ID, paylink.NewEventID(c.now)
	return c, nil, nil
}

// write puts it all and reads nothing, so that PostgreSQL takes it in one round trip.
func (c composed) write(tx *store.Tx) {
	if c.newCustomer {
		tx.InsertCustomer(*c.Customer)
	} else if c.Customer != nil {
		tx.KeepCustomer(*c.Customer, erased())
	}
	for _, id := range c.Link.Terms.Attachments {
		tx.UseAttachment(c.Link, id)
	}
	tx.InsertLink(c.Link)
	for _, m := range c.Messages {
		tx.InsertMessage(m)
	}
	tx.AppendEvent(c.event)
	for _, e := range c.skipped {
		tx.AppendEvent(e)
	}
	for _, job := range c.jobs {
		tx.Enqueue(job, c.now)
	}
}

// letters makes the messages of a link, one for each channel, and the jobs that send them. Each is
// made a microsecond after the one before, which keeps them in the order of the channels; their
// addresses are still to be set.
func letters(l paylink.Link, channels []paylink.Channel, now time.Time) ([]paylink.Message, []paylink.Job) {
	messages, jobs := make([]paylink.Message, len(channels)), make([]paylink.Job, len(channels))
	for i, channel := range channels {
		at := now.Add(time.Duration(i) * time.Microsecond)
		messages[i] = paylink.Message{
			ID: paylink.NewMessageID(now), Merchant: l.Merchant, Live: l.Live, Link: l.ID,
			Channel: channel, Purpose: l.Terms.Purpose, Status: paylink.MessageQueued, CreatedAt: at, UpdatedAt: at,
		}
		jobs[i] = sendJob(paylink.NewJobID(now), messages[i], now)
	}
	return messages, jobs
}

// sendJob hands a message to its provider.
func sendJob(id paylink.JobID, m paylink.Message, now time.Time) paylink.Job {
	return paylink.Job{
		ID: id, Kind: paylink.JobSend, Key: string(m.ID), Merchant: m.Merchant, Live: m.Live,
		Payload: paylink.JobPayload{Link: m.Link, Message: m.ID}, RunAt: now,
	}
}

// event tells what became of a link, as it is now.
func event(id paylink.EventID, kind paylink.EventType, l paylink.Link, customer *paylink.Customer, actor string) paylink.Event {
	return paylink.Event{
		ID: id, Merchant: l.Merchant, Live: l.Live, At: l.UpdatedAt, Type: kind, Link: l.ID, Actor: actor,
		Data: paylink.EventData{Link: l.Snapshot(customer)},
	}
}

// customer reads the customer that a draft names; nil when it names none, or one that is not the
// merchant's.
func (x *Issuer) customer(ctx context.Context, by Actor, id paylink.CustomerID) (*paylink.Customer, error) {
	if !paylink.HasTag(string(id), "cust") {
		return nil, nil
	}
	c, err := x.store.Read(ctx).Customer(by.Merchant.ID, by.Live, id)
	if paylink.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &c, nil
}
