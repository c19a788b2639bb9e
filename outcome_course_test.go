package paylink_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paylink"
)

// course is one link's life under a random order of what customers, gateways, merchants and time can
// do to it, with what is known about it from outside.
type course struct {
	link     paylink.Link
	payments []*paylink.Payment
	now      time.Time
	recorded int64 // paid in another way before it all began
	declined bool  // the latest payment to end was declined
	stale    bool  // time went by, and nobody has looked at the link since
}

var policies = []paylink.Policy{paylink.PolicyAccept, paylink.PolicyHold, paylink.PolicyRefund, paylink.PolicyCredit}

// draw begins a course with a link of any kind.
func draw(t *rapid.T) *course {
	c := &course{now: noon}
	c.link = due(func(l *paylink.Link) {
		l.Amount.Minor = rapid.Int64Range(1, 100).Draw(t, "amount")
		if rapid.Bool().Draw(t, "multi") {
			l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: rapid.Int64Range(0, 3).Draw(t, "cap")}
		} else if rapid.Bool().Draw(t, "part paid") {
			l.AmountPaid = rapid.Int64Range(0, l.Amount.Minor-1).Draw(t, "recorded")
		}
		l.OnLate, l.OnDuplicate = rapid.SampledFrom(policies).Draw(t, "late"), rapid.SampledFrom(policies).Draw(t, "duplicate")
		if rapid.Bool().Draw(t, "permanent") {
			l.ExpiresAt = time.Time{}
		}
	})
	c.recorded = c.link.AmountPaid
	c.link.Resettle(c.now, c.now)
	return c
}

// start is a customer who presses pay; the link is asked first, as checkout does.
func (c *course) start(t *rapid.T) {
	if c.link.Refusal(c.now) != "" {
		return
	}
	c.link.InFlight++
	c.payments = append(c.payments, &paylink.Payment{
		ID: paylink.NewPaymentID(c.now), Status: paylink.PaymentCreated, CreatedAt: c.now, UpdatedAt: c.now,
		Amount: paylink.Money{Minor: c.link.AmountDue(), Currency: c.link.Amount.Currency},
	})
	c.settle(t)
}

// hear is a gateway that says anything about any payment.
func (c *course) hear(t *rapid.T) {
	if len(c.payments) == 0 {
		return
	}
	p := rapid.SampledFrom(c.payments).Draw(t, "payment")
	to := rapid.SampledFrom([]paylink.PaymentStatus{
		paylink.PaymentCaptured, paylink.PaymentCaptured, paylink.PaymentCaptured, paylink.PaymentFailed, paylink.PaymentFailed,
		paylink.PaymentAbandoned, paylink.PaymentAbandoned, paylink.PaymentCreated, paylink.PaymentActionRequired,
		paylink.PaymentPending, paylink.PaymentAuthorised, paylink.PaymentVoided, paylink.PaymentUnknown,
	}).Draw(t, "word")
	if p.Ended() && rapid.Bool().Draw(t, "reserved late") {
		p.Intent = paylink.IntentVoid
	}
	link, payment := c.link, *p
	told, ok := paylink.Advance(&c.link, p, paylink.Outcome{Status: to}, c.now, c.now)
	nothing := payment.Ended() && to == paylink.PaymentVoided && payment.Intent == "" // was reserved
	if ok != (paylink.PaymentMachine.Can(payment.Status, to) && !nothing) {
		t.Fatalf("%s → %s: %t", payment.Status, to, ok)
	}
	if !ok {
		if len(told) > 0 || !reflect.DeepEqual(link, c.link) || !reflect.DeepEqual(payment, *p) {
			t.Fatalf("a word that is not allowed changed something: told %v", told)
		}
		return
	}
	if !to.Live() && (payment.Status.Live() || to == paylink.PaymentCaptured) {
		c.declined = to == paylink.PaymentFailed
	}
	c.wantTold(t, link, *p, false, told)
}

// again is a second capture for an order that is captured already.
func (c *course) again(t *rapid.T) {
	i := slices.IndexFunc(c.payments, func(p *paylink.Payment) bool { return p.Status == paylink.PaymentCaptured })
	if i < 0 {
		return
	}
	link := c.link
	p := &paylink.Payment{
		ID: paylink.NewPaymentID(c.now), Status: paylink.PaymentCaptured, Amount: c.payments[i].Amount,
		Abnormal: paylink.AbnormalDuplicate, CreatedAt: c.now, UpdatedAt: c.now,
	}
	told := paylink.Receive(&c.link, p, c.now)
	c.payments, c.declined = append(c.payments, p), false
	c.wantTold(t, link, *p, true, told)
}

// settle is what a change of the facts by a merchant, or by time, ends with.
func (c *course) settle(t *rapid.T) {
	before := c.link
	c.stale = false
	told := c.link.Resettle(c.now, c.now)
	if want := changeTold(before.Status, c.link.Status); told != want {
		t.Fatalf("%s → %s tells %q, want %q", before.Status, c.link.Status, told, want)
	}
}

// changeTold is the event that a change of a link's status is; the API's names are those of the states.
func changeTold(from, to paylink.LinkStatus) paylink.EventType {
	switch {
	case from == to, to == paylink.LinkPending && from != paylink.LinkExpired && from != paylink.LinkCancelled:
		return ""
	case to == paylink.LinkPending:
		return paylink.EventLinkRefreshed
	}
	return paylink.EventType("payment_link." + string(to))
}

// wantTold holds the events of a word to what the word changed: the payment first, what is unusual
// about the money, and the link last. second says that the order was captured before.
func (c *course) wantTold(t *rapid.T, before paylink.Link, p paylink.Payment, second bool, told []paylink.EventType) {
	c.stale = false
	var want []paylink.EventType
	if p.Status != paylink.PaymentCreated && p.Status != paylink.PaymentActionRequired {
		want = append(want, paylink.EventType("payment."+string(p.Status)))
	}
	if p.Status == paylink.PaymentCaptured {
		standing := before.StatusAt(c.now)
		var abnormal paylink.Abnormal
		var disposition paylink.Policy
		switch {
		case second || before.AmountDue() == 0:
			abnormal, disposition = paylink.AbnormalDuplicate, before.OnDuplicate
		case standing == paylink.LinkExpired || standing == paylink.LinkCancelled:
			abnormal, disposition = paylink.AbnormalLate, before.OnLate
		}
		if abnormal != "" {
			want = append(want, paylink.EventType("payment."+string(abnormal)))
		}
		if p.Abnormal != abnormal || p.Disposition != disposition || p.AmountCaptured != p.Amount.Minor || p.CapturedAt.IsZero() {
			t.Fatalf("captured %d of %d as %q, %q; want %q, %q", p.AmountCaptured, p.Amount.Minor, p.Abnormal, p.Disposition, abnormal, disposition)
		}
	}
	if change := changeTold(before.Status, c.link.Status); change != "" {
		want = append(want, change)
	}
	if !slices.Equal(told, want) {
		t.Fatalf("told %v, want %v", told, want)
	}
}

// check holds the link to what must be true at any time.
func (c *course) check(t *rapid.T) {
	var live, count int64
	paid := c.recorded
	for _, p := range c.payments {
		if p.Status.Live() {
			live++
		}
		if p.Counts() {
			count, paid = count+1, paid+p.AmountCaptured
		}
		if (p.Abnormal == "") != (p.Disposition == "") {
			t.Fatalf("money that is %q is decided as %q", p.Abnormal, p.Disposition)
		}
	}
	l := c.link
	if l.InFlight != live || l.AmountPaid != paid || l.PaymentsCount != count || l.LatestDeclined != c.declined {
		t.Fatalf("the link says %d in flight, %d paid by %d, declined %t; the payments say %d, %d by %d, %t",
			l.InFlight, l.AmountPaid, l.PaymentsCount, l.LatestDeclined, live, paid, count, c.declined)
	}
	if l.OnDuplicate != paylink.PolicyAccept {
		if l.Usage.Mode == paylink.UsageSingle && paid > l.Amount.Minor || l.Usage.MaxPayments > 0 && count > l.Usage.MaxPayments {
			t.Fatalf("%+v of %d took %d in %d payments", l.Usage, l.Amount.Minor, paid, count)
		}
	}
	if !c.stale && l.Status != l.StatusAt(c.now) {
		t.Fatalf("the link is %s, and its facts say %s", l.Status, l.StatusAt(c.now))
	}
	if l.AmountDue() == 0 && l.StatusAt(c.now.AddDate(100, 0, 0)) != paylink.LinkPaid || (l.Status == paylink.LinkPaid) == l.PaidAt.IsZero() {
		t.Fatalf("%d is due of a link that is %s, paid at %v", l.AmountDue(), l.Status, l.PaidAt)
	}
}

// Words about payments come in any order, twice, and after the link's end. Whatever the order, a link
// counts exactly the money that it was given, never more than it asked for, and tells each change once.
func TestLinkCountsItsMoneyInAnyOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		t.Repeat(map[string]func(*rapid.T){
			"start": c.start,
			"hear":  c.hear,
			"again": c.again,
			"wait": func(t *rapid.T) {
				c.now = c.now.Add(rapid.SampledFrom([]time.Duration{time.Microsecond, 29 * time.Minute, 30 * time.Minute, 24 * time.Hour}).Draw(t, "for"))
				c.stale = true
			},
			"look":       c.settle,
			"cancel":     func(t *rapid.T) { c.link.CancelledAt = c.now; c.settle(t) },
			"reactivate": func(t *rapid.T) { c.link.CancelledAt = time.Time{}; c.settle(t) },
			"refresh":    func(t *rapid.T) { c.link.ExpiresAt = c.now.Add(time.Hour); c.settle(t) },
			"":           c.check,
		})
	})
}
