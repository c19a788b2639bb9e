package whatsapp_test

import (
	"errors"
	"net/url"
	"reflect"
	"testing"

	"paylink/channel"
	"paylink/channel/whatsapp"
	"paylink/provider"
	"paylink/provider/providertest"
)

// A stranger has our address registered as the callback of an app of his own.
func TestGreetingNeedsTheVerifyToken(t *testing.T) {
	_, far := serve(t)
	s := whatsapp.New(client(t))
	for query, want := range map[string]string{
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open-sesame-1":   "1158201444",
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open-sesame-2":   provider.BadSignature,
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open-sesame-":    provider.BadSignature,
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=":                provider.MissingSignature,
		"hub.mode=subscribe&hub.challenge=1158201444":                                  provider.MissingSignature,
		"hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token=open-sesame-1": provider.BadSignature,
		"hub.mode=subscribe&hub.challenge=&hub.verify_token=open-sesame-1":             provider.BadSignature,
		"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=open-sesame-1": provider.BadSignature,
	} {
		got, err := s.Greet(account(far), channel.Post{URL: &url.URL{RawQuery: query}})
		var unverified *channel.Unverified
		if errors.As(err, &unverified) {
			got = unverified.Reason
		}
		if got != want {
			t.Errorf("%s was answered %q (%v), want %q", query, got, err, want)
		}
	}
	without := account(far)
	delete(without.Fields, "verify_token")
	if got, err := s.Greet(without, channel.Post{URL: &url.URL{RawQuery: "hub.mode=subscribe&hub.challenge=1&hub.verify_token="}}); err == nil {
		t.Errorf("an account without a token answers %q", got)
	}
}

// A merchant mistypes the token, the button says that all is well, and the first message fails.
func TestAccountIsTriedWithoutAMessage(t *testing.T) {
	m, far := serve(t)
	s := whatsapp.New(client(t))
	if err := s.Test(t.Context(), account(far)); err != nil {
		t.Errorf("a good account: %v", err)
	}
	for field, code := range map[string]string{"access_token": "wa_190", "phone_number_id": "wa_803"} {
		a := account(far)
		a.Fields[field] = "1" + a.Fields[field]
		var rejected *channel.Rejected
		if err := s.Test(t.Context(), a); !errors.As(err, &rejected) || rejected.Code != code || rejected.Reason != provider.BadCredentials {
			t.Errorf("with a wrong %s: %v", field, err)
		}
	}
	far.Break(503)
	if got := providertest.Ending(s.Test(t.Context(), account(far))); got != "unknown" {
		t.Errorf("a provider that is down ended %q", got)
	}
	if len(m.taken) != 0 {
		t.Errorf("%d messages were sent", len(m.taken))
	}
}

// A template on the second page, or one behind long texts, cannot be chosen.
func TestAllTemplatesAreListed(t *testing.T) {
	_, far := serve(t)
	lister, able := channel.As[channel.TemplateLister](whatsapp.New(client(t)))
	if !able {
		t.Fatal("the adapter lists no templates")
	}
	got, err := lister.Templates(t.Context(), account(far))
	want := []channel.Registered{
		{
			Name: "pay_link", Language: "en", Status: "approved", Category: "utility", Body: "Hi {{1}}, pay {{2}} now, {{1}}",
			Variables: []string{"1", "2"}, ButtonURL: "https://pay.example/{{1}}",
		},
		{Name: "paid", Language: "hi", Status: "rejected", Category: "marketing", Body: "{{ customer_name }}, धन्यवाद", Variables: []string{"customer_name"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("listed %+v (%v)\nwant %+v", got, err, want)
	}
	stranger := account(far)
	stranger.Fields["access_token"] = "x"
	if _, err := lister.Templates(t.Context(), stranger); providertest.Ending(err) != "rejected" {
		t.Errorf("with a wrong token: %v", err)
	}
}
