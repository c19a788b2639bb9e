package paylink_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"paylink"
)

// A line is an invoice's line: a cent of tax more or less is a wrong invoice. The rows are worked out by
// hand, with halves going away from zero.
func TestLinesAreTaxedAndRoundedEachForItself(t *testing.T) {
	for _, c := range []struct {
		item paylink.LineItem
		want paylink.Totals
	}{
		{paylink.LineItem{Quantity: 2, UnitAmount: 100000}, paylink.Totals{Subtotal: 200000, Total: 200000}},
		{paylink.LineItem{Quantity: 2, UnitAmount: 100000, TaxRate: "18"}, paylink.Totals{Subtotal: 200000, Tax: 36000, Total: 236000}},
		{paylink.LineItem{Quantity: 2, UnitAmount: 100000, TaxRate: "18", TaxInclusive: true}, paylink.Totals{Subtotal: 169492, Tax: 30508, Total: 200000}}, // 30508.47
		{paylink.LineItem{Quantity: 1, UnitAmount: 50, TaxRate: "5"}, paylink.Totals{Subtotal: 50, Tax: 3, Total: 53}},                                      // 2.5
		{paylink.LineItem{Quantity: 3, UnitAmount: 10, TaxRate: "5"}, paylink.Totals{Subtotal: 30, Tax: 2, Total: 32}},                                      // 1.5, not 3 × 0.5
		{paylink.LineItem{Quantity: 1, UnitAmount: 49, TaxRate: "1"}, paylink.Totals{Subtotal: 49, Total: 49}},                                              // 0.49
		{paylink.LineItem{Quantity: 1, UnitAmount: 1000000, TaxRate: "0.0001"}, paylink.Totals{Subtotal: 1000000, Tax: 1, Total: 1000001}},
		{paylink.LineItem{Quantity: 1, UnitAmount: 7, TaxRate: "100", TaxInclusive: true}, paylink.Totals{Subtotal: 3, Tax: 4, Total: 7}}, // 3.5
		{paylink.LineItem{Quantity: 0, UnitAmount: 7, TaxRate: "18"}, paylink.Totals{}},
	} {
		if got, err := c.item.Totals(); err != nil || got != c.want {
			t.Errorf("%+v comes to %+v, %v, want %+v", c.item, got, err, c.want)
		}
	}
	for _, i := range []paylink.LineItem{
		{Quantity: 2, UnitAmount: paylink.MaxMinor}, {Quantity: -1, UnitAmount: 1}, {Quantity: 1, UnitAmount: -1}, {Quantity: 1, UnitAmount: 1, TaxRate: "x"},
	} {
		if got, err := i.Totals(); err == nil {
			t.Errorf("%+v comes to %+v", i, got)
		}
	}
	if got, err := paylink.TotalOf([]paylink.LineItem{{Quantity: 1, UnitAmount: paylink.MaxMinor}, {Quantity: 1, UnitAmount: 1}}); err == nil {
		t.Errorf("more than there can be comes to %+v", got)
	}
}

// drawLine makes any line that a link may have, of at most a fiftieth of the largest amount.
func drawLine(t *rapid.T) paylink.LineItem {
	i := paylink.LineItem{
		Name: "n", Quantity: rapid.Int64Range(1, 200).Draw(t, "quantity"), UnitAmount: rapid.Int64Range(1, paylink.MaxMinor/20_000).Draw(t, "unit"),
		TaxRate: rapid.StringMatching(`|[0-9]{1,2}(\.[0-9]{1,4})?|100`).Draw(t, "rate"), TaxInclusive: rapid.Bool().Draw(t, "inclusive"),
	}
	if rapid.Bool().Draw(t, "adjustable") {
		i.Adjustable = &paylink.Adjustable{Minimum: rapid.Int64Range(0, i.Quantity).Draw(t, "least"), Maximum: i.Quantity + rapid.Int64Range(0, 9).Draw(t, "more")}
	}
	return i
}

// Integer arithmetic that overflows, or divides too early, is wrong for some line that no row shows: it
// is held to exact fractions, and what stands beside the lines must add up to the sum.
func TestLinesComeToWhatFractionsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(drawLine), 1, 20).Draw(t, "items")
		var sum paylink.Totals
		for _, i := range items {
			got, err := i.Totals()
			if err != nil {
				t.Fatal(err)
			}
			rate, ok := new(big.Rat).SetString("0" + i.TaxRate)
			if !ok {
				t.Fatalf("rate %q", i.TaxRate)
			}
			priced := new(big.Rat).SetInt64(i.Quantity * i.UnitAmount)
			base := big.NewRat(100, 1)
			if i.TaxInclusive {
				base.Add(base, rate)
			}
			exact := new(big.Rat).Quo(new(big.Rat).Mul(priced, rate), base)
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(got.Tax), exact) // above −½, at most ½: halves go up
			half := big.NewRat(1, 2)
			if off.Cmp(half) > 0 || off.Cmp(new(big.Rat).Neg(half)) <= 0 {
				t.Fatalf("tax of %+v is %d, exactly %s", i, got.Tax, exact.FloatString(6))
			}
			if got.Subtotal+got.Tax != got.Total || got.Subtotal < 0 || i.TaxInclusive && got.Total != i.Quantity*i.UnitAmount {
				t.Fatalf("%+v comes to %+v", i, got)
			}
			sum = paylink.Totals{Subtotal: sum.Subtotal + got.Subtotal, Tax: sum.Tax + got.Tax, Total: sum.Total + got.Total}
		}
		if got, err := paylink.TotalOf(items); err != nil || got != sum {
			t.Fatalf("all come to %+v, %v, want %+v", got, err, sum)
		}
	})
}
