package issue

import (
	"time"

	"paylink"
)

// Draft is what a caller says about a new link: parsed, and not judged yet. Amounts are in minor
// units. The zero value of a field means that the caller left it out.
type Draft struct {
	Amount      int64
	HasAmount   bool // an amount of zero is a mistake of another kind than none
	Currency    paylink.Currency
	Description string
	Reference   string
	Customer    Contact
	Usage       Usage
	ExpiresIn   *int64     // seconds from now
	ExpiresAt   *time.Time // in the merchant's world time
	NoExpiry    bool       // asked for by an explicit null; otherwise the merchant's default applies
	Channels    []paylink.Channel
	Methods     []paylink.Method
	ReturnURL   string
	Metadata    map[string]string
	Notes       string
	OnLate      paylink.Policy
	OnDuplicate paylink.Policy
	Replaces    paylink.LinkID // a link for which the new one stands in; its customer stays, unless one is given
}

// Contact names a customer of the merchant by ID, or describes a new one. Details beside an ID must
// be those that we have.
type Contact struct {
	ID                         paylink.CustomerID
	Name, Phone, Email, Locale string // Phone: E.164, or as written in the merchant's country
}

// Usage is single when Mode is empty. MaxPayments is the cap of a multi link; nil: permanent.
type Usage struct {
	Mode        paylink.UsageMode
	MaxPayments *int64
}

// draftOf asks for a link like this one: its terms and its customer, without its reference, its expiry
// and its messages.
func draftOf(l paylink.Link) Draft {
	d := Draft{
		Amount: l.Amount.Minor, HasAmount: true, Currency: l.Amount.Currency, Description: l.Description,
		Customer: Contact{ID: l.Customer}, Usage: Usage{Mode: l.Usage.Mode}, Methods: l.Methods, ReturnURL: l.ReturnURL,
		Metadata: l.Metadata, Notes: l.Notes, OnLate: l.OnLate, OnDuplicate: l.OnDuplicate,
	}
	if l.Usage.MaxPayments > 0 {
		d.Usage.MaxPayments = &l.Usage.MaxPayments
	}
	return d
}

// The limits of a draft. Lengths are in characters.
const (
	maxDescription   = 500
	maxReference     = 100
	maxNotes         = 2000
	maxName          = 100
	maxURL           = 2048
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
	maxPayments      = 1_000_000
	maxList          = 16 // members of channels and methods that are looked at

	// maxExpiry is how far ahead a link may expire.
	maxExpiry = 365 * 24 * time.Hour
)

// MethodWallet may be asked for, as the public contract says; a page offers it when the merchant's
// gateway has it.
const MethodWallet paylink.Method = "wallet"

var policies = []paylink.Policy{paylink.PolicyAccept, paylink.PolicyHold, paylink.PolicyRefund, paylink.PolicyCredit}
