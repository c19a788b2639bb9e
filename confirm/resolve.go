package confirm

import (
	"context"
	"fmt"
	"slices"

	"paylink"
	"paylink/ledger"
	"paylink/refund/record"
	"paylink/store"
)

// Resolutions are what can become of money that is on hold.
var Resolutions = []paylink.Policy{paylink.PolicyAccept, paylink.PolicyRefund, paylink.PolicyCredit}

// Resolution is what somebody says becomes of a payment that waits on hold.
type Resolution struct {
	Merchant paylink.Merchant
	Live     bool
	By       string // key_… or usr_…
	Payment  paylink.PaymentID
	Outcome  paylink.Policy
}

// Resolved is a payment right after somebody said what becomes of it.
type Resolved struct {
	Payment  paylink.Payment
	Snapshot *paylink.PaymentSnapshot // as it was then, also for whoever asks the same again
}

// Resolve says what becomes of captured money that waits on hold: it counts after all, goes back, or is the
// customer's to use later. *paylink.Conflict "not_held" when it does not wait.
func (c *Confirm) Resolve(ctx context.Context, say Resolution, claim *store.Claim) (Resolved, error) {
	m, live, by, id, to := say.Merchant, say.Live, say.By, say.Payment, say.Outcome
	if !slices.Contains(Resolutions, to) {
		return Resolved{}, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/outcome", Code: "unknown_value", Detail: "One of accept, refund, credit."}}}
	}
	read := c.Store.Read(ctx)
	before, err := read.Payment(m.ID, live, id)
	if err != nil {
		return Resolved{}, err
	}
	now := c.Now()
	var p paylink.Payment
	out, replayed, err := c.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		s, err := record.Open(tx, m.ID, live, before.Link, id)
		if err != nil {
			return store.Outcome{}, err
		}
		if err := ledger.Enter(tx, s.Payment); err != nil { // as it is until now
			return store.Outcome{}, err
		}
		held, readLink := s.Payment.Held(), s.Link.UpdatedAt
		told, ok := paylink.Resolve(&s.Link, &s.Payment, to, m.Now(live, now), now)
		if !ok {
			return store.Outcome{}, &paylink.Conflict{Code: "not_held", Detail: "This payment does not wait for a decision.", Other: string(id)}
		}
		events := s.Link.Tell(now, by, s.Customer, &s.Payment, told...)
		for _, e := range events {
			tx.AppendEvent(e)
		}
		tx.UpdatePayment(s.Payment, paylink.PaymentCaptured)
		back := record.GiveBack(tx, &s.Link, &s.Payment, s.Customer, by, now)
		s.Link.Touch(now)
		tx.UpdateLink(s.Link, readLink)
		tx.Receipt(s.Link, s.Payment, s.Customer, m.Settings, now)
		p = s.Payment
		return store.Outcome{Status: 200, Object: string(id), Event: events[0].ID}, ledger.Post(tx, now, append(back, decided(p, to, held)...)...)
	})
	if err != nil {
		return Resolved{}, err
	}
	if replayed {
		e, err := read.Event(m.ID, live, out.Event)
		return Resolved{before, e.Data.Payment}, err
	}
	c.Log.InfoContext(ctx, "payment.resolved", "merchant", string(m.ID), "payment", string(id), "outcome", string(to), "by", by)
	return Resolved{p, p.Snapshot()}, nil
}

// decided is what a decision about money on hold means for the books; what goes back is in the refund's own
// entry.
func decided(p paylink.Payment, to paylink.Policy, held int64) []paylink.LedgerEntry {
	gone := int64(0) // of the held money, because somebody gave it back at the gateway itself
	if p.Abnormal != paylink.AbnormalOverpaid {
		gone = p.AmountRefunded + p.AmountRefunding
	}
	switch to {
	case paylink.PolicyAccept:
		return []paylink.LedgerEntry{paylink.AcceptedEntry(p, held, gone)}
	case paylink.PolicyCredit:
		return []paylink.LedgerEntry{paylink.CreditedEntry(p, held-gone)}
	case paylink.PolicyRefund:
		return nil
	}
	panic(fmt.Sprintf("payment %s was decided as %s", p.ID, to))
}
