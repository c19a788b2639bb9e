package apns

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
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

var (
	phone = strings.Repeat("0a1b2c3d", 8)
	gone  = strings.Repeat("00ff", 16)
)

// apple is Apple's side, written from its documents.
type apple struct {
	t   testing.TB
	key *ecdsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	tokens map[string]time.Time // those that were shown, by when they were made
	taken  map[string]taken     // by apns-id
	spoken map[int]bool         // versions of HTTP
}

type taken struct {
	header  http.Header
	payload struct {
		APS struct{ Alert struct{ Title, Body string } }
		URL string
		ID  string `json:"message_id"`
	}
	to string
}

var canonical = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (s *apple) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoken[r.ProtoMajor] = true
	id := r.Header.Get("apns-id")
	w.Header().Set("apns-id", strings.ToUpper(id))
	refuse := func(status int, reason string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"reason":%q,"timestamp":1795341600000}`, reason)
	}
	to, well := strings.CutPrefix(r.URL.Path, "/3/device/")
	got := taken{header: r.Header.Clone(), to: to}
	made := s.made(strings.TrimPrefix(r.Header.Get("authorization"), "bearer "))
	switch err := json.NewDecoder(r.Body).Decode(&got.payload); {
	case s.now().Sub(made) > time.Hour:
		refuse(403, "ExpiredProviderToken")
	case !well || r.Method != http.MethodPost || !canonical.MatchString(id):
		refuse(400, "BadPath")
	case r.Header.Get("apns-topic") != "com.example.shop":
		refuse(400, "TopicDisallowed")
	case r.Header.Get("apns-push-type") != "alert" || r.Header.Get("apns-priority") != "10" || len(r.Header.Get("apns-collapse-id")) > 64:
		refuse(400, "InvalidPushType")
	case err != nil || got.payload.APS.Alert.Title == "":
		refuse(400, "PayloadEmpty")
	case to == gone:
		refuse(410, "Unregistered")
	case to != phone:
		refuse(400, "BadDeviceToken")
	default:
		s.taken[id] = got
		w.WriteHeader(http.StatusOK)
	}
}

// made is when a token of the account's was made.
func (s *apple) made(token string) time.Time {
	if made, shown := s.tokens[token]; shown {
		return made
	}
	claims := pushtest.Claims(s.t, token, &s.key.PublicKey)
	at, _ := claims["iat"].(float64)
	if claims["iss"] != "DEF123GHIJ" {
		s.t.Errorf("the claims are %v", claims)
	}
	s.tokens[token] = time.Unix(int64(at), 0)
	return s.tokens[token]
}

func serve(t testing.TB) (*apple, *providertest.Far, channel.Account) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &apple{t: t, key: key, now: time.Now, tokens: map[string]time.Time{}, taken: map[string]taken{}, spoken: map[int]bool{}}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler { return s })
	return s, far, channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin,
		Secret: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		Fields: map[string]string{"key_id": "ABC123DEFG", "team_id": "DEF123GHIJ", "topic": "com.example.shop"},
	}
}

func client(t testing.TB, o outbound.Options) *outbound.Client {
	o.AllowLoopback = true
	c := outbound.New(o)
	t.Cleanup(c.Close)
	return c
}

func (s *apple) letter(t *testing.T, id string) channel.Letter {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	got, held := s.taken[id]
	if !held {
		t.Fatalf("Apple holds no notification %s", id)
	}
	return channel.Letter{
		ID: paylink.MessageID(got.payload.ID), Channel: paylink.ChannelInApp, To: got.to,
		Subject: got.payload.APS.Alert.Title, Text: got.payload.APS.Alert.Body, ButtonURL: got.payload.URL,
	}
}

// A notification is not that of the letter, or is counted as sent although Apple did not take it.
func TestAPNsKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		s, far, a := serve(t)
		return New(client(t, outbound.Options{})), a, channeltest.World{
			Far: far, Now: time.Now, Received: s.letter,
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Subject: l.Subject, Text: l.Text, ButtonURL: l.ButtonURL}
			},
			Reachable:   func(paylink.Channel) string { return phone },
			Unreachable: func(paylink.Channel) string { return "" },
		}
	})
}

func goodLetter() channel.Letter {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return channel.Letter{
		ID: "msg_00000000000000000000000000", Channel: paylink.ChannelInApp, To: phone, Subject: "Payment request from Acme",
		Text: "₹2,450.00", ButtonURL: "https://pay.example/AbC123", At: at, Until: at.Add(time.Hour),
	}
}

// Apple speaks HTTP/2 only; a notification about a link that has expired is shown next week.
func TestNotificationGoesByHTTP2AndEnds(t *testing.T) {
	far, _, a := serve(t)
	server := httptest.NewUnstartedServer(far)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	a.BaseURL = server.URL
	s := New(client(t, outbound.Options{UnguardedTransport: server.Client().Transport}))
	sent, err := s.Send(t.Context(), a, goodLetter())
	if err != nil || !reflect.DeepEqual(far.spoken, map[int]bool{2: true}) {
		t.Fatalf("sent by HTTP %v: %v", far.spoken, err)
	}
	got := far.taken[sent.Reference].header
	if got.Get("apns-expiration") != "1795345200" || got.Get("apns-collapse-id") != "msg_00000000000000000000000000" {
		t.Errorf("sent with %v", got)
	}
	if again, err := s.Send(t.Context(), a, goodLetter()); err != nil || again != sent {
		t.Errorf("the same letter again is %v (%v), before %v", again, err, sent)
	}
}

// A device without the app is tried for ever, or a mistake in the account looks like one in the address.
func TestRefusalsAreUnderstoodByApplesReason(t *testing.T) {
	_, _, a := serve(t)
	s := New(client(t, outbound.Options{}))
	for to, code := range map[string]string{gone: "Unregistered", strings.Repeat("ab", 32): "BadDeviceToken", "abcd": "bad_token", "": "bad_token", "../../x": "bad_token"} {
		l := goodLetter()
		l.To = to
		_, err := s.Send(t.Context(), a, l)
		var got *channel.Rejected
		if !errors.As(err, &got) || got.Code != code || got.Reason != provider.InvalidAddress || got.Temporary {
			t.Errorf("%q ended %+v (%v), want %s", to, got, err, code)
		}
	}
	for _, c := range []struct {
		status     int
		body, ends string
		reason     provider.Reason
		after      time.Duration
	}{
		{400, `{"reason":"DeviceTokenNotForTopic"}`, "rejected", provider.InvalidAddress, 0},
		{403, `{"reason":"InvalidProviderToken"}`, "rejected", provider.BadCredentials, 0},
		{403, `{"reason":"ExpiredProviderToken"}`, "rejected", provider.BadCredentials, 0}, // a new one too: our clock is wrong
		{429, `{"reason":"TooManyRequests"}`, "rejected for now", provider.Throttled, time.Minute},
		{429, `{"reason":"TooManyProviderTokenUpdates"}`, "rejected for now", provider.Throttled, 20 * time.Minute},
		{429, `{"reason":"Else"}`, "rejected for now", provider.Throttled, 0},
		{413, `{"reason":"PayloadTooLarge"}`, "rejected", provider.BadRequest, 0},
		{500, `{"reason":"InternalServerError"}`, "unknown", "", 0},
		{503, `{"reason":"Shutdown"}`, "unknown", "", 0},
		{200, `{"reason":"BadDeviceToken"}`, "unknown", "", 0},
		{200, `<html>no</html>`, "unknown", "", 0},
		{400, strings.Repeat("x", 3<<20), "rejected", provider.BadRequest, 0},
	} {
		calls := 0
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
		})
		a.BaseURL = far.Origin
		_, err := s.Send(t.Context(), a, goodLetter())
		var got *channel.Rejected
		if errors.As(err, &got); providertest.Ending(err) != c.ends || got != nil && (got.Reason != c.reason || got.After != c.after) || calls > 2 {
			t.Errorf("%d %.60s ended %v (%+v) after %d calls", c.status, c.body, err, got, calls)
		}
	}
}

// A token for every letter, and Apple refuses the account; or one that is older than an hour.
func TestTokenIsRenewedInTime(t *testing.T) {
	far, _, a := serve(t)
	s := New(client(t, outbound.Options{}))
	now := time.Now()
	far.now, s.now = func() time.Time { return now }, func() time.Time { return now }
	var made []time.Duration
	for at := time.Duration(0); at < 3*time.Hour; at += 5 * time.Minute {
		if _, err := s.Send(t.Context(), a, goodLetter()); err != nil {
			t.Fatalf("after %s: %v", at, err)
		}
		if len(far.tokens) > len(made) {
			made = append(made, at)
		}
		now = now.Add(5 * time.Minute)
	}
	if want := []time.Duration{0, 40 * time.Minute, 80 * time.Minute, 120 * time.Minute, 160 * time.Minute}; !reflect.DeepEqual(made, want) {
		t.Errorf("new tokens after %v, want %v", made, want)
	}
	far.now = func() time.Time { return now.Add(61 * time.Minute) } // Apple's clock jumps, and back
	if _, err := s.Send(t.Context(), a, goodLetter()); providertest.Ending(err) != "rejected" {
		t.Errorf("with a clock of an hour ago: %v", err)
	}
	far.now = func() time.Time { return now }
	if _, err := s.Send(t.Context(), a, goodLetter()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A merchant mistypes the bundle id, the button says that all is well, and the first notification fails.
func TestAccountIsTriedWithoutADevice(t *testing.T) {
	far, faults, a := serve(t)
	s := New(client(t, outbound.Options{}))
	if err := s.Test(t.Context(), a); err != nil || len(far.taken) != 0 {
		t.Errorf("a good account: %v, and %d notifications", err, len(far.taken))
	}
	a.Fields["topic"] = "com.example.other"
	var rejected *channel.Rejected
	if err := s.Test(t.Context(), a); !errors.As(err, &rejected) || rejected.Code != "TopicDisallowed" || rejected.Reason != provider.BadCredentials {
		t.Errorf("with a wrong bundle id: %v", err)
	}
	faults.Break(500)
	if err := s.Test(t.Context(), a); providertest.Ending(err) != "unknown" {
		t.Errorf("with Apple down: %v", err)
	}
}
