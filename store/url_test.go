package store_test

import (
	"testing"

	"paylink/store"
)

// A password that an operator prints by accident is in a log for ever; and a URL of two hosts, which
// net/url refuses, must pass.
func TestURLsAreJudgedAndShownWithoutPasswords(t *testing.T) {
	cases := []struct {
		url, shown string
	}{
		{"sqlite://./data/paylink.db", "sqlite://./data/paylink.db"},
		{"postgres://pay@db/paylink", "postgres://pay@db/paylink"},
		{"postgres://pay:secret@db:5432/paylink?sslmode=disable", "postgres://pay:xxxxx@db:5432/paylink?sslmode=disable"},
		{"postgresql://pay:se%40cret@a:1,b:2/paylink?target_session_attrs=read-write", "postgresql://pay:xxxxx@a:1,b:2/paylink?target_session_attrs=read-write"},
		{"postgres:///paylink?host=/tmp&user=pay&password=secret&sslmode=disable", "postgres:///paylink?host=/tmp&user=pay&password=xxxxx&sslmode=disable"},
		{"postgres://pay:secret@h:bad/paylink", "(unreadable)"},
		{"mysql://pay:secret@h/paylink", "(unreadable)"},
		{"sqlite://", "(unreadable)"},
	}
	for _, c := range cases {
		if got := store.Redacted(c.url); got != c.shown {
			t.Errorf("%s is shown as %s", c.url, got)
		}
		if err := store.CheckURL(c.url); (err == nil) != (c.shown != "(unreadable)") {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}
