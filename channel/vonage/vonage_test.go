package vonage_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/channel/vonage"
	"paylink/provider"
)

// Vonage takes letters that dispatch writes otherwise than dispatch believes.
func TestVonageKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		f, far := serve(t)
		return vonage.New(carriertest.Client(t)), account(f, far), channeltest.World{
			Far: far, Now: time.Now, Received: f.received,
			Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
			Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
			Template: func(paylink.Channel) *channel.Template {
				return &channel.Template{Name: "1107000000000000001", Entity: "1101000000000000001", Header: "ACMEIN"}
			},
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Text: l.Text, Template: l.Template}
			},
			Header: "Authorization",
			Sign: func(secret string, body []byte, at time.Time) http.Header {
				return signed(secret, f.key, body, at)
			},
			Spoil: spoil, Untold: []string{"no account"},
		}
	})
}

// received is what Vonage holds of a message.
func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var at int
	if _, err := fmt.Sscanf(reference, "aaaaaaaa-bbbb-cccc-dddd-%x", &at); err != nil {
		t.Fatal(err)
	}
	m := f.sent[at]
	india, _ := m["sms"].(map[string]any)
	return channel.Letter{
		ID: paylink.MessageID(fmt.Sprint(m["client_ref"])), Channel: "sms", To: "+" + fmt.Sprint(m["to"]), Text: fmt.Sprint(m["text"]),
		Template: &channel.Template{Name: fmt.Sprint(india["content_id"]), Entity: fmt.Sprint(india["entity_id"]), Header: fmt.Sprint(m["from"])},
	}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`"delivered"`, `"arrived"`},
		"a status that carriers do not have": {`"delivered"`, `"skipped"`},
		"the status twice":                   {`"status":"delivered"`, `"status":"delivered","status":"rejected"`},
		"the status in capitals beside it":   {`"status":"delivered"`, `"status":"delivered","STATUS":"rejected"`},
		"a status that is a number":          {`"status":"delivered"`, `"status":1`},
		"no status":                          {`"status"`, `"state"`},
		"no message id":                      {`"client_ref"`, `"client"`},
		"a foreign message id":               {`"client_ref":"msg_`, `"client_ref":"pay_`},
		"no provider reference":              {`"message_uuid"`, `"uuid"`},
		"no time":                            {`"timestamp"`, `"at"`},
		"a time that is none":                {`"timestamp":"2`, `"timestamp":"x`},
		"another channel":                    {`"channel":"sms"`, `"channel":"whatsapp"`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}

// A token that is signed with nothing, of another account or of long ago marks a message delivered.
func TestOnlyVonagesTokensAreBelieved(t *testing.T) {
	const secret = "signature-secret"
	body, now := []byte(`{"status":"delivered"}`), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a := channel.Account{Secret: secret, Fields: map[string]string{"api_key": "0a1b2c3d"}}
	token := func(h http.Header) []string {
		return strings.Split(strings.TrimPrefix(h.Get("Authorization"), "Bearer "), ".")
	}
	good := token(signed(secret, "0a1b2c3d", body, now))
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, c := range map[string]struct {
		bearer string
		want   string
	}{
		"genuine":             {strings.Join(good, "."), ""},
		"a day old":           {strings.Join(token(signed(secret, "0a1b2c3d", body, now.Add(-24*time.Hour))), "."), ""},
		"26 hours old":        {strings.Join(token(signed(secret, "0a1b2c3d", body, now.Add(-26*time.Hour))), "."), provider.StaleTimestamp},
		"6 minutes ahead":     {strings.Join(token(signed(secret, "0a1b2c3d", body, now.Add(6*time.Minute))), "."), provider.StaleTimestamp},
		"of another account":  {strings.Join(token(signed(secret, "ffffffff", body, now)), "."), provider.BadSignature},
		"signed with nothing": {none + "." + good[1] + ".", provider.BadSignature},
		"no signature":        {good[0] + "." + good[1], provider.BadSignature},
		"four parts":          {strings.Join(good, ".") + ".x", provider.BadSignature},
	} {
		p := carriertest.Posted("https://pay.example/", "application/json", string(body))
		p.Header.Set("Authorization", "Bearer "+c.bearer)
		err := vonage.New(nil).Verify(a, p, now)
		if got, _ := err.(*channel.Unverified); c.want == "" && err != nil || c.want != "" && (got == nil || got.Reason != c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A token as others make it is refused. This one is by jsonwebtoken 9.0.3, which Vonage's own check of tokens
// (@vonage/jwt 1.14.0) uses and believed; what stands in it is ours.
func TestTokensOfAnotherMakingAreRead(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3OTUzNDE2MDAsImp0aSI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjI0OTkzNThkM2I3MzY2MGRkMzhlZTMwMzM4YTM3MDQ1YWUyMjA2MmM0MWYxYmU5ZGYxNDIyODVhNjE1YTZhZTkiLCJhcGlfa2V5IjoiMGExYjJjM2QifQ.R2tqgD5miN3A7qd46oy4esv45h-hTltCcnpYXiTvq_Y"
	p := carriertest.Posted("https://pay.example/", "application/json", `{"status":"delivered"}`)
	p.Header.Set("Authorization", "Bearer "+token)
	a := channel.Account{Secret: "signature-secret", Fields: map[string]string{"api_key": "0a1b2c3d"}}
	if err := vonage.New(nil).Verify(a, p, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)); err != nil {
		t.Error(err)
	}
	p.Body = []byte(`{"status":"rejected"}`)
	if vonage.New(nil).Verify(a, p, time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) == nil {
		t.Error("another body is believed")
	}
}

// A refusal is read in the provider's words only, and staff learn nothing.
func TestRefusalsAreToldInOurWords(t *testing.T) {
	f, far := serve(t)
	s := vonage.New(carriertest.Client(t))
	_, err := s.Send(t.Context(), account(f, far), carriertest.Letter(carriertest.OnPhone, strings.Repeat("₹", 1001)))
	if want := (channel.Rejected{Code: "text_too_long", Reason: provider.BadRequest, Words: "The message is longer than the provider takes."}); carriertest.Rejected(err) == nil || *carriertest.Rejected(err) != want {
		t.Errorf("%v, want %+v", err, want)
	}
	wrong := account(f, far)
	wrong.Fields["api_secret"] = "another"
	want := channel.Rejected{Code: "http_401", Reason: provider.BadCredentials, Words: "You did not provide correct credentials."}
	for _, err := range []error{s.Test(t.Context(), wrong), func() error {
		_, err := s.Send(t.Context(), wrong, carriertest.Letter(carriertest.OnPhone, "x"))
		return err
	}()} {
		if got := carriertest.Rejected(err); got == nil || *got != want {
			t.Errorf("a wrong secret: %v, want %+v", err, want)
		}
	}
	if err := s.Test(t.Context(), account(f, far)); err != nil {
		t.Errorf("a good account: %v", err)
	}
}

// A status is misread, or STOP is not heard.
func TestStatusesAndRepliesAreRead(t *testing.T) {
	const head = `{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-000000000000","channel":"sms","from":"919812345642","timestamp":"2026-11-22T10:00:00Z",`
	const ours = head + `"client_ref":"msg_00000000000000000000000000","usage":{"price":"0.0333","currency":"EUR"},"sms":{"count_total":"2"},`
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	receipt := channel.Receipt{
		Message: "msg_00000000000000000000000000", ProviderReference: "aaaaaaaa-bbbb-cccc-dddd-000000000000", At: at, Segments: 2, Price: "0.0333 EUR",
	}
	as := func(status paylink.MessageStatus, code string, reason provider.Reason) channel.News {
		r := receipt
		r.Status, r.ErrorCode, r.Reason = status, code, reason
		return channel.News{Receipts: []channel.Receipt{r}}
	}
	for body, want := range map[string]channel.News{
		ours + `"status":"submitted"}`:                                 as("sent", "", ""),
		ours + `"status":"rejected","error":{"title":1220}}`:           as("blocked", "vonage_1220", provider.Blocked),
		ours + `"status":"rejected","error":{"title":"1170"}}`:         as("failed", "vonage_1170", provider.InvalidAddress),
		ours + `"status":"undeliverable","error":{"title":"+919812"}}`: as("failed", "vonage_undeliverable", provider.Unreachable),
		ours + `"status":"rejected"}`:                                  as("failed", "vonage_rejected", provider.ProviderDown),
		head + `"message_type":"text","text":"Stop","sms":{"num_messages":"1","keyword":"STOP"}}`: {
			Replies: []channel.Reply{{Channel: "sms", From: "+919812345642", Text: "Stop", At: at}},
		},
	} {
		got, err := vonage.New(nil).Read(channel.Account{}, carriertest.Posted("https://pay.example/", "application/json", body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v (%v), want %+v", body, got, err, want)
		}
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-000000000000","timestamp":"2026-11-22T10:00:00Z","client_ref":"msg_00000000000000000000000000","status":"rejected","error":{"title":1}}`))
	f.Add([]byte(`{"message_uuid":"aaaaaaaa-bbbb-cccc-dddd-000000000000","from":"919812345642","timestamp":"2026-11-22T10:00:00Z","text":"Stop"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		carriertest.CheckRead(t, vonage.New(nil), channel.Account{}, carriertest.Posted("https://pay.example/", "application/json", string(body)))
	})
}
