package pushwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// MostBytes is the largest notification that FCM and APNs take. Web Push takes 4096 bytes of ciphertext.
const MostBytes = 4096

// Longest is for how long any of the services keeps a notification for a device that is off.
const Longest = 28 * 24 * time.Hour

// Title and Body are what a device shows of a letter. No device shows more, and what is cut stands on the
// page that the notification opens.
func Title(l channel.Letter) string { return fit(l.Subject, 200) }

// Body is the letter's text, cut as Title is.
func Body(l channel.Letter) string { return fit(l.Text, 1500) }

// fit cuts a text to so many bytes between two characters and shows that it went on.
func fit(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Lasts is for how long a letter is of use, in whole seconds, as far as a service keeps it.
func Lasts(l channel.Letter) time.Duration {
	if l.Until.IsZero() {
		return Longest
	}
	return min(max(l.Until.Sub(l.At), 0), Longest).Truncate(time.Second)
}

// JSON writes a notification in at most so many bytes, a letter outside ASCII as itself. The error is a
// *Rejected: what is left to be too long is the link.
func JSON(v any, most int) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, &channel.Broken{When: channel.NotSent, Err: fmt.Errorf("write a notification: %w", err)}
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(body) > most {
		return nil, &channel.Rejected{Code: "too_long", Reason: provider.BadRequest}
	}
	return body, nil
}

// Silent answers for a service that posts nothing: whoever posts in its name is a stranger.
type Silent struct{}

// Verify believes nobody.
func (Silent) Verify(channel.Account, channel.Post, time.Time) error {
	return &channel.Unverified{Reason: provider.BadSignature}
}

// Read understands nothing.
func (Silent) Read(channel.Account, channel.Post) (channel.News, error) {
	return channel.News{}, errors.New("a push service posts nothing")
}

// ByStatus judges an answer that is no success by its status alone, with the service's words.
func ByStatus(res outbound.Response, words string) error {
	if res.Status < 400 || res.Status > 499 {
		return Unclear(fmt.Sprintf("status %d", res.Status))
	}
	r := &channel.Rejected{
		Code: fmt.Sprintf("http_%d", res.Status), Reason: provider.BadRequest, After: provider.RetryAfter(res.Header), Words: provider.SafeWords(words),
	}
	switch res.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		r.Reason = provider.BadCredentials
	case http.StatusTooManyRequests:
		r.Reason, r.Temporary = provider.Throttled, true
	case http.StatusRequestTimeout:
		r.Reason, r.Temporary = provider.ProviderDown, true
	}
	return r
}

// Unclear is the end of a call of which nobody knows whether the device will show anything.
func Unclear(what string) error {
	return &channel.Broken{When: channel.Unknown, Err: errors.New(what)}
}

// BadKey is the end of a call that was not made, because the account's key is none.
func BadKey() error { return &channel.Rejected{Code: "bad_key", Reason: provider.BadCredentials} }
