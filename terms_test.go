package paylink_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"paylink"
)

// asked judges a wish and gives the amount, or the pointer and code of what is wrong.
func asked(l paylink.Link, w paylink.Wish) (int64, string) {
	q, err := l.Quote(w)
	var invalid *paylink.Invalid
	if errors.As(err, &invalid) {
		return 0, invalid.Fields[0].Pointer + " " + invalid.Fields[0].Code
	}
	return q.Amount.Minor, ""
}

// A page made by hand asks for any amount it likes. What the merchant did not offer does not start.
func TestOnlyWhatIsOfferedIsQuoted(t *testing.T) {
	parts := func(paid int64) paylink.Link {
		return due(func(l *paylink.Link) {
			l.AmountPaid, l.Terms.Partial = paid, &paylink.Partial{MinimumFirst: 50000, Minimum: 10000}
		})
	}
	open := func(change func(*paylink.Link)) paylink.Link {
		return due(func(l *paylink.Link) {
			l.Amount.Minor, l.Terms.CustomerAmount = 0, &paylink.CustomerAmount{Minimum: 100, Maximum: 900}
			change(l)
		})
	}
	lines := due(func(l *paylink.Link) {
		l.Amount.Minor = 250
		l.Terms.Items = []paylink.LineItem{
			{Name: "a", Quantity: 2, UnitAmount: 100, Adjustable: &paylink.Adjustable{Maximum: 9}}, {Name: "b", Quantity: 1, UnitAmount: 50},
		}
	})
	free := lines
	free.Terms.Items = lines.Terms.Items[:1]
	capped := func(l *paylink.Link) {
		l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxTotal: 1000}
		l.AmountPaid, l.InFlight, l.AmountInFlight = 500, 1, 200
	}
	for _, c := range []struct {
		name string
		link paylink.Link
		wish paylink.Wish
		want int64
		why  string
	}{
		{"fixed", due(func(*paylink.Link) {}), paylink.Wish{}, 245000, ""},
		{"fixed, said", due(func(*paylink.Link) {}), paylink.Wish{Amount: 245000}, 245000, ""},
		{"fixed, less", due(func(*paylink.Link) {}), paylink.Wish{Amount: 1}, 0, "/amount fixed"},
		{"all of the parts", parts(0), paylink.Wish{}, 245000, ""},
		{"least first part", parts(0), paylink.Wish{Amount: 50000}, 50000, ""},
		{"less than the first part", parts(0), paylink.Wish{Amount: 49999}, 0, "/amount too_small"},
		{"least later part", parts(50000), paylink.Wish{Amount: 10000}, 10000, ""},
		{"less than a later part", parts(50000), paylink.Wish{Amount: 9999}, 0, "/amount too_small"},
		{"all that is left, though less", parts(240000), paylink.Wish{Amount: 5000}, 5000, ""},
		{"less than all that is left", parts(240000), paylink.Wish{Amount: 4999}, 0, "/amount too_small"},
		{"more than is due", parts(50000), paylink.Wish{Amount: 195001}, 0, "/amount too_large"},
		{"below nothing", parts(0), paylink.Wish{Amount: -1}, 0, "/amount too_small"},
		{"open, not said", open(func(*paylink.Link) {}), paylink.Wish{}, 0, "/amount required"},
		{"open, least", open(func(*paylink.Link) {}), paylink.Wish{Amount: 100}, 100, ""},
		{"open, most", open(func(*paylink.Link) {}), paylink.Wish{Amount: 900}, 900, ""},
		{"open, less", open(func(*paylink.Link) {}), paylink.Wish{Amount: 99}, 0, "/amount too_small"},
		{"open, more", open(func(*paylink.Link) {}), paylink.Wish{Amount: 901}, 0, "/amount too_large"},
		{"open, under a cap", open(capped), paylink.Wish{Amount: 300}, 300, ""},
		{"open, above a cap", open(capped), paylink.Wish{Amount: 301}, 0, "/amount too_large"},
		{"lines as they stand", lines, paylink.Wish{}, 250, ""},
		{"more of a line", lines, paylink.Wish{Quantities: []int64{9, 1}}, 950, ""},
		{"less of a line", lines, paylink.Wish{Quantities: []int64{0, 1}}, 50, ""},
		{"too many of a line", lines, paylink.Wish{Quantities: []int64{10, 1}}, 0, "/quantities/0 out_of_range"},
		{"less than none", lines, paylink.Wish{Quantities: []int64{-1, 1}}, 0, "/quantities/0 out_of_range"},
		{"another number of what stands", lines, paylink.Wish{Quantities: []int64{2, 2}}, 0, "/quantities/1 out_of_range"},
		{"a line forgotten", lines, paylink.Wish{Quantities: []int64{2}}, 0, "/quantities required"},
		{"lines at another price", lines, paylink.Wish{Amount: 1}, 0, "/amount fixed"},
		{"nothing of anything", free, paylink.Wish{Quantities: []int64{0}}, 0, "/quantities too_small"},
	} {
		if got, why := asked(c.link, c.wish); got != c.want || why != c.why {
			t.Errorf("%s: %d %q, want %d %q", c.name, got, why, c.want, c.why)
		}
	}
}

// A sequence of parts of any size, each of which the page accepted, pays the link exactly: never more,
// and never with a rest that nobody can pay.
func TestPartsComeToTheAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := due(func(l *paylink.Link) {
			l.Amount.Minor = rapid.Int64Range(1, 1000).Draw(t, "amount")
			l.Terms.Partial = &paylink.Partial{MinimumFirst: rapid.Int64Range(1, l.Amount.Minor).Draw(t, "first"), Minimum: rapid.Int64Range(1, l.Amount.Minor).Draw(t, "later")}
		})
		for n := 0; l.StatusAt(noon) != paylink.LinkPaid; n++ {
			amount := rapid.Int64Range(l.LeastPart(), l.AmountDue()).Draw(t, "part")
			q, err := l.Quote(paylink.Wish{Amount: amount})
			if err != nil || l.Refusal(noon) != "" {
				t.Fatalf("%d of %d due is refused: %v %s", amount, l.AmountDue(), err, l.Refusal(noon))
			}
			l.Begin(q.Amount)
			p := paylink.Payment{Status: paylink.PaymentPending, Amount: q.Amount}
			told, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured}, noon, noon)
			want := paylink.EventLinkPartiallyPaid
			if l.AmountPaid == l.Amount.Minor {
				want = paylink.EventLinkPaid
			}
			if !ok || !slices.Contains(told, want) || l.AmountPaid > l.Amount.Minor || l.AmountInFlight != 0 || n > 1000 {
				t.Fatalf("part %d: told %v, %d of %d paid, %d in flight", n, told, l.AmountPaid, l.Amount.Minor, l.AmountInFlight)
			}
		}
	})
}

// Caps are for what is under way as well: a payment that began counts until it has failed.
func TestCapsCountWhatIsUnderWay(t *testing.T) {
	l := due(func(l *paylink.Link) { l.Usage = paylink.Usage{Mode: paylink.UsageMulti, MaxTotal: 600000} })
	for range 2 {
		l.Begin(l.Amount)
	}
	if room, _ := l.Room(); room != 110000 || l.Refusal(noon) != "payment_in_flight" || l.StatusAt(noon) != paylink.LinkPending {
		t.Errorf("room for %d, refused as %q", room, l.Refusal(noon))
	}
	p := paylink.Payment{Status: paylink.PaymentPending, Amount: l.Amount}
	failed := p
	paylink.Advance(&l, &failed, paylink.Outcome{Status: paylink.PaymentFailed}, noon, noon)
	if room, _ := l.Room(); room != 355000 || l.Refusal(noon) != "" {
		t.Errorf("after a failure room for %d, refused as %q", room, l.Refusal(noon))
	}
	l.Begin(l.Amount)
	for range 2 {
		paid := p
		paylink.Advance(&l, &paid, paylink.Outcome{Status: paylink.PaymentCaptured}, noon, noon)
	}
	if l.StatusAt(noon) != paylink.LinkPaid || l.AmountDue() != 0 || l.AmountPaid != 490000 {
		t.Errorf("full: %s, %d due, %d paid", l.StatusAt(noon), l.AmountDue(), l.AmountPaid)
	}
	late := paylink.Payment{Status: paylink.PaymentAbandoned, Amount: l.Amount} // given up, and its bank says yes
	l.OnDuplicate = paylink.PolicyRefund
	if paylink.Advance(&l, &late, paylink.Outcome{Status: paylink.PaymentCaptured}, noon, noon); late.Counts() || l.AmountPaid != 490000 {
		t.Errorf("a late success broke the cap: %d paid", l.AmountPaid)
	}
}

// More or less than was asked is decided as the merchant says, and told; what was not asked never pays
// a link by itself.
func TestTooMuchAndTooLittleGoByPolicy(t *testing.T) {
	for _, c := range []struct {
		captured       int64
		policy         paylink.Policy
		paid, excess   int64
		status         paylink.LinkStatus
		abnormal, tell string
	}{
		{245500, "accept", 245500, 0, "paid", "overpaid", "payment.overpaid"},
		{245500, "hold", 245000, 500, "paid", "overpaid", "payment.overpaid"},
		{245500, "refund", 245000, 500, "paid", "overpaid", "payment.overpaid"},
		{245500, "credit", 245000, 500, "paid", "overpaid", "payment.overpaid"},
		{100, "accept", 100, 0, "partially_paid", "underpaid", "payment.underpaid"},
		{100, "hold", 0, 0, "pending", "underpaid", "payment.underpaid"},
		{100, "refund", 0, 0, "pending", "underpaid", "payment.underpaid"},
		{100, "credit", 0, 0, "pending", "underpaid", "payment.underpaid"},
		{245000, "hold", 245000, 0, "paid", "", ""},
	} {
		l := due(func(l *paylink.Link) { l.Terms.OnOver, l.Terms.OnUnder = c.policy, c.policy })
		l.Begin(l.Amount)
		p := paylink.Payment{Status: paylink.PaymentPending, Amount: l.Amount}
		told, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured, Captured: c.captured}, noon, noon)
		if !ok || l.AmountPaid != c.paid || p.AmountExcess != c.excess || l.Status != c.status || string(p.Abnormal) != c.abnormal || p.AmountCaptured != c.captured ||
			p.Counted() != c.paid || c.tell != "" && !slices.Contains(told, paylink.EventType(c.tell)) || len(told) > 3 {
			t.Errorf("%d, %s: %d paid, %d too much, %s, %q, told %v", c.captured, c.policy, l.AmountPaid, p.AmountExcess, l.Status, p.Abnormal, told)
		}
	}
}

// A try of the whole was given up, a part was paid, and then the bank of the first says yes: what is no
// longer due does not count.
func TestLateYesAboveWhatIsStillDueIsTooMuch(t *testing.T) {
	l := due(func(l *paylink.Link) {
		l.AmountPaid, l.Terms.Partial = 45000, &paylink.Partial{MinimumFirst: 1, Minimum: 1}
	})
	p := paylink.Payment{Status: paylink.PaymentAbandoned, Amount: l.Amount}
	told, _ := paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured}, noon, noon)
	if p.AmountExcess != 45000 || p.Disposition != paylink.PolicyHold || l.AmountPaid != 245000 || !slices.Contains(told, paylink.EventPaymentOverpaid) {
		t.Errorf("%d too much, %s, %d paid, told %v", p.AmountExcess, p.Disposition, l.AmountPaid, told)
	}
}

// Cancelling or expiring keeps what was paid, and a revival goes on from there.
func TestWhatWasPaidStaysWhenTheLinkEnds(t *testing.T) {
	l := due(func(l *paylink.Link) {
		l.AmountPaid, l.Terms.Partial = 45000, &paylink.Partial{MinimumFirst: 1, Minimum: 1}
	})
	cancelled := l
	cancelled.CancelledAt = noon
	if got, later := cancelled.StatusAt(noon), l.StatusAt(l.ExpiresAt); got != paylink.LinkCancelled || later != paylink.LinkExpired || cancelled.AmountPaid != 45000 {
		t.Errorf("cancelled: %s, past its end: %s", got, later)
	}
	if l.StatusAt(noon) != paylink.LinkPartiallyPaid || l.AmountDue() != 200000 {
		t.Errorf("revived: %s, %d due", l.StatusAt(noon), l.AmountDue())
	}
}
