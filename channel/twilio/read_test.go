package twilio_test

import (
	"reflect"
	"strings"
	"testing"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/twilio"
)

const inbound = "ToCountry=US&ToState=&SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&SmsSid=SM00000000000000000000000000000001" +
	"&SmsStatus=received&Body=Stop+%E2%80%93+please&To=%2B15005550006&NumSegments=1&MessageSid=SM00000000000000000000000000000001" +
	"&AccountSid=AC0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a&From=%2B919812345642&ApiVersion=2010-04-01"

var ourAccount = channel.Account{ID: "acct_1", Merchant: "mer_1", Fields: map[string]string{"account_sid": "AC" + strings.Repeat("0a", 16)}}

// A customer writes STOP, and the next reminder comes all the same.
func TestRepliesAreRead(t *testing.T) {
	read := func(body string) (channel.News, error) {
		return twilio.New(nil).Read(ourAccount, posted("https://pay.example/", formType, body, ""))
	}
	want := channel.News{Replies: []channel.Reply{{Channel: "sms", From: "+919812345642", Text: "Stop – please"}}}
	if got, err := read(inbound); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v (%v), want %+v", got, err, want)
	}
	long := strings.Replace(inbound, "Stop", strings.Repeat("%E2%82%B9", 1600), 1)
	if got, err := read(long); err != nil || len([]rune(got.Replies[0].Text)) != 1000 {
		t.Errorf("a long reply: %v", err)
	}
	for name, change := range map[string][2]string{
		"from a channel that is not SMS": {"From=%2B", "From=whatsapp:%2B"},
		"from nobody":                    {"From=%2B919812345642", "From="},
		"without a text":                 {"Body=", "Buddy="},
		"that was not received":          {"SmsStatus=received", "SmsStatus=sent"},
	} {
		if got, err := read(strings.Replace(inbound, change[0], change[1], 1)); err == nil {
			t.Errorf("a reply %s is read as %+v", name, got)
		}
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	status := strings.Replace(inbound, "SmsStatus=received", "MessageStatus=undelivered&ErrorCode=30003", 1)
	f.Add("message=msg_00000000000000000000000000", []byte(status))
	f.Add("", []byte(inbound))
	f.Add("message=a&message=b", []byte("MessageStatus=sent&&&=%zz"))
	s := twilio.New(nil)
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		p := posted("https://pay.example/", formType, string(body), "")
		p.URL.RawQuery = query
		carriertest.CheckRead(t, s, ourAccount, p)
	})
}
