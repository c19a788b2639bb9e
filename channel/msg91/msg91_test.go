package msg91_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/channel/msg91"
	"paylink/provider"
	"paylink/provider/providertest"
)

var template = &channel.Template{
	Name: flow, Entity: "1101000000000000001", Header: "ACMEIN",
	Variables: []channel.Variable{{Name: "NAME", Value: "Asha & ‘Co’ ₹"}, {Name: "LINK", Value: "https://pay.example/ACMEIN/0000000000000000000001"}},
}

// MSG91 takes letters that dispatch writes otherwise than dispatch believes, by either webhook.
func TestMSG91KeepsTheContractOfChannels(t *testing.T) {
	for version, spoil := range map[int]func([]byte) map[string][]byte{2: spoilForm, 3: spoilObject} {
		t.Run(fmt.Sprintf("webhook v%d", version), func(t *testing.T) {
			channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
				f, far := serve(t, version)
				return msg91.New(carriertest.Client(t)), account(f, far), channeltest.World{
					Far: far, Now: time.Now, Received: f.received,
					Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
					Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
					Template:    func(paylink.Channel) *channel.Template { return template },
					Seen: func(l channel.Letter) channel.Letter {
						return channel.Letter{Channel: l.Channel, To: l.To, Text: "Dear Asha & ‘Co’ ₹, pay at https://pay.example/ACMEIN/0000000000000000000001 -ACME"}
					},
					Spoil: spoil, Untold: []string{"no message id", "a foreign message id", "no account"},
				}
			})
		})
	}
}

func spoilObject(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`"status":"1"`, `"status":"3"`},
		"a status that carriers do not have": {`"status":"1"`, `"status":"skipped"`},
		"the status twice":                   {`"status":"1"`, `"status":"1","status":"2"`},
		"the status in capitals beside it":   {`"status":"1"`, `"status":"1","STATUS":"2"`},
		"no status":                          {`"status":"1"`, `"state":"1"`},
		"a status that is a list":            {`"status":"1"`, `"status":["1"]`},
		"no provider reference":              {`"requestId"`, `"request"`},
		"no time":                            {`"date"`, `"day"`},
		"a time that is none":                {`"date":"20`, `"date":"xx`},
		"no number":                          {`"number":"91`, `"number":"x`},
	} {
		spoiled[name] = []byte(strings.ReplaceAll(string(genuine), change[0], change[1]))
	}
	return spoiled
}

func spoilForm(genuine []byte) map[string][]byte {
	form, err := url.ParseQuery(string(genuine))
	if err != nil {
		panic(err)
	}
	spoiled := spoilObject([]byte(form.Get("data")))
	for name, data := range spoiled {
		spoiled[name] = []byte("data=" + url.QueryEscape(string(data)))
	}
	spoiled["no reports"] = []byte("data=%5B%5D")
	spoiled["the data twice"] = append(append(append([]byte{}, genuine...), '&'), genuine...)
	return spoiled
}

// MSG91 signs nothing: without the secret in the address, anybody could tell that a message arrived.
func TestOnlyTheSecretAddressIsBelieved(t *testing.T) {
	for query, want := range map[string]string{
		hookQuery: "", hookQuery + "&x=1": "", "": provider.MissingSignature, "?secret=": provider.MissingSignature,
		hookQuery + "0": provider.BadSignature, hookQuery[:len(hookQuery)-1]: provider.BadSignature, hookQuery + "&secret=" + secret: provider.BadSignature,
	} {
		p := carriertest.Posted("https://pay.example/inbound/channel/msg91/acct_1"+query, "application/json", "{}")
		err := msg91.New(nil).Verify(channel.Account{Secret: secret}, p, time.Time{})
		if got, _ := err.(*channel.Unverified); want == "" && err != nil || want != "" && (got == nil || got.Reason != want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
	p := carriertest.Posted("https://pay.example/?secret=", "application/json", "{}")
	if msg91.New(nil).Verify(channel.Account{}, p, time.Time{}) == nil {
		t.Error("an account without a secret believes an address without one")
	}
}

// MSG91 refuses in an answer of success, and the message counts as sent.
func TestRefusalsInAnswersOfSuccess(t *testing.T) {
	f, far := serve(t, 2)
	l := carriertest.Letter(carriertest.OnPhone, "x")
	l.Template = template
	for _, c := range []struct {
		refusal map[string]any
		want    channel.Rejected
	}{
		{map[string]any{"type": "error", "message": "Insufficient balance", "code": "301"}, channel.Rejected{Code: "msg91_301", Reason: provider.NoBalance, Words: "Insufficient balance"}},
		{map[string]any{"type": "error", "message": "no such 919812345642", "code": 202}, channel.Rejected{Code: "msg91_202", Reason: provider.InvalidAddress, Words: "no such …"}},
		{map[string]any{"type": "error", "message": "Template not found"}, channel.Rejected{Code: "http_200", Reason: provider.BadRequest, Words: "Template not found"}},
	} {
		f.refusal.Store(&c.refusal)
		_, err := msg91.New(carriertest.Client(t)).Send(t.Context(), account(f, far), l)
		if got := carriertest.Rejected(err); got == nil || *got != c.want {
			t.Errorf("%v: %+v (%v), want %+v", c.refusal, got, err, c.want)
		}
	}
	for name, answer := range map[string]map[string]any{
		"neither": {"message": "5762846b4f8d285d378b4567"}, "a sentence": {"type": "success", "message": "all is well"}, "nothing": {},
	} {
		f.refusal.Store(&answer)
		if _, err := msg91.New(carriertest.Client(t)).Send(t.Context(), account(f, far), l); providertest.Ending(err) != "unknown" {
			t.Errorf("%s: ended %q, want unknown", name, providertest.Ending(err))
		}
	}
	l.Template = nil
	_, err := msg91.New(carriertest.Client(t)).Send(t.Context(), account(f, far), l)
	if got := carriertest.Rejected(err); got == nil || got.Reason != provider.BadTemplate {
		t.Errorf("without a template: %v", err)
	}
}

// A variable is called mobiles, and the message goes to a number of its choice.
func TestNoVariableTakesTheNumbersPlace(t *testing.T) {
	f, far := serve(t, 2)
	l := carriertest.Letter(carriertest.OnPhone, "x")
	l.Template = &channel.Template{Name: flow, Variables: []channel.Variable{{Name: "mobiles", Value: "919812345600"}}}
	sent, err := msg91.New(carriertest.Client(t)).Send(t.Context(), account(f, far), l)
	if err != nil || f.received(t, sent.Reference).To != carriertest.OnPhone {
		t.Errorf("sent to %s, %v", f.received(t, sent.Reference).To, err)
	}
}

// One call's receipts come in one post, and only the first is heard.
func TestOnePostTellsOfSeveralNumbers(t *testing.T) {
	body := "data=" + url.QueryEscape(`[{"requestId":"346130346130","report":[{"date":"2024-05-22 10:06:20","number":"919812345642","status":"1"},{"date":"2024-05-22 10:06:21","number":919812345603,"status":17}]}]`)
	got, err := msg91.New(nil).Read(channel.Account{}, carriertest.Posted("https://pay.example/", "application/x-www-form-urlencoded", body))
	at := time.Date(2024, 5, 22, 4, 36, 20, 0, time.UTC)
	want := channel.News{Receipts: []channel.Receipt{
		{ProviderReference: "346130346130", Status: paylink.MessageDelivered, At: at},
		{ProviderReference: "346130346130", Status: paylink.MessageBlocked, ErrorCode: "msg91_17", Reason: provider.OptedOut, At: at.Add(time.Second)},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v (%v), want %+v", got, err, want)
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add(true, []byte(`{"date":"2024-05-22 09:58:16","number":"919812345642","requestId":"346000000130","status":"1"}`))
	f.Add(false, []byte("data="+url.QueryEscape(`[{"requestId":"346130346130","report":[{"date":"2024-05-22 10:06:20","number":"919812345642","status":"2"}]}]`)))
	f.Fuzz(func(t *testing.T, object bool, body []byte) {
		kind := map[bool]string{true: "application/json", false: "application/x-www-form-urlencoded"}[object]
		p := carriertest.Posted("https://pay.example/", kind, string(body))
		carriertest.CheckRead(t, msg91.New(nil), channel.Account{}, p)
	})
}
