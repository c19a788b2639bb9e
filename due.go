package paylink

// AmountDue is what a customer would be asked for next, in minor units; where the customer chooses, the
// least that would do.
func (l Link) AmountDue() int64 {
	switch {
	case l.Usage.Mode == UsageMulti && l.capReached():
		return 0
	case l.Usage.Mode == UsageMulti || l.AmountPaid == 0:
		return l.asked()
	}
	return max(0, l.Least()-l.Settled())
}

// OfferedFor is the amount for which a page offers ways to pay, in minor units; 0 where the customer chooses it.
func (l Link) OfferedFor() int64 {
	if l.Terms.CustomerAmount != nil || l.Terms.Partial != nil || l.Terms.Adjustable() {
		return 0
	}
	return l.AmountDue()
}

// asked is the amount with which a page begins.
func (l Link) asked() int64 {
	if l.Terms.CustomerAmount != nil {
		return l.Terms.CustomerAmount.Minimum
	}
	return l.Amount.Minor
}

// Least is the smallest sum that a payment of the whole can come to.
func (l Link) Least() int64 {
	if l.Terms.Adjustable() {
		return leastOf(l.Terms.Items)
	}
	return l.asked()
}

// capReached tells that a link of many uses takes no payment more, whatever becomes of those that are
// under way.
func (l Link) capReached() bool {
	return l.Usage.MaxPayments > 0 && l.PaymentsCount >= l.Usage.MaxPayments ||
		l.Usage.MaxTotal > 0 && l.Usage.MaxTotal-l.Settled() < l.Least()
}

// Full tells that the payments under way are all that the caps still have room for.
func (l Link) Full() bool {
	room, capped := l.Room()
	return l.Usage.MaxPayments > 0 && l.PaymentsCount+l.InFlight >= l.Usage.MaxPayments || capped && room < l.Least()
}

// Room is how much a link with a cap on its total still takes, in minor units, when everything under
// way succeeds. capped is false for a link without such a cap.
func (l Link) Room() (minor int64, capped bool) {
	if l.Usage.MaxTotal == 0 {
		return 0, false
	}
	return max(0, l.Usage.MaxTotal-l.Settled()-l.underWay()), true
}

// PaymentsLeft is how many payments a link with a cap on their number still takes, when everything
// under way succeeds. capped is false for a link without such a cap.
func (l Link) PaymentsLeft() (n int64, capped bool) {
	if l.Usage.MaxPayments == 0 {
		return 0, false
	}
	return max(0, l.Usage.MaxPayments-l.PaymentsCount-l.InFlight), true
}

// Begin counts a payment that starts now, by its part that settles the link.
func (l *Link) Begin(towards Money) {
	l.AmountInFlight = l.underWay() + towards.Minor
	l.InFlight++
	l.Attempts++
}

// end counts a payment out that was under way.
func (l *Link) end(towards Money) {
	l.AmountInFlight = max(0, l.underWay()-towards.Minor)
	if l.InFlight--; l.InFlight == 0 {
		l.AmountInFlight = 0
	}
}

// underWay is AmountInFlight, also beside an older build, which ends payments without counting their
// amounts out.
func (l Link) underWay() int64 {
	if l.InFlight == 0 {
		return 0
	}
	return l.AmountInFlight
}
