package issue

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"paylink"
)

// contact gives the customer of a link: the one that is named, a new one without its id as described,
// or nil when nobody is.
func (j *judgement) contact(c Contact, known *paylink.Customer) *paylink.Customer {
	if c == (Contact{}) {
		return nil
	}
	if c.ID != "" && known == nil {
		j.bad.Add("/customer/id", "unknown_value", "There is no such customer.")
	}
	described := &paylink.Customer{Merchant: j.by.Merchant.ID, Live: j.by.Live, Name: c.Name}
	j.text("/customer/name", c.Name, maxName, oneLine)
	if described.Phone = c.Phone; !c.Judged {
		described.Phone = j.phone("/customer/phone", c.Phone)
	}
	described.Email = j.email("/customer/email", c.Email)
	described.Locale = j.locale("/customer/locale", c.Locale)
	described.TaxID = c.TaxID
	j.text("/customer/tax_id", c.TaxID, maxTaxID, oneLine)
	if known == nil {
		return described
	}
	for _, detail := range []struct{ name, said, is string }{
		{"name", described.Name, known.Name}, {"phone", described.Phone, known.Phone},
		{"email", described.Email, known.Email}, {"locale", described.Locale, known.Locale}, {"tax_id", described.TaxID, known.TaxID},
	} {
		if detail.said != "" && detail.said != detail.is {
			j.bad.Add("/customer/"+detail.name, "conflicting", "The customer that is named by its id has another one on record.")
		}
	}
	return known
}

// erased refuses a customer of whom nothing is kept any more.
func erased() error {
	bad := &paylink.Invalid{}
	bad.Add("/customer/id", "unknown_value", "The customer was erased.")
	return bad
}

// reachable asks for the address that each channel needs. An address that was given and is wrong has
// been told already.
func (j *judgement) reachable(channels []paylink.Channel, c Contact, known *paylink.Customer) {
	if c.ID != "" && known == nil || len(channels) > maxList {
		return
	}
	for i, channel := range channels {
		if detail := needs(channel, c, known); detail != "" {
			j.bad.Add(fmt.Sprintf("/channels/%d", i), "needs_contact", detail)
		}
	}
}

// needs says what a channel lacks to reach the customer; empty when it lacks nothing.
func needs(channel paylink.Channel, c Contact, known *paylink.Customer) string {
	phone, email := c.Phone != "", c.Email != ""
	if known != nil {
		phone, email = phone || known.Phone != "", email || known.Email != ""
	}
	switch channel {
	case paylink.ChannelSMS, paylink.ChannelWhatsApp:
		if !phone {
			return "This channel needs the customer's phone number."
		}
	case paylink.ChannelEmail:
		if !email {
			return "This channel needs the customer's e-mail address."
		}
	case paylink.ChannelInApp:
		if !phone && !email && c.ID == "" {
			return "This channel needs a customer, by id, phone number or e-mail address."
		}
	}
	return ""
}

// phone gives the number in E.164. Numbers without a country are read in the merchant's.
func (j *judgement) phone(pointer, s string) string {
	if s == "" {
		return ""
	}
	if number, ok := Phone(j.by.Merchant.Country, s); ok {
		return number
	}
	j.bad.Add(pointer, "bad_phone", "This is not a phone number that can exist. Write it with its country, such as +91.")
	return ""
}

// Phone gives a number in E.164 as people of a country write it; false for one that cannot exist.
func Phone(country, s string) (e164 string, ok bool) {
	const longest = 32 // as people write it, with blanks and brackets
	if len(s) > longest || strings.Trim(s, "+0123456789 -().") != "" || strings.LastIndex(s, "+") > 0 {
		return "", false
	}
	n, err := phonenumbers.Parse(s, country)
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// email gives the address as it was written, its domain in lower case.
func (j *judgement) email(pointer, s string) string {
	if s == "" {
		return ""
	}
	if at := strings.LastIndexByte(s, '@'); at >= 0 && len(s) <= 254 && plainLocal(s[:at]) && publicDomain(s[at+1:]) {
		if a, err := mail.ParseAddress(s); err == nil && a.Name == "" && a.Address == s {
			return s[:at+1] + strings.ToLower(s[at+1:])
		}
	}
	j.bad.Add(pointer, "bad_email", "This is not an e-mail address that can exist.")
	return ""
}

// plainLocal tells whether the part before the @ is an unquoted one of at most 64 bytes.
func plainLocal(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == '"' || r == '@' || r > 0x7f && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
}

// publicDomain tells whether mail could reach the domain: two labels at least, each of letters,
// digits and hyphens within DNS's limits, the last one not a number, and not one of the names that
// RFC 2606 and RFC 6761 keep from ever existing.
func publicDomain(s string) bool {
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil || len(ascii) > 253 {
		return false
	}
	labels := strings.Split(ascii, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || slices.Contains([]string{"invalid", "localhost"}, last) || strings.Trim(last, "0123456789") == "" {
		return false
	}
	return !slices.ContainsFunc(labels, func(label string) bool {
		return label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
			label[0] == '-' || label[len(label)-1] == '-'
	})
}

// locale gives a BCP 47 tag in its usual spelling.
func (j *judgement) locale(pointer, s string) string {
	if s == "" {
		return ""
	}
	const longest = 35 // RFC 5646 §4.4.1
	if tag, err := language.Parse(s); err == nil && len(s) <= longest {
		return tag.String()
	}
	j.bad.Add(pointer, "unknown_value", "The locale must be a language tag, such as hi or en-IN.")
	return ""
}
