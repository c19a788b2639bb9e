package issue

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// replayCreated gives what Create gave the first time: the link as its event shows it, under the
// token of its first revision, with its messages still queued.
func (x *Issuer) replayCreated(ctx context.Context, by Actor, out store.Outcome) (Created, error) {
	l, customer, err := x.asOf(ctx, by, paylink.LinkID(out.Object), out.Event)
	if err != nil {
		return Created{}, err
	}
	count := len(l.Channels)
	if p := l.Terms.Delivery; p != nil {
		count = len(p.Steps)
	}
	messages, err := x.store.Read(ctx).MessagesOf(by.Merchant.ID, l.ID, count)
	if err != nil {
		return Created{}, err
	}
	first := make([]paylink.Message, len(messages))
	for i, m := range messages {
		first[i] = paylink.Message{
			ID: m.ID, Merchant: m.Merchant, Live: m.Live, Link: m.Link, Channel: m.Channel, To: m.To,
			Status: paylink.MessageQueued, CreatedAt: m.CreatedAt, UpdatedAt: m.CreatedAt,
		}
	}
	if p := l.Terms.Delivery; p != nil {
		first = Begun(l, *p, first, by.Merchant.Now(l.Live, l.CreatedAt))
	}
	return Created{Link: l, Customer: customer, Messages: first, Event: out.Event, Replayed: true}, nil
}

// asOf gives a link as it was at an event about it. What an event does not tell, because no answer
// shows it, is as it is now.
func (x *Issuer) asOf(ctx context.Context, by Actor, id paylink.LinkID, at paylink.EventID) (paylink.Link, *paylink.Customer, error) {
	read := x.store.Read(ctx)
	l, err := read.Link(by.Merchant.ID, by.Live, id)
	if err != nil {
		return l, nil, err
	}
	customer, err := read.CustomerOf(l)
	if err != nil {
		return l, nil, err
	}
	e, err := read.Event(by.Merchant.ID, by.Live, at)
	if err != nil {
		return l, nil, err
	}
	if s := e.Data.Link; s != nil {
		later := l.Revision != s.Revision
		restore(&l, s)
		if later {
			// The token of that revision is not kept, but the same terms sign to the same token for
			// as long as the key does.
			if l.Token, err = token.SignLink(x.ring, token.Claims(l)); err != nil {
				return l, nil, err
			}
		}
	}
	return l, customer, nil
}

func restore(l *paylink.Link, s *paylink.LinkSnapshot) {
	l.Status, l.Revision, l.Amount = s.Status, s.Revision, paylink.Money{Minor: s.Amount, Currency: s.Currency}
	l.Terms, l.Usage.MaxTotal, l.Usage.MaxPerCustomer = s.Terms, s.Usage.MaxTotal, s.Usage.MaxPerCustomer
	l.Description, l.Reference, l.Metadata, l.Notes = s.Description, s.Reference, s.Metadata, s.Notes
	l.AmountPaid, l.AmountAdded, l.AmountDiscounted, l.PaymentsCount = s.AmountPaid, s.AmountAdded, s.AmountDiscounted, s.PaymentsCount
	l.ExpiresAt, l.OpenedAt, l.PaidAt, l.ArchivedAt = orZero(s.ExpiresAt), orZero(s.OpenedAt), orZero(s.PaidAt), orZero(s.ArchivedAt)
	l.UpdatedAt = s.UpdatedAt
	l.ReplacedBy = ""
	if s.ReplacedBy != nil {
		l.ReplacedBy = *s.ReplacedBy
	}
	l.Hold, l.HoldSince = "", time.Time{}
	if s.Hold != nil {
		l.Hold, l.HoldSince = s.Hold.Reason, s.Hold.Since
	}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
