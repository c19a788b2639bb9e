package provider

import "paylink/outbound"

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
