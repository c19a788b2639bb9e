package dashboard

import (
	"fmt"
	"strconv"
	"strings"

	"paylink"
)

// parseAmount reads an amount in major units as people type it: "2450", "2,450.00", "1,23,456.5". The
// result is exact, in minor units; there is no float on the way. why says what is wrong, for people,
// and is empty when nothing is. Limits of size are issue's to judge.
func parseAmount(text string, currency paylink.Currency) (minor int64, why string) {
	decimals, known := currency.Exponent()
	if !known {
		return 0, "Choose a currency first."
	}
	text = strings.TrimSpace(text)
	whole, fraction, point := strings.Cut(text, ".")
	whole, grouped := ungroup(whole)
	switch {
	case text == "":
		return 0, "Enter the amount."
	case !grouped || whole == "" || !digits(whole) || !digits(fraction) || point && fraction == "":
		return 0, "Write the amount with digits and a point only, such as " + sample(decimals) + "."
	case len(fraction) > decimals && decimals == 0:
		return 0, fmt.Sprintf("%s has no decimals. Write a whole number.", currency)
	case len(fraction) > decimals:
		return 0, fmt.Sprintf("%s has %d decimals at most.", currency, decimals)
	}
	whole = strings.TrimLeft(whole, "0")
	const longest = 15 // digits: far above the limit, far below an overflow
	if len(whole) > longest {
		return 0, "The amount is too large."
	}
	minor, err := strconv.ParseInt("0"+whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	if err != nil {
		return 0, "The amount is too large."
	}
	return minor, ""
}

// ungroup takes out commas that group thousands or lakhs. A comma anywhere else may be meant as a
// decimal point, and a guess would ask for a hundred times the money: it is refused.
func ungroup(whole string) (string, bool) {
	groups := strings.Split(whole, ",")
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

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func sample(decimals int) string {
	if decimals == 0 {
		return "2450"
	}
	return "2450." + strings.Repeat("0", decimals)
}
