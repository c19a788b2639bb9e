package paylink_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"paylink"
)

// A sum across currencies or past the largest integer would silently invent or lose money.
func TestMoneyAddsOnlyWhatItCanHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		a, b   paylink.Money
		sum    paylink.Money
		refuse bool
	}{
		{"plain", rupees(49900), rupees(100), rupees(50000), false},
		{"nothing", rupees(0), rupees(0), rupees(0), false},
		{"taking back", rupees(100), rupees(-300), rupees(-200), false},
		{"to the very top", rupees(math.MaxInt64 - 1), rupees(1), rupees(math.MaxInt64), false},
		{"to the very bottom", rupees(math.MinInt64 + 1), rupees(-1), rupees(math.MinInt64), false},
		{"past the top", rupees(math.MaxInt64), rupees(1), paylink.Money{}, true},
		{"past the bottom", rupees(math.MinInt64), rupees(-1), paylink.Money{}, true},
		{"mixed currencies", rupees(1), paylink.Money{Minor: 1, Currency: "USD"}, paylink.Money{}, true},
		{"mixed currencies, nothing to add", rupees(1), paylink.Money{Currency: "USD"}, paylink.Money{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.a.Add(c.b)
			if got != c.sum || (err != nil) != c.refuse {
				t.Errorf("%v + %v = %v, %v; want %v, refused %t", c.a, c.b, got, err, c.sum, c.refuse)
			}
		})
	}
}

// The smallest integer has no positive twin: subtracting it by negating it would wrap around.
func TestMoneySubtractsWithoutWrapping(t *testing.T) {
	if got, err := rupees(50000).Sub(rupees(49900)); got != rupees(100) || err != nil {
		t.Errorf("500.00 − 499.00 = %v, %v", got, err)
	}
	if got, err := rupees(0).Sub(rupees(math.MinInt64)); err == nil {
		t.Errorf("0 − the smallest = %v, want a refusal", got)
	}
	if got, err := rupees(5).Sub(paylink.Money{Minor: 5, Currency: "JPY"}); err == nil {
		t.Errorf("rupees − yen = %v, want a refusal", got)
	}
}

// Adding and taking away again must give what was there, or books drift.
func TestMoneyAddAndSubtractAreInverse(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 11))
	for range 10_000 {
		a, b := rupees(random.Int64N(paylink.MaxMinor)), rupees(random.Int64N(paylink.MaxMinor))
		sum, err := a.Add(b)
		if err != nil {
			t.Fatalf("%v + %v: %v", a, b, err)
		}
		if back, err := sum.Sub(b); back != a || err != nil {
			t.Fatalf("%v + %v − %v = %v, %v", a, b, b, back, err)
		}
	}
}

// A wrong exponent charges a customer a hundred times too much: yen has no decimals, dinars three.
func TestCurrencyKnowsItsDecimals(t *testing.T) {
	for _, c := range []struct {
		code     paylink.Currency
		decimals int
		ok       bool
	}{
		{"INR", 2, true}, {"USD", 2, true}, {"EUR", 2, true}, {"HUF", 2, true}, {"IDR", 2, true}, {"TWD", 2, true},
		{"JPY", 0, true}, {"KRW", 0, true}, {"VND", 0, true}, {"CLP", 0, true}, {"ISK", 0, true}, {"UGX", 0, true}, {"XOF", 0, true},
		{"KWD", 3, true}, {"BHD", 3, true}, {"OMR", 3, true}, {"TND", 3, true}, {"JOD", 3, true}, {"IQD", 3, true}, {"LYD", 3, true},
		{"", 0, false}, {"IN", 0, false}, {"INRR", 0, false}, {"inr", 0, false}, {"Inr", 0, false}, {" IN", 0, false}, {"IN ", 0, false},
		{"R I", 0, false}, {"ABC", 0, false}, {"XXX", 0, false}, {"XTS", 0, false}, {"XAU", 0, false}, {"CLF", 0, false}, {"₹₹₹", 0, false},
		{"NRI", 0, false}, {"BTC", 0, false}, {"HRK", 0, false},
	} {
		if decimals, ok := c.code.Exponent(); decimals != c.decimals || ok != c.ok {
			t.Errorf("%q: %d, %t; want %d, %t", c.code, decimals, ok, c.decimals, c.ok)
		}
	}
}

// A decimal point in the wrong place on a wire is a wrong charge.
func TestMoneyWritesItsDecimals(t *testing.T) {
	for _, c := range []struct {
		money paylink.Money
		want  string
	}{
		{rupees(49900), "499.00"}, {rupees(0), "0.00"}, {rupees(5), "0.05"}, {rupees(-5), "-0.05"}, {rupees(-12345), "-123.45"},
		{paylink.Money{Minor: 500, Currency: "JPY"}, "500"}, {paylink.Money{Minor: 1250, Currency: "KWD"}, "1.250"},
		{paylink.Money{Minor: 1, Currency: "KWD"}, "0.001"}, {rupees(paylink.MaxMinor), "10000000000.00"},
		{rupees(math.MinInt64), "-92233720368547758.08"},
	} {
		if got := c.money.Decimal(); got != c.want {
			t.Errorf("%d %s is written %q, want %q", c.money.Minor, c.money.Currency, got, c.want)
		}
	}
}

func rupees(minor int64) paylink.Money { return paylink.Money{Minor: minor, Currency: "INR"} }
