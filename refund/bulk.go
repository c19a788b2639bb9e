package refund

import (
	"context"
	"errors"
	"fmt"

	"paylink"
	"paylink/store"
)

// MostListed is how many refunds one list asks for.
const MostListed = 100

// Listed is what became of one refund of a list: the refund, or why there is none.
type Listed struct {
	Payment paylink.PaymentID
	Done    Done
	Err     error // one of the five kinds
}

// Bulk begins a list of refunds, each on its own: what cannot be refunded stands in no other's way. They can be
// called off together for as long as the merchant's settings say. When they bring more than the threshold
// together, each waits for a second person. The same list again, under one key, makes each of them once, also
// after a crash in the middle of it.
func (x *Refunds) Bulk(ctx context.Context, by Actor, wishes []Wish, claim *store.Claim) (paylink.RefundBatchID, []Listed, error) {
	bad := &paylink.Invalid{}
	if len(wishes) == 0 || len(wishes) > MostListed {
		bad.Add("/refunds", "wrong_length", fmt.Sprintf("A list has 1 to %d refunds.", MostListed))
	}
	for i := range wishes {
		var wrong *paylink.Invalid
		if errors.As(wishes[i].judge(), &wrong) {
			for _, f := range wrong.Fields {
				bad.Add(fmt.Sprintf("/refunds/%d%s", i, f.Pointer), f.Code, f.Detail)
			}
		}
	}
	if err := bad.OrNil(); err != nil {
		return "", nil, err
	}
	now := x.now()
	batch := paylink.NewRefundBatchID(now)
	out, _, err := x.Store.WriteOnce(ctx, claim, now, func(*store.Tx) (store.Outcome, error) {
		return store.Outcome{Status: 200, Object: string(batch)}, nil
	})
	if err != nil {
		return "", nil, about(err, "refund a list for", by.Merchant.ID)
	}
	batch = paylink.RefundBatchID(out.Object)
	made, err := x.ofBatch(ctx, by, batch)
	if err != nil {
		return "", nil, err
	}
	second, err := x.togetherTooMuch(ctx, by, wishes)
	if err != nil {
		return "", nil, err
	}
	all := make([]Listed, len(wishes))
	for i, w := range wishes {
		all[i].Payment = w.Payment
		if r, ok := made[int64(i)]; ok {
			all[i].Done = Done{Refund: r, Snapshot: r.Snapshot(), Replayed: true}
			continue
		}
		w.batch, w.place, w.second = batch, int64(i), second
		all[i].Done, all[i].Err = x.Create(ctx, by, w, nil)
		if all[i].Err != nil && !domain(all[i].Err) {
			return batch, nil, all[i].Err
		}
	}
	return batch, all, nil
}

// CancelBulk calls off what can be called off of a list, and gives all of it as it is then.
func (x *Refunds) CancelBulk(ctx context.Context, by Actor, batch paylink.RefundBatchID) ([]paylink.Refund, error) {
	made, err := x.ofBatch(ctx, by, batch)
	if err == nil && len(made) == 0 {
		err = &paylink.NotFound{Kind: "refund batch", ID: string(batch)}
	}
	if err != nil {
		return nil, err
	}
	var all []paylink.Refund
	for place := range int64(MostListed) {
		r, ok := made[place]
		if !ok {
			continue
		}
		if r.Cancellable() {
			done, err := x.Cancel(ctx, by, r.ID, nil)
			var sent *paylink.Conflict
			switch {
			case errors.As(err, &sent): // the gateway was told in this moment
				if r, err = x.Store.Read(ctx).Refund(r.Merchant, r.Live, r.ID); err != nil {
					return nil, about(err, "read refund", r.ID)
				}
			case err != nil:
				return nil, err
			default:
				r = done.Refund
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// ofBatch gives the refunds of a list by their places.
func (x *Refunds) ofBatch(ctx context.Context, by Actor, batch paylink.RefundBatchID) (map[int64]paylink.Refund, error) {
	list, err := x.Store.Read(ctx).Refunds(by.Merchant.ID, by.Live, store.RefundFilter{Batch: batch}, "", MostListed)
	if err != nil {
		return nil, about(err, "read the list", batch)
	}
	made := map[int64]paylink.Refund{}
	for _, r := range list {
		made[r.Place] = r
	}
	return made, nil
}

// togetherTooMuch tells whether a list needs a second person as a whole. Currencies are not mixed: each sum
// stands for itself.
func (x *Refunds) togetherTooMuch(ctx context.Context, by Actor, wishes []Wish) (bool, error) {
	rules, sums := by.Merchant.Settings.Refunds, map[paylink.Currency]int64{}
	if rules == nil || rules.ApproveAbove == nil {
		return false, nil
	}
	read := x.Store.Read(ctx)
	for _, w := range wishes {
		p, err := read.Payment(by.Merchant.ID, by.Live, w.Payment)
		if paylink.IsNotFound(err) {
			continue
		}
		if err != nil {
			return false, about(err, "read payment", w.Payment)
		}
		amount := p.Refundable()
		if w.Amount != nil {
			amount = *w.Amount
		}
		if sums[p.Amount.Currency] += amount; rules.Second(sums[p.Amount.Currency]) {
			return true, nil
		}
	}
	return false, nil
}
