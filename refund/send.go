package refund

import (
	"context"
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/queue"
	"paylink/refund/record"
	"paylink/store"
)

const (
	// tellAgain is how long after the gateway was told a look-up that finds nothing is believed: before, the
	// request may still be on its way there.
	tellAgain = 30 * time.Second

	// askFor is how long a refund is asked about: banks take up to ten working days.
	askFor = 30 * 24 * time.Hour

	notSupported = "not_supported"
)

// send does the job of one refund: the gateway is told, and asked again and again until the refund has ended.
func (x *Refunds) send(ctx context.Context, r *queue.Run) error {
	read := x.Store.Read(ctx)
	f, err := read.Refund(r.Job.Merchant, r.Job.Live, r.Job.Payload.Refund)
	if err != nil {
		return err
	}
	if !f.Status.Open() || f.Status == paylink.RefundAwaiting {
		return r.Finish(ctx, nil)
	}
	p, err := read.Payment(f.Merchant, f.Live, f.Payment)
	if err != nil {
		return err
	}
	now := x.now()
	refunder, account, err := x.able(read, p)
	if isUnsupported(err) && f.SentAt.IsZero() {
		return x.finish(ctx, r, f, paylink.RefundOutcome{Status: paylink.RefundFailed, Code: notSupported, Message: "The gateway gives no money back on request."}, now)
	}
	if err != nil {
		return err
	}
	if f.SentAt.IsZero() && p.Dispute.Open() {
		m, err := read.Merchant(f.Merchant)
		if err != nil {
			return err
		}
		if !m.Settings.Refunds.Disputed() { // the customer was faster
			return x.finish(ctx, r, f, paylink.RefundOutcome{Status: paylink.RefundFailed, Code: "payment_disputed", Message: "The customer disputed the payment before the gateway was told."}, now)
		}
	}
	wish := gateway.Refund{
		Reference: f.Reference, Order: f.GatewayReference, Amount: f.Amount, Reason: string(f.Reason), Instant: f.Instant, Began: f.CreatedAt,
		Of: known(p),
	}
	if f.SentAt.IsZero() {
		return x.give(ctx, r, refunder, account, wish, f, p, now)
	}
	w, err := refunder.LookupRefund(ctx, account, wish)
	x.Log.InfoContext(ctx, "refund.asked", "merchant", string(f.Merchant), "payment", string(f.Payment), "refund", string(f.ID),
		"answer", string(w.Status), "took", x.Now().Sub(now), "error", err)
	if paylink.IsNotFound(err) && f.Status != paylink.RefundPending && f.Reference != "" && now.Sub(f.SentAt) >= tellAgain {
		// It never arrived. Whoever dies from here on leaves it as it is: told, and not known how it ended.
		return x.give(ctx, r, refunder, account, wish, f, p, now)
	}
	return x.hear(ctx, r, f, p, w, err, now)
}

// give tells the gateway, having noted before that it does so: whoever comes after a crash asks first.
func (x *Refunds) give(ctx context.Context, r *queue.Run, refunder gateway.Refunder, account gateway.Account, wish gateway.Refund, f paylink.Refund, p paylink.Payment, now time.Time) error {
	if f.SentAt.IsZero() {
		f.SentAt = f.Touch(now)
		err := x.Store.Write(ctx, func(tx *store.Tx) error {
			is, err := tx.Payment(p.Merchant, p.Live, p.ID)
			if err == nil && is.Dispute != p.Dispute { // objected to since it was read: judged anew
				err = &paylink.Conflict{Code: "changed", Detail: "The payment's dispute changed in the meantime.", Other: string(p.ID)}
			}
			if err != nil {
				return err
			}
			tx.SendRefund(f)
			return nil
		})
		var changed *paylink.Conflict
		if errors.As(err, &changed) {
			return r.Again(ctx, now, nil) // called off, or told by another: look once more
		}
		if err != nil {
			return err
		}
	}
	w, err := refunder.Refund(ctx, account, wish)
	x.Log.InfoContext(ctx, "refund.told", "merchant", string(f.Merchant), "payment", string(f.Payment), "refund", string(f.ID),
		"answer", string(w.Status), "took", x.Now().Sub(now), "error", err)
	var broken *gateway.Broken
	var rejected *gateway.Rejected
	switch {
	case errors.As(err, &rejected) && !rejected.Temporary:
		return x.finish(ctx, r, f, paylink.RefundOutcome{Status: paylink.RefundFailed, Code: rejected.Code}, now)
	case errors.As(err, &rejected), errors.As(err, &broken) && broken.When == gateway.NotSent:
		f.SentAt = time.Time{}
		f.Touch(now)
		return x.again(ctx, r, f, now, func(tx *store.Tx) error { tx.SendRefund(f); return nil })
	}
	return x.hear(ctx, r, f, p, w, err, now)
}

// hear takes the answer to the telling or to a question. What nobody knows is asked about again, and not told
// again.
func (x *Refunds) hear(ctx context.Context, r *queue.Run, f paylink.Refund, p paylink.Payment, w gateway.RefundWord, err error, now time.Time) error {
	var broken *gateway.Broken
	var rejected *gateway.Rejected
	switch {
	case errors.As(err, &broken), errors.As(err, &rejected), paylink.IsNotFound(err):
		if f.Status == paylink.RefundUnknown {
			return x.again(ctx, r, f, now, nil)
		}
		return x.again(ctx, r, f, now, x.moves(f, paylink.RefundOutcome{Status: paylink.RefundUnknown}, now))
	case err != nil:
		return err
	}
	if reason := record.About(w, f, p); reason != "" || w.Reference != f.Reference {
		x.Log.WarnContext(ctx, "refund.answer_refused", "merchant", string(f.Merchant), "refund", string(f.ID), "reason", reason)
		return x.again(ctx, r, f, now, nil)
	}
	if w.Status.Open() {
		return x.again(ctx, r, f, now, x.moves(f, record.Outcome(w), now))
	}
	return x.finish(ctx, r, f, record.Outcome(w), now)
}

func (x *Refunds) finish(ctx context.Context, r *queue.Run, f paylink.Refund, o paylink.RefundOutcome, now time.Time) error {
	return r.Finish(ctx, x.moves(f, o, now))
}

// moves writes an outcome, unless a notice was faster.
func (x *Refunds) moves(f paylink.Refund, o paylink.RefundOutcome, now time.Time) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		s, err := record.Open(tx, f.Merchant, f.Live, f.Link, f.Payment)
		if err != nil {
			return err
		}
		is, err := tx.Refund(f.Merchant, f.Live, f.ID)
		if err != nil {
			return err
		}
		if told, ok := s.Move(tx, &is, o, "gateway", now); ok && told != "" {
			return s.Close(tx, now)
		}
		return nil
	}
}

// again plans the next question, or the next telling, with the effects of this one.
func (x *Refunds) again(ctx context.Context, r *queue.Run, f paylink.Refund, now time.Time, effects func(*store.Tx) error) error {
	if now.Sub(f.CreatedAt) > askFor {
		return r.Park(ctx, queue.ReasonGaveUp, effects)
	}
	r.Job.Payload.Tries++
	return r.Again(ctx, now.Add(paylink.AskAfter(r.Job.Payload.Tries)), effects)
}
