package provider_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"paylink/provider"
)

// A provider writes a phone number or a sentence into its error code, and our logs keep it.
func TestSafeCodeKeepsOnlyOneWord(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"insufficient_funds", "insufficient_funds"},
		{"InvalidCard.expired-2", "InvalidCard.expired-2"},
		{"x30008", "x30008"},
		{"", "other"},
		{"30008", "other"}, // digits first: it could be a number that belongs to somebody
		{"+919812345642", "other"},
		{"no such number +919812345642", "other"},
		{"a@example.com", "other"},
		{"code\n{\"level\":\"ERROR\"}", "other"},
		{"é", "other"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), "other"},
	} {
		if got := provider.SafeCode(c.code, "other"); got != c.want {
			t.Errorf("SafeCode(%q) = %q, want %q", c.code, got, c.want)
		}
	}
}

// A step cannot tell how a call ended, because the adapters have said more around it.
func TestEndingsAreFoundUnderWhatIsSaidAround(t *testing.T) {
	err := fmt.Errorf("start payment X: %w", fmt.Errorf("at the sandbox: %w", &provider.Broken{When: provider.NotSent, Err: errors.New("refused")}))
	var broken *provider.Broken
	if !errors.As(err, &broken) || broken.When != provider.NotSent {
		t.Errorf("%v is not seen as not sent", err)
	}
	err = fmt.Errorf("start payment X: %w", &provider.Rejected{Code: "http_429", Temporary: true})
	var rejected *provider.Rejected
	if !errors.As(err, &rejected) || *rejected != (provider.Rejected{Code: "http_429", Temporary: true}) {
		t.Errorf("%v is not seen as rejected for now", err)
	}
}
