package issue_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// A value that cannot be gets into a link, and a customer is asked for it; or a merchant is told no
// and not where.
func TestBadInputIsNamedFieldByField(t *testing.T) {
	many := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprint("k", i)] = "v"
		}
		return m
	}
	rows := []struct {
		name   string
		change func(*issue.Draft)
		want   string
	}{
		{"amount absent", func(d *issue.Draft) { d.HasAmount, d.Amount = false, 0 }, "/amount required"},
		{"amount zero", func(d *issue.Draft) { d.Amount = 0 }, "/amount too_small"},
		{"amount negative", func(d *issue.Draft) { d.Amount = -1 }, "/amount too_small"},
		{"amount least", func(d *issue.Draft) { d.Amount = 1 }, ""},
		{"amount most", func(d *issue.Draft) { d.Amount = paylink.MaxMinor }, ""},
		{"amount above most", func(d *issue.Draft) { d.Amount = paylink.MaxMinor + 1 }, "/amount too_large"},
		{"amount overflowing", func(d *issue.Draft) { d.Amount = math.MaxInt64 }, "/amount too_large"},

		{"currency absent", func(d *issue.Draft) { d.Currency = "" }, "/currency required"},
		{"currency unknown", func(d *issue.Draft) { d.Currency = "XYZ" }, "/currency unknown_currency"},
		{"currency in small letters", func(d *issue.Draft) { d.Currency = "inr" }, "/currency unknown_currency"},
		{"currency with a NUL", func(d *issue.Draft) { d.Currency = "IN\x00" }, "/currency unknown_currency"},
		{"currency without decimals", func(d *issue.Draft) { d.Currency = "JPY" }, ""},
		{"currency with three decimals", func(d *issue.Draft) { d.Currency = "KWD" }, ""},

		{"description longest", func(d *issue.Draft) { d.Description = strings.Repeat("ह", 500) }, ""},
		{"description too long", func(d *issue.Draft) { d.Description = strings.Repeat("ह", 501) }, "/description too_long"},
		{"description with a NUL", func(d *issue.Draft) { d.Description = "a\x00b" }, "/description bad_characters"},
		{"description with a line break", func(d *issue.Draft) { d.Description = "a\nb" }, "/description bad_characters"},
		{"description turned around", func(d *issue.Draft) { d.Description = "a\u202eb" }, "/description bad_characters"},
		{"description not UTF-8", func(d *issue.Draft) { d.Description = "a\xffb" }, "/description bad_characters"},
		{"description with joiners", func(d *issue.Draft) { d.Description = "क्\u200dष" }, ""},
		{"reference longest", func(d *issue.Draft) { d.Reference = strings.Repeat("r", 100) }, ""},
		{"reference too long", func(d *issue.Draft) { d.Reference = strings.Repeat("r", 101) }, "/reference too_long"},
		{"reference not printable", func(d *issue.Draft) { d.Reference = "a\u200bb" }, "/reference bad_characters"},
		{"notes longest, in lines", func(d *issue.Draft) { d.Notes = strings.Repeat("n\n", 1000) }, ""},
		{"notes too long", func(d *issue.Draft) { d.Notes = strings.Repeat("n", 2001) }, "/notes too_long"},
		{"notes with a bell", func(d *issue.Draft) { d.Notes = "a\a" }, "/notes bad_characters"},

		{"phone too short", phone("12345"), "/customer/phone bad_phone"},
		{"phone with letters", phone("98123CALLME"), "/customer/phone bad_phone"},
		{"phone that cannot exist", phone("+91 00000 00000"), "/customer/phone bad_phone"},
		{"phone of no country", phone("+999 12345678"), "/customer/phone bad_phone"},
		{"phone with an extension", phone("+919812345642;ext=5"), "/customer/phone bad_phone"},
		{"phone in other digits", phone("+९१९८१२३४५६४२"), "/customer/phone bad_phone"},
		{"phone too long", phone("+91981234564298123456"), "/customer/phone bad_phone"},
		{"phone for emergencies", phone("112"), "/customer/phone bad_phone"},
		{"phone with two plus signs", phone("++919812345642"), "/customer/phone bad_phone"},
		{"phone of another country", phone("+44 7400 123456"), ""},
		{"e-mail without @", email("asha.example.com"), "/customer/email bad_email"},
		{"e-mail with a name", email("Asha <asha@example.com>"), "/customer/email bad_email"},
		{"e-mail with a line break", email("asha@example.com\r\nBcc: b@example.com"), "/customer/email bad_email"},
		{"e-mail without a domain of two", email("asha@localhost"), "/customer/email bad_email"},
		{"e-mail at an address literal", email("asha@[127.0.0.1]"), "/customer/email bad_email"},
		{"e-mail at a number", email("asha@127.0.0.1"), "/customer/email bad_email"},
		{"e-mail with two dots", email("asha..b@example.com"), "/customer/email bad_email"},
		{"e-mail ending in a dot", email("asha@example.com."), "/customer/email bad_email"},
		{"e-mail at a hyphen", email("asha@-example.com"), "/customer/email bad_email"},
		{"e-mail where none can be", email("asha@shop.invalid"), "/customer/email bad_email"},
		{"e-mail quoted", email(`"asha b"@example.com`), "/customer/email bad_email"},
		{"e-mail with too long a name", email(strings.Repeat("a", 65) + "@example.com"), "/customer/email bad_email"},
		{"e-mail too long", email("a@" + strings.Repeat("abcdefghi.", 26) + "com"), "/customer/email bad_email"},
		{"e-mail at an international domain", email("asha@münchen.example"), ""},
		{"name too long", func(d *issue.Draft) { d.Customer.Name = strings.Repeat("a", 101) }, "/customer/name too_long"},
		{"name in two lines", func(d *issue.Draft) { d.Customer.Name = "A\r\nB" }, "/customer/name bad_characters"},
		{"locale that is none", func(d *issue.Draft) { d.Customer.Locale = "hindi!" }, "/customer/locale unknown_value"},
		{"customer unknown", func(d *issue.Draft) { d.Customer = issue.Contact{ID: "cust_00000000000000000000000000"} }, "/customer/id unknown_value"},
		{"customer id of another kind", func(d *issue.Draft) { d.Customer = issue.Contact{ID: "mer_1"} }, "/customer/id unknown_value"},

		{"usage unknown", func(d *issue.Draft) { d.Usage.Mode = "twice" }, "/usage/mode unknown_value"},
		{"single with a cap", func(d *issue.Draft) { d.Usage = issue.Usage{Mode: "single", MaxPayments: ptr(int64(2))} }, "/usage/max_payments conflicting"},
		{"cap of a link that is single by default", func(d *issue.Draft) { d.Usage.MaxPayments = ptr(int64(2)) }, "/usage/max_payments conflicting"},
		{"multi without a cap", func(d *issue.Draft) { d.Usage.Mode = "multi" }, ""},
		{"cap zero", func(d *issue.Draft) { d.Usage = issue.Usage{Mode: "multi", MaxPayments: ptr(int64(0))} }, "/usage/max_payments too_small"},
		{"cap most", func(d *issue.Draft) { d.Usage = issue.Usage{Mode: "multi", MaxPayments: ptr(int64(1_000_000))} }, ""},
		{"cap above most", func(d *issue.Draft) { d.Usage = issue.Usage{Mode: "multi", MaxPayments: ptr(int64(1_000_001))} }, "/usage/max_payments too_large"},

		{"both expiries", func(d *issue.Draft) { d.ExpiresIn, d.ExpiresAt = ptr(int64(60)), ptr(start.Add(time.Hour)) }, "/expires_in conflicting"},
		{"an expiry and never", func(d *issue.Draft) { d.ExpiresIn, d.NoExpiry = ptr(int64(60)), true }, "/expires_in conflicting"},
		{"expiry now", at(start), "/expires_at in_the_past"},
		{"expiry this very microsecond", at(start.Add(999)), "/expires_at in_the_past"},
		{"expiry in a microsecond", at(start.Add(time.Microsecond)), ""},
		{"expiry in a year", at(start.Add(365 * 24 * time.Hour)), ""},
		{"expiry beyond a year", at(start.Add(365*24*time.Hour + time.Microsecond)), "/expires_at too_far"},
		{"expiry in the year 9999", at(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), "/expires_at too_far"},
		{"expires in none", in(0), "/expires_in too_small"},
		{"expires in less than none", in(-60), "/expires_in too_small"},
		{"expires in a year", in(365 * 86400), ""},
		{"expires in more than a year", in(365*86400 + 1), "/expires_in too_far"},
		{"expires in an overflow", in(math.MaxInt64), "/expires_in too_far"},

		{"channel unknown", channels("sms", "fax"), "/channels/1 unknown_value"},
		{"channel twice", channels("sms", "email", "sms"), "/channels/2 duplicate_value"},
		{"channels without end", func(d *issue.Draft) { d.Channels = make([]paylink.Channel, 10_000) }, "/channels too_many"},
		{"channels for nobody", func(d *issue.Draft) { d.Customer = issue.Contact{} },
			"/channels/0 needs_contact, /channels/1 needs_contact, /channels/2 needs_contact, /channels/3 needs_contact"},
		{"channels for a name", func(d *issue.Draft) { d.Customer = issue.Contact{Name: "Asha"} },
			"/channels/0 needs_contact, /channels/1 needs_contact, /channels/2 needs_contact, /channels/3 needs_contact"},
		{"channels without a phone", func(d *issue.Draft) { d.Customer.Phone = "" }, "/channels/0 needs_contact, /channels/1 needs_contact"},
		{"channels without an e-mail", func(d *issue.Draft) { d.Customer.Email = "" }, "/channels/2 needs_contact"},
		{"no channels for nobody", func(d *issue.Draft) { d.Customer, d.Channels = issue.Contact{}, nil }, ""},
		{"method unknown", func(d *issue.Draft) { d.Methods = []paylink.Method{"upi", "cowrie"} }, "/methods/1 unknown_value"},
		{"method twice", func(d *issue.Draft) { d.Methods = []paylink.Method{"upi", "upi"} }, "/methods/1 duplicate_value"},
		{"methods of the contract", func(d *issue.Draft) { d.Methods = []paylink.Method{"upi", "card", "netbanking", "wallet"} }, ""},

		{"return without TLS", back("http://shop.example/thanks"), "/return_url bad_url"},
		{"return to a script", back("javascript:alert(1)"), "/return_url bad_url"},
		{"return without a scheme", back("//shop.example/"), "/return_url bad_url"},
		{"return with a name in it", back("https://good@shop.example/"), "/return_url bad_url"},
		{"return with a backslash", back(`https://shop.example\@evil.example/`), "/return_url bad_url"},
		{"return without a host", back("https:///thanks"), "/return_url bad_url"},
		{"return opaque", back("https:shop.example"), "/return_url bad_url"},
		{"return with a tab", back("https://shop\t.example/"), "/return_url bad_url"},
		{"return to a zone", back("https://[fe80::1%25eth0]/"), "/return_url bad_url"},
		{"return too long", back("https://shop.example/" + strings.Repeat("a", 2048)), "/return_url too_long"},
		{"return to the developer's machine", back("http://localhost:3000/thanks"), ""},
		{"return to the developer's IPv6", back("http://[::1]:3000/"), ""},
		{"return to nearly the developer's machine", back("http://localhost.example/"), "/return_url bad_url"},

		{"metadata most", func(d *issue.Draft) { d.Metadata = many(50) }, ""},
		{"metadata above most", func(d *issue.Draft) { d.Metadata = many(51) }, "/metadata too_many"},
		{"metadata with a long key", meta(strings.Repeat("k", 41), "v"), "/metadata too_long"},
		{"metadata with an empty key", meta("", "v"), "/metadata required"},
		{"metadata with a NUL in a key", meta("a\x00", "v"), "/metadata bad_characters"},
		{"metadata with a long value", meta("k", strings.Repeat("v", 501)), "/metadata/k too_long"},
		{"metadata with a NUL in a value", meta("a/b~c", "\x00"), "/metadata/a~1b~0c bad_characters"},
		{"policies unknown", func(d *issue.Draft) { d.OnLate, d.OnDuplicate = "keep", "burn" }, "/on_late_payment unknown_value, /on_duplicate unknown_value"},
		{"everything at once", func(d *issue.Draft) {
			*d = issue.Draft{Currency: "X", Customer: issue.Contact{Phone: "1", Email: "@"}, Channels: []paylink.Channel{"sms", "email"}, ExpiresIn: ptr(int64(0))}
		}, "/amount required, /currency unknown_currency, /customer/phone bad_phone, /customer/email bad_email, /expires_in too_small"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i, row := range rows {
			d := draft()
			d.Reference = fmt.Sprint("row-", i)
			row.change(&d)
			_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if got := wrong(err); got != row.want {
				t.Errorf("%s: %s, want %s (%v)", row.name, got, row.want, err)
			}
		}
	})
}

// A value from a request stands in its problem, and so in a log or on somebody else's screen.
func TestProblemsNeverEchoValues(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		const canary = "canary7731"
		bad := canary + "\x00"
		_, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
			Currency: paylink.Currency(canary), Description: bad, Reference: bad, Notes: bad, ReturnURL: "http://" + canary,
			Customer: issue.Contact{ID: canary, Name: bad, Phone: canary, Email: canary, Locale: canary},
			Usage:    issue.Usage{Mode: canary}, Channels: []paylink.Channel{canary}, Methods: []paylink.Method{canary},
			Metadata: map[string]string{bad: "v"}, OnLate: canary, OnDuplicate: canary,
		}, nil)
		var invalid *paylink.Invalid
		if !errors.As(err, &invalid) || len(invalid.Fields) < 14 {
			t.Fatalf("got %v", err)
		}
		if text := fmt.Sprintf("%+v", invalid.Fields); strings.Contains(text, "canary") {
			t.Errorf("the value is in %s", text)
		}
	})
}

// Live links lead customers to a merchant's page; plain HTTP there is for developers only.
func TestLiveLinksReturnByTLSOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		by.Live = true
		d := draft()
		d.ReturnURL = "http://localhost:3000/"
		_, err := w.issuer.Create(t.Context(), by, d, nil)
		if got := wrong(err); got != "/return_url bad_url" {
			t.Errorf("got %q", got)
		}
	})
}

// A customer is named by id and described differently: one of the two would be ignored in silence.
func TestKnownCustomerIsTakenAsRecorded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		known := *w.create(draft()).Customer
		d := draft()
		d.Reference, d.Customer = "", issue.Contact{ID: known.ID, Phone: "+91 98123-45642", Locale: "hi"}
		if c := w.create(d); !reflect.DeepEqual(*c.Customer, known) || c.Link.Customer != known.ID {
			t.Errorf("customer %+v, want %+v", c.Customer, known)
		}
		d.Customer = issue.Contact{ID: known.ID, Name: "Usha", Phone: "+919812345601"}
		_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
		if got := wrong(err); got != "/customer/name conflicting, /customer/phone conflicting" {
			t.Errorf("got %q", got)
		}
		other := issue.Actor{Merchant: w.addMerchant("Other")}
		d.Customer = issue.Contact{ID: known.ID}
		_, err = w.issuer.Create(t.Context(), other, d, nil)
		if got := wrong(err); got != "/customer/id unknown_value" {
			t.Errorf("another merchant's customer: %q", got)
		}
	})
}

func phone(s string) func(*issue.Draft)   { return func(d *issue.Draft) { d.Customer.Phone = s } }
func email(s string) func(*issue.Draft)   { return func(d *issue.Draft) { d.Customer.Email = s } }
func back(s string) func(*issue.Draft)    { return func(d *issue.Draft) { d.ReturnURL = s } }
func at(t time.Time) func(*issue.Draft)   { return func(d *issue.Draft) { d.ExpiresAt = &t } }
func in(seconds int64) func(*issue.Draft) { return func(d *issue.Draft) { d.ExpiresIn = &seconds } }
func meta(k, v string) func(*issue.Draft) {
	return func(d *issue.Draft) { d.Metadata = map[string]string{k: v} }
}
func channels(names ...paylink.Channel) func(*issue.Draft) {
	return func(d *issue.Draft) { d.Channels = names }
}

// wrong writes the fields of an Invalid as "/pointer code, …"; any other error as itself.
func wrong(err error) string {
	if err == nil {
		return ""
	}
	var invalid *paylink.Invalid
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	seen := map[string]bool{}
	var all []string
	for _, f := range invalid.Fields {
		text := f.Pointer + " " + f.Code
		if seen[text] || f.Detail == "" {
			return "twice or without detail: " + text
		}
		seen[text] = true
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
