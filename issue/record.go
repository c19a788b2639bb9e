package issue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paylink"
	"paylink/ledger"
	"paylink/store"
)

// Recording is money that was taken outside: cash at the counter, a cheque, a bank transfer.
type Recording struct {
	Amount        *int64 // minor units; nil: what is due
	Method        paylink.Method
	BankReference string     // of a cheque or a transfer
	TakenAt       *time.Time // nil: now
}

// The limits of a recording.
const (
	maxBankReference = 100
	// maxTakenAgo is how long ago money can have been taken.
	maxTakenAgo = 366 * 24 * time.Hour
)

// Record notes a payment that was taken outside and counts it. Of a link of single use it takes at most
// what is due, and nothing while a payment is under way; one that expired or was cancelled is paid by it
// all the same. A link of many uses gets one payment more, within its cap.
func (x *Issuer) Record(ctx context.Context, by Actor, id paylink.LinkID, r Recording, claim *store.Claim) (Changed, error) {
	now := x.now()
	p := paylink.Payment{
		ID: paylink.NewPaymentID(now), Merchant: by.Merchant.ID, Live: by.Live, Link: id, Status: paylink.PaymentCaptured,
		Method: r.Method, BankReference: r.BankReference, Reference: paylink.NewPaymentReference(), CreatedAt: now,
	}
	done, err := x.change(ctx, by, id, claim, func(c *change) error {
		taken := p
		if err := r.judge(c, &taken, now); err != nil {
			return err
		}
		switch {
		case c.link.AmountDue() == 0:
			return c.not("nothing_due", "takes no further payment")
		case c.link.Usage.Mode == paylink.UsageSingle && c.link.InFlight > 0, c.link.Full():
			return inFlight(id)
		}
		taken.Touch(now)
		c.payment, c.told = &taken, paylink.Record(&c.link, &taken, c.world)
		c.tx.InsertPayment(taken)
		return ledger.Post(c.tx, now, paylink.PaymentEntries(taken)...)
	})
	if err != nil || !done.Replayed {
		return done, err
	}
	e, err := x.store.Read(ctx).Event(by.Merchant.ID, by.Live, done.Event)
	if err != nil {
		return done, err
	}
	recorded, err := x.store.Read(ctx).Payment(by.Merchant.ID, by.Live, e.Payment)
	done.Payment = &recorded
	return done, err
}

// judge sets what the payment was, or gives *paylink.Invalid.
func (r Recording) judge(c *change, p *paylink.Payment, now time.Time) error {
	j := &judgement{by: c.by, world: c.world}
	due := c.link.AmountDue()
	p.Amount = paylink.Money{Minor: due, Currency: c.link.Amount.Currency}
	if r.Amount != nil {
		p.Amount.Minor = *r.Amount
		j.amount(Draft{Amount: *r.Amount, HasAmount: true})
		if most := mostRecorded(c.link); due > 0 && *r.Amount > most {
			j.bad.Add("/amount", "too_large", fmt.Sprintf("At most %d minor units can be recorded.", most))
		}
	}
	j.text("/bank_reference", r.BankReference, maxBankReference, printable)
	if !slices.Contains(paylink.RecordedMethods, r.Method) {
		j.bad.Add("/method", "unknown_value", oneOf(paylink.RecordedMethods))
	}
	p.CapturedAt = now
	if r.TakenAt != nil {
		switch p.CapturedAt = r.TakenAt.UTC().Truncate(time.Microsecond); {
		case p.CapturedAt.After(c.world):
			j.bad.Add("/taken_at", "in_the_future", "The money cannot have been taken in the future.")
		case p.CapturedAt.Before(now.Add(-maxTakenAgo)):
			j.bad.Add("/taken_at", "too_far", "The money must have been taken within the last 366 days.")
		}
	}
	return j.bad.OrNil()
}

// mostRecorded is the largest sum that one more payment of the link can be.
func mostRecorded(l paylink.Link) int64 {
	most := l.AmountDue()
	if l.Terms.CustomerAmount != nil {
		most = l.Terms.CustomerAmount.Maximum
	} else if l.Terms.Adjustable() {
		most = paylink.MaxMinor
	}
	if room, capped := l.Room(); capped {
		most = min(most, room)
	}
	return most
}
