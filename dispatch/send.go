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
)

// maxTries is how often a message is offered to its provider: for a good hour by the queue’s back-off.
// A request to pay that comes later than that does more harm than good.
const maxTries = 14

// parcel is one message with everything that is needed to send it.
type parcel struct {
	message  paylink.Message
	link     paylink.Link
	customer *paylink.Customer
	merchant paylink.Merchant
	account  paylink.Account // zero, and sender nil, when nobody carries the channel
	sender   channel.Sender
	proof    bool // the message is the code that proves a visitor, not the request
}

// send does the job that hands one message to its provider.
func (d *Dispatch) send(ctx context.Context, r *queue.Run) error {
	now := d.now()
	p, err := d.load(ctx, r.Job)
	if err != nil {
		return fmt.Errorf("load message %s: %w", r.Job.Payload.Message, err)
	}
	p.proof = r.Job.Payload.Proof
	if p.message.Status != paylink.MessageQueued {
		return nil // a receipt was quicker than our own note that it was sent, or the job came twice
	}
	if p.account, p.sender, err = d.carrier(ctx, p.message); err != nil {
		return fmt.Errorf("find a carrier for message %s: %w", p.message.ID, err)
	}
	v, err := d.judge(ctx, &p, now)
	switch {
	case err != nil:
		return fmt.Errorf("judge message %s: %w", p.message.ID, err)
	case v.status == paylink.MessageQueued:
		return d.keepWaiting(ctx, r, p, v)
	case v.status != "":
		return d.settle(ctx, r, p, outcome{status: v.status, code: v.code, at: now})
	case p.message.Account != "" && !p.sender.Capabilities().Idempotent:
		// The attempt before this one began and never told how it ended.
		return d.settle(ctx, r, p, outcome{status: paylink.MessageUnknown, code: "no_answer", at: now})
	}
	return d.attempt(ctx, r, p)
}

// attempt makes the call and does what follows from its end.
func (d *Dispatch) attempt(ctx context.Context, r *queue.Run, p parcel) error {
	last := r.Job.Attempts >= maxTries || r.Last()
	account, letter, err := d.prepare(p)
	if err != nil {
		if last {
			return errors.Join(err, d.settle(ctx, r, p, outcome{status: paylink.MessageFailed, code: "internal", at: d.now()}))
		}
		return err
	}
	once := !p.sender.Capabilities().Idempotent
	if once {
		if p.message, err = d.begin(ctx, p); err != nil {
			return fmt.Errorf("begin message %s: %w", p.message.ID, err)
		}
	}
	began := d.now()
	sent, err := p.sender.Send(ctx, account, letter)
	o := ended(sent.Reference, err, !once, last)
	o.at = began
	if o.status != paylink.MessageQueued {
		return d.settle(ctx, r, p, o)
	}
	d.note(ctx, r, p, o)
	if once {
		if undo := d.release(ctx, p); undo != nil {
			return fmt.Errorf("release message %s: %w", p.message.ID, undo)
		}
	}
	return fmt.Errorf("send message %s: %w", p.message.ID, err)
}

// prepare opens the account and writes the letter.
func (d *Dispatch) prepare(p parcel) (channel.Account, channel.Letter, error) {
	account, err := provider.Open(d.ring, p.account)
	if err != nil {
		return account, channel.Letter{}, err
	}
	letter, err := d.letter(p)
	if err != nil {
		return account, letter, fmt.Errorf("write message %s: %w", p.message.ID, err)
	}
	return account, letter, nil
}

// note writes the one line that a log has for an attempt.
func (d *Dispatch) note(ctx context.Context, r *queue.Run, p parcel, o outcome) {
	d.log.LogAttrs(ctx, slog.LevelInfo, "message.attempted",
		slog.String("merchant", string(p.message.Merchant)), slog.String("link", string(p.message.Link)),
		slog.String("message", string(p.message.ID)), slog.String("channel", string(p.message.Channel)),
		slog.String("provider", p.account.Provider), slog.String("account", string(p.account.ID)),
		slog.Int64("attempt", r.Job.Attempts), slog.String("outcome", string(o.status)), slog.String("code", o.code),
		slog.Duration("took", d.now().Sub(o.at)))
}

// outcome is what an attempt came to. A status of queued means that it is tried again.
type outcome struct {
	status    paylink.MessageStatus
	reference string // the provider's
	code      string
	at        time.Time // when the call began, or when it was decided not to make it
}

// ended judges the end of a call. again tells that the provider deduplicates, so that what may have
// arrived can be sent once more; last, that there is no further attempt.
func ended(reference string, err error, again, last bool) outcome {
	var rejected *channel.Rejected
	var broken *channel.Broken
	switch {
	case err == nil:
		return outcome{status: paylink.MessageSent, reference: reference}
	case errors.As(err, &rejected):
		if rejected.Temporary && !last {
			return outcome{status: paylink.MessageQueued, code: rejected.Code}
		}
		return outcome{status: paylink.MessageFailed, code: rejected.Code}
	case errors.As(err, &broken) && broken.When == channel.NotSent:
		if last {
			return outcome{status: paylink.MessageFailed, code: "unreachable"}
		}
		return outcome{status: paylink.MessageQueued, code: "unreachable"}
	case again && !last:
		return outcome{status: paylink.MessageQueued, code: "no_answer"}
	}
	return outcome{status: paylink.MessageUnknown, code: "no_answer"}
}

// load reads what a message is made of.
func (d *Dispatch) load(ctx context.Context, job paylink.Job) (p parcel, err error) {
	read := d.store.Read(ctx)
	if p.message, p.link, p.customer, err = read.MessageToSend(job.Merchant, job.Live, job.Payload.Link, job.Payload.Message); err != nil {
		return p, err
	}
	p.merchant, err = read.Merchant(job.Merchant)
	return p, err
}

// begin notes that a provider which would send twice is about to be called: should we die now, the
// message is unknown and not sent again. It gives the message as noted.
func (d *Dispatch) begin(ctx context.Context, p parcel) (paylink.Message, error) {
	m, now := p.message, d.now()
	err := d.store.Write(ctx, func(tx *store.Tx) error {
		m = p.message
		m.Provider, m.Account = p.account.Provider, p.account.ID
		m.Touch(now)
		tx.UpdateMessage(m, p.message.Status, p.message.UpdatedAt)
		return nil
	})
	if err != nil {
		return p.message, err // also when nobody waited: then m is still being written
	}
	return m, nil
}

// release takes the note back after an attempt that certainly sent nothing.
func (d *Dispatch) release(ctx context.Context, p parcel) error {
	now := d.now()
	return d.store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.Message(p.message.Merchant, p.message.Live, p.message.ID)
		if err != nil || m.Status != paylink.MessageQueued {
			return err
		}
		read := m.UpdatedAt
		m.Provider, m.Account = "", ""
		m.Touch(now)
		tx.UpdateMessage(m, m.Status, read)
		return nil
	})
}
