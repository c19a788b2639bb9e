package smpp

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/provider/providertest"
)

// An operator's SMSC that others wrote, and dispatch, agree on what a message is.
func TestSMPPKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		far := startSMSC(t)
		a := far.account()
		d := listen(t, a)
		number := func(end string) func(paylink.Channel) string {
			return func(paylink.Channel) string { return "+919812345" + end }
		}
		return d.Sender, a, channeltest.World{
			Far: d.far, Now: time.Now, Reachable: number("642"), Unreachable: number("603"),
			Received: func(t *testing.T, reference string) channel.Letter { return received(t, far, reference) },
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{Channel: l.Channel, To: l.To, Sender: "ACMEIN", Text: l.Text}
			},
			Calling: func(t *testing.T, call func(context.Context, channel.Account) error) { calling(t, far, a, call) },
			Header:  Header, Sign: func(secret string, body []byte, _ time.Time) http.Header { return signed(a, secret, body) },
			Spoil: func(genuine []byte) map[string][]byte { return spoil(t, genuine) }, Untold: []string{"no message id"},
		}
	})
}

// received is the text that a phone would show: the SMSC's parts, joined by their header.
func received(t *testing.T, far *smsc, reference string) channel.Letter {
	t.Helper()
	ids := strings.Split(reference, ",")
	l := channel.Letter{Channel: paylink.ChannelSMS}
	for i, id := range ids {
		for _, s := range far.submits() {
			if s.ID == id && s.At == i+1 && s.Total == len(ids) {
				l.To, l.Sender, l.Text = "+"+s.To, s.From, l.Text+s.Text
			}
		}
	}
	return l
}

// signed makes the signature from its description, without the adapter's code.
func signed(a channel.Account, secret string, body []byte) http.Header {
	key := hmac.New(sha256.New, []byte(secret))
	key.Write([]byte("paylink smpp post mer_01kaa.acct_01kaa"))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write(body)
	return http.Header{Header: {hex.EncodeToString(mac.Sum(nil))}}
}

// spoil changes the receipt's text, or what stands around it.
func spoil(t *testing.T, genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"a status that carriers do not have": {`"status":"delivered"`, `"status":"skipped"`},
		"the status twice":                   {`"status":"delivered"`, `"status":"delivered","status":"sent"`},
		"the status in capitals beside it":   {`"status":"delivered"`, `"status":"delivered","Status":"sent"`},
		"a foreign message id":               {`"message":"msg_`, `"message":"pay_`},
		"no provider reference":              {`"reference":`, `"silence":`},
		"no time":                            {`"received":`, `"deceived":`},
		"no account":                         {`"account":`, `"recount":`},
		"an error beside success":            {`"status":"delivered"`, `"status":"delivered","code":"UNDELIV","reason":"blocked"`},
	} {
		spoiled[name] = bytes.Replace(genuine, []byte(change[0]), []byte(change[1]), 1)
	}
	for name, change := range map[string][2]string{
		"an unknown status":             {"stat:DELIVRD", "stat:ARRIVED"},
		"the status twice in its words": {"stat:DELIVRD", "stat:DELIVRD STAT:UNDELIV"},
		"no id in its words":            {"id:", "od:"},
		"two ids in one":                {"id:", "id:7,"},
	} {
		var f fact
		if err := json.Unmarshal(genuine, &f); err != nil {
			t.Fatal(err)
		}
		f.Text = bytes.Replace(f.Text, []byte(change[0]), []byte(change[1]), 1)
		spoiled[name] = must[[]byte](t)(json.Marshal(f))
	}
	return spoiled
}

// calling is providertest.Calling for a provider that is spoken to by SMPP.
func calling(t *testing.T, far *smsc, a channel.Account, call func(context.Context, channel.Account) error) {
	for status, want := range map[int]string{
		0x01: "rejected", 0x0a: "rejected", 0x0b: "rejected", 0x45: "rejected", 0xff: "rejected", 0x400: "rejected", 0x4ff: "rejected", 0x77777: "rejected",
		0x08: "rejected for now", 0x14: "rejected for now", 0x58: "rejected for now", 0x64: "rejected for now",
	} {
		far.behave(map[string]any{"status": status})
		if got := providertest.Ending(call(t.Context(), a)); got != want {
			t.Errorf("a submit answered with 0x%x ended %q, want %q", status, got, want)
		}
	}
	far.behave(map[string]any{"answers": "never"})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if got := providertest.Ending(call(ctx, a)); got != "unknown" {
		t.Errorf("a submit that nobody answers ended %q, want unknown", got)
	}
	far.behave(map[string]any{"answers": "dropped"})
	if got := providertest.Ending(call(t.Context(), a)); got != "unknown" {
		t.Errorf("a submit on a line that broke ended %q, want unknown", got)
	}
	far.behave(nil)

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if got := providertest.Ending(call(over, a)); got != "not sent" {
		t.Errorf("a call with a context that was over before ended %q, want not sent", got)
	}
	nobody := a
	nobody.BaseURL = "smpp://127.0.0.1:1" // tcpmux: nothing listens there
	if got := providertest.Ending(call(t.Context(), nobody)); got != "not sent" {
		t.Errorf("a call to a port that nobody listens on ended %q, want not sent", got)
	}
	stranger := a
	stranger.Secret = "0000000"
	if got := providertest.Ending(call(t.Context(), stranger)); got != "rejected" {
		t.Errorf("a call with a wrong password ended %q, want rejected", got)
	}
	if err := call(t.Context(), a); err != nil {
		t.Errorf("a call after all this: %v", err)
	}
}
