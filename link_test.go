package paylink_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"paylink"
)

// due makes a single-use link over ₹2,450.00 that expires in a day, then changes it.
func due(change func(l *paylink.Link)) paylink.Link {
	l := paylink.Link{
		Amount: rupees(245000), Usage: paylink.Usage{Mode: paylink.UsageSingle},
		Status: paylink.LinkPending, ExpiresAt: noon.Add(24 * time.Hour),
	}
	change(&l)
	return l
}

// The status is what merchants act on: they ship goods for paid and chase for expired. DESIGN's
// order of facts decides wherever two could apply.
func TestLinkStatusFollowsFromFactsInOrder(t *testing.T) {
	tomorrow := noon.Add(24 * time.Hour)
	for _, c := range []struct {
		name string
		link paylink.Link
		now  time.Time
		want paylink.LinkStatus
	}{
		{"new", due(func(*paylink.Link) {}), noon, paylink.LinkPending},
		{"declined once", due(func(l *paylink.Link) { l.LatestDeclined = true }), noon, paylink.LinkFailed},
		{"declined, trying again", due(func(l *paylink.Link) { l.LatestDeclined, l.InFlight = true, 1 }), noon, paylink.LinkPending},
		{"part paid", due(func(l *paylink.Link) { l.AmountPaid = 1 }), noon, paylink.LinkPartiallyPaid},
		{"part paid, then declined", due(func(l *paylink.Link) { l.AmountPaid, l.LatestDeclined = 1, true }), noon, paylink.LinkPartiallyPaid},
		{"paid", due(func(l *paylink.Link) { l.AmountPaid = 245000 }), noon, paylink.LinkPaid},
		{"paid too much", due(func(l *paylink.Link) { l.AmountPaid = 245001 }), noon, paylink.LinkPaid},
		{"paid beats cancelled", due(func(l *paylink.Link) { l.AmountPaid, l.CancelledAt = 245000, noon }), noon, paylink.LinkPaid},
		{"paid beats expired", due(func(l *paylink.Link) { l.AmountPaid = 245000 }), tomorrow, paylink.LinkPaid},
		{"cancelled", due(func(l *paylink.Link) { l.CancelledAt = noon }), noon, paylink.LinkCancelled},
		{"cancelled beats expired", due(func(l *paylink.Link) { l.CancelledAt = noon }), tomorrow, paylink.LinkCancelled},
		{"cancelled acts at once, even in flight", due(func(l *paylink.Link) { l.CancelledAt, l.InFlight = noon, 1 }), noon, paylink.LinkCancelled},
		{"an instant before expiry", due(func(*paylink.Link) {}), tomorrow.Add(-time.Microsecond), paylink.LinkPending},
		{"the instant of expiry", due(func(*paylink.Link) {}), tomorrow, paylink.LinkExpired},
		{"expiry waits for a payment in flight", due(func(l *paylink.Link) { l.InFlight = 1 }), tomorrow.Add(30*time.Minute - 1), paylink.LinkPending},
		{"but no longer than half an hour", due(func(l *paylink.Link) { l.InFlight = 1 }), tomorrow.Add(30 * time.Minute), paylink.LinkExpired},
		{"expired beats part paid", due(func(l *paylink.Link) { l.AmountPaid = 1 }), tomorrow, paylink.LinkExpired},
		{"expired beats failed", due(func(l *paylink.Link) { l.LatestDeclined = true }), tomorrow, paylink.LinkExpired},
		{"never expires", due(func(l *paylink.Link) { l.ExpiresAt = time.Time{} }), noon.AddDate(50, 0, 0), paylink.LinkPending},
		{"many uses, one paid", multi(3, 1), noon, paylink.LinkPending},
		{"many uses, cap reached", multi(3, 3), noon, paylink.LinkPaid},
		{"many uses, no cap", multi(0, 1000), noon, paylink.LinkPending},
		{"many uses, never failed", due(func(l *paylink.Link) { l.Usage.Mode, l.LatestDeclined = paylink.UsageMulti, true }), noon, paylink.LinkPending},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.link.StatusAt(c.now); got != c.want {
				t.Errorf("status %s, want %s", got, c.want)
			}
		})
	}
}

func multi(limit, paid int64) paylink.Link {
	return due(func(l *paylink.Link) {
		l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: limit}
		l.PaymentsCount, l.AmountPaid = paid, paid*l.Amount.Minor
	})
}

// A customer asked for too much complains; one asked for too little has a discount.
func TestAmountDueIsWhatIsStillOwed(t *testing.T) {
	for _, c := range []struct {
		link paylink.Link
		want int64
	}{
		{due(func(*paylink.Link) {}), 245000},
		{due(func(l *paylink.Link) { l.AmountPaid = 45000 }), 200000},
		{due(func(l *paylink.Link) { l.AmountPaid = 245000 }), 0},
		{due(func(l *paylink.Link) { l.AmountPaid = 300000 }), 0},
		{multi(3, 2), 245000}, {multi(3, 3), 0}, {multi(3, 4), 0}, {multi(0, 99), 245000},
	} {
		if got := c.link.AmountDue(); got != c.want {
			t.Errorf("%+v: due %d, want %d", c.link.Usage, got, c.want)
		}
	}
}

// Each refusal shows the customer another page; a missing one takes money that nobody asked for.
func TestLinkRefusesPaymentsThatMustNotStart(t *testing.T) {
	for _, c := range []struct {
		name string
		link paylink.Link
		now  time.Time
		want string
	}{
		{"open", due(func(*paylink.Link) {}), noon, ""},
		{"after a decline", due(func(l *paylink.Link) { l.LatestDeclined = true }), noon, ""},
		{"part paid", due(func(l *paylink.Link) { l.AmountPaid = 1 }), noon, ""},
		{"on hold", due(func(l *paylink.Link) { l.Hold = paylink.HoldTampered }), noon, "on_hold"},
		{"paid", due(func(l *paylink.Link) { l.AmountPaid = 245000 }), noon, "paid"},
		{"cancelled", due(func(l *paylink.Link) { l.CancelledAt = noon }), noon, "cancelled"},
		{"archived", due(func(l *paylink.Link) { l.ArchivedAt = noon }), noon, "archived"},
		{"expired", due(func(*paylink.Link) {}), noon.Add(24 * time.Hour), "expired"},
		{"expired though one is in flight", due(func(l *paylink.Link) { l.InFlight = 1 }), noon.Add(24 * time.Hour), "expired"},
		{"single, one in flight", due(func(l *paylink.Link) { l.InFlight = 1 }), noon, "payment_in_flight"},
		{"multi, one in flight", inFlight(multi(3, 1), 1), noon, ""},
		{"multi, the last place in flight", inFlight(multi(3, 2), 1), noon, "payment_in_flight"},
		{"multi without a cap", inFlight(multi(0, 2), 500), noon, ""},
		{"multi, cap reached", multi(3, 3), noon, "paid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.link.Refusal(c.now); got != c.want {
				t.Errorf("refusal %q, want %q", got, c.want)
			}
		})
	}
}

func inFlight(l paylink.Link, n int64) paylink.Link {
	l.InFlight = n
	return l
}

// The event is what webhooks tell; a change without its event is a sale the merchant never hears of.
func TestChangeOfStatusTellsItsEvent(t *testing.T) {
	for _, c := range []struct {
		name string
		link paylink.Link
		now  time.Time
		tell paylink.EventType
		paid time.Time
	}{
		{"nothing changed", due(func(*paylink.Link) {}), noon, "", time.Time{}},
		{"paid", due(func(l *paylink.Link) { l.AmountPaid = 245000 }), noon, paylink.EventLinkPaid, noon},
		{"paid late", due(func(l *paylink.Link) { l.Status, l.AmountPaid = paylink.LinkExpired, 245000 }), noon.AddDate(0, 0, 9), paylink.EventLinkPaid, noon},
		{"declined", due(func(l *paylink.Link) { l.LatestDeclined = true }), noon, paylink.EventLinkFailed, time.Time{}},
		{"expired", due(func(*paylink.Link) {}), noon.AddDate(0, 0, 9), paylink.EventLinkExpired, time.Time{}},
		{"cancelled", due(func(l *paylink.Link) { l.CancelledAt = noon }), noon, paylink.EventLinkCancelled, time.Time{}},
		{"refreshed", due(func(l *paylink.Link) { l.Status = paylink.LinkExpired }), noon, paylink.EventLinkRefreshed, time.Time{}},
		{"reactivated", due(func(l *paylink.Link) { l.Status = paylink.LinkCancelled }), noon, paylink.EventLinkRefreshed, time.Time{}},
		{"a recorded cheque bounced", due(func(l *paylink.Link) { l.Status, l.PaidAt = paylink.LinkPaid, noon }), noon, "", time.Time{}},
		{"it bounced after the expiry", due(func(l *paylink.Link) { l.Status, l.PaidAt = paylink.LinkPaid, noon }), noon.AddDate(0, 0, 9), paylink.EventLinkExpired, time.Time{}},
		{"trying again after a decline", due(func(l *paylink.Link) { l.Status, l.LatestDeclined, l.InFlight = paylink.LinkFailed, true, 1 }), noon, "", time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.link.Resettle(c.now, noon); got != c.tell || !c.link.PaidAt.Equal(c.paid) {
				t.Errorf("tells %q and is paid at %v; want %q, %v", got, c.link.PaidAt, c.tell, c.paid)
			}
		})
	}
}

// docs/states.md promises which status may follow which; facts that lead elsewhere would make the
// promise false. Random facts change one at a time, as steps change them.
func TestEveryChangeOfStatusIsInTheTable(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 22))
	for range 2000 {
		l, now := due(func(*paylink.Link) {}), noon
		if random.IntN(3) == 0 {
			l = multi(1+random.Int64N(3), 0)
		}
		for range 20 {
			before, did := l.Status, changeFact(random, &l, &now)
			l.Resettle(now, now)
			if before != l.Status && !paylink.LinkMachine.Can(before, l.Status) {
				t.Fatalf("%s took a link from %s to %s, which the table does not list", did, before, l.Status)
			}
		}
	}
}

func changeFact(random *rand.Rand, l *paylink.Link, now *time.Time) string {
	switch random.IntN(8) {
	case 0:
		l.AmountPaid, l.PaymentsCount, l.LatestDeclined = l.AmountPaid+l.Amount.Minor, l.PaymentsCount+1, false
		return "a capture in full"
	case 1:
		l.AmountPaid, l.PaymentsCount = l.AmountPaid+1, l.PaymentsCount+1
		return "a capture in part"
	case 2:
		l.LatestDeclined, l.InFlight = true, 0
		return "a decline"
	case 3:
		l.InFlight = 1 - l.InFlight
		return "a payment that started or ended"
	case 4:
		if l.CancelledAt = *now; random.IntN(2) == 0 {
			l.CancelledAt = time.Time{}
		}
		return "cancelling or reactivating"
	case 5:
		*now = now.Add(13 * time.Hour)
		return "waiting"
	case 6:
		l.ExpiresAt = now.Add(24 * time.Hour)
		return "a refresh"
	}
	l.AmountPaid, l.PaymentsCount = 0, 0
	return "a reversal of everything"
}

// Two nodes' clocks differ; a timeline in which the answer comes before the question cannot be read.
func TestTouchNeverGoesBack(t *testing.T) {
	l := paylink.Link{UpdatedAt: noon}
	for _, step := range []struct{ clock, want time.Time }{
		{noon.Add(time.Second), noon.Add(time.Second)},
		{noon, noon.Add(time.Second + time.Microsecond)},
		{noon.Add(time.Second + 2*time.Microsecond + 999), noon.Add(time.Second + 2*time.Microsecond)},
		{noon.Add(time.Second + 2*time.Microsecond), noon.Add(time.Second + 3*time.Microsecond)},
	} {
		if got := l.Touch(step.clock); !got.Equal(step.want) || !l.UpdatedAt.Equal(step.want) {
			t.Errorf("a clock of %v dates the change %v, want %v", step.clock, got, step.want)
		}
	}
}
