package reference

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// prose shows what stands between backquotes as code. It is written by hand because a template would
// put blanks around it.
func prose(words string) templ.Component {
	var b strings.Builder
	for i, part := range strings.Split(words, "`") {
		if i%2 == 1 {
			part = "<code>" + templ.EscapeString(part) + "</code>"
		} else {
			part = templ.EscapeString(part)
		}
		b.WriteString(part)
	}
	return raw(b.String())
}

// tokens tells apart what is worth a colour: keys, texts, numbers and fixed words, comments.
var tokens = map[string]*regexp.Regexp{
	"json": regexp.MustCompile(`(?P<k>"(?:[^"\\]|\\.)*")(?:\s*:)|(?P<s>"(?:[^"\\]|\\.)*")|(?P<n>-?\b\d[\d.]*\b|\b(?:true|false|null)\b)`),
	"js":   regexp.MustCompile("(?P<c>//[^\\n]*)|(?P<s>\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)|(?P<k>\\b(?:const|let|await|async|for|of|if|throw|new|return|import|export|from|function)\\b)|(?P<n>\\b\\d+\\b)"),
	"go":   regexp.MustCompile("(?P<c>//[^\\n]*)|(?P<s>\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)|(?P<k>\\b(?:package|import|func|if|for|defer|return|nil)\\b)|(?P<n>\\b\\d[\\dxo]*\\b)"),
	"curl": regexp.MustCompile(`(?P<c>(?m)(?:^|\s)#[^\n]*)|(?P<s>"(?:[^"\\]|\\.)*")|(?P<k>(?:^|\s)--[a-z-]+)`),
}

// coloured is a text of a language with its tokens in spans. It stays the same text.
func coloured(text, language string) templ.Component {
	pattern := tokens[language]
	var b strings.Builder
	end := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		for group, name := range pattern.SubexpNames() {
			if name == "" || at[2*group] < 0 {
				continue
			}
			from, to := at[2*group], at[2*group+1]
			b.WriteString(templ.EscapeString(text[end:from]) + `<span class="` + name + `">` + templ.EscapeString(text[from:to]) + "</span>")
			end = to
		}
	}
	b.WriteString(templ.EscapeString(text[end:]))
	return raw(b.String())
}

// raw writes HTML that this file has made, and escaped.
func raw(html string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	})
}
