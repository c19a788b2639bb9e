package fcm_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/channel/fcm"
	"paylink/provider"
	"paylink/provider/providertest"
)

func goodLetter() channel.Letter {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return channel.Letter{
		ID: "msg_00000000000000000000000000", Channel: paylink.ChannelInApp, To: phone, Subject: "Payment request from Acme",
		Text: "₹2,450.00", ButtonURL: "https://pay.example/AbC123", At: at, Until: at.Add(time.Hour),
	}
}

// A notification is not that of the letter, or is counted as sent although FCM did not take it.
func TestFCMKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		g, far := serve(t)
		s, a := fcm.New(client(t)), g.account(t)
		// The contract of calling is about the call that carries a letter, so the access token is there; what
		// happens without it is shown below.
		if err := s.Test(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		return s, a, channeltest.World{
			Far: far, Now: time.Now, Received: g.letter,
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Subject: l.Subject, Text: l.Text, ButtonURL: l.ButtonURL}
			},
			Reachable:   func(paylink.Channel) string { return phone },
			Unreachable: func(paylink.Channel) string { return "" },
		}
	})
}

// A notification about a link that has expired is shown next week, or one that was sent again is shown twice.
func TestNotificationEndsWithItsLetter(t *testing.T) {
	g, _ := serve(t)
	if _, err := fcm.New(client(t)).Send(t.Context(), g.account(t), goodLetter()); err != nil {
		t.Fatal(err)
	}
	m := g.taken[0].Message
	if m.Android.TTL != "3600s" || m.APNs.Headers["apns-expiration"] != "1795345200" {
		t.Errorf("it lasts %q on Android and until %q on iOS", m.Android.TTL, m.APNs.Headers["apns-expiration"])
	}
	if id := string(goodLetter().ID); m.Android.Notification.Tag != id || m.APNs.Headers["apns-collapse-id"] != id {
		t.Errorf("the same again is recognised by %q on Android and by %q on iOS", m.Android.Notification.Tag, m.APNs.Headers["apns-collapse-id"])
	}
}

// A device without the app is tried for ever, or a mistake in the account looks like one in the address.
func TestRefusalsAreUnderstoodByFCMsCode(t *testing.T) {
	g, _ := serve(t)
	s := fcm.New(client(t))
	for to, want := range map[string]channel.Rejected{
		gone:                      {Code: "UNREGISTERED", Reason: provider.InvalidAddress, Words: "Requested entity of … was not found."},
		"unknown":                 {Code: "INVALID_ARGUMENT", Reason: provider.InvalidAddress, Words: "Requested entity of … was not found."},
		"two words":               {Code: "bad_token", Reason: provider.InvalidAddress},
		"":                        {Code: "bad_token", Reason: provider.InvalidAddress},
		strings.Repeat("a", 1025): {Code: "bad_token", Reason: provider.InvalidAddress},
	} {
		l := goodLetter()
		l.To = to
		_, err := s.Send(t.Context(), g.account(t), l)
		var got *channel.Rejected
		if !errors.As(err, &got) || !reflect.DeepEqual(*got, want) {
			t.Errorf("%.20q ended %+v (%v), want %+v", to, got, err, want)
		}
	}
	for _, c := range []struct {
		status       int
		body, wait   string
		ends, reason string
		after        time.Duration
	}{
		{403, `{"error":{"status":"PERMISSION_DENIED","details":[` + fcmError("SENDER_ID_MISMATCH") + `]}}`, "", "rejected", "bad_credentials", 0},
		{429, `{"error":{"status":"RESOURCE_EXHAUSTED","details":[` + fcmError("QUOTA_EXCEEDED") + `]}}`, "", "rejected for now", "throttled", time.Minute},
		{429, `{"error":{"status":"RESOURCE_EXHAUSTED","details":[` + fcmError("QUOTA_EXCEEDED") + `]}}`, "9", "rejected for now", "throttled", 9 * time.Second},
		{503, `{"error":{"status":"UNAVAILABLE","details":[` + fcmError("UNAVAILABLE") + `]}}`, "9", "unknown", "", 0},
		{500, `{"error":{"status":"INTERNAL"}}`, "", "unknown", "", 0},
		{400, `{"error":{"status":"FAILED_PRECONDITION"}}`, "", "rejected", "bad_request", 0},
		{200, `{"error":{"status":"PERMISSION_DENIED"}}`, "", "rejected", "bad_credentials", 0},
		{200, `<html>no</html>`, "", "unknown", "", 0},
		{200, `{"name":"acme"}`, "", "unknown", "", 0},
		{200, `{"name":"projects/acme-shop/messages/1","x":"` + strings.Repeat("x", 3<<20) + `"}`, "", "unknown", "", 0},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.wait)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
		})
		a := g.account(t)
		a.BaseURL = far.Origin
		_, err := s.Send(t.Context(), a, goodLetter())
		var got *channel.Rejected
		if errors.As(err, &got); providertest.Ending(err) != c.ends || got != nil && (string(got.Reason) != c.reason || got.After != c.after) {
			t.Errorf("%d %.80s ended %v (%+v)", c.status, c.body, err, got)
		}
	}
}

// Every letter asks for an access token of its own, and Google throttles the account; or a token is used
// after its end.
func TestAccessTokenIsKeptUntilItsEnd(t *testing.T) {
	g, _ := serve(t)
	s, a := fcm.New(client(t)), g.account(t)
	now := time.Now()
	fcm.SetNow(s, func() time.Time { return now })
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			if _, err := s.Send(t.Context(), a, goodLetter()); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	send := func(want int, when string) {
		t.Helper()
		if _, err := s.Send(t.Context(), a, goodLetter()); err != nil || g.granted != want {
			t.Errorf("%s: %d access tokens (%v), want %d", when, g.granted, err, want)
		}
	}
	send(1, "after eight at once")
	now = now.Add(58 * time.Minute)
	send(1, "shortly before its end")
	now = now.Add(time.Minute)
	send(2, "at its end")
	g.revoked = true
	send(3, "after it was taken back")
}

// Google is down, nothing was sent, and the letter is thought to be on its way; or the account's key was
// deleted, and nobody is told.
func TestWithoutAnAccessTokenNothingIsSent(t *testing.T) {
	g, far := serve(t)
	ends := func(change func(*channel.Account)) string {
		a := g.account(t)
		change(&a)
		_, err := fcm.New(client(t)).Send(t.Context(), a, goodLetter())
		var rejected *channel.Rejected
		if errors.As(err, &rejected) {
			return string(rejected.Reason)
		}
		return providertest.Ending(err)
	}
	for name, c := range map[string]struct {
		change func(*channel.Account)
		want   string
	}{
		"no key":             {func(a *channel.Account) { a.Secret = "" }, "bad_credentials"},
		"a key that is none": {func(a *channel.Account) { a.Secret = strings.ReplaceAll(a.Secret, "BEGIN PRIVATE", "BEGIN") }, "bad_credentials"},
		"another's address":  {func(a *channel.Account) { a.Secret = strings.Replace(a.Secret, mail, "x"+mail, 1) }, "bad_credentials"},
		"a project in parts": {func(a *channel.Account) { a.Secret = strings.Replace(a.Secret, "acme-shop", "acme/../shop", 1) }, "bad_credentials"},
		"nobody listens":     {func(a *channel.Account) { a.Secret = strings.Replace(a.Secret, g.origin, "http://127.0.0.1:1", 1) }, "not sent"},
		"a private address":  {func(a *channel.Account) { a.Secret = strings.Replace(a.Secret, g.origin, "http://token.internal", 1) }, "not sent"},
	} {
		if got := ends(c.change); got != c.want {
			t.Errorf("%s ended %q, want %q", name, got, c.want)
		}
	}
	for status, want := range map[int]string{500: "provider_down", 302: "provider_down", 200: "provider_down", 429: "throttled", 400: "bad_credentials"} {
		far.Break(status)
		if got := ends(func(*channel.Account) {}); got != want {
			t.Errorf("a token endpoint that answers %d ended %q, want %q", status, got, want)
		}
	}
	if g.taken != nil {
		t.Errorf("FCM took %+v", g.taken)
	}
}
