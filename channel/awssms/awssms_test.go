package awssms_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/awssms"
	"paylink/channel/carrierwire/carriertest"
	"paylink/channel/channeltest"
	"paylink/provider"
)

// AWS takes letters that dispatch writes otherwise than dispatch believes.
func TestAWSKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		f, far := serve(t)
		return awssms.New(carriertest.Client(t)), account(far), channeltest.World{
			Far: far, Now: time.Now, Received: f.received,
			Reachable:   func(paylink.Channel) string { return carriertest.OnPhone },
			Unreachable: func(paylink.Channel) string { return carriertest.Unreachable },
			Template: func(paylink.Channel) *channel.Template {
				return &channel.Template{Name: "1107000000000000001", Entity: "1101000000000000001", Header: "ACMEIN"}
			},
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, Text: l.Text, Template: l.Template}
			},
			Spoil: spoil, Untold: []string{"no account"},
		}
	})
}

// received is what AWS holds of a message.
func (f *fake) received(t *testing.T, reference string) channel.Letter {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var at int
	if _, err := fmt.Sscanf(reference, "0a1b2c3d-%d", &at); err != nil {
		t.Fatal(err)
	}
	m := f.sent[at]
	context, _ := m["Context"].(map[string]any)
	india, _ := m["DestinationCountryParameters"].(map[string]any)
	return channel.Letter{
		ID: paylink.MessageID(fmt.Sprint(context["message"])), Channel: "sms", To: fmt.Sprint(m["DestinationPhoneNumber"]), Text: fmt.Sprint(m["MessageBody"]),
		Template: &channel.Template{Name: fmt.Sprint(india["IN_TEMPLATE_ID"]), Entity: fmt.Sprint(india["IN_ENTITY_ID"]), Header: fmt.Sprint(m["OriginationIdentity"])},
	}
}

// spoil changes the event inside the envelope.
func spoil(genuine []byte) map[string][]byte {
	var outer map[string]any
	if err := json.Unmarshal(genuine, &outer); err != nil {
		panic(err)
	}
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {"TEXT_DELIVERED", "TEXT_ARRIVED"},
		"a status that carriers do not have": {"TEXT_DELIVERED", "skipped"},
		"the status twice":                   {`"eventType":"TEXT_DELIVERED"`, `"eventType":"TEXT_DELIVERED","eventType":"TEXT_SPAM"`},
		"the status in capitals beside it":   {`"eventType":"TEXT_DELIVERED"`, `"eventType":"TEXT_DELIVERED","EVENTTYPE":"TEXT_SPAM"`},
		"no message id":                      {`"message":`, `"massage":`},
		"a foreign message id":               {`"message":"msg_`, `"message":"pay_`},
		"no provider reference":              {`"messageId"`, `"id"`},
		"no time":                            {`"eventTimestamp"`, `"at"`},
		"a time that is none":                {`"eventTimestamp":`, `"eventTimestamp":-`},
		"an event cut short":                 {`}`, ``},
	} {
		inner := outer["Message"]
		outer["Message"] = strings.ReplaceAll(fmt.Sprint(inner), change[0], change[1])
		spoiled[name], _ = json.Marshal(outer)
		outer["Message"] = inner
	}
	outer["Type"] = "Other"
	spoiled["an envelope of another kind"], _ = json.Marshal(outer)
	return spoiled
}

// AWS's reasons are lost under its general types, and the plan takes the wrong turn.
func TestRefusalsAreToldInOurWords(t *testing.T) {
	_, far := serve(t)
	s := awssms.New(carriertest.Client(t))
	for _, c := range []struct {
		to, field, value string
		want             channel.Rejected
	}{
		{optedOut, "", "", channel.Rejected{Code: "aws_DESTINATION_PHONE_NUMBER_OPTED_OUT", Reason: provider.OptedOut, Words: "Destination phone number is opted out"}},
		{carriertest.OnPhone, "message_type", "OTHER", channel.Rejected{Code: "aws_ValidationException", Reason: provider.BadRequest, Words: "a field is wrong"}},
		{carriertest.OnPhone, "region", "ap-south-1.example.com/", channel.Rejected{Code: "no_region", Reason: provider.BadRequest, Words: "The account's region is none of AWS's."}},
		{carriertest.OnPhone, "secret_access_key", "x", channel.Rejected{
			Code: "aws_InvalidSignatureException", Reason: provider.BadCredentials, Words: "The request signature we calculated does not match the signature you provided.",
		}},
	} {
		a := account(far)
		a.Fields[c.field] = c.value
		_, err := s.Send(t.Context(), a, carriertest.Letter(c.to, "x"))
		if got := carriertest.Rejected(err); got == nil || *got != c.want {
			t.Errorf("%s %s: %+v (%v), want %+v", c.to, c.field, got, err, c.want)
		}
	}
	if err := s.Test(t.Context(), account(far)); err != nil {
		t.Errorf("a good account: %v", err)
	}
	wrong := account(far)
	wrong.Fields["secret_access_key"] = "x"
	if got := carriertest.Rejected(s.Test(t.Context(), wrong)); got == nil || got.Reason != provider.BadCredentials {
		t.Errorf("a wrong key: %+v", got)
	}
}

// A stranger's post makes us call any address.
func TestOnlySNSIsCalledToConfirm(t *testing.T) {
	f, far := serve(t)
	s := awssms.New(carriertest.Client(t))
	post := func(kind, address string) channel.Post {
		body, _ := json.Marshal(map[string]any{"Type": kind, "Token": "t", "SubscribeURL": address, "Message": "You have chosen to subscribe"})
		return carriertest.Posted(f.hook, "text/plain", string(body))
	}
	ours := far.Origin + "/?Action=ConfirmSubscription&Token=t1"
	if err := s.Confirm(t.Context(), account(far), post("SubscriptionConfirmation", ours)); err != nil || !slices.Equal(f.tokens(), []string{"t1"}) {
		t.Errorf("confirmed %v, %v", f.tokens(), err)
	}
	if err := s.Confirm(t.Context(), account(far), post("Notification", ours)); err != nil || len(f.tokens()) != 1 {
		t.Errorf("a notice: confirmed %v, %v", f.tokens(), err)
	}
	if got, err := s.Read(account(far), post("SubscriptionConfirmation", ours)); err != nil || !reflect.DeepEqual(got, channel.News{}) {
		t.Errorf("the question is read as %+v, %v", got, err)
	}
	live := account(far)
	live.BaseURL = ""
	for _, address := range []string{
		ours, "https://example.com/", "http://sns.ap-south-1.amazonaws.com/", "https://sns.ap-south-1.amazonaws.com.example.com/",
		"https://a@sns.ap-south-1.amazonaws.com/", "https://sns.ap-south-1.amazonaws.com:8443/", "https://example.com/?sns.ap-south-1.amazonaws.com", "",
	} {
		if got := carriertest.Rejected(s.Confirm(t.Context(), live, post("SubscriptionConfirmation", address))); got == nil || got.Code != "aws_subscribe_url" {
			t.Errorf("%q: %+v", address, got)
		}
	}
	if len(f.tokens()) != 1 {
		t.Errorf("confirmed %v", f.tokens())
	}
}

// SNS's posts are believed by their address alone, so a wrong one must not do.
func TestOnlyTheSecretAddressIsBelieved(t *testing.T) {
	a := channel.Account{Secret: secret}
	for query, want := range map[string]string{"?secret=" + secret: "", "": provider.MissingSignature, "?secret=x": provider.BadSignature} {
		err := awssms.New(nil).Verify(a, carriertest.Posted("https://pay.example/"+query, "text/plain", "{}"), time.Time{})
		if got, _ := err.(*channel.Unverified); want == "" && err != nil || want != "" && (got == nil || got.Reason != want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}

// Not every end is a failure: no word from an operator is no failure, and a filter is no dead phone.
func TestEventsAreToldInOurWords(t *testing.T) {
	for kind, want := range map[string]channel.Receipt{
		"TEXT_SUCCESSFUL": {Status: "sent"}, "TEXT_UNKNOWN": {Status: "sent"},
		"TEXT_TTL_EXPIRED":     {Status: "failed", Reason: provider.Expired, ErrorCode: "TEXT_TTL_EXPIRED"},
		"TEXT_INVALID":         {Status: "failed", Reason: provider.InvalidAddress, ErrorCode: "TEXT_INVALID"},
		"TEXT_CARRIER_BLOCKED": {Status: "blocked", Reason: provider.Blocked, ErrorCode: "TEXT_CARRIER_BLOCKED"},
	} {
		body := enveloped(`{"eventType":"` + kind + `","eventTimestamp":1795341600500,"messageId":"m","totalMessagePrice":0.09582,"context":{"message":"msg_00000000000000000000000000"}}`)
		want.Message, want.ProviderReference, want.Price, want.At = "msg_00000000000000000000000000", "m", "0.09582 USD", time.UnixMilli(1795341600500).UTC()
		got, err := awssms.New(nil).Read(channel.Account{}, carriertest.Posted("https://pay.example/", "text/plain", body))
		if err != nil || !reflect.DeepEqual(got, channel.News{Receipts: []channel.Receipt{want}}) {
			t.Errorf("%s: %+v (%v), want %+v", kind, got, err, want)
		}
	}
}

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add([]byte(enveloped(event("TEXT_DELIVERED", "m", carriertest.OnPhone, map[string]string{"message": "msg_00000000000000000000000000"}))))
	f.Add([]byte(`{"Type":"SubscriptionConfirmation","SubscribeURL":"https://sns.ap-south-1.amazonaws.com/"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		carriertest.CheckRead(t, awssms.New(nil), channel.Account{}, carriertest.Posted("https://pay.example/", "text/plain", string(body)))
	})
}
