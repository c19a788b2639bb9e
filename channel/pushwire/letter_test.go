package pushwire_test

import (
	"strings"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/pushwire"
)

// A long text is cut in the middle of a character, and the device shows a question mark or nothing.
func TestTextIsCutBetweenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"Acme":                        "Acme",
		strings.Repeat("a", 200):      strings.Repeat("a", 200),
		strings.Repeat("a", 201):      strings.Repeat("a", 197) + "…",
		strings.Repeat("न", 67):       strings.Repeat("न", 65) + "…",
		"a" + strings.Repeat("न", 67): "a" + strings.Repeat("न", 65) + "…",
		"Ac\xffme":                    "Acme",
	} {
		if got := pushwire.Title(channel.Letter{Subject: text}); got != want || len(got) > 200 {
			t.Errorf("%q is cut to %q, want %q", text, got, want)
		}
	}
}

// A notification is kept for a device longer than the link is good, or for a time below nothing.
func TestNotificationLastsAsLongAsItsLetter(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for until, want := range map[time.Time]time.Duration{
		{}:                              pushwire.Longest,
		at.Add(1500 * time.Millisecond): time.Second,
		at.Add(-time.Hour):              0,
		at.Add(365 * 24 * time.Hour):    pushwire.Longest,
	} {
		if got := pushwire.Lasts(channel.Letter{At: at, Until: until}); got != want {
			t.Errorf("until %s it lasts %s, want %s", until, got, want)
		}
	}
}
