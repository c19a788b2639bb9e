package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The ISO 4217 currencies whose minor unit is not a hundredth. A code that is not listed has two decimals.
const (
	zeroDecimal  = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	threeDecimal = "BHD IQD JOD KWD LYD OMR TND"
)

// Exponent is how many decimals a currency's minor unit stands for: INR 2, JPY 0, KWD 3.
func Exponent(currency string) int {
	switch {
	case len(currency) != 3:
		return 2
	case strings.Contains(zeroDecimal, currency):
		return 0
	case strings.Contains(threeDecimal, currency):
		return 3
	}
	return 2
}

// Decimal writes minor units in major ones, grouped by thousands: 245000 INR is "2,450.00".
func Decimal(minor int64, currency string) string {
	exponent, sign, n := Exponent(currency), "", uint64(minor)
	if minor < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", exponent+1, n)
	whole, rest := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		rest = "." + rest
	}
	return sign + whole + rest
}

// Minor reads an amount in major units, such as 2450 or 2450.00, and never rounds: what has more decimals
// than the currency is refused. So are commas, which group in one country and divide in the next.
func Minor(text, currency string) (int64, error) {
	whole, decimals, point := strings.Cut(text, ".")
	exponent := Exponent(currency)
	switch {
	case whole == "" || point && decimals == "" || strings.Trim(whole+decimals, "0123456789") != "":
		return 0, errors.New("an amount is written like 2450 or 2450.00, without commas")
	case len(decimals) > exponent:
		return 0, fmt.Errorf("%s has %d decimals", currency, exponent)
	}
	minor, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", exponent-len(decimals)), 10, 64)
	if err != nil {
		return 0, errors.New("the amount is too large")
	}
	return minor, nil
}
