package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// receipt does the job that understands a carrier's notice and moves the messages it is about.
func (d *Dispatch) receipt(ctx context.Context, r *queue.Run) error {
	n, err := d.store.Read(ctx).Notice(r.Job.Merchant, r.Job.Payload.Notice)
	if err != nil {
		return fmt.Errorf("load notice %s: %w", r.Job.Payload.Notice, err)
	}
	if n.Verdict != paylink.NoticeReceived {
		return nil // judged before
	}
	account, receipts, reason, err := d.understand(ctx, n)
	if err != nil {
		return fmt.Errorf("understand notice %s: %w", n.ID, err)
	}
	now := d.now()
	ids := make([]eventIDs, len(receipts))
	for i := range ids {
		ids[i] = newEventIDs(now)
	}
	err = r.Finish(ctx, func(tx *store.Tx) error {
		judged := n
		judged.JudgedAt, judged.Verdict, judged.Reason = now, paylink.NoticeQuarantined, reason
		if reason == "" {
			if err := d.applyAll(tx, &judged, account, receipts, ids, now); err != nil {
				return err
			}
		}
		tx.JudgeNotice(judged)
		return nil
	})
	if err != nil {
		return fmt.Errorf("apply notice %s: %w", n.ID, err)
	}
	return nil
}

// understand reads the notice's body. A genuine body that cannot be read is put aside, with its
// reason, and not tried again: reading is pure, so it would fail in the same way.
func (d *Dispatch) understand(ctx context.Context, n paylink.Notice) (paylink.Account, []channel.Receipt, string, error) {
	account, err := d.store.Read(ctx).Account(n.Account)
	if err != nil {
		return account, nil, "", err
	}
	body, err := d.ring.Unseal("notice", n.Body, []byte(n.ID))
	if err != nil {
		return account, nil, "", err
	}
	sender := d.senders[n.Provider]
	if sender == nil {
		return account, nil, "", fmt.Errorf("no adapter for the provider %s", n.Provider)
	}
	opened, err := provider.Open(d.ring, account)
	if err != nil {
		return account, nil, "", err
	}
	post, err := channel.ParseKept(body)
	if err != nil {
		return account, nil, "unreadable", nil
	}
	news, err := sender.Read(opened, post)
	if err != nil {
		return account, nil, "unreadable", nil
	}
	receipts := news.Receipts
	// Always in the same order, so that two notices about the same messages never wait for each other.
	slices.SortStableFunc(receipts, func(a, b channel.Receipt) int { return cmp.Compare(a.Message, b.Message) })
	return account, receipts, "", nil
}

// applyAll applies every receipt that is about a message of ours and judges the notice: applied when
// any of them told something new, else quarantined when any of them is not ours, else stale.
func (d *Dispatch) applyAll(tx *store.Tx, n *paylink.Notice, a paylink.Account, receipts []channel.Receipt, ids []eventIDs, now time.Time) error {
	n.Verdict, n.Reason = paylink.NoticeStale, ""
	first := map[paylink.LinkID]func() error{} // links are locked after all messages
	for i, r := range receipts {
		m, wrong, err := d.addressee(tx, *n, a, r)
		if err != nil {
			return err
		}
		if wrong != "" {
			if n.Verdict == paylink.NoticeStale {
				n.Verdict, n.Reason = paylink.NoticeQuarantined, wrong
			}
			continue
		}
		n.Message = m.ID
		before := m
		told := report(&m, word{status: r.Status, reference: r.ProviderReference, code: r.ErrorCode, at: earlier(r.At, now)})
		if m.Account == "" {
			m.Provider, m.Account = a.Provider, a.ID
		}
		if m == before {
			continue
		}
		n.Verdict, n.Reason = paylink.NoticeApplied, ""
		d.write(tx, before, &m, told, ids[i], "carrier", now)
		if before.SentAt.IsZero() && !m.SentAt.IsZero() && first[m.Link] == nil {
			first[m.Link] = func() error { return d.markSent(tx, m, ids[i], now) }
		}
	}
	for _, link := range slices.Sorted(maps.Keys(first)) {
		if err := first[link](); err != nil {
			return err
		}
	}
	return nil
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
	case m.Account != "" && m.Account != a.ID, m.Account == "" && a.Channel != "" && a.Channel != m.Channel:
		return m, "wrong_account", nil
	case m.ProviderReference != "" && r.ProviderReference != "" && m.ProviderReference != r.ProviderReference:
		return m, "wrong_reference", nil
	}
	return m, "", nil
}

// earlier keeps a carrier's fast clock from dating anything after now. A carrier that tells no time means now.
func earlier(told, now time.Time) time.Time {
	if !told.IsZero() && told.Before(now) {
		return told
	}
	return now
}
