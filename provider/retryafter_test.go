package provider_test

import (
	"net/http"
	"testing"
	"time"

	"paylink/provider"
)

// A provider that asks for a pause is called again at once, or is not called for a year.
func TestRetryAfterIsReadInBothForms(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"99999":                         time.Hour,
		"99999999999999999999":          0,
		"Mon, 23 Nov 2026 10:02:00 GMT": 2 * time.Minute,
		"Mon, 23 Nov 2026 09:00:00 GMT": 0,
		"Tue, 23 Nov 2027 10:00:00 GMT": time.Hour,
	} {
		h := http.Header{"Retry-After": {said}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}}
		if got := provider.RetryAfter(h); got != want {
			t.Errorf("Retry-After: %s is %s, want %s", said, got, want)
		}
	}
	if got := provider.RetryAfter(http.Header{"Retry-After": {"Mon, 23 Nov 2026 10:02:00 GMT"}}); got != 0 {
		t.Errorf("a date without the answer's own is %s, want nothing", got)
	}
}
