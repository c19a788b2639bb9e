package paylink

import (
	"fmt"
	"math"
	"strings"
)

// MaxMinor is the largest amount of money that any one object may carry, in minor units.
const MaxMinor int64 = 1_000_000_000_000

// Currency is an ISO 4217 alphabetic code in capitals, such as "INR".
type Currency string

// Money is an amount in a currency's minor unit: Money{49900, "INR"} is ₹499.00.
type Money struct {
	Minor    int64
	Currency Currency
}

// Add returns the sum. It refuses mixed currencies and overflow, since either would silently invent
// or lose money.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, fmt.Errorf("add %s to %s: mixed currencies", o.Currency, m.Currency)
	}
	if (o.Minor > 0 && m.Minor > math.MaxInt64-o.Minor) || (o.Minor < 0 && m.Minor < math.MinInt64-o.Minor) {
		return Money{}, fmt.Errorf("add %d to %d %s: overflow", o.Minor, m.Minor, m.Currency)
	}
	return Money{m.Minor + o.Minor, m.Currency}, nil
}

// Sub returns the difference under the rules of [Money.Add].
func (m Money) Sub(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, fmt.Errorf("subtract %d %s: overflow", o.Minor, o.Currency)
	}
	return m.Add(Money{-o.Minor, o.Currency})
}

// Exponent is the number of decimals that the currency's minor unit stands for (INR 2, JPY 0, KWD 3).
// ok is false for a code that ISO 4217 does not list as money in use.
func (c Currency) Exponent() (decimals int, ok bool) {
	if len(c) != 3 || strings.Trim(string(c), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || strings.ContainsRune(string(c), ' ') {
		return 0, false
	}
	switch {
	case strings.Contains(zeroDecimal, string(c)):
		return 0, true
	case strings.Contains(threeDecimal, string(c)):
		return 3, true
	case strings.Contains(twoDecimal, string(c)):
		return 2, true
	}
	return 0, false
}

// Decimal writes the amount in major units with a point and no grouping: "499.00", "500", "1.250".
// It is for wires and logs; pages format by locale.
func (m Money) Decimal() string {
	exp, _ := m.Currency.Exponent()
	sign, n := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, n = "-", -uint64(m.Minor)
	}
	digits := fmt.Sprintf("%0*d", exp+1, n)
	if exp == 0 {
		return sign + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}

// The ISO 4217 list (2026-01-01) by decimals; each code is three letters and a space, so a
// three-letter search cannot match across two codes. Funds, metals, CLF/UYW-like units of account
// and test codes are left out: nobody pays a link with them.
const (
	zeroDecimal  = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF "
	threeDecimal = "BHD IQD JOD KWD LYD OMR TND "
	twoDecimal   = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
)
