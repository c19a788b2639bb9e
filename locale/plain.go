package locale

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes a merchant's or a customer's own words safe to stand inside ours: one line, no control
// characters, nothing that turns the direction of the text or hides in it, and at most limit
// characters, the last of them an ellipsis when something was cut. Markup is left to whoever writes
// markup.
func Plain(s string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range s {
		if r == utf8.RuneError || invisible(r) {
			continue
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = count > 0
			continue
		}
		room := limit - count
		if space {
			room--
		}
		if room < 1 {
			return cut(b.String(), limit)
		}
		if space {
			b.WriteByte(' ')
			count, space = count+1, false
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// plainWithout is Plain without words that a phone would turn into a link, because a message holds
// one address: the link's own.
func plainWithout(s string, limit int) string {
	words := strings.Fields(s)
	kept := words[:0]
	for _, word := range words {
		low := strings.ToLower(word)
		if strings.Contains(low, "://") || strings.Contains(low, "www.") {
			continue
		}
		kept = append(kept, word)
	}
	return Plain(strings.Join(kept, " "), limit)
}

// invisible tells the characters that change how their neighbours are read and are not seen
// themselves. The joiners U+200C and U+200D are not among them: Hindi is written with them.
func invisible(r rune) bool {
	switch {
	case r == 0x00ad, r == 0x061c, r == 0x180e, r == 0xfeff, r == 0x200b, r == 0x200e, r == 0x200f:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// cut shortens to limit characters, ellipsis included.
func cut(s string, limit int) string {
	runes := []rune(s)
	if limit < 1 {
		return ""
	}
	return strings.TrimRight(string(runes[:min(len(runes), limit-1)]), " ") + "…"
}
