package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

// outcome is what a message came to: by an attempt, or because there is none. A status of queued means that
// the job goes on at the time again.
type outcome struct {
	word
	attempt *paylink.Attempt     // that ended; nil: there was none
	read    paylink.AttemptState // as which it stands in the database, if it does
	again   time.Time
}

// settle writes what a message came to and ends its job, or puts it back, in one transaction.
func (d *Dispatch) settle(ctx context.Context, r *queue.Run, p parcel, o outcome) error {
	var a paylink.Attempt
	if o.attempt != nil {
		a = *o.attempt
	} else {
		a = paylink.Attempt{Provider: p.account.Provider, Account: p.account.ID, Number: p.message.Attempts, Code: o.code, BeganAt: o.at, EndedAt: o.at}
	}
	d.note(ctx, p, a, o.status)
	marked := true                                                                                 // or nothing will mark it
	if o.status == paylink.MessageSent && p.link.SentAt.IsZero() && p.message.Asks() && !p.proof { // a code or a receipt is not the link
		var leave func(bool)
		marked, leave = d.firsts.enter(ctx, p.link.ID)
		defer func() { leave(r.Ended()) }()
	}
	err := d.finish(ctx, r, p, o, marked, false)
	var changed *paylink.Conflict
	if errors.As(err, &changed) && changed.Code == "changed" {
		err = d.finish(ctx, r, p, o, marked, true) // a receipt was quicker than we, or somebody changed the link
	}
	if err != nil {
		return fmt.Errorf("settle message %s: %w", p.message.ID, err)
	}
	return nil
}

// finish applies the outcome to the message and its link as they were loaded, which reads nothing again, or as
// they are now. marked tells that the link is marked as sent.
func (d *Dispatch) finish(ctx context.Context, r *queue.Run, p parcel, o outcome, marked, reload bool) error {
	now := d.now()
	ids := newEventIDs(now)
	unwanted, err := d.refusedFor(p, o, now)
	if err != nil {
		return err
	}
	var m, before paylink.Message
	var correct []correction
	message := func(tx *store.Tx) (err error) {
		if m = p.message; reload {
			if m, err = tx.Message(m.Merchant, m.Live, m.ID); err != nil {
				return err
			}
		}
		before = m
		told := p.progress(&m, o)
		if m != before {
			d.write(tx, before, &m, told, ids, "system", now)
		}
		if err := d.shelve(tx, before, m, ids, now); err != nil {
			return err
		}
		correct, err = p.record(tx, o, reload)
		return err
	}
	link := func(tx *store.Tx) error {
		switch {
		case marked || !before.SentAt.IsZero() || m.SentAt.IsZero():
			return nil
		case reload:
			return d.markSent(tx, m, ids, now)
		}
		d.mark(tx, p.link, p.customer, p.merchant, m, ids, now)
		return nil
	}
	counted := func(tx *store.Tx) error {
		if _, err := d.enter(tx, unwanted, now); err != nil {
			return err
		}
		if p.inbox && p.contact != nil {
			tx.CountContact(*p.contact)
		}
		return d.correct(tx, m.Merchant, correct)
	}
	s := &settling{run: r, order: string(p.message.Link) + string(p.message.ID), steps: [3]func(*store.Tx) error{message, link, counted}}
	switch {
	case o.status == paylink.MessageQueued:
		return r.Again(ctx, o.again, s.all)
	case reload || d.store.Kind() == "sqlite":
		return r.Finish(ctx, s.all)
	}
	return d.together.finish(context.WithoutCancel(ctx), s)
}

// progress moves the message by the outcome, and gives what there is to tell.
func (p *parcel) progress(m *paylink.Message, o outcome) (told []step) {
	waited := m.Status == paylink.MessageQueued
	m.Attempts, m.Kind = max(m.Attempts, int64(len(p.attempts))), p.message.Kind
	if o.status != paylink.MessageQueued {
		told = apply(m, o.word)
	}
	if a := o.attempt; a != nil {
		m.Attempts = max(m.Attempts, a.Number)
		switch {
		case o.status == paylink.MessageQueued && !a.Open():
			if waited {
				m.Provider, m.Account = "", ""
			}
		case waited || m.Account == "":
			m.Provider, m.Account = a.Provider, a.Account
		}
	} else if waited && p.account.ID != "" && o.status != paylink.MessageQueued {
		m.Provider, m.Account = p.account.Provider, p.account.ID
	}
	return told
}

// record writes the attempt that ended, and gives what it cost in the place of what was reserved.
func (p *parcel) record(tx *store.Tx, o outcome, reload bool) ([]correction, error) {
	if p.unstored != nil && (o.attempt == nil || o.attempt.Number != p.unstored.Number) {
		tx.InsertAttempt(*p.unstored)
	}
	if o.attempt == nil {
		return nil, nil
	}
	a, read := *o.attempt, o.read
	stored := p.begun || p.unstored == nil && a.Number <= int64(len(p.attempts))
	if reload && stored {
		all, err := tx.AttemptsOf(a.Merchant, a.Link, a.Message)
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.Number == a.Number && other.State != read {
				a, read = merge(other, a), other.State // a receipt has told already
			}
		}
	}
	var changed []correction
	if by := a.Cost - a.Reserved; a.Reserved != 0 && by != 0 && !a.Open() {
		a.Reserved = a.Cost
		changed = []correction{{a, by}}
	}
	if a.State == paylink.AttemptTaken {
		tx.InsertParts(partsOf(p.message, a.Account, p.parts), a.EndedAt)
	}
	if stored {
		tx.UpdateAttempt(a, read)
	} else {
		tx.InsertAttempt(a)
	}
	return changed, nil
}

// merge adds our own word to an attempt that a receipt has settled.
func merge(known, ours paylink.Attempt) paylink.Attempt {
	if known.ProviderReference == "" {
		known.ProviderReference = ours.ProviderReference
	}
	if known.EndedAt.IsZero() {
		known.EndedAt = ours.EndedAt
	}
	return known
}

// keepWaiting puts a message that is held back until its time, and says why where that is new.
func (d *Dispatch) keepWaiting(ctx context.Context, r *queue.Run, p parcel, v verdict) error {
	now := d.now()
	id := paylink.NewEventID(now)
	if p.choice.outage && r.Job.Payload.Offered == nil {
		r.Job.Payload.Offered = &now
	}
	err := r.Again(ctx, v.until, func(tx *store.Tx) error {
		m := p.message
		if v.code == "" || m.ErrorCode == v.code {
			return nil
		}
		m.ErrorCode, m.Reason = v.code, v.reason
		at := m.Touch(now)
		tx.AppendEvent(paylink.Event{
			ID: id, Merchant: m.Merchant, Live: m.Live, At: at, Type: paylink.EventMessageHeld, Link: m.Link, Message: m.ID, Actor: "system",
			Data: paylink.EventData{Message: m.Snapshot()},
		})
		tx.UpdateMessage(m, p.message.Status, p.message.UpdatedAt)
		return nil
	})
	if err != nil {
		return fmt.Errorf("hold message %s: %w", p.message.ID, err)
	}
	return nil
}

// write stores a changed message and tells the steps that it took, a microsecond apart.
func (d *Dispatch) write(tx *store.Tx, before paylink.Message, m *paylink.Message, told []step, ids eventIDs, actor string, now time.Time) {
	m.UpdatedAt = before.UpdatedAt
	at := m.Touch(now)
	for i, s := range told {
		if i > 0 {
			at = m.Touch(now)
		}
		shown := s.message
		shown.Provider, shown.Account = m.Provider, m.Account
		tx.AppendEvent(paylink.Event{
			ID: ids.message[i], Merchant: m.Merchant, Live: m.Live, At: at, Type: s.kind, Link: m.Link, Message: m.ID, Actor: actor,
			Data: paylink.EventData{Message: shown.Snapshot()},
		})
	}
	tx.UpdateMessage(*m, before.Status, before.UpdatedAt)
	d.hurry(tx, *m, now)
}

// markSent tells that a link was sent, with the first of its messages that a provider took.
func (d *Dispatch) markSent(tx *store.Tx, m paylink.Message, ids eventIDs, now time.Time) error {
	l, err := tx.Link(m.Merchant, m.Live, m.Link)
	if err != nil || !l.SentAt.IsZero() {
		return err
	}
	customer, err := tx.CustomerOf(l)
	if err != nil {
		return err
	}
	merchant, err := tx.Merchant(m.Merchant)
	if err != nil {
		return err
	}
	d.mark(tx, l, customer, merchant, m, ids, now)
	return nil
}

// mark is markSent for a link that is not marked yet, as it was read.
func (d *Dispatch) mark(tx *store.Tx, l paylink.Link, customer *paylink.Customer, merchant paylink.Merchant, m paylink.Message, ids eventIDs, now time.Time) {
	tell := func(id paylink.EventID, kind paylink.EventType) {
		tx.AppendEvent(paylink.Event{
			ID: id, Merchant: l.Merchant, Live: l.Live, At: l.UpdatedAt, Type: kind, Link: l.ID, Actor: "system",
			Data: paylink.EventData{Link: l.Snapshot(customer)},
		})
	}
	read := l.UpdatedAt
	l.SentAt = m.SentAt
	l.BeginReminding(merchant.Now(l.Live, now))
	l.Touch(after(now, m.UpdatedAt))
	tell(ids.sent, paylink.EventLinkSent)
	before := l.UpdatedAt
	if kind := l.Resettle(merchant.Now(l.Live, now), before); kind != "" {
		l.Touch(now)
		tell(ids.turned, kind)
	}
	tx.UpdateLink(l, read)
}

// after gives the moment after b, or a if that comes after it, so that what follows from a thing is
// told after it.
func after(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b.Add(time.Microsecond)
}

// eventIDs are made before a transaction, which can run twice.
type eventIDs struct {
	message      [3]paylink.EventID
	sent, turned paylink.EventID
	item         paylink.InboxItemID
}

func newEventIDs(now time.Time) eventIDs {
	ids := eventIDs{sent: paylink.NewEventID(now), turned: paylink.NewEventID(now), item: paylink.NewInboxItemID(now)}
	for i := range ids.message {
		ids.message[i] = paylink.NewEventID(now)
	}
	return ids
}
