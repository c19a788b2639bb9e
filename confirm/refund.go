package confirm

import (
	"errors"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/refund/record"
	"paylink/store"
)

// checkRefund holds a word about a refund against what we asked for, or, where somebody began the refund at the
// gateway itself, against the payment that it names. A reason means that it is set aside.
func (c *Confirm) checkRefund(read store.Reader, account paylink.Account, w gateway.RefundWord) (paylink.Payment, string, error) {
	name := provider.Account{ID: account.ID, Merchant: account.Merchant}.Name()
	if w.Account != "" && w.Account != name {
		return paylink.Payment{}, reasonAccount, nil
	}
	r, err := knownRefund(read, account, w)
	if err != nil && !paylink.IsNotFound(err) {
		return paylink.Payment{}, "", err
	}
	if paylink.IsNotFound(err) {
		return c.checkElsewhere(read, account, w)
	}
	p, err := read.Payment(r.Merchant, r.Live, r.Payment)
	switch {
	case err != nil:
		return p, "", err
	case r.Account != account.ID:
		return p, reasonAccount, nil
	}
	return p, record.About(w, r, p), nil
}

// checkElsewhere finds the payment of a refund that is not ours.
func (c *Confirm) checkElsewhere(read store.Reader, account paylink.Account, w gateway.RefundWord) (p paylink.Payment, reason string, err error) {
	p, err = paylink.Payment{}, &paylink.NotFound{Kind: "payment"}
	if w.Payment != "" {
		p, err = read.PaymentByGatewayReference(account.Merchant, account.ID, w.Payment)
	}
	if paylink.IsNotFound(err) && w.Of != "" {
		p, err = read.PaymentByReference(account.Merchant, w.Of)
	}
	switch {
	case paylink.IsNotFound(err):
		return p, reasonReference, nil
	case err != nil:
		return p, "", err
	case p.Account != account.ID:
		return p, reasonAccount, nil
	case w.Amount.Currency != p.Amount.Currency:
		return p, reasonCurrency, nil
	case w.GatewayReference == "":
		return p, reasonReference, nil // it would be counted as often as it is told
	case w.Payment != "" && p.GatewayReference != "" && w.Payment != p.GatewayReference:
		return p, "wrong_payment", nil
	case p.Status != paylink.PaymentCaptured:
		return p, reasonOrder, nil
	}
	return p, "", nil
}

// knownRefund finds the refund that a word is about, by our name for it or by the gateway's.
func knownRefund(read store.Reader, account paylink.Account, w gateway.RefundWord) (paylink.Refund, error) {
	if w.Reference != "" {
		r, err := read.RefundByReference(account.Merchant, w.Reference)
		if !paylink.IsNotFound(err) {
			return r, err
		}
	}
	if w.GatewayReference == "" {
		return paylink.Refund{}, &paylink.NotFound{Kind: "refund", ID: w.Reference}
	}
	return read.RefundByGatewayReference(account.Merchant, account.ID, w.GatewayReference)
}

// applyRefund writes what the word means, inside a transaction. It returns the reason why it means nothing new,
// or the empty string. A refund that somebody began at the gateway is recorded as one of ours.
func (c *Confirm) applyRefund(tx *store.Tx, of paylink.Payment, w gateway.RefundWord, now time.Time) (string, error) {
	s, err := record.Open(tx, of.Merchant, of.Live, of.Link, of.ID) // everybody locks the link first
	if err != nil {
		return "", err
	}
	r, err := knownRefund(tx.Reader, paylink.Account{ID: of.Account, Merchant: of.Merchant}, w)
	if paylink.IsNotFound(err) {
		return c.applyElsewhere(tx, s, w, now)
	}
	if err != nil {
		return "", err
	}
	if r, err = tx.Refund(r.Merchant, r.Live, r.ID); err != nil {
		return "", err
	}
	if reason := record.About(w, r, s.Payment); reason != "" {
		return reason, nil
	}
	switch told, ok := s.Move(tx, &r, record.Outcome(w), "gateway", now); {
	case !ok && r.Status == w.Status:
		return reasonKnown, nil
	case !ok:
		return reasonOrder, nil
	case told != "":
		return "", s.Close(tx, now)
	}
	return "", nil
}

// applyElsewhere records a refund that somebody began at the gateway itself, also one that failed before anybody
// here knew of it: the word that it succeeded may have been overtaken, and would be believed.
func (c *Confirm) applyElsewhere(tx *store.Tx, s record.Scene, w gateway.RefundWord, now time.Time) (string, error) {
	r := s.Payment.Refund(paylink.NewRefundID(now), w.Amount.Minor, paylink.ReasonRequested, paylink.RefundElsewhere)
	r.Status, r.GatewayReference, r.RequestedBy, r.SendAfter, r.SentAt = paylink.RefundPending, w.GatewayReference, "gateway", now, now
	s.Begin(tx, &r, "gateway", now)
	if !w.Status.Open() {
		s.Move(tx, &r, record.Outcome(w), "gateway", now)
	}
	return "", s.Close(tx, now)
}

// tooMuch tells whether a refund that was begun at the gateway has no room beside those that are under way here:
// one of them will fail there, so the notice is understood later.
func tooMuch(err error) bool {
	var conflict *paylink.Conflict
	return errors.As(err, &conflict) && conflict.Code == reasonTooMuch
}
