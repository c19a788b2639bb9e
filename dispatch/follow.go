package dispatch

import (
	"context"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/queue"
)

// follow writes how a call ended and what comes next: nothing, another account at once, or the same one
// later.
func (d *Dispatch) follow(ctx context.Context, r *queue.Run, p parcel, a paylink.Attempt) error {
	done := p
	done.attempts = append(p.attempts[:len(p.attempts):len(p.attempts)], a)
	o := d.next(&done, a, a.EndedAt)
	o.attempt, o.read, o.at = &a, paylink.AttemptCalling, a.BeganAt
	return d.settle(ctx, r, p, o)
}

// next tells what follows from an attempt that has ended, the last of the parcel's.
func (d *Dispatch) next(p *parcel, a paylink.Attempt, now time.Time) outcome {
	if a.State == paylink.AttemptTaken {
		return outcome{word: word{status: paylink.MessageSent, reference: a.ProviderReference}}
	}
	if open, found := p.open(); found {
		return d.nextOfOpen(p, open, now)
	}
	c := d.choose(p, now)
	switch {
	case c.sender != nil:
		return later(now)
	case !c.wait.IsZero():
		return later(c.wait)
	}
	return outcome{word: word{status: paylink.MessageFailed, code: a.Code, reason: a.Reason}}
}

// nextOfOpen tells what follows while it is not known what became of an attempt.
func (d *Dispatch) nextOfOpen(p *parcel, open paylink.Attempt, now time.Time) outcome {
	_, asks := channel.As[channel.Finder](d.senders[open.Provider])
	if again := p.lastAt(open.Account).AgainAt; (asks || d.repeats(p, open)) && !again.IsZero() {
		return later(again)
	}
	if p.resends() {
		if c := d.choose(p, now); c.sender != nil {
			return later(now)
		} else if !c.wait.IsZero() {
			return later(c.wait)
		}
	}
	return unknown(now)
}

// later puts a message back until the time.
func later(at time.Time) outcome {
	return outcome{word: word{status: paylink.MessageQueued}, again: at}
}
