package sandbox

import (
	"strings"

	"paylink"
)

// symbols of the currencies that most tests use; any other is written by its code.
var symbols = map[paylink.Currency]string{"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

// display writes an amount for the pretend bank's pages: "₹2,45,000.00", "KWD 1.250". Rupees are
// grouped in lakhs; the merchant's own pages format by locale, these do not.
func display(m paylink.Money) string {
	whole, decimals, point := strings.Cut(m.Decimal(), ".")
	text := group(whole, m.Currency == "INR")
	if point {
		text += "." + decimals
	}
	if symbol := symbols[m.Currency]; symbol != "" {
		return symbol + text
	}
	return string(m.Currency) + " " + text
}

// group puts commas between thousands, or after the thousand between lakhs and crores.
func group(digits string, lakhs bool) string {
	step := 3
	var parts []string
	for len(digits) > step {
		parts = append([]string{digits[len(digits)-step:]}, parts...)
		digits = digits[:len(digits)-step]
		if lakhs {
			step = 2
		}
	}
	return strings.Join(append([]string{digits}, parts...), ",")
}
