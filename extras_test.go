package paylink_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"paylink"
)

// tipped is a link of 1,000.00 that takes tips of up to 200.00 and has two ways to deliver.
func tipped() paylink.Link {
	return due(func(l *paylink.Link) {
		l.Amount.Minor = 100000
		l.Terms.Tip = &paylink.Tip{PresetsPercent: []int64{10}, Maximum: 20000}
		l.Terms.Shipping = []paylink.ShippingOption{{Name: "Collect"}, {Name: "Courier", Amount: 5000}}
	})
}

// A page made by hand tips a fortune, asks for a delivery that is not offered, or for none.
func TestOnlyOfferedExtrasAreQuoted(t *testing.T) {
	plain := due(func(*paylink.Link) {})
	for _, c := range []struct {
		name string
		link paylink.Link
		wish paylink.Wish
		want int64
		why  string
	}{
		{"collected", tipped(), paylink.Wish{Shipping: 1}, 100000, ""},
		{"brought and tipped", tipped(), paylink.Wish{Shipping: 2, TipPercent: 10}, 115000, ""},
		{"largest tip", tipped(), paylink.Wish{Shipping: 1, Tip: 20000}, 120000, ""},
		{"tip too large", tipped(), paylink.Wish{Shipping: 1, Tip: 20001}, 0, "/tip too_large"},
		{"percent too large", tipped(), paylink.Wish{Shipping: 1, TipPercent: 21}, 0, "/tip too_large"},
		{"percent of nowhere", tipped(), paylink.Wish{Shipping: 1, TipPercent: 101}, 0, "/tip out_of_range"},
		{"tip below nothing", tipped(), paylink.Wish{Shipping: 1, Tip: -1}, 0, "/tip out_of_range"},
		{"no way said", tipped(), paylink.Wish{}, 0, "/shipping required"},
		{"third of two ways", tipped(), paylink.Wish{Shipping: 3}, 0, "/shipping unknown_value"},
		{"a way before the first", tipped(), paylink.Wish{Shipping: -1}, 0, "/shipping unknown_value"},
		{"tip where none is taken", plain, paylink.Wish{Tip: 1}, 0, "/tip too_large"},
		{"way where there is none", plain, paylink.Wish{Shipping: 1}, 0, "/shipping unknown_value"},
	} {
		if got, why := asked(c.link, c.wish); got != c.want || why != c.why {
			t.Errorf("%s: %d %q, want %d %q", c.name, got, why, c.want, c.why)
		}
	}
}

// Whatever is added, a payment's amount is what settles the link and the extras, and when it is captured
// the link is settled by exactly the first and due by no minor unit more or less.
func TestPaymentIsWhatSettlesAndExtras(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		l := tipped()
		l.Amount.Minor = rapid.Int64Range(1, paylink.MaxMinor/4).Draw(t, "amount")
		l.Terms.Tip.Maximum = 0
		l.Terms.Shipping[1].Amount = rapid.Int64Range(0, paylink.MaxMinor/4).Draw(t, "courier")
		l.Terms.OnUnder = paylink.PolicyAccept
		w := paylink.Wish{Shipping: rapid.IntRange(1, 2).Draw(t, "way"), Tip: rapid.Int64Range(0, l.Amount.Minor).Draw(t, "tip")}
		q, err := l.Quote(w)
		if err != nil {
			t.Fatal(err)
		}
		p := paylink.Payment{Status: paylink.PaymentActionRequired, Amount: q.Amount, Extras: q.Extras}
		if p.Towards().Minor+p.Extras.Added() != p.Amount.Minor || p.Towards().Minor != l.Amount.Minor {
			t.Fatalf("%d is not %d and %d", p.Amount.Minor, p.Towards().Minor, p.Extras.Added())
		}
		l.Begin(p.Towards())
		came := rapid.Int64Range(1, p.Amount.Minor).Draw(t, "came")
		if _, ok := paylink.Advance(&l, &p, paylink.Outcome{Status: paylink.PaymentCaptured, Captured: came}, now, now); !ok {
			t.Fatal("the bank's yes was not heard")
		}
		if l.AmountPaid != came || l.InFlight != 0 || l.AmountInFlight != 0 {
			t.Fatalf("%d came; paid %d, in flight %d of %d", came, l.AmountPaid, l.InFlight, l.AmountInFlight)
		}
		if want := max(0, l.Amount.Minor-came); l.AmountDue() != want || l.Settled() != min(came, l.Amount.Minor) {
			t.Fatalf("%d came: due %d, settled %d; want %d due", came, l.AmountDue(), l.Settled(), want)
		}
	})
}
