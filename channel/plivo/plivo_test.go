package plivo_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/channel/plivo"
	"paylink/provider"
	"paylink/provider/providertest"
)

// Plivo takes letters that dispatch writes otherwise than dispatch believes.
func TestPlivoKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		f, far := serve(t)
		return plivo.New(carriertest.Client(t)), account(f, far), channeltest.World{
			Far: far, Now: time.Now, Received: f.received,
			Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
			Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
			Template: func(paylink.Channel) *channel.Template {
				return &channel.Template{Name: "1107000000000000001", Entity: "1101000000000000001", Header: "ACMEIN"}
			},
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Text: l.Text, Template: l.Template}
			},
			Header: "X-Plivo-Signature-V3",
			Sign: func(secret string, body []byte, _ time.Time) http.Header {
				return signed(secret, f.lastCallback(), string(body))
			},
			Spoil:  spoil,
			Untold: []string{"no message id", "a foreign message id", "no time", "no account"},
		}
	})
}

// received is what Plivo holds of a message; its id is what the address to call back names.
func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var at int
	if _, err := fmt.Sscanf(reference, "db3ce55a-7f1d-11e1-8ea7-%x", &at); err != nil {
		t.Fatal(err)
	}
	m := f.sent[at]
	back, err := url.Parse(fmt.Sprint(m["url"]))
	if err != nil {
		t.Fatal(err)
	}
	return channel.Letter{
		ID: paylink.MessageID(back.Query().Get("message")), Channel: "sms", To: "+" + fmt.Sprint(m["dst"]), Text: fmt.Sprint(m["text"]),
		Template: &channel.Template{Name: fmt.Sprint(m["dlt_template_id"]), Entity: fmt.Sprint(m["dlt_entity_id"]), Header: fmt.Sprint(m["src"])},
	}
}

func (f *fake) lastCallback() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprint(f.sent[len(f.sent)-1]["url"])
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {"&Status=delivered", "&Status=arrived"},
		"a status that carriers do not have": {"&Status=delivered", "&Status=skipped"},
		"the status twice":                   {"&Status=delivered", "&Status=delivered&Status=failed"},
		"the status in capitals beside it":   {"&Status=delivered", "&Status=delivered&STATUS=failed"},
		"no status":                          {"&Status=", "&State="},
		"no provider reference":              {"MessageUUID=", "UUID="},
		"a reference that is none":           {"MessageUUID=db", "MessageUUID=zz"},
		"no units":                           {"Units=2", "Units="},
		"units that are none":                {"Units=2", "Units=-2"},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}

// Plivo's own receipts are refused. The vectors are what the signature check of Plivo's SDK for Node 4
// believes; it was asked once, by hand.
func TestSignaturesAreThoseOfPlivosSDK(t *testing.T) {
	const token = "MzY1NTQ5ZjM0YjI2YzE5YTk2NWZlNDQ1ZTY2ZGE1"
	for _, c := range []struct{ address, body, signature string }{
		{"https://pay.example/inbound/channel/plivo/acct_1?message=msg_1", "Status=delivered&To=919812345642&MessageUUID=a&From=ACMEIN", "ibHLy1MmkurEMi5tC0BCD14UH9/rD2tEZ2wWMpUPZso="},
		{"https://pay.example/inbound/channel/plivo/acct_1", "Status=delivered&To=919812345642", "CVqfzQO5oNDY7N+PP1hYjwMlE2uN+rX717v5iTa56Yw="},
		{"https://pay.example/in?b=2&a=1&message=x%20y", "Text=Stop+%26+go+%E2%82%B9", "ju1jdcp2as95f9KOopdmkOxDwmwpi1qvHi3A4amjAwE="},
		{"https://pay.example:8443/in?message=m", "a=1&B=2", "68oyIf3jjaP+uA12b3MM3HTVKWJH2oNDv648rA6wcC4="},
		{"https://pay.example/in?message=m", "", "r2kyUqyXST+pUXfJD4SsxNru4q7OYKHqluVuyu0QMnY="},
		{"https://pay.example/", "a=1", "MXnnmImiLzBRHo0VlNdcVo1Qoof6BjwZtDzU7z4bfQo="},
	} {
		p := carriertest.Posted(c.address, "application/x-www-form-urlencoded", c.body)
		p.Header.Set("X-Plivo-Signature-V3-Nonce", nonce)
		for signature, want := range map[string]bool{c.signature: true, "AAAA," + c.signature: true, "AAAA": false} {
			p.Header.Set("X-Plivo-Signature-V3", signature)
			if err := plivo.New(nil).Verify(channel.Account{Secret: token}, p, time.Time{}); (err == nil) != want {
				t.Errorf("%s under %s: %v, believed should be %t", c.address, signature, err, want)
			}
		}
		p.URL.RawQuery += "&x=1"
		p.Header.Set("X-Plivo-Signature-V3", c.signature)
		if plivo.New(nil).Verify(channel.Account{Secret: token}, p, time.Time{}) == nil {
			t.Errorf("%s: another query is believed", c.address)
		}
	}
}

// A refusal is read in the provider's words only, and staff learn nothing.
func TestRefusalsAreToldInOurWords(t *testing.T) {
	f, far := serve(t)
	s := plivo.New(carriertest.Client(t))
	for _, c := range []struct {
		l    channel.Letter
		want channel.Rejected
	}{
		{carriertest.Letter("+"+f.invalid, "x"), channel.Rejected{Code: "plivo_invalid_number", Reason: provider.InvalidAddress, Words: "Plivo takes the number for invalid."}},
		{carriertest.Letter(carriertest.OnPhone, strings.Repeat("x", 1601)), channel.Rejected{Code: "text_too_long", Reason: provider.BadRequest, Words: "The message is longer than the provider takes."}},
	} {
		_, err := s.Send(t.Context(), account(f, far), c.l)
		if got := carriertest.Rejected(err); got == nil || *got != c.want {
			t.Errorf("%+v (%v), want %+v", got, err, c.want)
		}
	}
	a := account(f, far)
	a.Fields["src"] = ""
	_, err := s.Send(t.Context(), a, carriertest.Letter(carriertest.OnPhone, "x"))
	if want := (channel.Rejected{Code: "http_400", Reason: provider.BadRequest, Words: "src, dst and text are needed"}); carriertest.Rejected(err) == nil || *carriertest.Rejected(err) != want {
		t.Errorf("without a source: %v, want %+v", err, want)
	}
}

// The button that tries an account says yes to a wrong token.
func TestAccountsAreTried(t *testing.T) {
	f, far := serve(t)
	a, s := account(f, far), plivo.New(carriertest.Client(t))
	if err := s.Test(t.Context(), a); err != nil {
		t.Errorf("a good account: %v", err)
	}
	a.Secret = "another"
	err := s.Test(t.Context(), a)
	if got := carriertest.Rejected(err); got == nil || got.Reason != provider.BadCredentials {
		t.Errorf("a wrong token: %v", err)
	}
	far.Break(http.StatusBadGateway)
	if err := s.Test(t.Context(), a); providertest.Ending(err) != "unknown" {
		t.Errorf("a broken Plivo: %v", err)
	}
}

// A customer writes STOP, and the next reminder comes all the same.
func TestRepliesAreRead(t *testing.T) {
	const body = "From=919812345642&MessageUUID=db3ce55a-7f1d-11e1-8ea7-000000000000&Text=Stop&To=15005550006&Type=sms&Units=1"
	got, err := plivo.New(nil).Read(channel.Account{}, carriertest.Posted("https://pay.example/", "application/x-www-form-urlencoded", body))
	want := channel.News{Replies: []channel.Reply{{Channel: "sms", From: "+919812345642", Text: "Stop"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v (%v), want %+v", got, err, want)
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add("message=msg_00000000000000000000000000", []byte(callback("db3ce55a-7f1d-11e1-8ea7-000000000000", "919812345642", "failed", "30")))
	f.Add("", []byte("From=919812345642&MessageUUID=db3ce55a-7f1d-11e1-8ea7-000000000000&Text=Stop&Units=1"))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		p := carriertest.Posted("https://pay.example/", "application/x-www-form-urlencoded", string(body))
		p.URL.RawQuery = query
		carriertest.CheckRead(t, plivo.New(nil), channel.Account{}, p)
	})
}
