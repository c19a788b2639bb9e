package paylink

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Customer is who is asked to pay: a contact of one merchant, in one mode. A link keeps the contact that it was
// made with; the first contact of a person stands for the person, and the others name it.
type Customer struct {
	ID        CustomerID
	Merchant  MerchantID
	Live      bool
	Name      string
	Phone     string // E.164
	Email     string
	Locale    string     // BCP 47, such as "hi"; empty: the merchant's
	Person    CustomerID // the contact that stands for the same person; empty: this one does
	TaxID     string     // as the customer's country writes it
	CreatedAt time.Time

	// Of a person; not read with a link.
	Notes     string // the merchant's own
	Metadata  map[string]string
	Revision  int64     // one more with every change
	UpdatedAt time.Time // never before CreatedAt
	ErasedAt  time.Time // since when nothing personal is known of the person; zero: not erased
}

// PersonID is the customer that stands for the person.
func (c Customer) PersonID() CustomerID {
	if c.Person != "" {
		return c.Person
	}
	return c.ID
}

// Touch dates a change of the person, always later than the one before it, and counts it.
func (c *Customer) Touch(now time.Time) {
	c.UpdatedAt = later(now, c.UpdatedAt)
	c.Revision++
}

// Address is where a channel reaches the customer; empty when it cannot, or when there is none.
func (c *Customer) Address(by Channel) string {
	if c == nil {
		return ""
	}
	switch by {
	case ChannelEmail:
		return c.Email
	case ChannelInApp:
		return string(c.ID)
	}
	return c.Phone
}

// MaskAddress leaves enough of a phone number or e-mail address for its owner to know it: "…42",
// "a…@example.com". Events, logs and pages show masks only.
func MaskAddress(s string) string {
	if s == "" {
		return ""
	}
	if local, domain, ok := strings.Cut(s, "@"); ok {
		_, size := utf8.DecodeRuneInString(local)
		return local[:size] + "…@" + domain
	}
	letters := []rune(s)
	return "…" + string(letters[max(0, len(letters)-2):])
}

// MaskName leaves the first letter of a name: "A…".
func MaskName(s string) string {
	if s == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size] + "…"
}
