// Package find judges what somebody typed to find a payment link: an id, a code or the whole address, a
// phone number, an e-mail address, an amount, a reference, or words. It is for the doors with a search box.
// It leaves the finding to store, and whose links are looked through to its caller.
package find

import (
	"net/url"
	"strings"

	"paylink"
	"paylink/issue"
	"paylink/keyring"
	"paylink/store"
	"paylink/token"
)

// Finder knows the codes that are ours.
type Finder struct{ Ring *keyring.Ring }

// Read gives all that the text can mean to the merchant. What can be one thing only is nothing else; other
// texts are part of a reference or a description as well. A code that is not ours costs no look at the
// database.
func (f Finder) Read(m paylink.Merchant, text string) store.Search {
	text = strings.TrimSpace(text)
	if text == "" {
		return store.Search{}
	}
	if only, ok := f.one(m, text); ok {
		return only
	}
	s := store.Search{Reference: text, Words: text}
	s.Phone, _ = issue.Phone(m.Country, text)
	if isPaymentReference(text) {
		s.PaymentReference = text
	}
	var written bool
	if s.Amount, written = amount(text, m.Currency); written {
		s.Words = "" // nobody writes a currency to find a word
	}
	return s
}

// one reads what can be one thing only.
func (f Finder) one(m paylink.Merchant, text string) (s store.Search, ok bool) {
	switch {
	case paylink.HasTag(text, "plink"):
		return store.Search{Link: paylink.LinkID(text)}, true
	case paylink.HasTag(text, "pay"):
		return store.Search{Payment: paylink.PaymentID(text)}, true
	}
	for _, code := range codes(text) {
		if key, slot, genuine := token.ReadCode(f.Ring, code); genuine {
			return store.Search{Code: store.Code{Key: key, Slot: slot, Is: true}}, true
		}
	}
	if strings.HasPrefix(text, "+") {
		s.Phone, ok = issue.Phone(m.Country, text)
		return s, ok
	}
	if before, after, at := strings.Cut(text, "@"); at && before != "" && strings.Contains(after, ".") && !strings.ContainsAny(text, " \t/") {
		return store.Search{Email: text}, true
	}
	return s, false
}

// codes are the parts of a text where a code stands: the text itself, or the address of a page.
func codes(text string) []string {
	u, err := url.Parse(text)
	if err != nil || !strings.Contains(text, "/") {
		return []string{text}
	}
	return []string{u.Path[strings.LastIndexByte(u.Path, '/')+1:], u.Query().Get("c")}
}

func isPaymentReference(text string) bool {
	return len(text) == 20 && strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// signs are the signs of currencies. One that several share is the merchant's own where that is among
// them, or else the first.
var signs = map[string][]paylink.Currency{
	"₹": {"INR"}, "rs.": {"INR", "LKR", "NPR", "PKR"}, "rs": {"INR", "LKR", "NPR", "PKR"}, "€": {"EUR"}, "£": {"GBP"}, "¥": {"JPY", "CNY"},
	"$": {"USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD"},
}

// amount reads an amount of money in the currency that is written with it, or in the merchant's. It is zero
// when the text is none.
func amount(text string, own paylink.Currency) (m paylink.Money, written bool) {
	number, sign := apart(text)
	currency := own
	if written = sign != ""; written {
		if currency = currencyOf(sign, own); currency == "" {
			return paylink.Money{}, false
		}
	}
	minor, fault := paylink.ReadAmount(number, currency)
	if fault != "" || minor <= 0 || minor > paylink.MaxMinor {
		return paylink.Money{}, false
	}
	return paylink.Money{Minor: minor, Currency: currency}, written
}

// apart takes the number and the sign before or behind it apart; the sign in lower case.
func apart(text string) (number, sign string) {
	const figures = "0123456789"
	first, last := strings.IndexAny(text, figures), strings.LastIndexAny(text, figures)
	if first < 0 {
		return text, ""
	}
	before, after := strings.TrimSpace(text[:first]), strings.TrimSpace(text[last+1:])
	if before != "" && after != "" {
		return text, ""
	}
	return text[first : last+1], strings.ToLower(before + after)
}

func currencyOf(sign string, own paylink.Currency) paylink.Currency {
	if code := paylink.Currency(strings.ToUpper(sign)); code != "" {
		if _, known := code.Exponent(); known {
			return code
		}
	}
	shared := signs[sign]
	for _, c := range shared {
		if c == own {
			return own
		}
	}
	if len(shared) == 0 {
		return ""
	}
	return shared[0]
}
