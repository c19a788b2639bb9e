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

// settle writes what a message came to and ends its job, in one transaction.
func (d *Dispatch) settle(ctx context.Context, r *queue.Run, p parcel, o outcome) error {
	d.note(ctx, r, p, o)
	marked := true                                                             // or nothing will mark it
	if o.status == paylink.MessageSent && p.link.SentAt.IsZero() && !p.proof { // a code is not the link
		var leave func(bool)
		marked, leave = d.firsts.enter(ctx, p.link.ID)
		defer func() { leave(r.Ended()) }()
	}
	err := d.finish(ctx, r, p, o, marked, func(*store.Tx) (paylink.Message, error) { return p.message, nil })
	var changed *paylink.Conflict
	if errors.As(err, &changed) && changed.Other == string(p.message.ID) {
		// A receipt was quicker than we.
		err = d.finish(ctx, r, p, o, marked, func(tx *store.Tx) (paylink.Message, error) {
			return tx.Message(p.message.Merchant, p.message.Live, p.message.ID)
		})
	}
	if err != nil {
		return fmt.Errorf("settle message %s: %w", p.message.ID, err)
	}
	return nil
}

// finish applies the outcome to the message as read gives it. marked tells that the link is marked as
// sent.
func (d *Dispatch) finish(ctx context.Context, r *queue.Run, p parcel, o outcome, marked bool, read func(*store.Tx) (paylink.Message, error)) error {
	now := d.now()
	ids := newEventIDs(now)
	return r.Finish(ctx, func(tx *store.Tx) error {
		m, err := read(tx)
		if err != nil {
			return err
		}
		before := m
		told := apply(&m, word(o))
		if p.account.ID != "" {
			m.Provider, m.Account = p.account.Provider, p.account.ID
		}
		if m == before {
			return nil
		}
		d.write(tx, before, &m, told, ids, "system", now)
		if marked || !before.SentAt.IsZero() || m.SentAt.IsZero() {
			return nil
		}
		return d.markSent(tx, m, ids, now)
	})
}

// keepWaiting puts a message that is held back until its time, and says why where that is new.
func (d *Dispatch) keepWaiting(ctx context.Context, r *queue.Run, p parcel, v verdict) error {
	now := d.now()
	id := paylink.NewEventID(now)
	err := r.Again(ctx, v.until, func(tx *store.Tx) error {
		m := p.message
		if m.ErrorCode == v.code {
			return nil
		}
		m.ErrorCode = v.code
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
	d.follow(tx, *m, now)
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
	tell := func(id paylink.EventID, kind paylink.EventType) {
		tx.AppendEvent(paylink.Event{
			ID: id, Merchant: l.Merchant, Live: l.Live, At: l.UpdatedAt, Type: kind, Link: l.ID, Actor: "system",
			Data: paylink.EventData{Link: l.Snapshot(customer)},
		})
	}
	read := l.UpdatedAt
	l.SentAt = m.SentAt
	l.BeginReminding(merchant.Now(l.Live, now))
	l.Touch(later(now, m.UpdatedAt))
	tell(ids.sent, paylink.EventLinkSent)
	before := l.UpdatedAt
	if kind := l.Resettle(merchant.Now(l.Live, now), before); kind != "" {
		l.Touch(now)
		tell(ids.turned, kind)
	}
	tx.UpdateLink(l, read)
	return nil
}

// later gives the moment after b, or a if that comes after it, so that what follows from a thing is
// told after it.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b.Add(time.Microsecond)
}

// eventIDs are made before a transaction, which can run twice.
type eventIDs struct {
	message      [3]paylink.EventID
	sent, turned paylink.EventID
}

func newEventIDs(now time.Time) eventIDs {
	ids := eventIDs{sent: paylink.NewEventID(now), turned: paylink.NewEventID(now)}
	for i := range ids.message {
		ids.message[i] = paylink.NewEventID(now)
	}
	return ids
}
