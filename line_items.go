package paylink

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// LineItem is one line of what a link asks for. Amounts are in minor units of the link's currency.
type LineItem struct {
	Name         string      `json:"name" maxLength:"100" example:"Tea"`
	Quantity     int64       `json:"quantity" minimum:"0" maximum:"9999" doc:"how many; 0 only where the customer may choose more"`
	UnitAmount   int64       `json:"unit_amount" minimum:"1" maximum:"1000000000000" doc:"minor units, for one"`
	TaxRate      string      `json:"tax_rate,omitempty" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" maxLength:"8" doc:"percent, as a decimal text of at most 4 decimals; at most 100" example:"18"`
	TaxInclusive bool        `json:"tax_inclusive,omitempty" doc:"the tax is part of unit_amount; otherwise it is added"`
	Adjustable   *Adjustable `json:"adjustable,omitempty" doc:"the customer chooses the quantity within these bounds"`
}

// Adjustable bounds the quantity that a customer may choose, both ends included.
type Adjustable struct {
	Minimum int64 `json:"minimum" minimum:"0" maximum:"9999"`
	Maximum int64 `json:"maximum" minimum:"1" maximum:"9999"`
}

// Totals is what lines come to, in minor units: Subtotal without tax, and Total = Subtotal + Tax.
type Totals struct {
	Subtotal int64 `json:"subtotal" doc:"minor units, without tax"`
	Tax      int64 `json:"tax" doc:"rounded for each line, half away from zero"`
	Total    int64 `json:"total"`
}

// whole is 100 % in the unit in which rates are counted: a millionth, so that four decimals of a
// percent are exact.
const whole = 1_000_000

// Rate is the tax rate in millionths; an empty text is no tax. ok is false for a text that is no
// percentage of at most four decimals, and above 100.
func (i LineItem) Rate() (millionths int64, ok bool) {
	if i.TaxRate == "" {
		return 0, true
	}
	return percentage(i.TaxRate)
}

// percentage reads a percentage of at most four decimals and at most 100, in millionths.
func percentage(text string) (millionths int64, ok bool) {
	percent, fraction, point := strings.Cut(text, ".")
	digits := strings.Trim(percent+fraction, "0123456789") == ""
	if !digits || len(percent) < 1 || len(percent) > 3 || len(fraction) > 4 || point && fraction == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(percent+fraction+strings.Repeat("0", 4-len(fraction)), 10, 64)
	return n, err == nil && n <= whole
}

// Totals computes the line. Tax is rounded to a whole minor unit, half away from zero, once for the
// line and not for each piece: three pieces at 0.5 of tax are 1.5, which is 2.
func (i LineItem) Totals() (Totals, error) {
	rate, ok := i.Rate()
	switch {
	case !ok:
		return Totals{}, fmt.Errorf("line item has no tax rate that can be read")
	case i.Quantity < 0 || i.UnitAmount < 0:
		return Totals{}, fmt.Errorf("line item of %d × %d is negative", i.Quantity, i.UnitAmount)
	case i.Quantity > 0 && i.UnitAmount > MaxMinor/i.Quantity:
		return Totals{}, fmt.Errorf("line item of %d × %d is above the largest amount", i.Quantity, i.UnitAmount)
	}
	priced := i.Quantity * i.UnitAmount // at most 10^12, so that times a rate it stays within 64 bits
	if i.TaxInclusive {
		tax := roundedQuotient(priced*rate, whole+rate)
		return Totals{priced - tax, tax, priced}, nil
	}
	tax := roundedQuotient(priced*rate, whole)
	return Totals{priced, tax, priced + tax}, nil
}

// TotalOf adds the lines up. Lines are rounded, so that what stands beside each adds up to the sum.
func TotalOf(items []LineItem) (Totals, error) {
	var sum Totals
	for _, i := range items {
		t, err := i.Totals()
		if err != nil {
			return Totals{}, err
		}
		sum = Totals{sum.Subtotal + t.Subtotal, sum.Tax + t.Tax, sum.Total + t.Total}
		if sum.Total > MaxMinor {
			return Totals{}, fmt.Errorf("line items come to more than the largest amount")
		}
	}
	return sum, nil
}

// Choose gives the line with the quantity that a customer chose; ok is false outside the bounds.
func (i LineItem) Choose(quantity int64) (chosen LineItem, ok bool) {
	if i.Adjustable == nil {
		return i, quantity == i.Quantity
	}
	ok = quantity >= i.Adjustable.Minimum && quantity <= i.Adjustable.Maximum
	i.Quantity = quantity
	return i, ok
}

// leastOf is the smallest sum that lines can come to, and at least 1: a payment of nothing is none.
func leastOf(items []LineItem) int64 {
	least := make([]LineItem, len(items))
	for n, i := range items {
		if i.Adjustable != nil {
			i.Quantity = i.Adjustable.Minimum
		}
		least[n] = i
	}
	t, err := TotalOf(least)
	if err != nil {
		return math.MaxInt64 // lines that were judged always add up; what does not is never paid
	}
	return max(1, t.Total)
}

// roundedQuotient is a/b to the nearest whole number, half away from zero, for a ≥ 0 and b > 0.
func roundedQuotient(a, b int64) int64 {
	q, r := a/b, a%b
	if r >= b-r {
		q++
	}
	return q
}
