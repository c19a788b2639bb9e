package refund

import (
	"context"
	"slices"
	"time"

	"paylink"
	"paylink/refund/record"
	"paylink/store"
)

// Wish is a refund that somebody asks for.
type Wish struct {
	Payment paylink.PaymentID
	Amount  *int64 // minor units of the payment's currency; nil: all that is left
	Reason  paylink.RefundReason
	Speed   paylink.RefundSpeed // empty: normal

	batch  paylink.RefundBatchID
	place  int64
	second bool // the list as a whole waits for a second person
}

// Create begins a refund. Above the merchant's threshold it waits for a second person; else the gateway is
// told when the time to call it off is over. *paylink.Conflict says why it cannot be: not_captured,
// taken_outside, payment_held, payment_credited, refunds_not_supported, payment_disputed, nothing_to_refund,
// refund_too_large.
func (x *Refunds) Create(ctx context.Context, by Actor, w Wish, claim *store.Claim) (Done, error) {
	if err := w.judge(); err != nil {
		return Done{}, err
	}
	now := x.now()
	read := x.Store.Read(ctx)
	p, err := read.Payment(by.Merchant.ID, by.Live, w.Payment)
	if err != nil {
		return Done{}, about(err, "read payment", w.Payment)
	}
	if p.Gateway == "" {
		return Done{}, &paylink.Conflict{Code: "taken_outside", Detail: "This money was taken outside; give it back the same way.", Other: string(p.ID)}
	}
	if _, _, err := x.able(read, p); err != nil {
		return Done{}, about(err, "find the gateway of payment", p.ID)
	}
	id, reference := paylink.NewRefundID(now), paylink.NewPaymentReference()
	var made paylink.Refund
	out, replayed, err := x.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		s, err := record.Open(tx, p.Merchant, p.Live, p.Link, p.ID)
		if err != nil {
			return store.Outcome{}, err
		}
		if made, err = w.make(by, s.Payment, id, now); err != nil {
			return store.Outcome{}, err
		}
		made.Reference = reference
		told := s.Begin(tx, &made, by.ID, now)
		return store.Outcome{Status: 201, Object: string(id), Event: told}, s.Close(tx, now)
	})
	if err != nil {
		return Done{}, about(err, "refund payment", p.ID)
	}
	if replayed {
		return x.asOf(ctx, by, out)
	}
	x.Log.InfoContext(ctx, "refund.created", "merchant", string(made.Merchant), "payment", string(made.Payment), "refund", string(made.ID),
		"status", string(made.Status), "by", by.ID)
	return Done{Refund: made, Snapshot: made.Snapshot()}, nil
}

// make judges the wish against the payment as it stands.
func (w Wish) make(by Actor, p paylink.Payment, id paylink.RefundID, now time.Time) (paylink.Refund, error) {
	not := func(code, detail string) (paylink.Refund, error) {
		return paylink.Refund{}, &paylink.Conflict{Code: code, Detail: detail, Other: string(p.ID)}
	}
	switch {
	case p.Status != paylink.PaymentCaptured:
		return not("not_captured", "Only captured money can be given back.")
	case p.Disposition == paylink.PolicyHold:
		return not("payment_held", "This money is on hold: say what becomes of it first.")
	case p.Disposition == paylink.PolicyCredit && !p.Counts():
		return not("payment_credited", "This money is a credit of the customer's.")
	case p.Dispute.Open() && !by.Merchant.Settings.Refunds.Disputed():
		return not("payment_disputed", "The customer disputes this payment; the money could go back twice. Accept the dispute instead, or allow such refunds in your settings.")
	case p.Refundable() == 0:
		return not("nothing_to_refund", "Nothing of the payment is left to give back.")
	}
	amount := p.Refundable()
	if w.Amount != nil {
		amount = *w.Amount
	}
	if amount > p.Refundable() {
		return not("refund_too_large", "Less than this is left of the payment to give back.")
	}
	rules := by.Merchant.Settings.Refunds
	r := p.Refund(id, amount, w.Reason, paylink.RefundAsked)
	r.Instant, r.RequestedBy, r.SendAfter = w.Speed == paylink.RefundInstant, by.ID, now.Add(rules.Window(w.batch != ""))
	r.Batch, r.Place = w.batch, w.place
	if w.second || rules.Second(p.AmountRefunded+p.AmountRefunding+amount) {
		r.Status = paylink.RefundAwaiting
	}
	return r, nil
}

// judge finds what cannot be in the wish alone.
func (w *Wish) judge() error {
	bad := &paylink.Invalid{}
	if w.Amount != nil && (*w.Amount <= 0 || *w.Amount > paylink.MaxMinor) {
		bad.Add("/amount", "out_of_range", "A positive number of minor units.")
	}
	if w.Reason == "" {
		w.Reason = paylink.ReasonRequested
	}
	if !slices.Contains(paylink.RefundReasons, w.Reason) {
		bad.Add("/reason", "unknown_value", "One of requested_by_customer, duplicate, fraudulent, abnormal.")
	}
	if w.Speed != "" && w.Speed != paylink.RefundNormal && w.Speed != paylink.RefundInstant {
		bad.Add("/speed", "unknown_value", "One of normal, instant.")
	}
	return bad.OrNil()
}

// asOf gives what a request came to that was answered before.
func (x *Refunds) asOf(ctx context.Context, by Actor, out store.Outcome) (Done, error) {
	read := x.Store.Read(ctx)
	r, err := read.Refund(by.Merchant.ID, by.Live, paylink.RefundID(out.Object))
	if err != nil {
		return Done{}, about(err, "read refund", out.Object)
	}
	e, err := read.Event(by.Merchant.ID, by.Live, out.Event)
	if err != nil {
		return Done{}, about(err, "read what was told of refund", out.Object)
	}
	return Done{Refund: r, Snapshot: e.Data.Refund, Replayed: true}, nil
}
