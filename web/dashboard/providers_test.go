package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/connect"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

const providersPath = settingsPath + "/providers"

// courier carries nothing: it says what it would need, and believes the word "good".
type courier struct{ channel.Sender }

func (courier) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "courier", Title: "Courier", Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp}, Silent: true,
		Fields: []provider.Field{
			{Name: "region", Label: "Region", Options: []string{"north", "south"}, Required: true},
			{Name: "host", Label: "Host", Help: "Beside the bell.", Example: "sms.example.com"},
			{Name: provider.Secret, Label: "Password", Secret: true, Required: true},
			{Name: "key", Label: "Key file", Secret: true, Most: 4000},
		},
	}
}

func (courier) Test(_ context.Context, a channel.Account) error {
	if a.Secret == "good" {
		return nil
	}
	return &provider.Rejected{Code: "e7", Reason: provider.BadCredentials, Words: "No such door"}
}

func (o *office) accounts() []connect.Account {
	o.t.Helper()
	all, err := o.board.Accounts.List(o.t.Context(), o.merchant.ID, false)
	must(o.t, err)
	return slices.DeleteFunc(all, func(a connect.Account) bool { return a.Fixed })
}

// A secret that a page shows again is in the browser's history, in a screenshot, and with whoever looks on.
func TestProviderIsConnectedTestedAndDisconnected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		if page := o.get(providersPath + "/new").Body.String(); !strings.Contains(page, "?provider=courier") || strings.Contains(page, "?provider=sandbox") {
			t.Error("what can be connected is not offered")
		}
		form := changed(untouched(t, o.get(providersPath+"/new?provider=courier")), "f_region", "north", "f_secret", "canary-1", "name", "Night shift")
		wrong := o.post(providersPath, changed(form, "f_region", "", "f_host", "x\x01", "base_url", "http://10.0.0.1/"))
		if wrong.Code != http.StatusUnprocessableEntity || strings.Contains(wrong.Body.String(), "canary") {
			t.Errorf("%d", wrong.Code)
		}
		for _, field := range []string{"f_region", "f_host", "base_url"} {
			if wrongAt(wrong.Body.String(), field) == "" {
				t.Errorf("nothing is said of %s", field)
			}
		}
		var at string
		for range 2 { // the button is pressed twice
			w := o.post(providersPath, form)
			if at, _, _ = strings.Cut(w.Header().Get("Location"), "?"); w.Code != http.StatusSeeOther {
				t.Fatalf("%d: %v", w.Code, wrongs(w))
			}
		}
		if all := o.accounts(); len(all) != 1 || all[0].Name != "Night shift" || all[0].Fields["region"] != "north" || len(all[0].Secrets) != 1 {
			t.Fatalf("%+v", all)
		}
		page := o.get(at + "?note=account_connected").Body.String()
		o.shows(page, "Courier · Night shift", "Test the credentials", "It is set, and not shown again", "It needs no address for receipts")
		o.shows(o.post(at+"/test", nil).Body.String(), "does not accept these credentials", "No such door", "e7")
		if w := o.post(at, changed(untouched(t, o.get(at)), "off", "", "f_secret", "good", "f_host", "sms.example.com")); w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %v", w.Code, wrongs(w))
		}
		o.shows(o.post(at+"/test", nil).Body.String(), "accepts these credentials")
		if w := o.post(at, changed(untouched(t, o.get(at)), "off", "", "f_host", "sms.example.org")); w.Code != http.StatusUnprocessableEntity || wrongAt(w.Body.String(), "f_secret") == "" {
			t.Errorf("the password goes to another host: %d", w.Code)
		}
		stale := untouched(t, o.get(at))
		o.post(at, url.Values{"off": {"yes"}})
		if w := o.post(at, changed(stale, "off", "", "name", "Day shift")); !strings.HasSuffix(w.Header().Get("Location"), "?note=changed") || o.accounts()[0].Name != "Night shift" {
			t.Error("a page that is old changes an account")
		}
		o.post(at, url.Values{"off": {"no"}})
		o.board.Health = func(paylink.AccountID) AccountHealth { return AccountHealth{Calls: 13, Taken: 12, Resting: true} }
		o.shows(o.get(providersPath).Body.String(), "Took 12 of 13 messages", "Fails, and rests")
		o.post(at, url.Values{"off": {"yes"}})
		o.shows(o.get(providersPath).Body.String(), "Off", "Carries SMS and WhatsApp")
		if o.get(at+"/disconnect").Code != http.StatusOK {
			t.Error("nobody asks once more")
		}
		for range 2 {
			if w := o.post(at+"/disconnect", nil); w.Code != http.StatusSeeOther {
				t.Errorf("%d", w.Code)
			}
		}
		if len(o.accounts()) != 0 || o.get(at).Code != http.StatusNotFound {
			t.Error("it is still there")
		}
	})
}

// The first of the list is asked first; two that change places must not lose a third.
func TestProvidersAreOrdered(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	var ids []string
	for _, name := range []string{"a", "b", "c"} {
		form := changed(untouched(t, o.get(providersPath+"/new?provider=courier")), "f_region", "north", "f_secret", "x", "name", name)
		at, _, _ := strings.Cut(o.post(providersPath, form).Header().Get("Location"), "?")
		ids = append(ids, at)
	}
	order := func() (names string) {
		for _, a := range o.accounts() {
			names += a.Name
		}
		return names
	}
	for _, step := range []struct {
		id       int
		to, want string
	}{{2, "up", "acb"}, {2, "up", "cab"}, {2, "up", "cab"}, {0, "down", "cba"}, {0, "down", "cba"}} {
		if o.post(ids[step.id]+"/move", url.Values{"to": {step.to}}); order() != step.want {
			t.Errorf("%d %s: %s", step.id, step.to, order())
		}
	}
	page := o.get(providersPath).Body.String()
	if strings.Count(page, "Move up") != 2 || strings.Count(page, "Move down") != 2 {
		t.Error("what cannot move is offered to")
	}
}

// A reason without words is shown to a merchant as bad_template.
func TestEveryReasonHasWords(t *testing.T) {
	for _, reason := range provider.Reasons {
		if reasonWords[reason] == "" || connect.Sentence(reason) == "" {
			t.Errorf("%s has no words", reason)
		}
	}
}
