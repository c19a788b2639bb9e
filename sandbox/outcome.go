package sandbox

import (
	"time"

	"paylink"
)

// outcome is how the pretend bank answers.
type outcome string

const (
	success   outcome = "success"
	declined  outcome = "decline"
	pending   outcome = "pending"
	late      outcome = "late"
	unknown   outcome = "unknown"
	duplicate outcome = "duplicate"
)

// outcomes lists them in the order in which pages offer them.
var outcomes = []outcome{success, declined, pending, late, unknown, duplicate}

func (o outcome) valid() bool {
	for _, one := range outcomes {
		if o == one {
			return true
		}
	}
	return false
}

// A merchant can tell these declines apart; the groups are paylink's.
var (
	notApproved   = paylink.Decline{Group: "not_approved", Code: "do_not_honour", Message: "The bank did not approve the payment."}
	noFunds       = paylink.Decline{Group: "insufficient_funds", Code: "insufficient_funds", Message: "The account does not hold enough money."}
	expiredCard   = paylink.Decline{Group: "expired_card", Code: "expired_card", Message: "The card has expired."}
	wrongCode     = paylink.Decline{Group: "wrong_code", Code: "incorrect_cvc", Message: "The security code is not the card's."}
	notProven     = paylink.Decline{Group: "authentication_failed", Code: "authentication_failed", Message: "The bank could not confirm that it was the customer."}
	upiDeclined   = paylink.Decline{Group: "upi_declined", Code: "declined_by_customer", Message: "The request was declined in the UPI app."}
	walkedAway    = paylink.Decline{Group: "not_approved", Code: "customer_cancelled", Message: "The customer went back without paying."}
	bankTooSlow   = paylink.Decline{Group: "timeout", Code: "bank_timeout", Message: "The bank did not answer in time."}
	secondDebitIn = 100 * time.Millisecond // between the two notices of a duplicate, so that they come in order
)

// ruling is the bank's answer to one order.
type ruling struct {
	Outcome outcome
	Decline paylink.Decline       // of a decline; empty: the method's usual one
	Details paylink.MethodDetails // how the customer paid; empty: as known before
}

// rule applies a ruling: it changes the order and queues what paylink will be told. The caller holds
// s.mu. A *paylink.Conflict says that the order had its final answer before.
func (s *Sandbox) rule(o *order, r ruling, now time.Time) error {
	settled := o.Status == paylink.PaymentCaptured || o.Status == paylink.PaymentAuthorised || o.Status == paylink.PaymentVoided
	// A bank may find a payment that it had given up; it never finds a second way to refuse one.
	if o.Status == paylink.PaymentFailed && r.Outcome != success {
		settled = true
	}
	if settled {
		return &paylink.Conflict{Code: "order_settled", Detail: "The bank has already given its final answer.", Other: o.ID}
	}
	s.attempt(o, r.Details, now)
	o.LateAt, o.Challenge = time.Time{}, ""
	if o.Manual && (r.Outcome == success || r.Outcome == duplicate) { // nobody reserves the same money twice
		s.reserve(o, now)
		s.keepOrder(o, now)
		return nil
	}
	switch r.Outcome {
	case success:
		s.capture(o, now)
	case duplicate:
		s.capture(o, now)
		second := o.Payment
		second.ID, second.BankReference = newID("sbx_pay"), digits(12)
		o.Second = &second
		s.notify(o, second, now.Add(secondDebitIn))
	case declined:
		s.fail(o, r.Decline, now)
	case late:
		s.fail(o, bankTooSlow, now)
		o.LateAt = now.Add(s.cfg.LateAfter)
		s.arrange(o)
	case pending:
		o.Status = paylink.PaymentPending
		s.notify(o, o.Payment, now)
	case unknown:
		o.Status = paylink.PaymentUnknown // and not a word to anybody
	}
	s.keepOrder(o, now)
	return nil
}

// attempt notes that the customer has acted.
func (s *Sandbox) attempt(o *order, d paylink.MethodDetails, now time.Time) {
	if o.Payment.ID == "" {
		o.Payment.ID = newID("sbx_pay")
	}
	if d != (paylink.MethodDetails{}) {
		o.Payment.Details = d
	}
	o.Payment.At = now
}

func (s *Sandbox) capture(o *order, now time.Time) {
	o.Status = paylink.PaymentCaptured
	o.Payment.Decline, o.Payment.BankReference, o.Payment.At = nil, digits(12), now
	s.notify(o, o.Payment, now)
}

func (s *Sandbox) fail(o *order, d paylink.Decline, now time.Time) {
	if d == (paylink.Decline{}) {
		d = notApproved
		if o.Method == paylink.MethodUPI {
			d = upiDeclined
		}
	}
	o.Status = paylink.PaymentFailed
	o.Payment.Decline = &d
	s.notify(o, o.Payment, now)
}

// arrange puts a late success on the agenda. It looks at the order again when the time comes: the
// bank may have been asked to decide otherwise. The caller holds s.mu.
func (s *Sandbox) arrange(o *order) {
	due := o.LateAt
	s.acts.add(entry{due: due, act: func(now time.Time) {
		if o.Status == paylink.PaymentFailed && o.LateAt.Equal(due) {
			o.LateAt = time.Time{}
			if o.Manual {
				s.reserve(o, now)
			} else {
				s.capture(o, now)
			}
			s.keepOrder(o, now)
		}
	}})
	s.ring()
}

// keepOrder writes down a changed order and shows it. The caller holds s.mu.
func (s *Sandbox) keepOrder(o *order, now time.Time) {
	o.ChangedAt = now
	s.write(record{Order: o})
	s.changed(o.Account)
}
