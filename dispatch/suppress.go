package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/locale"
	"paylink/provider"
	"paylink/store"
	"paylink/token"
)

// wanted blocks a message to an address that gets no more: a letter to a mailbox that is gone costs the
// sender's name, and one to somebody who said no costs more than that. What was asked for just now is sent all
// the same: a code to whoever said no, and a letter to whoever once clicked that letters should end.
func (d *Dispatch) wanted(ctx context.Context, p *parcel, _ time.Time) (verdict, error) {
	m := p.message
	keys, err := token.AddressKeys(d.ring, m.Merchant, m.Live, m.Channel, m.To)
	if err == nil && m.Channel == paylink.ChannelInApp && p.customer != nil && p.customer.Person != "" {
		// In the app a person is one, whichever contact the link was made with.
		var person [][]byte
		person, err = token.AddressKeys(d.ring, m.Merchant, m.Live, m.Channel, string(p.customer.Person))
		keys = append(keys, person...)
	}
	if err != nil {
		return verdict{}, err
	}
	s, err := d.store.Read(ctx).Suppressed(m.Merchant, m.Live, m.Channel, keys...)
	if err != nil || s == nil || p.proof && s.Reason.OptOut() ||
		s.Reason == paylink.SuppressedUnsubscribe && p.purpose() == paylink.PurposeRequested {
		return verdict{}, err
	}
	v := block(s.Reason.Code())
	if v.reason = string(provider.OptedOut); !s.Reason.OptOut() {
		v.reason = string(provider.InvalidAddress)
	}
	return v, nil
}

// entry makes an entry for an address, sealed.
func (d *Dispatch) entry(s paylink.Suppression, address string, now time.Time) (paylink.Suppression, error) {
	key, err := token.AddressKey(d.ring, s.Merchant, s.Live, s.Channel, address)
	if err != nil {
		return s, err
	}
	s.ID, s.Address, s.Since = paylink.NewSuppressionID(now), key, now
	s.Sealed = token.SealAddress(d.ring, s.ID, address)
	return s, nil
}

// reasonToSuppress tells whether what a carrier says of a message is true of every further one to the address.
// Only mail bounces for good: a phone number that cannot be reached today may be tomorrow's.
func reasonToSuppress(c paylink.Channel, status paylink.MessageStatus, why provider.Reason) (paylink.SuppressionReason, bool) {
	switch {
	case why == provider.OptedOut && (status == paylink.MessageDelivered || status == paylink.MessageRead):
		return paylink.SuppressedComplaint, true
	case why == provider.OptedOut:
		return paylink.SuppressedStop, true
	case why == provider.InvalidAddress && c == paylink.ChannelEmail && status == paylink.MessageFailed:
		return paylink.SuppressedBounce, true
	}
	return "", false
}

// suppress adds the address of a message to those that get no more, when what is said of the message is true
// of every further one.
func (d *Dispatch) suppress(all []paylink.Suppression, m paylink.Message, status paylink.MessageStatus, why provider.Reason, now time.Time) ([]paylink.Suppression, error) {
	reason, ok := reasonToSuppress(m.Channel, status, why)
	if !ok {
		return all, nil
	}
	s, err := d.entry(paylink.Suppression{Merchant: m.Merchant, Live: m.Live, Channel: m.Channel, Reason: reason, Message: m.ID}, m.To, now)
	if err != nil {
		return all, fmt.Errorf("suppress after message %s: %w", m.ID, err)
	}
	return append(all, s), nil
}

// refusedFor is what the refusal of a call says of the address; nothing where it may pass.
func (d *Dispatch) refusedFor(p parcel, o outcome, now time.Time) ([]paylink.Suppression, error) {
	if o.attempt == nil || o.attempt.State != paylink.AttemptRefused || !o.attempt.AgainAt.IsZero() {
		return nil, nil
	}
	return d.suppress(nil, p.message, paylink.MessageFailed, provider.Reason(o.attempt.Reason), now)
}

// enter writes entries, in one order, so that two notices about the same addresses never wait for each other.
// A person's own no stands in the person's log as well. It tells whether there were any.
func (d *Dispatch) enter(tx *store.Tx, all []paylink.Suppression, now time.Time) (bool, error) {
	slices.SortStableFunc(all, func(a, b paylink.Suppression) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), bytes.Compare(a.Address, b.Address))
	})
	for _, s := range all {
		tx.Suppress(s)
		if err := d.withdrew(tx, s, now); err != nil {
			return false, err
		}
	}
	return len(all) > 0, nil
}

// mostReplies is how many answers of one notice are heeded: each is a statement or two.
const mostReplies = 20

// heed enters whoever answered STOP, and takes off the list whoever answered START after it.
func (d *Dispatch) heed(tx *store.Tx, n *paylink.Notice, a paylink.Account, replies []channel.Reply, now time.Time) error {
	for _, r := range replies[:min(len(replies), mostReplies)] {
		var err error
		switch locale.Answered(r.Text) {
		case locale.AnswerStop:
			var s paylink.Suppression
			if s, err = d.entry(paylink.Suppression{Merchant: a.Merchant, Live: a.Live, Channel: r.Channel, Reason: paylink.SuppressedStop}, r.From, now); err == nil {
				tx.Suppress(s)
				err = d.answered(tx, a, r.Channel, r.From, paylink.ConsentToAll, paylink.ConsentWithdrawn, "stop", now)
			}
		case locale.AnswerStart:
			err = d.welcome(tx, a, r, now)
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("heed an answer to account %s: %w", a.ID, err)
		}
		n.Verdict, n.Reason = paylink.NoticeApplied, ""
	}
	return nil
}

// welcome takes a STOP back. What else is against the address stays.
func (d *Dispatch) welcome(tx *store.Tx, a paylink.Account, r channel.Reply, now time.Time) error {
	keys, err := token.AddressKeys(d.ring, a.Merchant, a.Live, r.Channel, r.From)
	if err != nil {
		return err
	}
	s, err := tx.Suppressed(a.Merchant, a.Live, r.Channel, keys...)
	if err != nil || s == nil || s.Reason != paylink.SuppressedStop {
		return err
	}
	tx.Unsuppress(a.Merchant, a.Live, r.Channel, keys...)
	return d.answered(tx, a, r.Channel, r.From, paylink.PurposeTransactional, paylink.ConsentGranted, "start", now)
}
