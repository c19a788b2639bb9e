package whatsapp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/whatsapp"
	"paylink/provider"
)

var own = channel.Account{ID: "acct_1", Merchant: "mer_1", Secret: appKey, Fields: map[string]string{"phone_number_id": number}}

func posted(body string) channel.Post {
	return channel.Post{URL: &url.URL{}, Header: http.Header{}, Body: []byte(body)}
}

// Our HMAC is not Meta's.
func TestSignatureIsThatOfTheVector(t *testing.T) {
	p := posted(`{"object":"whatsapp_business_account"}`)
	p.Header.Set("X-Hub-Signature-256", "sha256=e790291ff924369c1f80c8b2cc24fb9ccd37600d883a729059d4bbfa632c882b")
	if err := whatsapp.New(nil).Verify(own, p, time.Time{}); err != nil {
		t.Error(err)
	}
}

// One POST tells about many messages, some of which are not ours; what is ours among them gets lost.
func TestBatchIsReadWhole(t *testing.T) {
	const one, other = "msg_00000000000000000000000001", "msg_00000000000000000000000002"
	status := func(id, name, callback, more string) string {
		return `{"id":"wamid.` + id + `","status":"` + name + `","timestamp":"1750857384","recipient_id":"919812345678"` + callback + more + `}`
	}
	named := func(id string) string { return `,"biz_opaque_callback_data":"` + id + `"` }
	batch := `{"object":"whatsapp_business_account","entry":[{"id":"1","time":1,"changes":[{"field":"messages","value":` +
		value(status("A", "read", named(one), "")+","+status("A", "delivered", named(one), `,"pricing":{"category":"utility"}`)) + `},` +
		`{"field":"account_update","value":{"event":"VERIFIED_ACCOUNT"}},{"field":"smb_message_echoes","value":[]}]},` +
		`{"id":"2","changes":[{"value":` + value(status("B", "failed", named(other), `,"errors":[{"code":131026,"title":"Message undeliverable"}]`)) + `,"field":"messages"},` +
		`{"field":"messages","value":` + value(status("C", "failed", "", `,"errors":[{"code":131049}]`)+","+status("D", "failed", "", "")+","+
		status("E", "sent", named("crm-77"), "")) + `},` +
		`{"field":"messages","value":` + strings.Replace(value(status("F", "sent", named(other), "")), number, "555", 1) + `}]}]}`
	got, err := whatsapp.New(nil).Read(own, posted(batch))
	at := time.Date(2025, 6, 25, 13, 16, 24, 0, time.UTC)
	want := channel.News{Receipts: []channel.Receipt{
		{Message: one, ProviderReference: "wamid.A", Status: paylink.MessageRead, At: at, Account: "mer_1.acct_1"},
		{Message: one, ProviderReference: "wamid.A", Status: paylink.MessageDelivered, At: at, Account: "mer_1.acct_1"},
		{Message: other, ProviderReference: "wamid.B", Status: paylink.MessageFailed, ErrorCode: "wa_131026", Reason: provider.NotOnChannel, At: at, Account: "mer_1.acct_1"},
		{ProviderReference: "wamid.C", Status: paylink.MessageBlocked, ErrorCode: "wa_131049", Reason: provider.Blocked, At: at, Account: "mer_1.acct_1"},
		{ProviderReference: "wamid.D", Status: paylink.MessageFailed, ErrorCode: "unknown", At: at, Account: "mer_1.acct_1"},
		{Message: other, ProviderReference: "wamid.F", Status: paylink.MessageSent, At: at, Account: "555"}, // another number's: not believed
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read (%v)\n%+v\nwant\n%+v", err, got, want)
	}
}

// wrote is a POST of one message of a customer.
func wrote(message string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` +
		strings.Replace(value(""), `"statuses":[]`, `"contacts":[{"wa_id":"919812345642"}],"messages":[`+message+`]`, 1) + `}]}]}`
}

// A customer writes STOP, or presses the button for it, and is written to again.
func TestRepliesAreRead(t *testing.T) {
	at := time.Date(2025, 6, 16, 16, 24, 5, 0, time.UTC)
	said := func(text string) []channel.Reply {
		return []channel.Reply{{Channel: paylink.ChannelWhatsApp, From: "+919812345642", Text: text, At: at}}
	}
	const from = `{"from":"919812345642","id":"wamid.X","timestamp":"1750091045",`
	for message, want := range map[string][]channel.Reply{
		from + `"type":"text","text":{"body":"STOP"}}`:                                                                  said("STOP"),
		from + `"type":"text","text":{"body":"\u0930\u0941\u0915\u094b"}}`:                                              said("रुको"),
		from + `"type":"text","text":{"body":"` + strings.Repeat("न", 1001) + `"}}`:                                     said(strings.Repeat("न", 1000)),
		from + `"type":"button","button":{"payload":"Unsubscribe","text":"Unsubscribe"}}`:                               said("Unsubscribe"),
		from + `"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"c","title":"Cancel"}}}`: said("Cancel"),
		from + `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"c","title":"Stop"}}}`:       said("Stop"),
		from + `"type":"image","image":{"id":"1003383421387256"}}`:                                                      nil,
		from + `"type":"reaction","reaction":{"message_id":"wamid.Y","emoji":"\ud83d\udc4d"}}`:                          nil,
		from + `"group_id":"Y2Fw","type":"text","text":{"body":"STOP"}}`:                                                nil,
		`{"timestamp":"1","type":"unsupported","errors":[{"code":131051}]}`:                                             nil,
	} {
		got, err := whatsapp.New(nil).Read(own, posted(wrote(message)))
		if err != nil || !reflect.DeepEqual(got, channel.News{Replies: want}) {
			t.Errorf("%.150s is read as %+v (%v)", message, got, err)
		}
	}
	for _, message := range []string{
		`{"from":"Asha","timestamp":"1750091045","type":"text","text":{"body":"STOP"}}`, `{"from":"919812345642","type":"text","text":{"body":"STOP"}}`,
		from + `"text":{"body":"STOP"}}`, from + `"type":"text","text":"STOP"}`, `7`,
	} {
		if got, err := whatsapp.New(nil).Read(own, posted(wrote(message))); err == nil {
			t.Errorf("%s is read as %+v", message, got)
		}
	}
	foreign := own
	foreign.Fields = map[string]string{"phone_number_id": "555"}
	if got, err := whatsapp.New(nil).Read(foreign, posted(wrote(from+`"type":"text","text":{"body":"STOP"}}`))); err != nil || got.Replies != nil {
		t.Errorf("a message to another number is read as %+v (%v)", got, err)
	}
}

// Meta posts of a kind that we do not know, and everything else in the batch is refused with it.
func TestMetasOwnExamplesAreRead(t *testing.T) {
	folder := os.Getenv("PAYLINK_SCHEMAS")
	if folder == "" {
		t.Log("PAYLINK_SCHEMAS is unset: Meta's own examples are left out")
		return
	}
	text, err := os.ReadFile(folder + "/../samples/whatsapp/meta-openapi-webhook-examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples map[string]json.RawMessage
	if err := json.Unmarshal(text, &examples); err != nil || len(examples) == 0 {
		t.Fatalf("%d examples: %v", len(examples), err)
	}
	replies := 0
	for name, body := range examples {
		news, err := whatsapp.New(nil).Read(own, posted(string(body)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		replies += len(news.Replies)
	}
	if replies != 6 { // three texts, a button and two interactive ones
		t.Errorf("%d replies are read", replies)
	}
}

// A stranger's bytes crash the inbound door, or are read as news that cannot be.
func FuzzRead(f *testing.F) {
	f.Add(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` +
		value(`{"id":"wamid.A","status":"failed","timestamp":"1750857384","biz_opaque_callback_data":"msg_00000000000000000000000001","errors":[{"code":1}]}`) + `}]}]}`)
	f.Add(wrote(`{"from":"919812345642","timestamp":"1750091045","type":"text","text":{"body":"STOP"}}`))
	f.Fuzz(func(t *testing.T, body string) {
		got, err := whatsapp.New(nil).Read(own, posted(body))
		if err != nil {
			if got.Receipts != nil || got.Replies != nil || len(err.Error()) > 200 {
				t.Fatalf("refused with %+v and %q", got, err)
			}
			return
		}
		for _, r := range got.Receipts {
			bad := r.Status == paylink.MessageFailed || r.Status == paylink.MessageBlocked
			if r.Message != "" && !paylink.HasTag(string(r.Message), "msg") || r.ProviderReference == "" || r.Account == "" || r.At.IsZero() || bad != (r.ErrorCode != "") {
				t.Fatalf("%q read as %+v", body, r)
			}
		}
		for _, r := range got.Replies {
			if r.From == "" || r.Text == "" || len([]rune(r.Text)) > 1000 || r.At.IsZero() {
				t.Fatalf("%q read as %+v", body, r)
			}
		}
	})
}
