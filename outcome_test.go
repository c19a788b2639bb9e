package paylink_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
)

// Money that comes at a wrong time is named and decided as the link says; money that was merely slow is
// not. It is the time of the word that decides, not the last look that somebody took at the link.
func TestUnusualMoneyIsNamedAndDecided(t *testing.T) {
	expired, grace := noon.Add(24*time.Hour), noon.Add(24*time.Hour+paylink.ExpiryGrace)
	plain, late, duplicate := []paylink.EventType{"payment.captured"}, []paylink.EventType{"payment.captured", "payment.late"}, []paylink.EventType{"payment.captured", "payment.duplicate"}
	accepted := func(told []paylink.EventType) []paylink.EventType {
		return append(slices.Clip(told), "payment_link.paid")
	}
	live := func(l *paylink.Link) { l.InFlight = 1 }
	for _, c := range []struct {
		name   string
		from   paylink.PaymentStatus
		now    time.Time
		change func(*paylink.Link)
		counts bool
		told   []paylink.EventType
	}{
		{"in time", "pending", noon, live, true, accepted(plain)},
		{"a late yes to a decline", "failed", noon, func(l *paylink.Link) { l.LatestDeclined, l.Status = true, "failed" }, true, accepted(plain)},
		{"in flight at the expiry", "pending", grace.Add(-1), live, true, accepted(plain)},
		{"in flight for too long, held", "pending", grace, live, false, append(slices.Clip(late), "payment_link.expired")},
		{"in flight for too long, accepted", "pending", grace, func(l *paylink.Link) { l.InFlight, l.OnLate = 1, "accept" }, true, accepted(late)},
		{"nobody looked since the expiry", "abandoned", expired, func(*paylink.Link) {}, false, append(slices.Clip(late), "payment_link.expired")},
		{"after the cancellation", "pending", noon, func(l *paylink.Link) { l.InFlight, l.CancelledAt, l.Status = 1, noon, "cancelled" }, false, late},
		{"after it was paid, held", "pending", noon, func(l *paylink.Link) { l.InFlight, l.AmountPaid, l.Status = 1, 245000, "paid" }, false, duplicate},
		{"after it was paid and expired", "failed", expired, func(l *paylink.Link) { l.AmountPaid, l.Status = 245000, "paid" }, false, duplicate},
		{"after it was paid, accepted", "pending", noon, func(l *paylink.Link) {
			l.InFlight, l.AmountPaid, l.Status, l.OnDuplicate = 1, 245000, "paid", "accept"
		}, true, duplicate},
		{"above the cap", "abandoned", noon, func(l *paylink.Link) { *l = multi(2, 2); l.Status, l.OnDuplicate = "paid", "refund" }, false, duplicate},
		{"the last of many", "pending", noon, func(l *paylink.Link) { *l = multi(2, 1); l.InFlight = 1 }, true, accepted(plain)},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := due(func(l *paylink.Link) { l.OnLate, l.OnDuplicate = "hold", "hold"; c.change(l) })
			before, p := l, paylink.Payment{Status: c.from, Amount: rupees(245000)}
			told, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: "captured"}, c.now, noon)
			gained := int64(0)
			if c.counts {
				gained = 1
			}
			if !ok || !slices.Equal(told, c.told) || p.Counts() != c.counts || l.PaymentsCount != before.PaymentsCount+gained || l.AmountPaid != before.AmountPaid+gained*245000 {
				t.Errorf("told %v, decided %q, paid %d by %d; want %v, counted %t", told, p.Disposition, l.AmountPaid, l.PaymentsCount, c.told, c.counts)
			}
		})
	}
}

// The gateway's fee stands on the capture alone, a decline ends with it, and what a word does not tell
// is not forgotten.
func TestOutcomeTellsWhatItKnows(t *testing.T) {
	l, p := due(func(l *paylink.Link) { l.InFlight = 1 }), paylink.Payment{Status: paylink.PaymentCreated, Amount: rupees(245000), UpdatedAt: noon}
	details := paylink.MethodDetails{Bank: "bank"}
	for _, o := range []paylink.Outcome{
		{Status: paylink.PaymentPending, Method: paylink.MethodUPI, Details: details, GatewayReference: "g", BankReference: "b", Fee: 9, Action: paylink.Action{Kind: paylink.ActionApprove}},
		{Status: paylink.PaymentFailed, Decline: paylink.Decline{Group: "timeout"}},
		{Status: paylink.PaymentCaptured, Fee: 3, Tax: 1},
	} {
		if _, ok := paylink.Advance(&l, &p, o, noon, noon); !ok {
			t.Fatalf("%s was not taken", o.Status)
		}
		want := paylink.Payment{
			Status: o.Status, Amount: rupees(245000), Method: paylink.MethodUPI, MethodDetails: details, GatewayReference: "g", BankReference: "b",
			Decline: o.Decline, Action: o.Action, UpdatedAt: p.UpdatedAt,
		}
		if o.Status == paylink.PaymentCaptured {
			want.Fee, want.Tax, want.AmountCaptured, want.CapturedAt = 3, 1, 245000, p.UpdatedAt
		}
		if !reflect.DeepEqual(p, want) {
			t.Errorf("after %s\ngot  %+v\nwant %+v", o.Status, p, want)
		}
	}
	if want := noon.Add(3 * time.Microsecond); !p.UpdatedAt.Equal(want) {
		t.Errorf("three changes in one instant end at %v, want %v", p.UpdatedAt, want)
	}
}

// Two events of one instant must keep their order, and the link must be as late as the last of them,
// or the next change could be sealed before this one.
func TestToldEventsFollowEachOther(t *testing.T) {
	l := due(func(l *paylink.Link) { l.ID, l.Merchant, l.Live, l.UpdatedAt = "plink_1", "mer_a", true, noon })
	p := paylink.Payment{ID: "pay_1", UpdatedAt: noon}
	events := l.Tell(noon, "gateway", nil, &p, paylink.EventPaymentCaptured, paylink.EventLinkPaid)
	snapshot := l.Snapshot(nil)
	for i, e := range events {
		want := paylink.Event{
			ID: e.ID, Merchant: "mer_a", Live: true, At: noon.Add(time.Duration(i+1) * time.Microsecond), Link: "plink_1", Payment: "pay_1", Actor: "gateway",
			Type: []paylink.EventType{paylink.EventPaymentCaptured, paylink.EventLinkPaid}[i], Data: paylink.EventData{Link: snapshot, Payment: p.Snapshot()},
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("event %d\ngot  %+v\nwant %+v", i, e, want)
		}
	}
	if len(events) != 2 || !l.UpdatedAt.Equal(events[1].At) || events[0].ID == events[1].ID {
		t.Errorf("%d events, the link is dated %v", len(events), l.UpdatedAt)
	}
}
