package refund

import (
	"context"
	"time"

	"paylink"
	"paylink/refund/record"
	"paylink/store"
)

// Approve lets a refund go on that waits for a second person, who is not the one that asked for it.
func (x *Refunds) Approve(ctx context.Context, by Actor, id paylink.RefundID, claim *store.Claim) (Done, error) {
	return x.change(ctx, by, id, claim, func(tx *store.Tx, s *record.Scene, r *paylink.Refund, now time.Time) (paylink.EventID, error) {
		switch {
		case r.Status != paylink.RefundAwaiting:
			return "", stands(*r, "does not wait for approval")
		case r.RequestedBy == by.ID:
			return "", &paylink.Refused{Code: "same_person", Detail: "Whoever asked for the refund cannot approve it. Somebody else has to."}
		}
		return s.Approve(tx, r, by.ID, by.Merchant.Settings.Refunds.Window(r.Batch != ""), now), nil
	})
}

// Cancel calls a refund off that nobody has begun to tell the gateway. It turns one down that waits for a
// second person.
func (x *Refunds) Cancel(ctx context.Context, by Actor, id paylink.RefundID, claim *store.Claim) (Done, error) {
	return x.change(ctx, by, id, claim, func(tx *store.Tx, s *record.Scene, r *paylink.Refund, now time.Time) (paylink.EventID, error) {
		if !r.Cancellable() {
			return "", stands(*r, "cannot be called off")
		}
		told, _ := s.Move(tx, r, paylink.RefundOutcome{Status: paylink.RefundCancelled}, by.ID, now)
		return told, nil
	})
}

func stands(r paylink.Refund, what string) error {
	word := string(r.Status)
	if r.Status == paylink.RefundCreated {
		word = "sent"
	}
	return &paylink.Conflict{Code: "refund_" + word, Detail: "The refund " + what + ".", Other: string(r.ID)}
}

func (x *Refunds) change(ctx context.Context, by Actor, id paylink.RefundID, claim *store.Claim, do func(*store.Tx, *record.Scene, *paylink.Refund, time.Time) (paylink.EventID, error)) (Done, error) {
	before, err := x.Store.Read(ctx).Refund(by.Merchant.ID, by.Live, id)
	if err != nil {
		return Done{}, about(err, "read refund", id)
	}
	now := x.now()
	var r paylink.Refund
	out, replayed, err := x.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		s, err := record.Open(tx, before.Merchant, before.Live, before.Link, before.Payment)
		if err != nil {
			return store.Outcome{}, err
		}
		if r, err = tx.Refund(before.Merchant, before.Live, id); err != nil {
			return store.Outcome{}, err
		}
		told, err := do(tx, &s, &r, now)
		if err != nil {
			return store.Outcome{}, err
		}
		return store.Outcome{Status: 200, Object: string(id), Event: told}, s.Close(tx, now)
	})
	if err != nil {
		return Done{}, about(err, "change refund", id)
	}
	if replayed {
		return x.asOf(ctx, by, out)
	}
	x.Log.InfoContext(ctx, "refund.changed", "merchant", string(r.Merchant), "refund", string(r.ID), "status", string(r.Status), "by", by.ID)
	return Done{Refund: r, Snapshot: r.Snapshot()}, nil
}
