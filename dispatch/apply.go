package dispatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/store"
)

// name writes into each receipt that names only the provider's reference which message it is about, as the
// attempts know it, and puts all of them into one order, so that two notices about the same messages never
// wait for each other. It tells whether some are about a reference that nobody knows.
func (d *Dispatch) name(ctx context.Context, a paylink.Account, receipts []channel.Receipt) (nameless bool, err error) {
	for i, r := range receipts {
		if r.Message != "" || r.ProviderReference == "" {
			continue
		}
		known, err := d.store.Read(ctx).AttemptsByReference(a.ID, r.ProviderReference)
		if err != nil {
			return false, err
		}
		if len(known) == 0 {
			found, err := partly(d.store.Read(ctx), a, &receipts[i])
			if err != nil {
				return false, err
			}
			nameless = nameless || !found
			continue
		}
		receipts[i].Message = known[0].Message
	}
	slices.SortStableFunc(receipts, func(a, b channel.Receipt) int { return cmp.Compare(a.Message, b.Message) })
	return nameless, nil
}

// applyAll applies every receipt that is about a message of ours and judges the notice: applied when
// any of them told something new, else quarantined when any of them is not ours, else stale. Messages are
// written first, then links, then addresses that get no more, then what the messages cost: in one order,
// whoever writes.
func (d *Dispatch) applyAll(tx *store.Tx, n *paylink.Notice, a paylink.Account, receipts []channel.Receipt, accounts []paylink.Account, ids []eventIDs, now time.Time) error {
	n.Verdict, n.Reason = paylink.NoticeStale, ""
	first := map[paylink.LinkID]func() error{}
	var costs []correction
	var unwanted []paylink.Suppression
	for i, r := range receipts {
		m, wrong, err := d.addressee(tx, *n, a, r)
		if err != nil {
			return err
		}
		var attempt *heard
		if wrong == "" {
			if err := assemble(tx, a, m, &r, now); err != nil {
				return err
			}
			if attempt, wrong, err = hear(tx, a, m, r, now); err != nil {
				return err
			}
		}
		if wrong != "" {
			if n.Verdict == paylink.NoticeStale {
				n.Verdict, n.Reason = paylink.NoticeQuarantined, wrong
			}
			continue
		}
		n.Message = m.ID
		if unwanted, err = d.suppress(unwanted, m, r.Status, r.Reason, now); err != nil {
			return err
		}
		before := m
		var steps []step
		moved := false
		if attempt.counts(r) {
			if moved, err = d.another(tx, &m, attempt, r, accounts, now); err != nil {
				return err
			}
		}
		if attempt.counts(r) && !moved {
			steps = report(&m, word{
				status: r.Status, reference: r.ProviderReference, code: r.ErrorCode, reason: string(r.Reason), at: earlier(r.At, now),
			})
		}
		if m.Account == "" && m != before {
			m.Provider, m.Account = a.Provider, a.ID
		}
		if m == before && !attempt.changed() {
			continue
		}
		n.Verdict, n.Reason = paylink.NoticeApplied, ""
		if m != before {
			d.write(tx, before, &m, steps, ids[i], "carrier", now)
			if err := d.shelve(tx, before, m, ids[i], now); err != nil {
				return err
			}
		}
		costs = append(costs, attempt.write(tx)...)
		if m.Asks() && before.SentAt.IsZero() && !m.SentAt.IsZero() && first[m.Link] == nil {
			first[m.Link] = func() error { return d.markSent(tx, m, ids[i], now) }
		}
	}
	for _, link := range slices.Sorted(maps.Keys(first)) {
		if err := first[link](); err != nil {
			return err
		}
	}
	entered, err := d.enter(tx, unwanted, now)
	if err != nil {
		return err
	}
	if entered {
		n.Verdict, n.Reason = paylink.NoticeApplied, ""
	}
	return d.correct(tx, n.Merchant, costs)
}

// addressee finds the message that a receipt is about. A receipt whose facts are not those of the
// message says what is wrong, and nothing is believed.
func (d *Dispatch) addressee(tx *store.Tx, n paylink.Notice, a paylink.Account, r channel.Receipt) (m paylink.Message, wrong string, err error) {
	name := channel.Account{ID: a.ID, Merchant: a.Merchant}.Name()
	if r.Account != "" && r.Account != name {
		return m, "wrong_account", nil
	}
	m, err = tx.Message(n.Merchant, n.Live, r.Message)
	switch {
	case paylink.IsNotFound(err):
		return m, "unknown_message", nil
	case err != nil:
		return m, "", err
	case a.Channel != "" && a.Channel != m.Channel:
		return m, "wrong_account", nil
	}
	return m, "", nil
}
