// Package record writes what becomes of a refund: that it began, and each step of its way, with its payment,
// its link, its event and the word to the customer, inside somebody else's transaction.
//
// It is for refund, which decides about refunds and calls the gateway, and for confirm, which hears of them in
// notices and gives back what nobody asked for: neither may call the other, and both have to write the same. It
// decides nothing; what may follow what is the nouns' to say.
package record

import (
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/ledger"
	"paylink/store"
)

// Scene is what a refund is about, as it was read in the transaction, the link first.
type Scene struct {
	Link     paylink.Link
	Payment  paylink.Payment
	Customer *paylink.Customer

	read    time.Time // the link's, for its guard
	entries []paylink.LedgerEntry
}

// Open reads and locks the link and then the payment, in the order in which everybody does.
func Open(tx *store.Tx, merchant paylink.MerchantID, live bool, link paylink.LinkID, payment paylink.PaymentID) (s Scene, err error) {
	if s.Link, err = tx.Link(merchant, live, link); err != nil {
		return s, err
	}
	if s.Payment, err = tx.Payment(merchant, live, payment); err != nil {
		return s, err
	}
	s.read = s.Link.UpdatedAt
	s.Customer, err = tx.CustomerOf(s.Link)
	return s, err
}

// Begin adds a refund, whose amount is reserved from now on: Close fails with *paylink.Conflict
// "refund_too_large" when there is not so much. Its event is told by actor.
func (s *Scene) Begin(tx *store.Tx, r *paylink.Refund, actor string, now time.Time) paylink.EventID {
	read := s.Payment
	kind := paylink.BeginRefund(&s.Payment, r, now)
	tx.InsertRefund(*r)
	tx.MoveRefunded(s.Payment, read)
	if r.Status != paylink.RefundAwaiting {
		tx.Enqueue(r.Job(paylink.NewJobID(now)), now) // to tell the gateway, or to ask it
	}
	s.entries = append(s.entries, paylink.RefundEntry(s.Payment, part(*r)))
	return s.tell(tx, *r, kind, actor, now)
}

// Move applies what was heard or decided, and tells the customer of money that is on its way. It reports false, having written nothing, when the refund's machine does not allow it.
func (s *Scene) Move(tx *store.Tx, r *paylink.Refund, o paylink.RefundOutcome, actor string, now time.Time) (paylink.EventID, bool) {
	before, read := r.Status, s.Payment
	kind, ok := paylink.AdvanceRefund(&s.Link, &s.Payment, r, o, now)
	if !ok {
		return "", false
	}
	if r.Status == paylink.RefundCancelled {
		tx.CancelRefund(*r)
	} else {
		tx.UpdateRefund(*r, before)
	}
	if kind == "" {
		return "", true
	}
	tx.MoveRefunded(s.Payment, read)
	s.enter(*r, before)
	if t, ok := r.Tiding(); ok {
		tx.Enqueue(s.Link.Inform(paylink.NewJobID(now), t, now), now)
	}
	return s.tell(tx, *r, kind, actor, now), true
}

// Approve lets a refund go on that waited for a second person.
func (s *Scene) Approve(tx *store.Tx, r *paylink.Refund, by string, window time.Duration, now time.Time) paylink.EventID {
	r.Status, r.ApprovedBy, r.SendAfter = paylink.RefundCreated, by, now.Add(window)
	r.Touch(now)
	tx.UpdateRefund(*r, paylink.RefundAwaiting)
	tx.Enqueue(r.Job(paylink.NewJobID(now)), now)
	return s.tell(tx, *r, paylink.EventRefundApproved, by, now)
}

// enter notes what the end of a refund means for the books.
func (s *Scene) enter(r paylink.Refund, before paylink.RefundStatus) {
	e := paylink.RefundFailedEntry
	switch {
	case r.Status == paylink.RefundSucceeded:
		e = paylink.RefundSucceededEntry
		s.entries = append(s.entries, paylink.FeeEntry(s.Payment, string(r.ID), r.Fee, r.Tax))
	case before == paylink.RefundSucceeded:
		e = paylink.RefundReturnedEntry
	}
	s.entries = append(s.entries, e(s.Payment, part(r)))
}

func part(r paylink.Refund) paylink.RefundPart {
	return paylink.RefundPart{ID: string(r.ID), Amount: r.Amount.Minor, Held: r.Held}
}

// Close writes the link and the books, after everything else.
func (s *Scene) Close(tx *store.Tx, now time.Time) error {
	s.Link.Touch(now)
	tx.UpdateLink(s.Link, s.read)
	return ledger.Post(tx, now, s.entries...)
}

// GiveBack begins the refund of captured money that its merchant did not want, if it is such. The caller writes
// the link afterwards, and what comes back into the books.
func GiveBack(tx *store.Tx, l *paylink.Link, p *paylink.Payment, customer *paylink.Customer, by string, now time.Time) []paylink.LedgerEntry {
	r, ok := p.Unasked(paylink.NewRefundID(now), by, now)
	if !ok {
		return nil
	}
	s := Scene{Link: *l, Payment: *p, Customer: customer}
	s.Begin(tx, &r, "system", now)
	*l, *p = s.Link, s.Payment
	return s.entries
}

func (s *Scene) tell(tx *store.Tx, r paylink.Refund, kind paylink.EventType, actor string, now time.Time) (told paylink.EventID) {
	for _, e := range s.Link.Tell(now, actor, s.Customer, &s.Payment, kind) {
		e.Data.Refund = r.Snapshot()
		tx.AppendEvent(e)
		told = e.ID
	}
	return told
}

// About tells whether a word is about this refund as it was made: the empty reason, or why it is not. A word
// that is not may be somebody else's refund under our name, and is set aside.
func About(w gateway.RefundWord, r paylink.Refund, p paylink.Payment) string {
	switch {
	case w.Amount.Currency != r.Amount.Currency:
		return "wrong_currency"
	case w.Amount.Minor != r.Amount.Minor:
		return "wrong_amount"
	case w.Payment != "" && p.GatewayReference != "" && w.Payment != p.GatewayReference, w.Payment == "" && w.Of != "" && w.Of != p.Reference:
		return "wrong_payment"
	case w.GatewayReference != "" && r.GatewayReference != "" && w.GatewayReference != r.GatewayReference:
		return "wrong_refund"
	}
	return ""
}

// Outcome is the word in the refund's own terms.
func Outcome(w gateway.RefundWord) paylink.RefundOutcome {
	return paylink.RefundOutcome{
		Status: w.Status, GatewayReference: w.GatewayReference, BankReference: w.BankReference, Code: w.Code, Message: w.Message, Fee: w.Fee, Tax: w.Tax,
	}
}
