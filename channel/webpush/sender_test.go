package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/channel/pushwire/pushtest"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/providertest"
)

const endpoint = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA-canary"

// service is a push service: it holds a notification for a browser when its headers are those of the
// standards.
type service struct {
	t    *testing.T
	mu   sync.Mutex
	held map[string]held // by topic
}

type held struct {
	header http.Header
	body   []byte
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	claims, well := s.claims(r.Header.Get("Authorization"))
	switch expires, _ := claims["exp"].(float64); {
	case !well || claims["aud"] != "https://updates.push.services.mozilla.com" || claims["sub"] != "mailto:ops@example.com",
		expires < float64(time.Now().Unix()), expires > float64(time.Now().Add(24*time.Hour).Unix()):
		http.Error(w, `{"code":401,"errno":109,"error":"Unauthorized","message":"of +919812345642"}`, http.StatusUnauthorized)
	case r.Method != http.MethodPost || r.URL.Path != "/wpush/v2/gAAAA-canary":
		w.WriteHeader(http.StatusNotFound)
	case r.Header.Get("TTL") == "" || r.Header.Get("Content-Encoding") != "aes128gcm" || len(r.Header.Get("Topic")) > 32:
		w.WriteHeader(http.StatusBadRequest)
	case len(body) > 4096:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	default:
		s.mu.Lock()
		s.held[r.Header.Get("Topic")] = held{r.Header.Clone(), body}
		s.mu.Unlock()
		w.Header().Set("Location", "https://updates.push.services.mozilla.com/m/secret")
		w.WriteHeader(http.StatusCreated)
	}
}

// claims are those of a proof by our account's key.
func (s *service) claims(proof string) (map[string]any, bool) {
	token, key, _ := strings.Cut(strings.TrimPrefix(proof, "vapid t="), ", k=")
	if key != publicOf(s.t, secret) {
		return nil, false
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw(s.t, key))
	if err != nil {
		return nil, false
	}
	return pushtest.Claims(s.t, token, public), true
}

// secret is the private key of RFC 8291's example server, used as the account's.
const secret = rfcOwn

func publicOf(t *testing.T, secret string) string {
	t.Helper()
	public, err := PublicKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func world(t *testing.T) (*Sender, channel.Account, *service, *providertest.Far) {
	s := &service{t: t, held: map[string]held{}}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return s })
	client := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(client.Close)
	return New(client), channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret, Fields: map[string]string{"contact": "mailto:ops@example.com"},
	}, s, far
}

// received is a letter as the browser decrypts it.
func (s *service) received(t *testing.T, topic string) channel.Letter {
	t.Helper()
	s.mu.Lock()
	got := s.held[topic]
	s.mu.Unlock()
	var n struct {
		WebPush      int `json:"web_push"`
		Notification struct{ Title, Body, Lang, Tag, Navigate string }
	}
	if err := json.Unmarshal([]byte(pushtest.Decrypt(t, got.body, raw(t, rfcPrivate), raw(t, rfcAuth))), &n); err != nil || n.WebPush != 8030 {
		t.Fatalf("the browser reads no notification: %v", err)
	}
	return channel.Letter{
		ID: paylink.MessageID(n.Notification.Tag), Channel: paylink.ChannelInApp, To: subscribed(endpoint),
		Subject: n.Notification.Title, Text: n.Notification.Body, Language: n.Notification.Lang, ButtonURL: n.Notification.Navigate,
	}
}

// A notification is not that of the letter, or is counted as sent although no service took it.
func TestWebPushKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		s, a, far, faults := world(t)
		return s, a, channeltest.World{
			Far: faults, Now: time.Now, Received: far.received,
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Subject: l.Subject, Text: l.Text, Language: l.Language, ButtonURL: l.ButtonURL}
			},
			Reachable:   func(paylink.Channel) string { return subscribed(endpoint) },
			Unreachable: func(paylink.Channel) string { return "" },
		}
	})
}

func goodLetter() channel.Letter {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return channel.Letter{
		ID: "msg_00000000000000000000000000", Channel: paylink.ChannelInApp, To: subscribed(endpoint), Subject: "Payment request from Acme",
		Text: "₹2,450.00", ButtonURL: "https://pay.example/AbC123", At: at, Until: at.Add(90*time.Second + time.Millisecond),
	}
}

// A notification about a link that has expired is shown next week; a text of 10,000 letters is not sent.
func TestNotificationFitsAndEnds(t *testing.T) {
	s, a, far, _ := world(t)
	l := goodLetter()
	l.Text, l.Subject = strings.Repeat(`न"\`, 3000), strings.Repeat("स", 10_000)
	if _, err := s.Send(t.Context(), a, l); err != nil {
		t.Fatal(err)
	}
	got := far.held[string(l.ID)]
	if got.header.Get("TTL") != "90" || got.header.Get("Urgency") != "normal" || len(got.body) > 4096 {
		t.Errorf("sent %d bytes with %v", len(got.body), got.header)
	}
	if read := far.received(t, string(l.ID)); !strings.HasPrefix(l.Subject, strings.TrimSuffix(read.Subject, "…")) || !strings.HasSuffix(read.Text, "…") {
		t.Errorf("the browser shows %q and %q", read.Subject, read.Text)
	}
	l.ButtonURL = "https://pay.example/" + strings.Repeat("a", 4000)
	var rejected *channel.Rejected
	if _, err := s.Send(t.Context(), a, l); !errors.As(err, &rejected) || rejected.Code != "too_long" {
		t.Errorf("a link of 4,000 letters: %v", err)
	}
}

// What a stranger gives as his subscription makes us call where he wants, or stops the sending.
func TestSubscriptionOfAStrangerIsNotCalled(t *testing.T) {
	calls := 0
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(http.StatusCreated) })
	})
	s, a, _, _ := world(t)
	a.BaseURL = far.Origin
	keys := `,"keys":{"p256dh":"` + rfcPublic + `","auth":"` + rfcAuth + `"}}`
	for to, code := range map[string]string{
		subscribed("https://evil.example.com/wpush"):                                  "foreign_push_service",
		subscribed("https://evilfcm.googleapis.com/1"):                                "foreign_push_service",
		subscribed("https://fcm.googleapis.com.example.com/1"):                        "foreign_push_service",
		subscribed("https://notify.windows.com/1"):                                    "foreign_push_service",
		subscribed("https://127.0.0.1/1"):                                             "foreign_push_service",
		subscribed("https://fcm.googleapis.com:8443/1"):                               "foreign_push_service",
		subscribed("http://fcm.googleapis.com/1"):                                     "bad_subscription",
		subscribed("https://a:b@fcm.googleapis.com/1"):                                "bad_subscription",
		subscribed("https://fcm.googleapis.com/1#x"):                                  "bad_subscription",
		subscribed("https:fcm.googleapis.com"):                                        "bad_subscription",
		subscribed("%"):                                                               "bad_subscription",
		``:                                                                            "bad_subscription",
		`[]`:                                                                          "bad_subscription",
		`{"endpoint":"https://fcm.googleapis.com/1"}`:                                 "bad_subscription",
		strings.Replace(subscribed(endpoint), rfcAuth, rfcAuth[1:], 1):                "bad_subscription",
		strings.Replace(subscribed(endpoint), rfcAuth, "short", 1):                    "bad_subscription",
		strings.Replace(subscribed(endpoint), rfcPublic, rfcPublic[:80], 1):           "bad_subscription",
		strings.Replace(subscribed(endpoint), rfcPublic, rfcPublic[:80]+"AAAAAA4", 1): "bad_subscription", // off the curve
		`{"endpoint":"https://fcm.googleapis.com/` + strings.Repeat("a", 5000) + `"` + keys: "bad_subscription",
		subscribed("https://db5p.notify.windows.com/w/?token=1"):                            "",
		subscribed("https://FCM.googleapis.com:443/fcm/send/1"):                             "",
		strings.ReplaceAll(subscribed(endpoint), rfcAuth, rfcAuth+"=="):                     "",
	} {
		l := goodLetter()
		l.To = to
		_, err := s.Send(t.Context(), a, l)
		var rejected *channel.Rejected
		if code == "" && err != nil || code != "" && (!errors.As(err, &rejected) || *rejected != channel.Rejected{Code: code, Reason: provider.InvalidAddress}) {
			t.Errorf("%.80s ended %v, want %q", to, err, code)
		}
	}
	if calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
	a.Fields["push_services"] = "push.example.com"
	l := goodLetter()
	if _, err := s.Send(t.Context(), a, l); providertest.Ending(err) != "rejected" {
		t.Errorf("a service that the account does not list: %v", err)
	}
	l.To = subscribed("https://push.example.com/1")
	if _, err := s.Send(t.Context(), a, l); err != nil {
		t.Errorf("a service that the account lists: %v", err)
	}
}

// A browser that unsubscribed is asked for ever, or a pause is not made.
func TestServicesRefusalsAreUnderstood(t *testing.T) {
	s, a, _, _ := world(t)
	for _, c := range []struct {
		status int
		want   channel.Rejected
	}{
		{404, channel.Rejected{Code: "http_404", Reason: provider.InvalidAddress}},
		{410, channel.Rejected{Code: "http_410", Reason: provider.InvalidAddress}},
		{413, channel.Rejected{Code: "http_413", Reason: provider.BadRequest, Words: "so it is …", After: 7 * time.Second}},
		{403, channel.Rejected{Code: "http_403", Reason: provider.BadCredentials, Words: "so it is …", After: 7 * time.Second}},
		{429, channel.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true, After: 7 * time.Second, Words: "so it is …"}},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				fmt.Fprint(w, "so it is +919812345642")
			})
		})
		a.BaseURL = far.Origin
		_, err := s.Send(t.Context(), a, goodLetter())
		var got *channel.Rejected
		if !errors.As(err, &got) || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%d ended %+v (%v), want %+v", c.status, got, err, c.want)
		}
	}
	if words([]byte(" <html>no</html>")) != "" {
		t.Error("a page is taken for words")
	}
	a.Secret = "x"
	if _, err := s.Send(t.Context(), a, goodLetter()); providertest.Ending(err) != "rejected" {
		t.Errorf("a key that is none: %v", err)
	}
}
