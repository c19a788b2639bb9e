package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
	"paylink/token"
)

const (
	// pushTries is how often one device is told of one message: a minute, by the queue's back-off. The message is
	// in the inbox all the while.
	pushTries = 8
	// pushLife is for how long after it was sent a message is news.
	pushLife = time.Hour
)

// push does the job that tells one device of a message that stands in its owner's inbox. Whatever becomes of
// it, the message has been sent. A device is called at most once, unless its push service certainly did not
// hear the call.
func (d *Dispatch) push(ctx context.Context, r *queue.Run) error {
	p, err := d.load(ctx, r.Job)
	if paylink.IsNotFound(err) {
		return d.endPush(ctx, r, nil)
	}
	if err != nil {
		return fmt.Errorf("load message %s: %w", r.Job.Payload.Message, err)
	}
	device, gone, err := d.toTell(ctx, p, r.Job.Payload.Device)
	if err != nil {
		return err
	}
	all, err := d.store.Read(ctx).AttemptsOf(p.message.Merchant, p.message.Link, p.message.ID)
	if err != nil {
		return err
	}
	now, made := d.now(), of(all, r.Job.Payload.Device)
	if n := len(made); n > 0 && made[n-1].State == paylink.AttemptCalling {
		// Whoever called did not live to tell. The device may have shown it.
		lost := made[n-1]
		lost.State, lost.Code, lost.EndedAt = paylink.AttemptUnknown, "no_answer", now
		return d.endPush(ctx, r, func(tx *store.Tx) error { tx.UpdateAttempt(lost, paylink.AttemptCalling); return nil })
	}
	account, sender := d.pusher(&p, device.Kind)
	if gone || sender == nil || d.stale(p, now) || len(made) >= pushTries {
		return d.endPush(ctx, r, nil)
	}
	if free, until := d.healths.free(account.ID, now); !free {
		return r.Again(ctx, until, nil)
	}
	p.take(choice{account: account, sender: sender})
	return d.call(ctx, r, p, device, int64(len(made)))
}

// toTell reads a device, which may be gone.
func (d *Dispatch) toTell(ctx context.Context, p parcel, id paylink.DeviceID) (device paylink.Device, gone bool, err error) {
	device, err = d.store.Read(ctx).DeviceToTell(p.message.Merchant, p.message.Live, id)
	if paylink.IsNotFound(err) {
		return device, true, nil
	}
	return device, false, err
}

// of are the attempts at a device.
func of(all []paylink.Attempt, device paylink.DeviceID) (made []paylink.Attempt) {
	for _, a := range all {
		if a.Device == device {
			made = append(made, a)
		}
	}
	return made
}

// pusher is the first of the merchant's accounts with the push service of a kind of device.
func (d *Dispatch) pusher(p *parcel, kind paylink.DeviceKind) (paylink.Account, channel.Sender) {
	for _, a := range p.accounts {
		if sender := d.senders[a.Provider]; a.Provider == string(kind) && !a.Off && sender != nil && sender.Capabilities().Device {
			return a, sender
		}
	}
	return paylink.Account{}, nil
}

// WebPushKey is what browsers subscribe with to the notifications of a merchant; empty: it has no account for
// them.
func (d *Dispatch) WebPushKey(ctx context.Context, merchant paylink.MerchantID, live bool) (string, error) {
	accounts, err := d.store.Read(ctx).Accounts(merchant, live, paylink.AccountChannel)
	if err != nil {
		return "", err
	}
	account, sender := d.pusher(&parcel{accounts: accounts}, paylink.DeviceWebPush)
	able, ok := channel.As[channel.Subscribable](sender)
	if sender == nil || !ok {
		return "", nil
	}
	opened, err := provider.Open(d.ring, account)
	if err != nil {
		return "", err
	}
	return able.PublicKey(opened)
}

// stale tells whether a message is no news any more: it was opened, or its link wants nothing more.
func (d *Dispatch) stale(p parcel, now time.Time) bool {
	if p.message.Status == paylink.MessageRead || p.message.SentAt.IsZero() || now.Sub(p.message.SentAt) > pushLife {
		return true
	}
	return p.idle(now) != ""
}

// call writes down that the device is about to be told, tells it, and writes what came of it.
func (d *Dispatch) call(ctx context.Context, r *queue.Run, p parcel, device paylink.Device, before int64) error {
	account, letter, err := d.prepare(p)
	if err != nil {
		return err
	}
	if letter.To, err = token.OpenDevice(d.ring, device); err != nil {
		return err
	}
	a := d.newAttempt(&p, letter)
	a.Device, a.Reserved, a.Cost, a.Priced = device.ID, 0, 0, true
	if !d.healths.begin(p.account.ID, a.BeganAt) {
		return r.Again(ctx, a.BeganAt.Add(time.Second), nil) // somebody finds out just now whether it works again
	}
	err = d.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Message(a.Merchant, a.Live, a.Message); err != nil { // its lock keeps the numbers apart
			return err
		}
		all, err := tx.AttemptsOf(a.Merchant, a.Link, a.Message)
		if err != nil {
			return err
		}
		a.Number = 1
		for _, other := range all {
			a.Number = max(a.Number, other.Number+1)
		}
		tx.InsertAttempt(a)
		return nil
	})
	if err != nil {
		return fmt.Errorf("begin to push message %s: %w", a.Message, err)
	}
	_, err = p.sender.Send(ctx, account, letter)
	ended := d.now()
	d.healths.ended(p.account, err, ended)
	again := d.ended(&a, err, before, ended)
	d.notePush(ctx, a)
	effects := func(tx *store.Tx) error {
		tx.UpdateAttempt(a, paylink.AttemptCalling)
		if a.Reason == string(provider.InvalidAddress) {
			tx.DeleteDeviceSeen(device.Merchant, device.ID, device.SeenAt)
		}
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if again.IsZero() {
		return d.endPush(ctx, r, effects)
	}
	return r.Again(ctx, again, effects)
}

// ended writes into an attempt how its call ended, and tells when the device may be told again; the zero time:
// never.
func (d *Dispatch) ended(a *paylink.Attempt, err error, before int64, now time.Time) (again time.Time) {
	var rejected *channel.Rejected
	var broken *channel.Broken
	pause := queue.Backoff(before + 1)
	a.EndedAt = now
	switch {
	case err == nil:
		a.State = paylink.AttemptTaken
	case errors.As(err, &rejected):
		a.State, a.Reason, a.Code, a.Words = paylink.AttemptRefused, string(rejected.Reason), rejected.Code, rejected.Words
		if rejected.Temporary {
			a.AgainAt = now.Add(max(pause, rejected.After))
		}
	case errors.As(err, &broken) && broken.When == channel.NotSent:
		a.State, a.Reason, a.Code = paylink.AttemptBroken, string(provider.ProviderDown), "unreachable"
		a.AgainAt = now.Add(pause)
	default:
		a.State, a.Code = paylink.AttemptUnknown, "no_answer"
	}
	return a.AgainAt
}

func (d *Dispatch) endPush(ctx context.Context, r *queue.Run, effects func(*store.Tx) error) error {
	if err := r.Finish(ctx, effects); err != nil {
		return fmt.Errorf("push message %s: %w", r.Job.Payload.Message, err)
	}
	return nil
}

// notePush writes the one line that a log has for a push.
func (d *Dispatch) notePush(ctx context.Context, a paylink.Attempt) {
	d.log.LogAttrs(ctx, slog.LevelInfo, "message.pushed",
		slog.String("merchant", string(a.Merchant)), slog.String("link", string(a.Link)), slog.String("message", string(a.Message)),
		slog.String("device", string(a.Device)), slog.String("provider", a.Provider), slog.String("account", string(a.Account)),
		slog.Int64("attempt", a.Number), slog.String("outcome", string(a.State)), slog.String("code", a.Code), slog.Duration("took", a.EndedAt.Sub(a.BeganAt)))
}
