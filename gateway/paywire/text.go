// Package paywire is what the adapters of gateways with an HTTP API have in common: decimal amounts, the words that may
// stand in an address, and what a text may hold.
//
// It is for the adapters in the folders beside it. Calls and the strict reading of bodies are provider/httpwire's; what
// a gateway's addresses, fields and codes are stands in its own adapter.
package paywire

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"paylink"
)

// IsReference tells whether s is a reference of ours: 20 characters of A–Z and 0–9. What is none is not put
// into an address.
func IsReference(s string) bool {
	return len(s) == 20 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// IsID tells whether s is one plain word as gateways name their objects: letters, digits, "_" and "-", at
// most 64. What is none is not put into an address.
func IsID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// Plain tells whether s is at most size bytes of text on one line, as it may stand in a database and on a page.
func Plain(s string, size int) bool {
	return len(s) <= size && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// Cut is s in at most size characters.
func Cut(s string, size int) string {
	if utf8.RuneCountInString(s) <= size {
		return s
	}
	return string([]rune(s)[:size])
}

// Possible tells whether an amount can be one that a customer paid: above nothing, not beyond the largest,
// and in money.
func Possible(m paylink.Money) bool {
	_, known := m.Currency.Exponent()
	return known && m.Minor > 0 && m.Minor <= paylink.MaxMinor
}

// ParseDecimal reads an amount in major units exactly, by whole digits: "499", "499.0" and "499.00" are the
// same rupees. More decimals than the currency has are taken only where they are noughts; signs, exponents
// and groups are refused.
func ParseDecimal(s string, c paylink.Currency) (paylink.Money, error) {
	decimals, known := c.Exponent()
	whole, part, pointed := strings.Cut(s, ".")
	spare := ""
	if len(part) > decimals {
		part, spare = part[:decimals], part[decimals:]
	}
	digits := whole + part + strings.Repeat("0", decimals-min(len(part), decimals))
	minor, err := strconv.ParseInt(digits, 10, 64)
	if !known || err != nil || whole == "" || pointed && part+spare == "" || len(digits) > 18 ||
		strings.Trim(digits, "0123456789") != "" || strings.Trim(spare, "0") != "" || minor > paylink.MaxMinor {
		return paylink.Money{}, errors.New("the amount is not a decimal number of the currency")
	}
	return paylink.Money{Minor: minor, Currency: c}, nil
}

// Origins is the origin of a URL, as the list that PageOrigins gives; of what is none, nothing.
func Origins(base string) []string {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil
	}
	return []string{u.Scheme + "://" + u.Host}
}
