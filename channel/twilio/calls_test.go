package twilio_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/twilio"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

// A refusal is read in the provider's words only, and staff learn nothing, or another provider is not tried.
func TestRefusalsAreToldInOurWords(t *testing.T) {
	f, far := serve(t)
	a := account(f, far)
	for _, c := range []struct {
		what string
		l    channel.Letter
		want channel.Rejected
	}{
		{"no such number", carriertest.Letter(numberInvalid, "x"), channel.Rejected{Code: "twilio_21211", Reason: provider.InvalidAddress, Words: "The 'To' number … is not a valid phone number."}},
		{"opted out", carriertest.Letter(numberOptedOut, "x"), channel.Rejected{Code: "twilio_21610", Reason: provider.OptedOut, Words: "Attempt to send to unsubscribed recipient"}},
		{"too many", carriertest.Letter(numberBusy, "x"), channel.Rejected{Code: "twilio_20429", Reason: provider.Throttled, Temporary: true, Words: "Too Many Requests", After: 7 * time.Second}},
		{"letters in the number", carriertest.Letter("+91ABC", "x"), channel.Rejected{Code: "no_phone_number", Reason: provider.InvalidAddress, Words: "The address is not a phone number in international form."}},
		{"no text", carriertest.Letter(carriertest.OnPhone, " "), channel.Rejected{Code: "text_empty", Reason: provider.BadRequest, Words: "The message has no text."}},
		{"1,601 characters", carriertest.Letter(carriertest.OnPhone, strings.Repeat("₹", 1601)), channel.Rejected{Code: "text_too_long", Reason: provider.BadRequest, Words: "The message is longer than the provider takes."}},
	} {
		_, err := twilio.New(carriertest.Client(t)).Send(t.Context(), a, c.l)
		var got *channel.Rejected
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("%s: %+v (%v), want %+v", c.what, got, err, c.want)
		}
	}
	if sent, err := twilio.New(carriertest.Client(t)).Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, strings.Repeat("₹", 1600))); err != nil || sent.Segments != 2 {
		t.Errorf("1,600 characters: %+v, %v", sent, err)
	}
}

// Something between us and Twilio answers in its place, and the message counts as sent or is sent twice.
func TestStrangeAnswersLeaveItUnknown(t *testing.T) {
	for name, body := range map[string]string{
		"HTML":                  "<html><body>Sign in</body></html>",
		"no reference":          `{"status":"queued"}`,
		"a reference of none":   `{"sid":"SM1","status":"queued"}`,
		"the reference twice":   `{"sid":"SM` + strings.Repeat("0", 32) + `","sid":"SM` + strings.Repeat("1", 32) + `"}`,
		"3 MB":                  `{"sid":"SM` + strings.Repeat("0", 32) + `","body":"` + strings.Repeat("x", 3<<20) + `"}`,
		"JSON and something on": `{"sid":"SM` + strings.Repeat("0", 32) + `"} {}`,
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		})
		_, err := twilio.New(carriertest.Client(t)).Send(t.Context(), account(&fake{sid: "AC1"}, far), carriertest.Letter(carriertest.OnPhone, "x"))
		if got := providertest.Ending(err); got != "unknown" {
			t.Errorf("%s: ended %q, want unknown", name, got)
		}
	}
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"sid":"SM` + strings.Repeat("0", 32) + `","status":"failed","error_code":30007,"error_message":"Message filtered"}`))
		})
	})
	_, err := twilio.New(carriertest.Client(t)).Send(t.Context(), account(&fake{sid: "AC1"}, far), carriertest.Letter(carriertest.OnPhone, "x"))
	var got *channel.Rejected
	if want := (channel.Rejected{Code: "twilio_30007", Reason: provider.Blocked, Words: "Message filtered"}); !errors.As(err, &got) || *got != want {
		t.Errorf("a failure in an answer of success: %+v, want %+v", got, want)
	}
}

// The answer was lost; without a look the message goes out twice, with a wrong one never.
func TestLostAnswerIsFoundAgain(t *testing.T) {
	f, far := serve(t)
	a, s, since := account(f, far), twilio.New(carriertest.Client(t)), time.Now()
	for range 12 { // more than a page of others to the same number
		if _, err := s.Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, "another")); err != nil {
			t.Fatal(err)
		}
	}
	l := carriertest.Letter(carriertest.OnPhone, "Acme: ₹2,450.00 – pay at https://pay.example/1")
	if _, err := s.Find(t.Context(), a, l, since); !errors.Is(err, channel.ErrNotFound) {
		t.Errorf("before it was sent: %v, want not found", err)
	}
	f.loses.Store(true)
	if _, err := s.Send(t.Context(), a, l); providertest.Ending(err) != "unknown" {
		t.Fatalf("a lost answer ended %q", providertest.Ending(err))
	}
	f.loses.Store(false)
	for range 12 {
		if _, err := s.Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, "another")); err != nil {
			t.Fatal(err)
		}
	}
	want := channel.Sent{Reference: "SM0000000000000000000000000000000d", Segments: 2}
	smart := l
	smart.Text = strings.ReplaceAll(l.Text, "–", "-") // what smart encoding makes of it
	for _, l := range []channel.Letter{l, smart} {
		if got, err := s.Find(t.Context(), a, l, since); err != nil || got != want {
			t.Errorf("found %+v (%v), want %+v", got, err, want)
		}
	}
	for name, change := range map[string]func(*channel.Letter, *time.Time){
		"another text":   func(l *channel.Letter, _ *time.Time) { l.Text += "0" },
		"another number": func(l *channel.Letter, _ *time.Time) { l.To = "+919812345643" },
		"long ago":       func(_ *channel.Letter, since *time.Time) { *since = since.Add(time.Hour) },
	} {
		other, since := l, since
		change(&other, &since)
		if _, err := s.Find(t.Context(), a, other, since); !errors.Is(err, channel.ErrNotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	far.Break(http.StatusBadGateway)
	if _, err := s.Find(t.Context(), a, l, since); err == nil || errors.Is(err, channel.ErrNotFound) {
		t.Errorf("a broken list: %v, want that it is unknown", err)
	}
}

// The button that tries an account says yes to a wrong token.
func TestAccountsAreTried(t *testing.T) {
	f, far := serve(t)
	a, s := account(f, far), twilio.New(carriertest.Client(t))
	if err := s.Test(t.Context(), a); err != nil {
		t.Errorf("a good account: %v", err)
	}
	key := a
	key.Fields = map[string]string{"account_sid": f.sid, "api_key": f.sid, "api_secret": f.token}
	key.Secret = "another"
	if err := s.Test(t.Context(), key); err != nil {
		t.Errorf("a good key: %v", err)
	}
	wrong := a
	wrong.Secret = "another"
	var got *channel.Rejected
	if err := s.Test(t.Context(), wrong); !errors.As(err, &got) || got.Reason != provider.BadCredentials || got.Code != "twilio_20003" {
		t.Errorf("a wrong token: %+v, %v", got, err)
	}
}

// What a number or a filter did is told as something else, and the plan takes the wrong turn.
func TestFailuresInReceiptsHaveReasons(t *testing.T) {
	f, far := serve(t)
	a := account(f, far)
	m := held{sid: "SM" + strings.Repeat("0", 32)}
	for _, c := range []struct {
		status, code string
		want         channel.Receipt
	}{
		{"undelivered", "30003", channel.Receipt{Status: "failed", ErrorCode: "twilio_30003", Reason: provider.Unreachable}},
		{"undelivered", "30007", channel.Receipt{Status: "blocked", ErrorCode: "twilio_30007", Reason: provider.Blocked}},
		{"undelivered", "39999", channel.Receipt{Status: "failed", ErrorCode: "twilio_39999", Reason: provider.Unreachable}},
		{"failed", "39999", channel.Receipt{Status: "failed", ErrorCode: "twilio_39999", Reason: provider.ProviderDown}},
		{"failed", "%2B919812345642", channel.Receipt{Status: "failed", ErrorCode: "twilio_failed", Reason: provider.ProviderDown}},
		{"failed", "", channel.Receipt{Status: "failed", ErrorCode: "twilio_failed", Reason: provider.ProviderDown}},
	} {
		c.want.ProviderReference, c.want.Account = m.sid, a.Name()
		got, err := twilio.New(nil).Read(a, posted("https://pay.example/", formType, f.callback(m, c.status, c.code), ""))
		if err != nil || !reflect.DeepEqual(got, channel.News{Receipts: []channel.Receipt{c.want}}) {
			t.Errorf("%s %s: %+v (%v), want %+v", c.status, c.code, got, err, c.want)
		}
	}
}

// The adapter asks, or our fake answers, what Twilio's own document does not allow.
func TestTwiliosSchemaAllowsWhatIsAskedAndAnswered(t *testing.T) {
	f, far := serve(t)
	url := schematest.Proxy(t, "twilio_api_v2010.json", far.Origin)
	if url == "" {
		return
	}
	a := account(f, far)
	a.BaseURL = url
	s, since := twilio.New(carriertest.Client(t)), time.Now()
	l := carriertest.Letter(carriertest.OnPhone, "Acme: ₹2,450.00 – pay at https://pay.example/1")
	l.ReceiptURL, l.Until = far.Inbox+"?message="+string(l.ID), l.At.Add(time.Hour)
	sent, err := s.Send(t.Context(), a, l)
	if err != nil {
		t.Errorf("send: %v", err)
	}
	if found, err := s.Find(t.Context(), a, l, since); err != nil || found != sent {
		t.Errorf("find: %+v, %v; sent %+v", found, err, sent)
	}
	if err := s.Test(t.Context(), a); err != nil {
		t.Errorf("test: %v", err)
	}
	service := a
	service.Fields = map[string]string{"account_sid": f.sid, "messaging_service_sid": "MG" + strings.Repeat("0", 32)}
	if sent, err := s.Send(t.Context(), service, l); err != nil || sent.Segments != 0 {
		t.Errorf("send by a service: %+v, %v", sent, err)
	}
	wrong := a
	wrong.Fields = map[string]string{"account_sid": "AC1", "from": "x"}
	var got *channel.Rejected
	if _, err := s.Send(t.Context(), wrong, l); !errors.As(err, &got) || got.Code != "http_422" {
		t.Errorf("the document's judge lets a wrong account id pass: %v", err)
	}
}
