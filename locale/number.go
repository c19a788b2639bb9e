package locale

import (
	"strings"

	"paylink"
)

// symbols are written before the number, without a space. Other currencies are written with their
// code, because a sign that several countries share ("kr", "$" for a dozen dollars) misleads.
var symbols = map[paylink.Currency]string{
	"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥",
}

// Money writes an amount as people of the language write it: "₹1,23,456.00", "¥500". A code is
// kept on one line with its number by a no-break space: "KWD 1.250".
func (l Language) Money(m paylink.Money) string {
	sign, number := l.number(m)
	if symbol, ok := symbols[m.Currency]; ok {
		return sign + symbol + number
	}
	return sign + string(m.Currency) + "\u00a0" + number
}

// shortMoney is for a text message, where each character is paid for: no decimals when they are
// zero, and in English only what GSM-7 can write ("Rs 2,450").
func (l Language) shortMoney(m paylink.Money) string {
	sign, number := l.number(m)
	if whole, decimals, ok := strings.Cut(number, "."); ok && strings.Trim(decimals, "0") == "" {
		number = whole
	}
	switch {
	case m.Currency == "INR" && l.Tag == fallback:
		return sign + "Rs " + number
	case m.Currency == "INR":
		return sign + "₹" + number
	}
	return sign + string(m.Currency) + " " + number
}

// number groups the whole part. Rupees, and every number in Hindi, are grouped by two after the
// first three digits (lakh, crore); all else by threes.
func (l Language) number(m paylink.Money) (sign, number string) {
	number = m.Decimal()
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "−", rest
	}
	whole, decimals, fraction := strings.Cut(number, ".")
	step := 3
	if m.Currency == "INR" || l.Tag == "hi" {
		step = 2
	}
	grouped := whole
	if len(whole) > 3 {
		head, tail := whole[:len(whole)-3], whole[len(whole)-3:]
		for len(head) > step {
			head, tail = head[:len(head)-step], head[len(head)-step:]+","+tail
		}
		grouped = head + "," + tail
	}
	if fraction {
		grouped += "." + decimals
	}
	return sign, grouped
}
