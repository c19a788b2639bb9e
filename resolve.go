package paylink

import "time"

// Resolve says what becomes of captured money that was on hold, and counts what is accepted of it. It returns
// the types of the events that this is, in order; false, having changed nothing, when the payment is not on
// hold. What goes back is for the caller to begin.
func Resolve(l *Link, p *Payment, to Policy, worldNow, now time.Time) ([]EventType, bool) {
	if p.Status != PaymentCaptured || p.Disposition != PolicyHold || to == PolicyHold {
		return nil, false
	}
	p.Disposition = to
	p.Touch(now)
	told := []EventType{EventPaymentResolved}
	if to != PolicyAccept {
		return told, true
	}
	if p.Abnormal == AbnormalOverpaid { // what was asked counts already
		l.AmountPaid += p.AmountExcess
		p.AmountExcess = 0
	} else {
		l.count(*p)
	}
	return l.settle(told, *p, worldNow), true
}

// Held is how much of the captured money waits for somebody to say what becomes of it.
func (p Payment) Held() int64 {
	switch {
	case p.Status != PaymentCaptured || p.Disposition != PolicyHold:
		return 0
	case p.Abnormal == AbnormalOverpaid:
		return p.AmountExcess
	}
	return p.AmountCaptured
}
