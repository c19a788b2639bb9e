package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A returned mail is lost while the server is away or its address is mistyped; or the secret stands in the
// mail server's log.
func TestReturnedMailIsHandedOverOrKept(t *testing.T) {
	status, got, body := http.StatusOK, &http.Request{}, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, body = r, string(read)
		w.WriteHeader(status)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "address")
	if err := os.WriteFile(file, []byte(server.URL+"/inbound/channel/smtp/acct_1?secret=hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := bounceCommand{URLFile: file, Recipient: "bounce+a&b@example.com"}
	if err := c.hand(t.Context(), strings.NewReader("From: a\n\nmail")); err != nil {
		t.Fatal(err)
	}
	q := got.URL.Query()
	if got.Method != "POST" || got.URL.Path != "/inbound/channel/smtp/acct_1" || q.Get("secret") != "hidden" || q.Get("recipient") != c.Recipient ||
		got.Header.Get("Content-Type") != "message/rfc822" || body != "From: a\n\nmail" {
		t.Errorf("handed over as %s %s with %q", got.Method, got.URL, body)
	}
	if err := c.hand(t.Context(), strings.NewReader(strings.Repeat("a", longestBounce+1))); err != nil || len(body) != longestBounce {
		t.Errorf("%d bytes of a long mail, error %v", len(body), err)
	}
	for _, bad := range []int{401, 404, 429, 500, 503} {
		status = bad
		keeps(t, c)
	}
	server.Close()
	keeps(t, c)
	keeps(t, bounceCommand{URLFile: filepath.Join(t.TempDir(), "nothing")})
	for _, address := range []string{"", "hidden", "https://pay.example/inbound", "ftp://pay.example/?secret=hidden"} {
		t.Setenv("PAYLINK_BOUNCE_URL", address)
		keeps(t, bounceCommand{})
	}
}

// keeps holds that the mail server tries again, and that the secret is not told.
func keeps(t *testing.T, c bounceCommand) {
	t.Helper()
	err := c.hand(t.Context(), strings.NewReader("mail"))
	var later *laterError
	if !errors.As(err, &later) || strings.Contains(err.Error(), "hidden") {
		t.Errorf("it ended with %v", err)
	}
}
