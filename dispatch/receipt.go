package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// overtakes is for how long after its arrival a receipt may be about a reference that we have not heard yet.
const overtakes = 2 * time.Minute

// receipt does the job that understands a carrier's notice and moves the messages it is about.
func (d *Dispatch) receipt(ctx context.Context, r *queue.Run) error {
	n, err := d.store.Read(ctx).Notice(r.Job.Merchant, r.Job.Payload.Notice)
	if err != nil {
		return fmt.Errorf("load notice %s: %w", r.Job.Payload.Notice, err)
	}
	if n.Verdict != paylink.NoticeReceived {
		return nil // judged before
	}
	account, news, reason, err := d.understand(ctx, n)
	if err != nil {
		return fmt.Errorf("understand notice %s: %w", n.ID, err)
	}
	receipts, now := news.Receipts, d.now()
	nameless, err := d.name(ctx, account, receipts)
	if err != nil {
		return fmt.Errorf("find what notice %s is about: %w", n.ID, err)
	}
	var accounts []paylink.Account
	if now.Sub(n.ReceivedAt) < overtakes {
		if accounts, err = others(d.store.Read(ctx), account, receipts); err != nil {
			return fmt.Errorf("find who else carries what notice %s is about: %w", n.ID, err)
		}
	}
	ids := make([]eventIDs, len(receipts))
	for i := range ids {
		ids[i] = newEventIDs(now)
	}
	// A receipt can overtake the answer to the call in which the provider tells its reference.
	wait := nameless && now.Sub(n.ReceivedAt) < overtakes
	effects := func(tx *store.Tx) error {
		judged := n
		judged.JudgedAt, judged.Verdict, judged.Reason = now, paylink.NoticeQuarantined, reason
		if reason == "" {
			if err := d.applyAll(tx, &judged, account, receipts, accounts, ids, now); err != nil {
				return err
			}
			if err := d.heed(tx, &judged, account, news.Replies, now); err != nil {
				return err
			}
		}
		if judged.Verdict == paylink.NoticeApplied {
			r.Job.Payload.Message = judged.Message
		} else if applied := r.Job.Payload.Message; applied != "" { // at an earlier look
			judged.Verdict, judged.Reason, judged.Message = paylink.NoticeApplied, "", applied
		}
		if !wait {
			tx.JudgeNotice(judged)
		}
		return nil
	}
	if wait {
		r.Job.Payload.Tries++
		err = r.Again(ctx, now.Add(queue.Backoff(r.Job.Payload.Tries)), effects)
	} else {
		err = r.Finish(ctx, effects)
	}
	if errors.Is(err, errEarly) {
		r.Job.Payload.Tries++
		err = r.Again(ctx, now.Add(queue.Backoff(r.Job.Payload.Tries)), nil)
	}
	if err != nil {
		return fmt.Errorf("apply notice %s: %w", n.ID, err)
	}
	return nil
}

// understand reads the notice's body. A genuine body that cannot be read is put aside, with its
// reason, and not tried again: reading is pure, so it would fail in the same way.
func (d *Dispatch) understand(ctx context.Context, n paylink.Notice) (account paylink.Account, news channel.News, reason string, err error) {
	account, err = d.store.Read(ctx).Account(n.Account)
	if err != nil {
		return account, news, "", err
	}
	body, err := d.ring.Unseal("notice", n.Body, []byte(n.ID))
	if err != nil {
		return account, news, "", err
	}
	sender := d.senders[n.Provider]
	if sender == nil {
		return account, news, "", fmt.Errorf("no adapter for the provider %s", n.Provider)
	}
	opened, err := provider.Open(d.ring, account)
	if err != nil {
		return account, news, "", err
	}
	post, err := provider.ParseKept(body)
	if err != nil {
		return account, news, "unreadable", nil
	}
	news, err = sender.Read(opened, post)
	if err != nil {
		return account, channel.News{}, "unreadable", nil
	}
	if confirmer, asks := channel.As[channel.Confirmer](sender); asks {
		var rejected *channel.Rejected
		if err := confirmer.Confirm(ctx, opened, post); errors.As(err, &rejected) {
			return account, channel.News{}, "unconfirmed", nil
		} else if err != nil {
			return account, channel.News{}, "", err
		}
	}
	return account, news, "", nil
}

// earlier keeps a carrier's fast clock from dating anything after now. A carrier that tells no time means now.
func earlier(told, now time.Time) time.Time {
	if !told.IsZero() && told.Before(now) {
		return told
	}
	return now
}
