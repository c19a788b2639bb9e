package issue

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"paylink"
	"paylink/locale"
	"paylink/rules"
	"paylink/wording"
)

var (
	digitsForm   = regexp.MustCompile(`^[0-9]{8,25}$`)
	headerForm   = regexp.MustCompile(`^[0-9A-Za-z]{3,11}$`)
	domainForm   = regexp.MustCompile(`^[0-9A-Za-z-]{1,63}(\.[0-9A-Za-z-]{1,63})+$`)
	whatsAppForm = regexp.MustCompile(`^[a-z0-9_]{0,512}$`)
)

// wordingShape judges what a wording is said to be, before its words: what cannot be kept or shown at all.
func (j *judgement) wordingShape(t paylink.MessageTemplate) {
	known := func(pointer string, ok bool, detail string) {
		if !ok {
			j.bad.Add(pointer, "unknown_value", detail)
		}
	}
	known("/channel", slices.Contains(paylink.Channels, t.Channel), "There is no such channel.")
	known("/kind", slices.Contains(paylink.TemplateKinds, t.Kind), "There is no such kind of message.")
	known("/language", slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Tag == t.Language }),
		"Messages are not written in this language.")
	switch n := utf8.RuneCountInString(t.Text); {
	case n == 0:
		j.bad.Add("/text", "required", "A template needs a text.")
	case n > wording.LongestText:
		j.bad.Add("/text", "too_long", "A text has at most 4000 characters.")
	}
	if utf8.RuneCountInString(t.Subject) > wording.LongestSubject {
		j.bad.Add("/subject", "too_long", "A subject has at most 150 characters.")
	}
	j.registeredAs(t.As)
}

// registeredAs judges the names under which others know a text.
func (j *judgement) registeredAs(as paylink.RegisteredAs) {
	bad := func(name string, ok bool) {
		if !ok {
			j.bad.Add("/registered_as/"+name, "bad_name", "This is not how such names are written.")
		}
	}
	bad("dlt_template_id", as.DLT == "" || digitsForm.MatchString(as.DLT))
	bad("whatsapp_name", whatsAppForm.MatchString(as.WhatsApp))
	bad("whatsapp_language", len(as.WhatsAppLanguage) <= 15)
	bad("msg91_flow", len(as.Flow) <= 64)
	bad("variables", len(as.Variables) <= 20)
	for i, name := range as.Variables {
		if !slices.Contains(wording.Variables, name) {
			j.bad.Add(fmt.Sprintf("/registered_as/variables/%d", i), "unknown_variable", "There is no such variable.")
		}
	}
}

// contactCaps asks for caps that let something through.
func (j *judgement) contactCaps(c *paylink.ContactCaps) {
	const at = "/settings/contact_caps/"
	if c != nil && (c.Day < 0 || c.Day > 100) {
		j.bad.Add(at+"per_day", "out_of_range", "A cap of a day is from 1 to 100; 0 is none.")
	}
	if c != nil && (c.Week < 0 || c.Week > 500) {
		j.bad.Add(at+"per_week", "out_of_range", "A cap of a week is from 1 to 500; 0 is none.")
	}
}

// purpose asks for one that a link as a whole can have.
func (j *judgement) purpose(p paylink.Purpose) {
	if p != "" && !slices.Contains(paylink.LinkPurposes, p) {
		j.bad.Add("/purpose", "unknown_value", "This must be one of requested, transactional, recovery, promotional.")
	}
}

// capture asks for one of the ways to take money; what becomes of reserved money is said where some is reserved.
func (j *judgement) capture(t paylink.Terms) {
	switch t.CaptureMethod {
	case "", paylink.CaptureAutomatic, paylink.CaptureManual:
	default:
		j.bad.Add("/capture_method", "unknown_value", "This must be one of automatic, manual.")
	}
	if t.VoidOnExpiry && !t.ManualCapture() {
		j.bad.Add("/void_on_expiry", "not_manual", "Nothing is reserved without capture_method manual.")
	}
}

// dlt judges what a merchant has registered with India's operators.
func (j *judgement) dlt(d *paylink.DLT) {
	if d == nil {
		return
	}
	const at = "/settings/dlt"
	if !digitsForm.MatchString(d.Entity) {
		j.bad.Add(at+"/entity_id", "bad_id", "An entity id is 8 to 25 digits.")
	}
	for _, list := range []struct {
		name        string
		n, min, max int
	}{{"headers", len(d.Headers), 1, 20}, {"domains", len(d.Domains), 0, 20}, {"templates", len(d.Templates), 0, 100}} {
		if list.n < list.min || list.n > list.max {
			j.bad.Add(at+"/"+list.name, "out_of_range", fmt.Sprintf("There are at least %d and at most %d.", list.min, list.max))
		}
	}
	for i, h := range d.Headers {
		if !headerForm.MatchString(h) {
			j.bad.Add(fmt.Sprintf("%s/headers/%d", at, i), "bad_header", "A header is 3 to 11 letters and digits.")
		}
	}
	for i, domain := range d.Domains {
		if !domainForm.MatchString(domain) || len(domain) > 253 {
			j.bad.Add(fmt.Sprintf("%s/domains/%d", at, i), "bad_domain", "A domain has no https and no path, such as acme.in.")
		}
	}
	seen := map[string]bool{}
	for i, t := range d.Templates {
		pointer := fmt.Sprintf("%s/templates/%d", at, i)
		if seen[t.ID] {
			j.bad.Add(pointer+"/template_id", "duplicate", "Two texts have this id.")
		}
		if seen[t.ID] = true; len(j.bad.Fields) < maxList { // what is wrong with the hundredth is told after the first
			j.dltTemplate(pointer, t, d.Headers)
		}
	}
}

func (j *judgement) dltTemplate(pointer string, t paylink.DLTTemplate, headers []string) {
	places, untyped := rules.Places(t.Text)
	for _, f := range []struct {
		name, code, detail string
		ok                 bool
	}{
		{"/template_id", "bad_id", "A content template id is 8 to 25 digits.", digitsForm.MatchString(t.ID)},
		{"/header", "unknown_value", "The header is not among your headers.", slices.Contains(headers, t.Header)},
		{"/category", "unknown_value", "There is no such category.", t.Category == "" || slices.Contains(paylink.DLTCategories, t.Category)},
		{"/text", "out_of_range", "A registered text has 1 to 1000 characters and at most 20 places.",
			t.Text != "" && utf8.RuneCountInString(t.Text) <= 1000 && places <= 20},
		{"/variable_types", "too_many", "There are more types than places without one.", len(t.Types) <= untyped},
	} {
		if !f.ok {
			j.bad.Add(pointer+f.name, f.code, f.detail)
		}
	}
	for n, kind := range t.Types {
		if !slices.Contains(paylink.DLTTypes, kind) {
			j.bad.Add(fmt.Sprintf("%s/variable_types/%d", pointer, n), "unknown_value", "There is no such type.")
		}
	}
}
