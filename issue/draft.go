package issue

import (
	"time"

	"paylink"
)

// Draft is what a caller says about a new link: parsed, and not judged yet. Amounts are in minor
// units. The zero value of a field means that the caller left it out. Exactly one of Amount,
// Terms.CustomerAmount and Terms.Items says how much.
type Draft struct {
	Amount      int64
	HasAmount   bool // an amount of zero is a mistake of another kind than none
	Currency    paylink.Currency
	Terms       paylink.Terms
	Description string
	Reference   string
	Customer    Contact
	Usage       Usage
	ExpiresIn   *int64            // seconds from now
	ExpiresAt   *time.Time        // in the merchant's world time
	NoExpiry    bool              // asked for by an explicit null; otherwise the merchant's default applies
	Channels    []paylink.Channel // nil: the merchant's default; empty: it is not sent
	Methods     []paylink.Method
	ReturnURL   string
	Metadata    map[string]string
	Notes       string
	OnLate      paylink.Policy
	OnDuplicate paylink.Policy
	PIN         string         // of Terms.Restrict, in the clear; kept only as its key
	NoTemplate  bool           // Terms.Template names one that there is not
	Replaces    paylink.LinkID // a link for which the new one stands in; its customer stays, unless one is given

	// The customer is reminded before the link expires; nil: as the merchant has decided.
	NotifyExpiry *bool

	placed bool // somebody tells us in which country a visitor is
}

// Contact names a customer of the merchant by ID, or describes a new one. Details beside an ID must
// be those that we have.
type Contact struct {
	ID                         paylink.CustomerID
	Name, Phone, Email, Locale string // Phone: E.164, or as written in the merchant's country
	TaxID                      string

	Judged bool // Phone is as Check has given it, and is not judged a second time
}

// Usage is single when Mode is empty. The caps are for a multi link; nil: none.
type Usage struct {
	Mode           paylink.UsageMode
	MaxPayments    *int64
	MaxTotal       *int64 // minor units
	MaxPerCustomer *int64 // payments
}

// draftOf asks for a link like this one: its terms and its customer, without its reference, its days
// and its messages.
func draftOf(l paylink.Link) Draft {
	d := Draft{
		Amount: l.Amount.Minor, HasAmount: l.Terms.CustomerAmount == nil && l.Terms.Items == nil, Currency: l.Amount.Currency,
		Terms: dateless(l.Terms), Description: l.Description, Channels: []paylink.Channel{},
		Customer: Contact{ID: l.Customer}, Usage: Usage{Mode: l.Usage.Mode}, Methods: l.Methods, ReturnURL: l.ReturnURL,
		Metadata: l.Metadata, Notes: l.Notes, OnLate: l.OnLate, OnDuplicate: l.OnDuplicate,
	}
	for _, c := range []struct {
		cap int64
		to  **int64
	}{{l.Usage.MaxPayments, &d.Usage.MaxPayments}, {l.Usage.MaxTotal, &d.Usage.MaxTotal}, {l.Usage.MaxPerCustomer, &d.Usage.MaxPerCustomer}} {
		if c.cap > 0 {
			*c.to = &c.cap
		}
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
