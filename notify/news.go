package notify

import (
	"context"
	"errors"
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
	newsBatch = 40               // devices in one transaction
	newsTries = 8                // calls that the push service certainly did not hear
	newsLife  = time.Hour        // for how long after it happened something is told
	newsShown = 12 * time.Hour   // for how long a push service keeps it for a device that is off
	newsWrite = 30 * time.Second // for writing down how a call ended, also while we stop
)

// News is what a device of the merchant's people shows of an event. It stands on screens that others see, so it
// holds nothing personal.
type News struct {
	Title, Body string
	Tag         string // what is shown under the same tag is replaced: at most 32 letters, digits, _ and -
	Page        string // where the dashboard has more of it
}

// news does the job that finds whom an event is told to: a job for each device. It is told once for each event,
// because it is enqueued where the event is sealed.
func (n *Notify) news(ctx context.Context, r *queue.Run) error {
	now, read, job := n.Now(), n.Store.Read(ctx), r.Job
	e, err := read.Event(job.Merchant, job.Live, job.Payload.Event)
	if paylink.IsNotFound(err) || err == nil && !e.TellsStaff() {
		return r.Finish(ctx, nil)
	}
	if err != nil {
		return err
	}
	after := paylink.Device{Owner: string(job.Payload.Staff), ID: job.Payload.Device}
	devices, err := read.StaffDevices(job.Merchant, job.Live, after, newsBatch)
	if err != nil {
		return err
	}
	tells := make([]paylink.Job, len(devices))
	for i, d := range devices {
		tells[i] = paylink.Job{
			ID: paylink.NewJobID(now), Kind: paylink.JobTell, Key: string(e.ID) + " " + string(d.ID), Merchant: job.Merchant, Live: job.Live,
			Payload: paylink.JobPayload{Event: e.ID, Device: d.ID}, RunAt: now,
		}
	}
	spread := func(tx *store.Tx) error {
		for _, tell := range tells {
			tx.Enqueue(tell, now)
		}
		return nil
	}
	if len(devices) < newsBatch {
		return r.Finish(ctx, spread)
	}
	last := devices[len(devices)-1]
	r.Job.Payload.Staff, r.Job.Payload.Device = paylink.StaffID(last.Owner), last.ID
	return r.Again(ctx, now, spread)
}

// tell does the job that tells one device of an event. The device is called at most once, unless its push service
// certainly did not hear the call: that somebody is about to call is written down before.
func (n *Notify) tell(ctx context.Context, r *queue.Run) error {
	read, job := n.Store.Read(ctx), r.Job
	device, err := read.DeviceToTell(job.Merchant, job.Live, job.Payload.Device)
	if paylink.IsNotFound(err) || job.Payload.Called {
		return r.Finish(ctx, nil)
	}
	if err != nil {
		return err
	}
	e, err := read.Event(job.Merchant, job.Live, job.Payload.Event)
	if paylink.IsNotFound(err) || err == nil && n.Now().Sub(e.At) > newsLife {
		return r.Finish(ctx, nil)
	}
	if err != nil {
		return err
	}
	account, letter, err := n.letter(ctx, read, e, device)
	if err != nil {
		return err
	}
	r.Job.Payload.Called = true
	if err := r.Keep(ctx); err != nil {
		return err
	}
	began := n.Now()
	_, err = n.Push.Send(ctx, account, letter)
	return n.told(ctx, r, device, err, began)
}

// letter writes what a device shows of an event.
func (n *Notify) letter(ctx context.Context, read store.Reader, e paylink.Event, d paylink.Device) (account channel.Account, l channel.Letter, err error) {
	secret, err := n.pushSecret(ctx, e.Merchant)
	if err != nil {
		return account, l, err
	}
	merchant, err := read.Merchant(e.Merchant)
	if err != nil {
		return account, l, err
	}
	link, err := read.Link(e.Merchant, e.Live, e.Link)
	if err != nil {
		return account, l, err
	}
	news := n.Say(merchant, link, e)
	l = channel.Letter{
		ID: paylink.MessageID(news.Tag), Channel: paylink.ChannelInApp, Language: "en", Subject: news.Title, Text: news.Body, ButtonURL: news.Page,
		At: e.At, Until: e.At.Add(newsShown),
	}
	l.To, err = token.OpenDevice(n.Ring, d)
	return n.pushAccount(e.Merchant, secret), l, err
}

// told writes how the call to a device ended, and plans the next where the push service certainly did not hear it.
func (n *Notify) told(ctx context.Context, r *queue.Run, d paylink.Device, failed error, began time.Time) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), newsWrite)
	defer stop()
	now := n.Now()
	outcome, code, pause := callEnded(failed, r.Job.Payload.Tries+1)
	n.Log.LogAttrs(ctx, slog.LevelInfo, "device.told",
		slog.String("merchant", string(d.Merchant)), slog.String("device", string(d.ID)), slog.String("event", string(r.Job.Payload.Event)),
		slog.Int64("attempt", r.Job.Payload.Tries+1), slog.String("outcome", outcome), slog.String("code", code), slog.Duration("took", now.Sub(began)))
	switch {
	case outcome == "gone":
		return r.Finish(ctx, func(tx *store.Tx) error { tx.DeleteDeviceSeen(d.Merchant, d.ID, d.SeenAt); return nil })
	case pause > 0 && r.Job.Payload.Tries+1 < newsTries:
		r.Job.Payload.Called = false
		r.Job.Payload.Tries++
		return r.Again(ctx, now.Add(pause), nil)
	}
	return r.Finish(ctx, nil)
}

// callEnded says how the nth call ended: "taken", "gone" when the device is no more, "refused", "broken" when it was
// certainly not heard, or "unknown". pause is after how long it may be made again; zero: never.
func callEnded(err error, n int64) (outcome, code string, pause time.Duration) {
	var rejected *channel.Rejected
	var broken *channel.Broken
	switch {
	case err == nil:
		return "taken", "", 0
	case errors.As(err, &rejected) && rejected.Reason == provider.InvalidAddress:
		return "gone", rejected.Code, 0
	case errors.As(err, &rejected) && rejected.Temporary:
		return "refused", rejected.Code, max(queue.Backoff(n), rejected.After)
	case errors.As(err, &rejected):
		return "refused", rejected.Code, 0
	case errors.As(err, &broken) && broken.When == channel.NotSent:
		return "broken", "unreachable", queue.Backoff(n)
	}
	return "unknown", "no_answer", 0
}
