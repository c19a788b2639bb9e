package issue

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// script is how free a text is.
type script int

const (
	oneLine   script = iota // anything that stands on one line
	manyLines               // line breaks and tabs as well
	printable               // what can be read aloud and typed again: no joiners, no odd spaces
)

func (j *judgement) text(pointer, s string, most int, kind script) {
	if utf8.RuneCountInString(s) > most {
		j.bad.Add(pointer, "too_long", fmt.Sprintf("The text must have at most %d characters.", most))
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !kind.allows(r) }) {
		j.bad.Add(pointer, "bad_characters", "The text must be without control characters and without turns of the direction of writing.")
	}
}

func (k script) allows(r rune) bool {
	switch {
	case k == manyLines && (r == '\n' || r == '\r' || r == '\t'):
		return true
	case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
		return false
	case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		// These make one text look like another, on the page where money is paid.
		return false
	case k == printable:
		return unicode.IsPrint(r)
	}
	return true
}

// metadata gives the map without being nil. Pointers name keys that are in order themselves; any
// other key is a value of its own that is not repeated.
func (j *judgement) metadata(m map[string]string) map[string]string {
	if len(m) > maxMetadata {
		j.bad.Add("/metadata", "too_many", fmt.Sprintf("There must be at most %d keys.", maxMetadata))
		return nil
	}
	kept := make(map[string]string, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		before := len(j.bad.Fields)
		if key == "" {
			j.bad.Add("/metadata", "required", "A key is empty.")
		}
		j.text("/metadata", key, maxMetadataKey, oneLine)
		if len(j.bad.Fields) == before {
			j.text("/metadata/"+pointerEscape.Replace(key), m[key], maxMetadataValue, manyLines)
		}
		kept[key] = m[key]
	}
	return kept
}

// pointerEscape writes a key as a part of a JSON pointer (RFC 6901).
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// url takes absolute https URLs in plain ASCII, as browsers and our page read them alike. A test
// link may lead to a page on the developer's own machine.
func (j *judgement) url(pointer, raw string) {
	if raw == "" {
		return
	}
	if len(raw) > maxURL {
		j.bad.Add(pointer, "too_long", fmt.Sprintf("The address must have at most %d characters.", maxURL))
		return
	}
	u, err := url.Parse(raw)
	odd := strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' })
	switch {
	case err != nil, odd, u.Opaque != "", u.User != nil, u.Hostname() == "", strings.Contains(u.Host, "%"):
	case u.Scheme == "https":
		return
	case u.Scheme == "http" && !j.by.Live && loopback(u.Hostname()):
		return
	}
	j.bad.Add(pointer, "bad_url", "The address must be a whole https:// URL without a name or password in it.")
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
