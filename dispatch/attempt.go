package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gsm"
	"paylink/provider"
	"paylink/queue"
	"paylink/store"
)

// newAttempt is the attempt that is about to begin, with what it is expected to cost.
func (d *Dispatch) newAttempt(p *parcel, l channel.Letter) paylink.Attempt {
	m := p.message
	a := paylink.Attempt{
		Merchant: m.Merchant, Live: m.Live, Link: m.Link, Message: m.ID, Number: int64(len(p.attempts)) + 1,
		Account: p.account.ID, Provider: p.account.Provider, State: paylink.AttemptCalling, Segments: 1, Currency: p.merchant.Currency, BeganAt: d.now(),
	}
	if m.Channel == paylink.ChannelSMS {
		a.Segments = int64(gsm.Count(l.Text).Segments)
	}
	price, known := p.price(p.account)
	a.Cost, a.Priced = price*a.Segments, known
	if open, found := p.open(); p.merchant.Settings.Budget != nil && !(found && open.Account == a.Account && p.sender.Capabilities().Idempotent) {
		a.Reserved = a.Cost // of a call that is repeated, the cost is counted already
	}
	return a
}

// begins tells whether the attempt is written down before the call. A first call to a provider that
// deduplicates need not be, when whoever takes over would make the same call: then nothing is sent twice
// either way.
func (p *parcel) begins() bool {
	_, counted := p.rangeLimit()
	return !p.sender.Capabilities().Idempotent || !p.choice.first || counted || p.contact != nil || p.merchant.Settings.Budget != nil
}

// begin writes down that a provider is about to be called, with what the call may cost: should we die now,
// whoever takes over knows that the message may have been sent. It gives the message as noted, or why there
// is no call.
func (d *Dispatch) begin(ctx context.Context, p *parcel, a paylink.Attempt) (m paylink.Message, v verdict, err error) {
	noted := p.message
	noted.Provider, noted.Account, noted.Attempts = a.Provider, a.Account, a.Number
	noted.Touch(a.BeganAt)
	counted, err := d.inRange(p)
	if err != nil {
		return p.message, verdict{}, err
	}
	err = d.store.Write(ctx, func(tx *store.Tx) error {
		tx.UpdateMessage(noted, p.message.Status, p.message.UpdatedAt)
		if p.unstored != nil {
			tx.InsertAttempt(*p.unstored)
		}
		tx.InsertAttempt(a)
		if counted != nil {
			tx.CountNumber(a.Merchant, a.Live, counted.of, counted.number, counted.most, a.BeganAt)
		}
		p.reserve(tx, a)
		if p.contact != nil {
			tx.CountContact(*p.contact)
		}
		return nil
	})
	switch {
	case errors.Is(err, store.ErrOverBudget):
		return p.message, verdict{status: paylink.MessageBlocked, code: "budget", reason: "cap_reached"}, nil
	case errors.Is(err, store.ErrContactCounted):
		return p.message, hold("", a.BeganAt.Add(time.Second)), nil
	case errors.Is(err, store.ErrPumped):
		return p.message, block("pumping"), nil
	}
	if err == nil {
		p.begun, p.unstored = true, nil
	}
	return noted, verdict{}, err
}

// conclude writes into the attempt how its call ended.
func (p *parcel) conclude(a *paylink.Attempt, sent channel.Sent, err error, now time.Time) {
	var rejected *channel.Rejected
	var broken *channel.Broken
	a.EndedAt = now
	pause := queue.Backoff(p.tries(a.Account) + 1)
	switch {
	case err == nil:
		a.State, a.ProviderReference, p.parts = paylink.AttemptTaken, sent.Reference, sent.Parts
		charge(a, sent.Segments, sent.Price)
		return
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
		a.AgainAt = now.Add(pause)
		return // it may cost what it may
	}
	a.Cost = 0
}

// charge writes what the provider counted, and what it told of the price, into an attempt.
func charge(a *paylink.Attempt, segments int64, price string) {
	if segments > 0 && segments != a.Segments {
		if a.Segments > 0 {
			a.Cost = a.Cost / a.Segments * segments
		}
		a.Segments = segments
	}
	if price == "" {
		return
	}
	a.Price = price
	if cost, ok := told(price, a.Currency); ok {
		a.Cost, a.Priced = cost, true
	}
}

// tries is how often an account was called for the message.
func (p *parcel) tries(id paylink.AccountID) (n int64) {
	for _, a := range p.attempts {
		if a.Account == id {
			n++
		}
	}
	return n
}

// note writes the one line that a log has for an attempt.
func (d *Dispatch) note(ctx context.Context, p parcel, a paylink.Attempt, status paylink.MessageStatus) {
	d.log.LogAttrs(ctx, slog.LevelInfo, "message.attempted",
		slog.String("merchant", string(p.message.Merchant)), slog.String("link", string(p.message.Link)),
		slog.String("message", string(p.message.ID)), slog.String("channel", string(p.message.Channel)),
		slog.String("provider", a.Provider), slog.String("account", string(a.Account)),
		slog.Int64("attempt", a.Number), slog.String("outcome", string(status)), slog.String("code", a.Code),
		slog.Duration("took", a.EndedAt.Sub(a.BeganAt)))
}
