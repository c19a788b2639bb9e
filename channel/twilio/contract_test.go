package twilio_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/channel/twilio"
	"paylink/provider/providertest"
)

func account(f *fake, far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: f.token,
		Fields: map[string]string{"account_sid": f.sid, "from": "+15005550006"},
	}
}

// Twilio takes letters that dispatch writes otherwise than dispatch believes.
func TestTwilioKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		f, far := serve(t)
		return twilio.New(carriertest.Client(t)), account(f, far), channeltest.World{
			Far: far, Now: time.Now,
			Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
			Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
			Received:    f.received,
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Text: l.Text}
			},
			Header: "X-Twilio-Signature",
			Sign: func(secret string, body []byte, _ time.Time) http.Header {
				return http.Header{"X-Twilio-Signature": {sign(secret, f.lastCallback(), string(body))}}
			},
			Spoil: spoil,
			// The message stands in the address, and Twilio tells no time.
			Untold: []string{"no message id", "a foreign message id", "no time"},
		}
	})
}

// received is a message as Twilio's console shows it; its id is what the address to call back names.
func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		if m.sid != reference {
			continue
		}
		back, err := url.Parse(m.form.Get("StatusCallback"))
		if err != nil {
			t.Fatal(err)
		}
		return channel.Letter{
			ID: paylink.MessageID(back.Query().Get("message")), Channel: paylink.ChannelSMS, To: m.form.Get("To"), Text: m.form.Get("Body"),
		}
	}
	t.Fatalf("there is no message %s", reference)
	return channel.Letter{}
}

func (f *fake) lastCallback() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages[len(f.messages)-1].form.Get("StatusCallback")
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {"MessageStatus=delivered", "MessageStatus=arrived"},
		"a status that carriers do not have": {"MessageStatus=delivered", "MessageStatus=skipped"},
		"the status twice":                   {"&MessageStatus=delivered", "&MessageStatus=delivered&MessageStatus=failed"},
		"the status in capitals beside it":   {"&MessageStatus=delivered", "&MessageStatus=delivered&MESSAGESTATUS=failed"},
		"no status":                          {"&MessageStatus=", "&MessageState="},
		"no provider reference":              {"MessageSid=", "Sid="},
		"a reference that is none":           {"MessageSid=SM", "MessageSid=XX"},
		"no account":                         {"AccountSid=AC", "Sid=AC"},
		"another account":                    {"AccountSid=AC0", "AccountSid=AC1"},
		"a broken escape":                    {"To=%2B", "To=%zB"},
		"no version":                         {"&ApiVersion=2010-04-01", ""},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}
