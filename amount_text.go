package paylink

import (
	"strconv"
	"strings"
)

// AmountFault says why a text is no amount of money; empty when it is one.
type AmountFault string

const (
	AmountEmpty           AmountFault = "empty"
	AmountUnreadable      AmountFault = "unreadable"
	AmountTooManyDecimals AmountFault = "too_many_decimals"
	AmountTooLarge        AmountFault = "too_large" // to be counted at all; limits are a link's to judge
	AmountNoCurrency      AmountFault = "unknown_currency"
)

// ReadAmount reads an amount in major units as people type it: "2450", "2,450.00", "1,23,456.5". The
// result is exact, in minor units of the currency; there is no float on the way, and a text with more
// decimals than the currency has is refused, not rounded.
func ReadAmount(text string, currency Currency) (minor int64, fault AmountFault) {
	decimals, known := currency.Exponent()
	if !known {
		return 0, AmountNoCurrency
	}
	text = strings.TrimSpace(LatinDigits(text))
	major, fraction, point := strings.Cut(text, ".")
	major, grouped := ungroup(major)
	switch {
	case text == "":
		return 0, AmountEmpty
	case !grouped || major == "" || !digits(major) || !digits(fraction) || point && fraction == "":
		return 0, AmountUnreadable
	case len(fraction) > decimals:
		return 0, AmountTooManyDecimals
	}
	major = strings.TrimLeft(major, "0")
	const longest = 15 // digits: far above the limit, far below an overflow
	if len(major) > longest {
		return 0, AmountTooLarge
	}
	minor, err := strconv.ParseInt("0"+major+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	if err != nil {
		return 0, AmountTooLarge
	}
	return minor, ""
}

// ungroup takes out commas that group thousands or lakhs. A comma anywhere else may be meant as a
// decimal point, and a guess would ask for a hundred times the money: it is refused.
func ungroup(major string) (string, bool) {
	groups := strings.Split(major, ",")
	for i, group := range groups {
		last := i == len(groups)-1
		switch {
		case len(groups) == 1:
		case i == 0 && (len(group) < 1 || len(group) > 3):
			return "", false
		case last && len(group) != 3:
			return "", false
		case i > 0 && !last && len(group) != 2 && len(group) != 3:
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// LatinDigits writes what was typed on a keyboard of India or Arabia with the digits 0 to 9, a point and
// a comma; all else stays.
func LatinDigits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '٫':
			return '.'
		case r == '٬':
			return ','
		}
		for _, zero := range []rune{'٠', '۰', '०', '০', '௦', '౦'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, typed)
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
