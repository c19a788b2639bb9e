package paypage

import (
	"strings"

	"paylink"
	"paylink/locale"
)

// ownWords are what the merchant says to the one who has paid, and to those who come too late.
func ownWords(s standing, l paylink.Link) string {
	switch s {
	case standPaid:
		return multiline(l.Terms.SuccessText)
	case standExpired, standCancelled, standClosed, standUsedUp:
		return multiline(l.Terms.ClosedText)
	}
	return ""
}

// multiline cleans a text that may have lines, each for itself.
func multiline(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = locale.Plain(line, 500)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
