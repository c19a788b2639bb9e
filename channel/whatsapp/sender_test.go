package whatsapp_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/whatsapp"
	"paylink/provider"
	"paylink/provider/providertest"
)

func goodLetter() channel.Letter {
	return channel.Letter{
		ID: "msg_00000000000000000000000000", Channel: paylink.ChannelWhatsApp, To: "+919812345642", Text: "Acme: ₹2,450.00",
		ButtonLabel: "Pay now", ButtonURL: "https://pay.example/AbC123", Template: payLink(paylink.ChannelWhatsApp),
	}
}

// A template whose button opens another address than ours, or with a hole in it, is paid for and shown.
func TestLetterThatMetaWouldRefuseIsNotSent(t *testing.T) {
	calls := 0
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ })
	})
	for name, c := range map[string]struct {
		change func(*channel.Letter, channel.Account)
		code   string
		reason provider.Reason
	}{
		"a button to another host":      {func(l *channel.Letter, _ channel.Account) { l.ButtonURL = "https://pay.example.com/AbC123" }, "button_url_mismatch", provider.BadTemplate},
		"a button to the bare address":  {func(l *channel.Letter, _ channel.Account) { l.ButtonURL = "https://pay.example/" }, "button_url_mismatch", provider.BadTemplate},
		"no registered address":         {func(_ *channel.Letter, a channel.Account) { delete(a.Fields, "template_base_url") }, "button_url_mismatch", provider.BadTemplate},
		"an empty variable":             {func(l *channel.Letter, _ channel.Account) { l.Template.Variables[1].Value = " \n" }, "empty_variable", provider.BadTemplate},
		"no template":                   {func(l *channel.Letter, _ channel.Account) { l.Template = nil }, "no_template", provider.BadTemplate},
		"a template without a name":     {func(l *channel.Letter, _ channel.Account) { l.Template.Name = "" }, "no_template", provider.BadTemplate},
		"a template without a language": {func(l *channel.Letter, _ channel.Account) { l.Template.Language = "" }, "no_template", provider.BadTemplate},
		"a number with letters":         {func(l *channel.Letter, _ channel.Account) { l.To = "+91981234564x" }, "not_a_number", provider.InvalidAddress},
		"a number without its country":  {func(l *channel.Letter, _ channel.Account) { l.To = "9812345642" }, "not_a_number", provider.InvalidAddress},
	} {
		l, a := goodLetter(), account(far)
		c.change(&l, a)
		_, err := whatsapp.New(client(t)).Send(t.Context(), a, l)
		var got *channel.Rejected
		if !errors.As(err, &got) || !reflect.DeepEqual(*got, channel.Rejected{Code: c.code, Reason: c.reason}) {
			t.Errorf("%s ended %v", name, err)
		}
	}
	if calls != 0 {
		t.Errorf("Meta was called %d times", calls)
	}
}

// A name with a line break in it stops a message; a free text loses its link; a template with named
// variables is filled by numbers.
func TestLetterIsWrittenAsMetaTakesIt(t *testing.T) {
	m, far := serve(t)
	send := func(a channel.Account, l channel.Letter) channel.Letter {
		t.Helper()
		sent, err := whatsapp.New(client(t)).Send(t.Context(), a, l)
		if err != nil {
			t.Fatal(err)
		}
		return m.letter(t, sent.Reference)
	}
	broken := goodLetter()
	broken.Template.Variables[0].Value = "Asha\r\n\tof      Acme"
	if got := send(account(far), broken).Template.Variables[0].Value; got != "Asha of Acme" {
		t.Errorf("a value with line breaks went out as %q", got)
	}

	named, l := account(far), goodLetter()
	named.Fields["template_variables"] = "named"
	l.Template.Variables = []channel.Variable{{Name: "customer_name", Value: "Asha"}, {Name: "amount", Value: "₹1"}}
	if got := send(named, l); !reflect.DeepEqual(got.Template, l.Template) {
		t.Errorf("named variables went out as %+v", got.Template)
	}

	free, l := account(far), goodLetter()
	free.Fields["free_text"], l.Template = "yes", nil
	if got := send(free, l).Text; got != "Acme: ₹2,450.00\nhttps://pay.example/AbC123" {
		t.Errorf("free text went out as %q", got)
	}
	l.Text = "Pay at https://pay.example/AbC123"
	if got := send(free, l).Text; got != l.Text {
		t.Errorf("free text with its link went out as %q", got)
	}
}

// A number without WhatsApp is tried again for a day, and a pause that Meta asks for is not made.
func TestRefusalsAreUnderstoodByTheirCode(t *testing.T) {
	reject := func(code string, reason provider.Reason, after time.Duration, temporary bool) string {
		return fmt.Sprint(channel.Rejected{Code: code, Reason: reason, After: after, Temporary: temporary, Words: "a telling detail …"})
	}
	const broken = "unknown"
	for _, c := range []struct {
		status, code int
		want         string
	}{
		{400, 131026, reject("wa_131026", provider.NotOnChannel, 0, false)},
		{400, 131049, reject("wa_131049", provider.Blocked, 0, false)},
		{400, 131050, reject("wa_131050", provider.OptedOut, 0, false)},
		{400, 131056, reject("wa_131056", provider.Throttled, 6*time.Second, true)},
		{429, 130429, reject("wa_130429", provider.Throttled, 4*time.Second, true)},
		{400, 4, reject("wa_4", provider.Throttled, 5*time.Minute, true)},
		{400, 80007, reject("wa_80007", provider.Throttled, 5*time.Minute, true)},
		{503, 80007, reject("wa_80007", provider.Throttled, 5*time.Minute, true)},
		{400, 132000, reject("wa_132000", provider.BadTemplate, 0, false)},
		{404, 132001, reject("wa_132001", provider.BadTemplate, 0, false)},
		{400, 132999, reject("wa_132999", provider.BadTemplate, 0, false)},
		{400, 131047, reject("wa_131047", provider.BadTemplate, 0, false)},
		{401, 190, reject("wa_190", provider.BadCredentials, 0, false)},
		{401, 0, reject("wa_0", provider.BadCredentials, 0, false)},
		{403, 10, reject("wa_10", provider.BadCredentials, 0, false)},
		{403, 299, reject("wa_299", provider.BadCredentials, 0, false)},
		{400, 131042, reject("wa_131042", provider.NoBalance, 0, false)},
		{400, 100, reject("wa_100", provider.BadRequest, 0, false)},
		{200, 100, reject("wa_100", provider.BadRequest, 0, false)}, // an error inside of success
		{400, 7654321, reject("wa_7654321", provider.BadRequest, 0, false)},
		{429, 7654321, reject("wa_7654321", provider.Throttled, 0, true)},
		{400, 131016, reject("wa_131016", provider.ProviderDown, 0, true)},
		{500, 131000, broken},
		{503, 2, broken},
		{500, 7654321, broken},
	} {
		got := answered(t, c.status, fmt.Sprintf(`{"error":{"message":"(#%[1]d) short","code":%[1]d,"error_data":{"details":"(#%[1]d) a telling detail +919812345642"}}}`, c.code), "")
		var rejected *channel.Rejected
		switch {
		case errors.As(got, &rejected) && c.want != fmt.Sprint(*rejected), rejected == nil && providertest.Ending(got) != c.want:
			t.Errorf("%d with code %d ended %v (%+v), want %s", c.status, c.code, got, rejected, c.want)
		}
	}
	var rejected *channel.Rejected
	if err := answered(t, 400, `{"error":{"code":131056}}`, "90"); !errors.As(err, &rejected) || rejected.After != 90*time.Second {
		t.Errorf("the pause that the answer asks for: %+v", rejected)
	}
}

// What is no answer of Meta's is taken for success, and no receipt ever finds its message.
func TestAnswerThatIsNotMetasIsUnknown(t *testing.T) {
	for answer, want := range map[string]string{
		`{"messages":[{"id":"wamid.A"}]}`:                                                "well",
		`{"messages":[{"id":"wamid.A","message_status":"held_for_quality_assessment"}]}`: "well",
		`{"messages":[{"id":"wamid.A"},{"id":"wamid.B"}]}`:                               "unknown",
		`{"messages":[{"id":""}]}`:                                                       "unknown",
		`{"messages":[{"id":"a b"}]}`:                                                    "unknown",
		`{"messages":[]}`:                                                                "unknown",
		`{"messages":{}}`:                                                                "unknown",
		`{"success":true}`:                                                               "unknown",
		`<html>Sorry, something went wrong.</html>`:                                      "unknown",
		``: "unknown",
		`{"messages":[{"id":"wamid.A"}],"more":"` + strings.Repeat("x", 3<<20) + `"}`: "unknown",
		`{"error":{"code":190},"messages":[{"id":"wamid.A"}]}`:                        "rejected",
		`{"error":{"code":190}}` + strings.Repeat(" ", 3<<20):                         "unknown",
	} {
		if got := providertest.Ending(answered(t, 200, answer, "")); got != want {
			t.Errorf("the answer %.60s ended %q, want %q", answer, got, want)
		}
	}
}

// answered is how a letter ends that Meta answers so.
func answered(t *testing.T, status int, body, wait string) error {
	t.Helper()
	far := providertest.Serve(t, func(*providertest.Far) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if wait != "" {
				w.Header().Set("Retry-After", wait)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	})
	_, err := whatsapp.New(client(t)).Send(t.Context(), account(far), goodLetter())
	if err != nil && strings.Contains(err.Error(), "98123") {
		t.Errorf("the error tells the number: %v", err)
	}
	return err
}
