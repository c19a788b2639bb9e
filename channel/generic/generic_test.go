package generic_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/channel/generic"
	"paylink/provider"
	"paylink/provider/providertest"
)

func world(f *fake, far *providertest.Far) channeltest.World {
	return channeltest.World{
		Far: far, Now: time.Now, Received: f.received,
		Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
		Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
		Template: func(paylink.Channel) *channel.Template {
			return &channel.Template{Name: "1107000000000000001", Entity: "1101000000000000001", Header: "ACMEIN"}
		},
	}
}

// A carrier that is described well takes letters otherwise than dispatch believes.
func TestDescribedCarriersKeepTheContractOfChannels(t *testing.T) {
	t.Run("JSON, signed", func(t *testing.T) {
		channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
			f, far := serve(t)
			w := world(f, far)
			w.Seen = func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Text: l.Text, Template: l.Template}
			}
			w.Header, w.Sign = "X-Signature", func(secret string, body []byte, _ time.Time) http.Header { return signed(secret, body) }
			w.Spoil, w.Untold = spoilJSON, []string{"no account"}
			return generic.New(carriertest.Client(t)), byJSON(far), w
		})
	})
	t.Run("form, secret address", func(t *testing.T) {
		channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
			f, far := serve(t)
			w := world(f, far)
			w.Seen = func(l channel.Letter) channel.Letter {
				return channel.Letter{Channel: l.Channel, To: l.To, Text: l.Text, Template: l.Template}
			}
			w.Spoil, w.Untold = spoilForm, []string{"no account", "no message id", "a foreign message id"}
			return generic.New(carriertest.Client(t)), byForm(far), w
		})
	})
}

func spoilJSON(genuine []byte) map[string][]byte {
	return changed(genuine, map[string][2]string{
		"an unknown status":                  {"DELIVRD", "ARRIVED"},
		"a status that carriers do not have": {"DELIVRD", "skipped"},
		"the status twice":                   {`"name":"DELIVRD"`, `"name":"DELIVRD","name":"UNDELIV"`},
		"the status in capitals beside it":   {`"name":"DELIVRD"`, `"name":"DELIVRD","NAME":"UNDELIV"`},
		"a status that is an object":         {`"name":"DELIVRD"`, `"name":{}`},
		"no message id":                      {`"ref"`, `"rev"`},
		"a foreign message id":               {`"ref":"msg_`, `"ref":"pay_`},
		"no provider reference":              {`"id"`, `"ix"`},
		"no time":                            {`"at"`, `"ut"`},
		"a time that is none":                {`"at":"2`, `"at":"x`},
	})
}

func spoilForm(genuine []byte) map[string][]byte {
	return changed(genuine, map[string][2]string{
		"an unknown status":                  {"stat=DELIVRD", "stat=ARRIVED"},
		"a status that carriers do not have": {"stat=DELIVRD", "stat=skipped"},
		"the status twice":                   {"stat=DELIVRD", "stat=DELIVRD&stat=UNDELIV"},
		"the status in capitals beside it":   {"stat=DELIVRD", "STAT=UNDELIV&stat=DELIVRD"},
		"no provider reference":              {"id=", "ix="},
		"no time":                            {"at=", "ut="},
		"a time that is none":                {"at=", "at=-"},
	})
}

func changed(genuine []byte, changes map[string][2]string) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range changes {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}

// What the page about text messages shows is not a description that works.
func TestTheDescriptionInTheDocsWorks(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "sms.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	text, _, _ := strings.Cut(rest, "```")
	f, far := serve(t)
	a := channel.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret, Fields: map[string]string{}}
	if err := json.Unmarshal([]byte(text), &a.Fields); err != nil {
		t.Fatal(err)
	}
	s := generic.New(carriertest.Client(t))
	for name := range a.Fields {
		if !slices.ContainsFunc(s.Capabilities().Fields, func(f provider.Field) bool { return f.Name == name }) {
			t.Errorf("there is no field %s", name)
		}
	}
	l := carriertest.Letter(carriertest.OnPhone, "Acme: ₹2,450.00 “tea”")
	l.ReceiptURL = far.Inbox
	sent, err := s.Send(t.Context(), a, l)
	if err != nil || f.received(t, sent.Reference).Text != l.Text {
		t.Errorf("sent %+v, %v", sent, err)
	}
	far.Next(t, func(p providertest.Post) bool {
		if err := s.Verify(a, channel.Post(p), time.Now()); err != nil {
			t.Error(err)
		}
		news, err := s.Read(a, channel.Post(p))
		return err == nil && len(news.Receipts) == 1 && news.Receipts[0].Status == paylink.MessageDelivered && news.Receipts[0].Message == l.ID
	})
}

// A text with quotes, braces or an & breaks out of its place, and the carrier reads another call.
func TestValuesStayInTheirPlaces(t *testing.T) {
	f, far := serve(t)
	for _, text := range []string{`"},"to":"919812345600","x":{"`, "{{key}} {{to}}", "a&mobile=919812345600", "line\nbreak \\ \x01", "‘₹’ <b>"} {
		for _, a := range []channel.Account{byJSON(far), byForm(far)} {
			sent, err := generic.New(carriertest.Client(t)).Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, text))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.received(t, sent.Reference); got.Text != text || got.To != carriertest.OnPhone {
				t.Errorf("%q came as %q to %s", text, got.Text, got.To)
			}
		}
	}
}

// A carrier that is asked by GET gets a body, or its query is broken.
func TestCallsByGET(t *testing.T) {
	_, far := serve(t)
	a := channel.Account{BaseURL: far.Origin, Fields: map[string]string{
		"method": "GET", "body_type": "none", "url": "https://sms.example.com/send?to={{to}}&text={{text}}", "reference": "/id",
	}}
	sent, err := generic.New(carriertest.Client(t)).Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, "a b&c"))
	query, _ := url.QueryUnescape(sent.Reference)
	if err != nil || query != "to=%2B919812345642&text=a+b%26c" {
		t.Errorf("asked with %q, %v", query, err)
	}
}

// A mistake in a description sends a broken message, or breaks the sender.
func TestWrongDescriptionsAreRefusedBeforeAnyCall(t *testing.T) {
	_, far := serve(t)
	for name, change := range map[string][2]string{
		"a place that is not known":     {"body", `{"to":"{{phone}}"}`},
		"a body that is not JSON":       {"body", `{"to":{{text}}}`},
		"a header without a name":       {"headers", ": x"},
		"a header of the connection":    {"headers", "host: example.com"},
		"a place in a header's name":    {"headers", "{{key}}: x"},
		"an address that is none":       {"url", "sms.example.com"},
		"a place in the host":           {"url", "https://{{text}}.example.com/"},
		"a name before the host":        {"url", "https://a@b.example.com/"},
		"a key that no header can hold": {"key", "a\nb"},
	} {
		a := byJSON(far)
		a.BaseURL, a.Fields[change[0]] = "http://127.0.0.1:1", change[1]
		_, err := generic.New(carriertest.Client(t)).Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, "x"))
		if got := carriertest.Rejected(err); got == nil || got.Code != "bad_description" || got.Reason != provider.BadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The carrier refuses with success, and the message counts as sent.
func TestTextsMeanRefusals(t *testing.T) {
	for _, c := range []struct {
		status int
		answer string
		want   channel.Rejected
	}{
		{200, `{"error":"Insufficient credit"}`, channel.Rejected{Code: "generic_no_balance", Reason: provider.NoBalance, Words: "error : Insufficient credit"}},
		{400, `919812345642 is not a number`, channel.Rejected{Code: "generic_invalid_address", Reason: provider.InvalidAddress, Words: "… is not a number"}},
		{200, `BUSY`, channel.Rejected{Code: "generic_throttled", Reason: provider.Throttled, Temporary: true, Words: "BUSY"}},
		{200, `sorry`, channel.Rejected{Code: "generic_bad_request", Reason: provider.BadRequest, Words: "sorry"}},
		{402, ``, channel.Rejected{Code: "http_402", Reason: provider.NoBalance}},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			})
		})
		_, err := generic.New(carriertest.Client(t)).Send(t.Context(), byJSON(far), carriertest.Letter(carriertest.OnPhone, "x"))
		if got := carriertest.Rejected(err); got == nil || *got != c.want {
			t.Errorf("%d %s: %+v (%v), want %+v", c.status, c.answer, got, err, c.want)
		}
	}
}

// A carrier's words mean something else than the account says.
func TestStatusesAreThoseOfTheDescription(t *testing.T) {
	a := byJSON(&providertest.Far{})
	for state, want := range map[string]channel.News{
		"ENROUTE":  {},
		"ACCEPTED": {Receipts: []channel.Receipt{{Status: "sent"}}},
		"REJECTD":  {Receipts: []channel.Receipt{{Status: "blocked", Reason: provider.OptedOut, ErrorCode: "generic_7"}}},
		"UNDELIV":  {Receipts: []channel.Receipt{{Status: "failed", Reason: provider.Unreachable, ErrorCode: "generic_7"}}},
	} {
		for i := range want.Receipts {
			r := &want.Receipts[i]
			r.Message, r.ProviderReference, r.At = "msg_00000000000000000000000000", "12345678901234567890", time.UnixMilli(1795341600500).UTC()
		}
		body := `{"id":12345678901234567890,"ref":"msg_00000000000000000000000000","state":{"name":"` + state + `","code":7},"at":1795341600500}`
		got, err := generic.New(nil).Read(a, carriertest.Posted("https://pay.example/", "application/json", body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v (%v), want %+v", state, got, err, want)
		}
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add(false, "", []byte(`{"id":1,"ref":"msg_00000000000000000000000000","state":{"name":"UNDELIV","code":"E1"},"at":"2026-11-22T10:00:00Z"}`))
	f.Add(true, "message=msg_00000000000000000000000000", []byte("id=1&err=E1&at=1795341600&stat=DELIVRD"))
	f.Add(false, "", []byte(strings.Repeat(`[`, 20)))
	f.Fuzz(func(t *testing.T, form bool, query string, body []byte) {
		a, kind := byJSON(&providertest.Far{}), "application/json"
		if form {
			a, kind = byForm(&providertest.Far{}), "application/x-www-form-urlencoded"
		}
		p := carriertest.Posted("https://pay.example/", kind, string(body))
		p.URL.RawQuery = query
		carriertest.CheckRead(t, generic.New(nil), a, p)
	})
}
