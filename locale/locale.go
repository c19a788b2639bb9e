// Package locale holds what customers read, by language: the text catalogues, and how amounts and
// moments are written. Pages and messages take their words from here, so that a new language is one
// new file in texts/.
//
// Ten languages are here. All but English were translated by a machine, which docs/languages.md says
// to whoever goes live. Which language a customer gets is decided by [Pick]; where a text stands, and
// when it is sent, is left to others.
package locale

import (
	"embed"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

//go:embed texts/*.json
var files embed.FS

// fallback is the language that has every text.
const fallback = "en"

// languages is read once from the embedded files, English first. They are part of the program, so a
// broken one is a broken build, and the tests read them all.
var languages = load()

// Language is one catalogue with its way to write amounts and moments. The zero Language has no
// texts; take one from [Pick] or [Languages].
type Language struct {
	Tag       string // BCP 47, such as "hi"
	Name      string // in itself, such as "हिन्दी"
	Direction string // "ltr" or "rtl"

	texts   map[string]string
	writing writing
}

// Languages lists every language, English first.
func Languages() []Language { return slices.Clone(languages) }

// Pick gives the language of the first candidate that names one we have, else English. A candidate
// is a tag ("hi", "hi-IN") or a whole Accept-Language header, whose weights are honoured; empty and
// malformed ones are passed over.
func Pick(candidates ...string) Language {
	for _, candidate := range candidates {
		if l, ok := best(candidate); ok {
			return l
		}
	}
	return languages[0]
}

// T gives the text of a key with its named places filled: T("pay.button", "amount", "₹10.00"). A
// text that the language lacks comes in English; a key that nobody has comes back as ⟦key⟧, which
// the tests of every page look for.
func (l Language) T(key string, pairs ...string) string {
	text, ok := l.texts[key]
	if !ok {
		if text, ok = languages[0].texts[key]; !ok {
			return "⟦" + key + "⟧"
		}
	}
	if len(pairs) == 0 {
		return text
	}
	return fill(text, pairs)
}

// fill puts values into a text in one pass, so that braces inside a value stay what they are.
func fill(text string, pairs []string) string {
	var b strings.Builder
	b.Grow(len(text) + 32)
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(before)
		if !open {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		i := slices.Index(pairs, name)
		switch {
		case closed && i >= 0 && i%2 == 0 && i+1 < len(pairs):
			b.WriteString(pairs[i+1])
			text = after
		default:
			b.WriteByte('{')
			text = rest
		}
	}
}

// best finds the highest-weighted language of an Accept-Language value that we have.
func best(accept string) (found Language, ok bool) {
	const longest = 512 // a header is a stranger's; nobody reads more languages than fit here
	top := -1
	for _, part := range strings.Split(accept[:min(len(accept), longest)], ",") {
		tag, params, _ := strings.Cut(part, ";")
		base, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"), "-")
		weight := quality(params)
		if weight <= max(top, 0) {
			continue
		}
		for _, l := range languages {
			if strings.EqualFold(l.Tag, base) {
				found, ok, top = l, true, weight
			}
		}
	}
	return found, ok
}

// quality reads "q=0.8" as 800; none is 1000, and nonsense is 0, which means "not this one".
func quality(params string) int {
	value, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
	if !found {
		return 1000
	}
	whole, decimals, _ := strings.Cut(value, ".")
	if whole == "1" {
		return 1000
	}
	if whole != "0" || len(decimals) > 3 {
		return 0
	}
	weight := 0
	for _, d := range decimals + strings.Repeat("0", 3-len(decimals)) {
		if d < '0' || d > '9' {
			return 0
		}
		weight = weight*10 + int(d-'0')
	}
	return weight
}

func load() []Language {
	entries, err := files.ReadDir("texts")
	if err != nil {
		panic("read texts: " + err.Error())
	}
	var all []Language
	for _, entry := range entries {
		raw, err := files.ReadFile(path.Join("texts", entry.Name()))
		if err != nil {
			panic("read texts: " + err.Error())
		}
		l := Language{Tag: strings.TrimSuffix(entry.Name(), ".json")}
		l.writing = writings[l.Tag]
		if err := json.Unmarshal(raw, &l.texts); err != nil {
			panic("texts/" + entry.Name() + ": " + err.Error())
		}
		l.Name, l.Direction = l.texts["language.name"], l.texts["language.direction"]
		if l.Tag == fallback {
			all = slices.Insert(all, 0, l)
			continue
		}
		all = append(all, l)
	}
	return all
}
