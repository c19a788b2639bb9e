package confirm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/store"
)

// ask looks a payment up at its gateway, for the notice that never comes or for the customer who says
// that it is paid.
func (c *Confirm) ask(ctx context.Context, r *queue.Run) error {
	read := c.Store.Read(ctx)
	p, err := read.Payment(r.Job.Merchant, r.Job.Live, r.Job.Payload.Payment)
	if err != nil {
		return err
	}
	now := c.Now()
	// An attempt that was given up is asked about until it lapses: who pays again although the first try may
	// still succeed is told the truth of both.
	if p.Status == paylink.PaymentCreated || !p.Status.Live() && p.Status != paylink.PaymentAbandoned && !p.Instructed() {
		return r.Finish(ctx, nil)
	}
	account, opened, err := c.account(read, p.Account)
	if err != nil {
		return err
	}
	g := c.Gateways[account.Provider]
	if g == nil {
		return fmt.Errorf("ask about payment %s: no gateway %s", p.ID, account.Provider)
	}
	w, err := c.lookUp(ctx, g, opened, p, now)
	c.Log.InfoContext(ctx, "payment.asked", "merchant", string(p.Merchant), "link", string(p.Link), "payment", string(p.ID),
		"gateway", account.Provider, "answer", string(w.Status), "took", c.Now().Sub(now), "error", err)
	w, heard, err := c.answer(p, r.Job, w, err, now)
	if err != nil {
		return err
	}
	if !heard {
		return c.askAgain(ctx, r, p, now, nil)
	}
	h, reason, err := c.check(read, p.Merchant, account, w)
	if err != nil {
		return err
	}
	if reason != "" {
		c.Log.Warn("payment.answer_refused", "payment", string(p.ID), "reason", reason)
		return c.askAgain(ctx, r, p, now, nil)
	}
	if !w.Status.Live() {
		return r.Finish(ctx, func(tx *store.Tx) error {
			_, err := c.apply(tx, h, now)
			return err
		})
	}
	return c.askAgain(ctx, r, p, now, func(tx *store.Tx) error {
		_, err := c.apply(tx, h, now)
		return err
	})
}

// silence is how long after its beginning a payment whose gateway does not answer turns unknown.
const silence = 90 * time.Second

// answer makes a word of a look-up, also of one that brought none. heard is false when there is
// nothing to say yet.
func (c *Confirm) answer(p paylink.Payment, job paylink.Job, w gateway.Word, err error, now time.Time) (word gateway.Word, heard bool, failed error) {
	ours := gateway.Word{Reference: p.Reference, Amount: p.Amount, At: now}
	lapsed := lapsed(p, now)
	var broken *gateway.Broken
	var rejected *gateway.Rejected
	switch {
	case paylink.IsNotFound(err), err == nil && waitsForCustomer(w.Status):
		// The bank has not begun: an attempt that nobody finishes is given up in time.
		if lapsed {
			ours.Status = paylink.PaymentAbandoned
			return ours, true, nil
		}
		if err == nil && p.Status == paylink.PaymentUnknown && (w.Action.Kind != "" || p.Action.Kind != "") {
			// The order stands there although nobody heard so: by what the gateway asks the customer goes on.
			ours.Status, ours.Order, ours.Action = paylink.PaymentActionRequired, w.Order, w.Action
			return ours, true, nil
		}
		return ours, false, nil
	case err == nil:
		return w, true, nil
	case errors.As(err, &broken), errors.As(err, &rejected):
		// The gateway itself cannot say. Somebody who waits is told so: do not pay again.
		if job.Payload.Once || now.Sub(p.CreatedAt) >= silence {
			ours.Status = paylink.PaymentUnknown
			return ours, true, nil
		}
		return ours, false, nil
	}
	return ours, false, err
}

func waitsForCustomer(s paylink.PaymentStatus) bool {
	return s == paylink.PaymentCreated || s == paylink.PaymentActionRequired
}

// askAgain plans the next regular question, with the effects of this one.
func (c *Confirm) askAgain(ctx context.Context, r *queue.Run, p paylink.Payment, now time.Time, effects func(*store.Tx) error) error {
	if r.Job.Payload.Once || now.Sub(p.CreatedAt) > paylink.AskFor {
		return r.Finish(ctx, effects)
	}
	r.Job.Payload.Tries++
	return r.Again(ctx, now.Add(paylink.AskAfter(r.Job.Payload.Tries)), effects)
}
