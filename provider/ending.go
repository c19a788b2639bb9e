package provider

import (
	"strings"
	"time"
	"unicode"

	"paylink/outbound"
)

// A call to a provider that did not succeed ended in one of three ways, and what may follow depends
// on which. Rejected: tried again only when it is Temporary. Broken and NotSent: tried again at once.
// Broken and Unknown, and any error that is neither type: we ask before anything is tried again.
type Broken = outbound.Error

const (
	// NotSent says that the provider cannot have heard the call.
	NotSent = outbound.NotSent
	// Unknown says that the provider may have heard the call and done what it asks.
	Unknown = outbound.Unknown
)

// Rejected says that the provider heard the call and refused it: nothing was done. Code is the
// provider's, made safe to log by [SafeCode]. Temporary means that the same call may succeed later.
type Rejected struct {
	Code      string
	Temporary bool
	Reason    Reason        // the same in our words; empty: not understood
	Words     string        // the provider's sentence, by [SafeWords]; empty: it has none
	After     time.Duration // how long the provider asks to wait, at most an hour; 0: not told
}

// Reason is why a provider did not do what it was asked, in our words: what a merchant's staff read, and
// what decides whether another provider is tried.
type Reason string

// The reasons.
const (
	InvalidAddress Reason = "invalid_address" // no such number, mailbox or device
	OptedOut       Reason = "opted_out"       // the customer does not want it
	Blocked        Reason = "blocked"         // an operator or filter stopped it
	Unreachable    Reason = "unreachable"     // off, out of reach, mailbox full
	NotOnChannel   Reason = "not_on_channel"  // a landline, a number without WhatsApp
	Expired        Reason = "expired"         // the provider gave up in time
	BadTemplate    Reason = "bad_template"    // not registered, or not as sent
	BadCredentials Reason = "bad_credentials"
	NoBalance      Reason = "no_balance"
	Throttled      Reason = "throttled"
	BadRequest     Reason = "bad_request" // something else in what we sent
	ProviderDown   Reason = "provider_down"
)

// Reasons are all of them, for whoever has words for each.
var Reasons = []Reason{
	InvalidAddress, OptedOut, Blocked, Unreachable, NotOnChannel, Expired, BadTemplate, BadCredentials, NoBalance, Throttled, BadRequest, ProviderDown,
}

// Elsewhere tells whether another provider of the same channel may do what this one refused.
func (r Reason) Elsewhere() bool {
	switch r {
	case InvalidAddress, OptedOut, NotOnChannel, Unreachable:
		return false
	}
	return true
}

func (e *Rejected) Error() string {
	if e.Temporary {
		return "rejected for now: " + e.Code
	}
	return "rejected: " + e.Code
}

// SafeCode gives back a provider's error code when it is one plain word of at most 64 characters,
// else fallback: providers have put phone numbers and whole sentences into such fields, and our
// codes are logged.
func SafeCode(code, fallback string) string {
	if code == "" || len(code) > 64 {
		return fallback
	}
	for i := range len(code) {
		c := code[i]
		word := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !word && (i == 0 || !(c >= '0' && c <= '9' || c == '.' || c == '-')) {
			return fallback
		}
	}
	return code
}

// SafeWords gives a provider's sentence as staff may read it and a log may hold it: digits beyond three in
// a row, addresses and links are taken out, and it ends after 200 characters.
func SafeWords(words string) string {
	var out []string
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		digits := strings.Count(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '0'
			}
			return -1
		}, word), "0")
		if strings.Contains(word, "@") || strings.Contains(word, "/") || digits > 3 {
			word = "…"
		}
		out = append(out, word)
	}
	safe := []rune(strings.Join(out, " "))
	return string(safe[:min(len(safe), 200)])
}

// The reasons for which a body that was posted to us is not believed. A notice is kept with its
// reason, and a merchant's staff read it.
const (
	MissingSignature = "missing_signature"
	BadSignature     = "bad_signature"
	StaleTimestamp   = "stale_timestamp"
)

// Unverified says that a body is not proven to come from the provider. Reason is one of the
// constants above.
type Unverified struct{ Reason string }

func (e *Unverified) Error() string { return "unverified: " + e.Reason }
