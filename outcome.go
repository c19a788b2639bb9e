package paylink

import (
	"cmp"
	"time"
)

// Outcome is a word about a payment that has been checked and is believed.
type Outcome struct {
	Status           PaymentStatus
	Method           Method // empty: as chosen
	Details          MethodDetails
	GatewayOrder     string // as the gateway names the order
	GatewayReference string // as it names the payment
	BankReference    string
	Decline          Decline
	Fee, Tax         int64
	Action           Action        // for action_required
	Reserved         time.Duration // for authorised: how long the bank reserves the money; zero: nobody said
	Captured         int64         // minor units, for captured; zero: what was asked
}

// Advance applies an outcome to a payment and its link, and returns the types of the events that this
// is, in order. It reports false, having changed nothing, when the payment's machine does not allow
// the move: the word is late, repeated or out of order. worldNow judges the link's expiry, now dates
// the change.
func Advance(l *Link, p *Payment, o Outcome, worldNow, now time.Time) ([]EventType, bool) {
	if !PaymentMachine.Can(p.Status, o.Status) || o.Status == PaymentVoided && p.Ended() && p.Intent != IntentVoid {
		return nil, false // what ended without a reservation, has none to give back
	}
	standing := l.StatusAt(worldNow) // before this payment's end frees the link
	if p.Status == PaymentAuthorised && p.Manual {
		standing = LinkPending // the customer agreed in time; when the merchant takes the money is the merchant's own
	}
	if p.Status.Live() && !o.Status.Live() {
		l.end(p.Towards())
		l.LatestDeclined = o.Status == PaymentFailed
	}
	p.Status = o.Status
	p.Touch(now)
	p.learn(o)

	var told []EventType
	switch o.Status {
	case PaymentCaptured:
		p.AmountCaptured = cmp.Or(o.Captured, p.Amount.Minor)
		told = l.receive(p, standing)
	case PaymentPending:
		told = []EventType{EventPaymentPending}
	case PaymentAuthorised:
		if p.Manual && o.Reserved > 0 {
			p.CaptureBefore = worldNow.Add(o.Reserved)
		}
		told = []EventType{EventPaymentAuthorised}
	case PaymentFailed:
		told = []EventType{EventPaymentFailed}
	case PaymentAbandoned:
		told = []EventType{EventPaymentAbandoned}
	case PaymentVoided:
		told = []EventType{EventPaymentVoided}
	case PaymentUnknown:
		told = []EventType{EventPaymentUnknown}
	}
	return l.settle(told, *p, worldNow), true
}

// Receive counts money that was captured outside the course of its own payment: a second capture for
// one order. The payment is new and captured; an AmountCaptured of zero is what was asked.
func Receive(l *Link, p *Payment, worldNow time.Time) []EventType {
	p.AmountCaptured = cmp.Or(p.AmountCaptured, p.Amount.Minor)
	return l.settle(l.receive(p, l.StatusAt(worldNow)), *p, worldNow)
}

// settle adds the event of the link's own change. Each part that is paid is told, also when the link
// was partly paid before.
func (l *Link) settle(told []EventType, p Payment, worldNow time.Time) []EventType {
	t := l.Resettle(worldNow, p.UpdatedAt)
	if t == "" && l.Status == LinkPartiallyPaid && p.Counts() {
		t = EventLinkPartiallyPaid
	}
	if t != "" {
		told = append(told, t)
	}
	if p.Counts() && l.KeepPromise() {
		told = append(told, EventPromiseKept)
	}
	return told
}

// Record counts money that its merchant took outside, whenever that was: nobody gives back cash because
// a link had expired. The payment is new and captured, and CapturedAt is when the money was taken.
func Record(l *Link, p *Payment, worldNow time.Time) []EventType {
	if standing := l.StatusAt(worldNow); standing == LinkExpired || standing == LinkCancelled {
		p.Abnormal, p.Disposition = AbnormalLate, PolicyAccept
	}
	p.AmountCaptured = p.Amount.Minor
	l.LatestDeclined = false
	l.AmountPaid += p.AmountCaptured
	l.PaymentsCount++
	return l.settle([]EventType{EventPaymentCaptured}, *p, worldNow)
}

// receive decides what becomes of captured money, given how the link stood when it came, and counts
// what is accepted of it.
func (l *Link) receive(p *Payment, standing LinkStatus) []EventType {
	p.CapturedAt = p.UpdatedAt
	l.LatestDeclined = false // also when it is this payment that was declined, and the bank's yes came late
	told := []EventType{EventPaymentCaptured}
	switch {
	case p.Abnormal == AbnormalDuplicate || l.AmountDue() == 0:
		p.Abnormal, p.Disposition = AbnormalDuplicate, l.OnDuplicate
		told = append(told, EventPaymentDuplicate)
	case standing == LinkExpired || standing == LinkCancelled:
		p.Abnormal, p.Disposition = AbnormalLate, l.OnLate
		told = append(told, EventPaymentLate)
	}
	if p.Counts() && p.Abnormal != AbnormalDuplicate {
		told = append(told, l.weigh(p)...)
	}
	if p.Counts() {
		l.count(*p)
	}
	return told
}

// weigh holds captured money to what was asked and to what is still due: a try that was given up, and
// succeeds after a part was paid in another way, is too much.
func (l *Link) weigh(p *Payment) []EventType {
	most := p.Towards().Minor
	if l.Usage.Mode == UsageSingle && l.Terms.CustomerAmount == nil && !l.Terms.Adjustable() {
		most = min(most, l.AmountDue())
	}
	if l.Usage.MaxTotal > 0 {
		most = min(most, l.Usage.MaxTotal-l.Settled()) // a cap that a late success would break
	}
	want := max(0, p.Amount.Minor-p.Towards().Minor+most) // the extras stay as they were asked
	switch {
	case p.AmountCaptured > want:
		p.Abnormal, p.Disposition = AbnormalOverpaid, cmp.Or(l.Terms.OnOver, PolicyHold)
		if p.Disposition != PolicyAccept {
			p.AmountExcess = p.AmountCaptured - want
		}
		return []EventType{EventPaymentOverpaid}
	case p.AmountCaptured < p.Amount.Minor && !p.Manual:
		p.Abnormal, p.Disposition = AbnormalUnderpaid, cmp.Or(l.Terms.OnUnder, PolicyHold)
		return []EventType{EventPaymentUnderpaid}
	}
	return nil
}

// learn takes over what the outcome tells about the payment; what it does not tell stays.
func (p *Payment) learn(o Outcome) {
	p.Identify(o)
	p.Decline = o.Decline
	p.Action = o.Action
	if o.Status == PaymentCaptured {
		p.Fee, p.Tax = o.Fee, o.Tax
	}
}

// Identify takes over by what the gateway and the bank know the payment; what the outcome does not tell stays.
func (p *Payment) Identify(o Outcome) {
	if o.Method != "" {
		p.Method = o.Method
	}
	if o.Details != (MethodDetails{}) {
		p.MethodDetails = o.Details
	}
	if o.GatewayOrder != "" {
		p.GatewayOrder = o.GatewayOrder
	}
	if o.GatewayReference != "" {
		p.GatewayReference = o.GatewayReference
	}
	if o.BankReference != "" {
		p.BankReference = o.BankReference
	}
}

// Tell makes the events of one change of a link, in order, and dates each after the one before, the
// link along with them: write the link after telling.
func (l *Link) Tell(now time.Time, actor string, customer *Customer, payment *Payment, types ...EventType) []Event {
	events := make([]Event, 0, len(types))
	for _, t := range types {
		at := l.Touch(now)
		e := Event{ID: NewEventID(now), Merchant: l.Merchant, Live: l.Live, At: at, Type: t, Link: l.ID, Actor: actor}
		if payment != nil {
			e.Payment = payment.ID
			e.Data.Payment = payment.Snapshot()
		}
		events = append(events, e)
	}
	snapshot := l.Snapshot(customer)
	for i := range events {
		events[i].Data.Link = snapshot
	}
	return events
}
