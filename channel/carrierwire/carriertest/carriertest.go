// Package carriertest is what the tests of carriers' adapters have in common: a fake carrier's answers and
// receipts, and what may never come out of reading a post.
//
// It is for the fakes in the adapters' test files, which are written from each carrier's documents and
// share nothing with the adapters.
package carriertest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
)

// What the fakes' numbers do: the first is a phone that works, the second one that is off.
const (
	OnPhone     = "+919812345642"
	Unreachable = "+919812345603"
)

// Client calls out to loopback until the test ends.
func Client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// Answer writes a carrier's answer as JSON.
func Answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Call posts a carrier's receipt to an address. That nobody takes it is not the carrier's concern.
func Call(address string, header http.Header, body string) {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header = header
	client := http.Client{Timeout: 10 * time.Second}
	if res, err := client.Do(req); err == nil {
		_ = res.Body.Close()
	}
}

// Posted is a request as it is at our door.
func Posted(address, kind, body string) channel.Post {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return channel.Post{URL: u, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
}

// Letter is a text message that was written now.
func Letter(to, text string) channel.Letter {
	return channel.Letter{ID: "msg_00000000000000000000000000", Channel: paylink.ChannelSMS, To: to, Text: text, At: time.Now()}
}

// Rejected is how a call was refused, nil when it was not.
func Rejected(err error) *channel.Rejected {
	var rejected *channel.Rejected
	errors.As(err, &rejected)
	return rejected
}

// CheckRead holds what a sender reads of any post to what dispatch relies on, and to being pure.
func CheckRead(t *testing.T, s channel.Sender, a channel.Account, p channel.Post) {
	t.Helper()
	got, err := s.Read(a, p)
	if err != nil {
		if got.Receipts != nil || got.Replies != nil || len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\x00\n\r") {
			t.Fatalf("refused with %+v and %q", got, err)
		}
		return
	}
	for _, r := range got.Receipts {
		bad := r.Status == paylink.MessageFailed || r.Status == paylink.MessageBlocked
		if r.Message != "" && !paylink.HasTag(string(r.Message), "msg") || r.Message == "" && r.ProviderReference == "" ||
			r.Status == "" || bad != (r.ErrorCode != "") || bad != (r.Reason != "") {
			t.Fatalf("%q read as %+v", p.Body, r)
		}
	}
	for _, r := range got.Replies {
		if !strings.HasPrefix(r.From, "+") || len([]rune(r.Text)) > 1000 {
			t.Fatalf("%q read as %+v", p.Body, r)
		}
	}
	if again, err := s.Read(a, p); err != nil || !reflect.DeepEqual(again, got) {
		t.Fatalf("%q read as %+v, then as %+v (%v)", p.Body, got, again, err)
	}
}
