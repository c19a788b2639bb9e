package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// lines cuts a text where it breaks and finds the links in each line.
func lines(text string) (all [][]part) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		var parts []part
		from := 0
		for _, at := range linkForm.FindAllStringIndex(line, -1) {
			end := at[0] + len(strings.TrimRight(line[at[0]:at[1]], ".,;:!?)"))
			parts = append(parts, part{Text: line[from:at[0]]}, part{Text: line[at[0]:end], URL: line[at[0]:end]})
			from = end
		}
		all = append(all, append(parts, part{Text: line[from:]}))
	}
	return all
}

// plain reads the words of an HTML mail and leaves its markup, scripts and styles behind.
func plain(mail string) string {
	var b strings.Builder
	for skip, z := 0, html.NewTokenizer(strings.NewReader(mail)); ; {
		kind, token := z.Next(), z.Token()
		hidden := slices.Contains([]string{"style", "script", "head", "title"}, token.Data)
		switch kind {
		case html.ErrorToken: // the end
			return kept(b.String())
		case html.StartTagToken:
			if hidden {
				skip++
			}
			if token.Data == "br" {
				b.WriteString("\n")
			}
		case html.SelfClosingTagToken:
			if token.Data == "br" {
				b.WriteString("\n")
			}
		case html.EndTagToken:
			if hidden && skip > 0 {
				skip--
			}
			if slices.Contains([]string{"p", "div", "tr", "h1", "h2", "h3", "li", "table"}, token.Data) {
				b.WriteString("\n")
			}
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.Join(strings.Fields(token.Data), " ") + " ")
			}
		}
	}
}

// kept leaves out the lines that hold nothing.
func kept(text string) string {
	var full []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			full = append(full, line)
		}
	}
	return strings.Join(full, "\n")
}

// clockText is a time as the phone shows it.
func clockText(t time.Time) string { return t.Format("15:04") }

// dayText is a time with its day, for tooltips and the clock.
func dayText(t time.Time) string { return fmt.Sprintf("%s UTC", t.Format("Mon 2 Jan 2006, 15:04")) }
