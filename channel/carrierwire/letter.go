// Package carrierwire is what the adapters of carriers of text messages have in common: what is refused before any
// call, how numbers are spelt, how long a letter may take, and receipts that are believed because their address holds
// a secret.
//
// It is for the adapters in the folders beside it. Calls and the strict reading of bodies are provider/httpwire's; what
// a carrier's addresses, fields and codes are stands in its own adapter.
package carrierwire

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"paylink/channel"
	"paylink/provider"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Check refuses before any call what a carrier of text messages would refuse: a number that is none, and a
// text that is empty or has more than most characters.
func Check(l channel.Letter, most int) error {
	if err := CheckNumber(l); err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(l.Text) == "":
		return &channel.Rejected{Code: "text_empty", Reason: provider.BadRequest, Words: "The message has no text."}
	case utf8.RuneCountInString(l.Text) > most:
		return &channel.Rejected{Code: "text_too_long", Reason: provider.BadRequest, Words: "The message is longer than the provider takes."}
	}
	return nil
}

// CheckNumber refuses before any call a letter to what is no phone number.
func CheckNumber(l channel.Letter) error {
	if !e164.MatchString(l.To) {
		return &channel.Rejected{Code: "no_phone_number", Reason: provider.InvalidAddress, Words: "The address is not a phone number in international form."}
	}
	return nil
}

// Digits is a number in E.164 as many carriers want it: without the plus.
func Digits(number string) string { return strings.TrimPrefix(number, "+") }

// Number is a carrier's spelling of a phone number in E.164, and whether it is one.
func Number(said string) (string, bool) {
	number := "+" + strings.TrimPrefix(said, "+")
	return number, e164.MatchString(number)
}

// Seconds is how long a letter may stay on its way, between least and most; 0 when nothing bounds it below
// most, which is the carrier's own bound.
func Seconds(l channel.Letter, least, most int64) int64 {
	if l.Until.IsZero() {
		return 0
	}
	left := int64(l.Until.Sub(l.At).Seconds())
	if left >= most {
		return 0
	}
	return max(left, least)
}

// replyMost is how many characters of what a customer wrote are kept.
const replyMost = 1000

// ReplyText is what a customer wrote, cut to what a Reply holds.
func ReplyText(text string) string {
	if utf8.RuneCountInString(text) <= replyMost {
		return text
	}
	return string([]rune(text)[:replyMost])
}
