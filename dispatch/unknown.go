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
)

const (
	// maxAsks is how often a provider is asked about one call that broke.
	maxAsks = 12
	// maxUnknown is how many calls may end without anybody knowing, where the merchant wants messages sent
	// again.
	maxUnknown = 3
	// askedBefore is how far before the call a provider's list is searched, because its clock is not ours.
	askedBefore = 2 * time.Minute
)

// open gives the attempt of which it is not known what became of it. While there is one, nobody else is
// called, or the customer might get the message twice.
func (p *parcel) open() (open paylink.Attempt, found bool) {
	for _, a := range p.attempts {
		switch {
		case a.Open():
			open, found = a, true
		case found && a.Account == open.Account && tellsOfBefore(a):
			found = false
		}
	}
	return open, found
}

// tellsOfBefore tells whether the end of a repeated call, to a provider that deduplicates, says what became
// of the one before: it took the message, or refused the message itself. A refusal of any call says nothing.
func tellsOfBefore(a paylink.Attempt) bool {
	switch provider.Reason(a.Reason) {
	case provider.Throttled, provider.ProviderDown, provider.BadCredentials, provider.NoBalance:
		return false
	}
	return a.State == paylink.AttemptTaken || a.State == paylink.AttemptRefused
}

// suspect adds the attempt of a process that died, where nothing was written down before the call: the job
// was begun before and did not end. It was made, if at all, by whom anybody would choose first.
func (d *Dispatch) suspect(p *parcel, job paylink.Job) {
	if len(p.attempts) > 0 {
		return
	}
	account := p.message.Account // as builds without attempts noted it
	if account == "" {
		if able := d.candidates(p); job.Attempts > 1 && len(able) > 0 {
			first := *p
			first.take(choice{account: able[0], sender: d.senders[able[0].Provider], first: true})
			if !first.begins() {
				account = able[0].ID
			}
		}
	}
	if account == "" {
		return
	}
	a := paylink.Attempt{
		Merchant: p.message.Merchant, Live: p.message.Live, Link: p.message.Link, Message: p.message.ID, Number: 1, Account: account,
		State: paylink.AttemptUnknown, Code: "no_answer", Currency: p.merchant.Currency, BeganAt: p.message.UpdatedAt, AgainAt: p.message.UpdatedAt,
	}
	known, _ := p.known(account)
	a.Provider = known.Provider
	p.attempts, p.unstored = []paylink.Attempt{a}, &a
}

// known finds one of the merchant's accounts, also one that is off.
func (p *parcel) known(id paylink.AccountID) (paylink.Account, bool) {
	for _, a := range p.accounts {
		if a.ID == id {
			return a, true
		}
	}
	return paylink.Account{}, false
}

// resolve finds out what became of a call that nobody saw end: by asking the provider, by the same call
// again where the provider deduplicates, else by the merchant's choice.
func (d *Dispatch) resolve(ctx context.Context, r *queue.Run, p parcel, open paylink.Attempt) error {
	now := d.now()
	account, known := p.known(open.Account)
	sender := d.senders[account.Provider]
	if !known || sender == nil {
		return d.settle(ctx, r, p, unknown(now))
	}
	p.take(choice{account: account, sender: sender})
	if finder, able := channel.As[channel.Finder](sender); able {
		sent, err := d.find(ctx, finder, p, open)
		switch {
		case err == nil:
			return d.found(ctx, r, p, open, sent)
		case errors.Is(err, channel.ErrNotFound):
			return d.missing(ctx, r, p, open)
		case r.Job.Payload.Tries < maxAsks && !sender.Capabilities().Idempotent:
			r.Job.Payload.Tries++
			return d.putBack(ctx, r, p, now.Add(queue.Backoff(r.Job.Payload.Tries)))
		}
	}
	if d.repeats(&p, open) {
		return d.repeat(ctx, r, p)
	}
	if p.resends() {
		return d.offer(ctx, r, p)
	}
	return d.settle(ctx, r, p, unknown(now))
}

// unknown ends a message of which nobody can tell what became of it; a receipt still may.
func unknown(at time.Time) outcome {
	return outcome{word: word{status: paylink.MessageUnknown, code: "no_answer", at: at}}
}

// find asks the provider for the message of a call.
func (d *Dispatch) find(ctx context.Context, finder channel.Finder, p parcel, open paylink.Attempt) (channel.Sent, error) {
	account, letter, err := d.prepare(p)
	if err != nil {
		return channel.Sent{}, err
	}
	sent, err := finder.Find(ctx, account, letter, open.BeganAt.Add(-askedBefore))
	if err != nil {
		return sent, fmt.Errorf("ask for message %s: %w", p.message.ID, err)
	}
	return sent, nil
}

// found settles a message that its provider has.
func (d *Dispatch) found(ctx context.Context, r *queue.Run, p parcel, open paylink.Attempt, sent channel.Sent) error {
	read := open
	open.State, open.Code, open.ProviderReference, open.EndedAt = paylink.AttemptTaken, "", sent.Reference, d.now()
	charge(&open, sent.Segments, sent.Price)
	return d.settle(ctx, r, p, outcome{
		word:    word{status: paylink.MessageSent, reference: sent.Reference, at: open.BeganAt},
		attempt: &open, read: read.State,
	})
}

// missing lets a message go on that its provider certainly does not have.
func (d *Dispatch) missing(ctx context.Context, r *queue.Run, p parcel, open paylink.Attempt) error {
	now, read := d.now(), open.State
	open.State, open.Code, open.Cost, open.EndedAt, open.AgainAt = paylink.AttemptBroken, "not_found", 0, now, now.Add(queue.Backoff(p.tries(open.Account)))
	return d.settle(ctx, r, p, outcome{word: word{status: paylink.MessageQueued, at: now}, attempt: &open, read: read, again: now})
}

// repeats tells whether the same call may be made again without harm.
func (d *Dispatch) repeats(p *parcel, open paylink.Attempt) bool {
	sender := d.senders[open.Provider]
	if sender == nil || !sender.Capabilities().Idempotent || p.tries(open.Account) >= maxTries {
		return false
	}
	return !p.lastAt(open.Account).AgainAt.IsZero()
}

// lastAt is the latest attempt at an account.
func (p *parcel) lastAt(id paylink.AccountID) (last paylink.Attempt) {
	for _, a := range p.attempts {
		if a.Account == id {
			last = a
		}
	}
	return last
}

// resends tells whether the merchant would rather have a message sent twice than not at all.
func (p *parcel) resends() bool {
	ended := 0
	for _, a := range p.attempts {
		if a.Open() {
			ended++
		}
	}
	return p.merchant.Settings.OnUnknownSend == paylink.UnknownResend && ended < maxUnknown
}

// repeat makes the same call again. What may have been sent is not skipped or blocked any more.
func (d *Dispatch) repeat(ctx context.Context, r *queue.Run, p parcel) error {
	v, err := d.judge(ctx, &p, d.now())
	switch {
	case err != nil:
		return fmt.Errorf("judge message %s: %w", p.message.ID, err)
	case v.status == paylink.MessageQueued:
		return d.keepWaiting(ctx, r, p, v)
	case v.status != "":
		return d.settle(ctx, r, p, unknown(d.now()))
	}
	return d.attempt(ctx, r, p)
}

// putBack lets the job wait, without a word about the message.
func (d *Dispatch) putBack(ctx context.Context, r *queue.Run, p parcel, until time.Time) error {
	if err := r.Again(ctx, until, nil); err != nil {
		return fmt.Errorf("put back message %s: %w", p.message.ID, err)
	}
	return nil
}
