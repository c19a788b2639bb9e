// Package provider holds what a gateway and a carrier have in common: the merchant's account with
// them, how a call to them ended, and why what they post to us is not believed.
//
// It is for the two ports, gateway and channel, which show these types under their own names, and
// for what both sides of one provider share (see sandboxwire). It leaves calling to outbound and
// every decision about what follows to the steps.
package provider

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"time"

	"paylink"
)

// Account is a merchant's own account with a provider, ready for a call: its secrets are already opened.
// It prints and logs as its ids only.
type Account struct {
	ID       paylink.AccountID
	Merchant paylink.MerchantID
	Live     bool
	BaseURL  string            // empty: the provider's own
	Secret   string            // what both sides sign with, where the provider has just one secret
	Fields   map[string]string // what else the provider asked for, secrets among them, by the names of its fields

	PreviousUntil time.Time         // until then what was signed with the secrets before is believed; zero: it is not
	previous      map[string]string // those secrets, by the names of their fields
}

// Before is the account as it was before its secrets changed, while what is signed with them is still believed.
func (a Account) Before(now time.Time) (Account, bool) {
	if len(a.previous) == 0 || !now.Before(a.PreviousUntil) {
		return a, false
	}
	before := a
	before.Fields = maps.Clone(a.Fields)
	maps.Copy(before.Fields, a.previous)
	before.Secret = before.Fields[Secret]
	return before, true
}

// Base is the URL that calls begin with, without a slash at the end: the account's, else the provider's.
func (a Account) Base(own string) string {
	if a.BaseURL != "" {
		own = a.BaseURL
	}
	return strings.TrimRight(own, "/")
}

// Name is how the account is named to a provider that knows accounts by our ids: "mer_….acct_…". A
// notice names the account in the same way.
func (a Account) Name() string { return string(a.Merchant) + "." + string(a.ID) }

// LogValue keeps the secret and the address out of logs.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(a.ID)), slog.String("merchant", string(a.Merchant)))
}

// Format keeps the secret out of every verb of fmt, so that an account inside an error or a test's
// message tells nothing either.
func (a Account) Format(w fmt.State, _ rune) { io.WriteString(w, a.Name()) }

// MarshalText keeps the secret out of JSON, also when an account is a part of what is logged.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.Name()), nil }
