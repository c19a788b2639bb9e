package rules

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"paylink"
)

// Flaw is why an operator in India would block a text message, as a stable word. Empty: none would.
type Flaw string

const (
	FlawEntity   Flaw = "dlt_entity_missing"   // no principal entity is registered
	FlawHeader   Flaw = "dlt_header_missing"   // the template's header is not among the merchant's
	FlawTemplate Flaw = "dlt_template_missing" // the template that the message names is not registered
	FlawText     Flaw = "dlt_text_mismatch"    // the text equals no registered one
	FlawVariable Flaw = "dlt_variable_type"    // a place holds what its type does not allow
	FlawURLForm  Flaw = "dlt_url_form"         // the link is not https://domain/HEADER/code, or not the only one
	FlawDomain   Flaw = "dlt_url_domain"       // the link's domain is not whitelisted
	FlawCategory Flaw = "dlt_category"         // promotion under another category, or the other way round
)

// Flaws lists every flaw.
var Flaws = []Flaw{FlawEntity, FlawHeader, FlawTemplate, FlawText, FlawVariable, FlawURLForm, FlawDomain, FlawCategory}

// Indian is a text message that is about to go to an Indian number.
type Indian struct {
	Text    string
	URL     string // the link in it
	ID      string // the content template that it names; empty: whichever fits
	Purpose paylink.Purpose
}

// Registered is the registered template that a text equals, with what stands in its places.
type Registered struct {
	Template paylink.DLTTemplate
	Values   []string
}

// Preflight judges a message as India's operators do. It gives the template that the message equals, or why
// it would be blocked.
func Preflight(d *paylink.DLT, m Indian) (Registered, Flaw) {
	if d == nil || d.Entity == "" {
		return Registered{}, FlawEntity
	}
	worst := FlawTemplate
	if m.ID == "" && len(d.Templates) > 0 {
		worst = FlawText
	}
	for _, t := range d.Templates {
		if m.ID != "" && t.ID != m.ID {
			continue
		}
		values, flaw := match(t, m.Text)
		if flaw == "" {
			flaw = judge(*d, t, m)
		}
		if flaw == "" {
			return Registered{t, values}, ""
		}
		if m.ID != "" || flaw != FlawText {
			worst = flaw // the text was nearer to this one
		}
	}
	return Registered{}, worst
}

// judge looks at all but the text.
func judge(d paylink.DLT, t paylink.DLTTemplate, m Indian) Flaw {
	if !slices.Contains(d.Headers, t.Header) {
		return FlawHeader
	}
	if (m.Purpose == paylink.PurposePromotional) != (t.Category == paylink.DLTPromotional) {
		return FlawCategory
	}
	low := strings.ToLower(m.Text)
	links := strings.Count(low, "://") + strings.Count(low, "www.")
	if m.URL == "" && links == 0 {
		return ""
	}
	u, err := url.Parse(m.URL)
	if err != nil || links != 1 || !strings.Contains(m.Text, m.URL) || u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.Port() != "" {
		return FlawURLForm
	}
	header, code, two := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !two || header != t.Header || code == "" || strings.Contains(code, "/") {
		return FlawURLForm
	}
	if !slices.ContainsFunc(d.Domains, func(domain string) bool { return strings.EqualFold(domain, u.Hostname()) }) {
		return FlawDomain
	}
	return ""
}

// place is one place in a registered text, with its type where it says one.
var place = regexp.MustCompile(`\{#(var|numeric|number|alphanumeric|date|url|text)#\}`)

// What a place may hold, by its type. Thirty characters are what operators give to a place; a link is as
// long as it is.
var holds = map[string]string{
	"text":         `(?:https?://[^\s]{1,150}?|.{1,30}?)`,
	"number":       `[0-9][0-9.,]{0,29}?`,
	"alphanumeric": `[\pL\pM\pN ./_-]{1,30}?`,
	"date":         `[\pL\pM\pN ,.:/+-]{1,30}?`,
	"url":          `https?://[^\s]{1,150}?`,
}

// match gives what stands in the places of a registered text, or in what way the text differs.
func match(t paylink.DLTTemplate, text string) ([]string, Flaw) {
	if found := pattern(t, true).FindStringSubmatch(text); found != nil {
		return found[1:], ""
	}
	if pattern(t, false).MatchString(text) {
		return nil, FlawVariable
	}
	return nil, FlawText
}

// pattern is a registered text as an expression; without types each place holds anything.
func pattern(t paylink.DLTTemplate, typed bool) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	end, types := 0, t.Types
	for _, at := range place.FindAllStringSubmatchIndex(t.Text, -1) {
		b.WriteString(regexp.QuoteMeta(t.Text[end:at[0]]))
		kind := strings.Replace(t.Text[at[2]:at[3]], "numeric", "number", 1)
		kind = strings.Replace(kind, "alphanumber", "alphanumeric", 1)
		if kind == "var" {
			kind = "text"
			if len(types) > 0 {
				kind, types = cmp.Or(types[0], "text"), types[1:]
			}
		}
		if !typed {
			kind = "text"
		}
		b.WriteString("(" + cmp.Or(holds[kind], holds["text"]) + ")")
		end = at[1]
	}
	b.WriteString(regexp.QuoteMeta(t.Text[end:]) + `\z`)
	return regexp.MustCompile(b.String())
}

// Places counts the places of a registered text, and those of them that say no type.
func Places(text string) (all, untyped int) {
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		all++
		if found[1] == "var" {
			untyped++
		}
	}
	return all, untyped
}
