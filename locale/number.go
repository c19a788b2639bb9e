package locale

import (
	"cmp"
	"strings"

	"paylink"
)

// symbols are written before the number, without a space. Other currencies are written with their
// code, because a sign that several countries share ("kr", "$" for a dozen dollars) misleads.
var symbols = map[paylink.Currency]string{
	"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥",
}

// Money writes an amount as people of the language write it: "₹1,23,456.00", "¥500", "123.456,00 €". A
// code or a sign that stands after its number is kept on one line with it by a no-break space.
func (l Language) Money(m paylink.Money) string {
	sign, number := l.number(m, false)
	symbol, short := symbols[m.Currency]
	switch {
	case l.writing.after && short:
		return sign + number + "\u00a0" + symbol
	case l.writing.after:
		return sign + number + "\u00a0" + string(m.Currency)
	case short:
		return sign + symbol + number
	}
	return sign + string(m.Currency) + "\u00a0" + number
}

// shortMoney is for a text message, where each character is paid for: no decimals when they are
// zero, and in languages of Latin letters only what GSM-7 can write ("Rs 2,450", "2.450 EUR").
func (l Language) shortMoney(m paylink.Money) string {
	sign, number := l.number(m, true)
	if l.writing.gsm {
		number = alike.Replace(number)
	}
	switch {
	case m.Currency == "INR" && l.writing.gsm:
		return sign + "Rs " + number
	case m.Currency == "INR" && !l.writing.after:
		return sign + "₹" + number
	case l.writing.after:
		return sign + number + " " + string(m.Currency)
	}
	return sign + string(m.Currency) + " " + number
}

// number groups the whole part. Rupees are grouped by two after the first three digits (lakh, crore)
// in the languages of India and in English, other numbers there as the language does; whole drops
// decimals that are all zero.
func (l Language) number(m paylink.Money, whole bool) (sign, number string) {
	number = m.Decimal()
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "−", rest
	}
	major, decimals, fraction := strings.Cut(number, ".")
	w, step := l.writing, 3
	if w.lakhs || m.Currency == "INR" && !w.threes {
		step = 2
	}
	grouped := major
	if len(major) > 3 {
		head, tail := major[:len(major)-3], major[len(major)-3:]
		for len(head) > step {
			head, tail = head[:len(head)-step], head[len(head)-step:]+w.separator()+tail
		}
		grouped = head + w.separator() + tail
	}
	if fraction && !(whole && strings.Trim(decimals, "0") == "") {
		grouped += cmp.Or(w.point, ".") + decimals
	}
	return sign, l.Digits(grouped)
}

func (w writing) separator() string { return cmp.Or(w.group, ",") }
