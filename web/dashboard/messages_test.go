package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

const messagesPath = settingsPath + "/messages"

// A merchant words a message: what is seen before is what is kept, and what is in use is said.
func TestMessagesAreWordedShownAndUsed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := changed(untouched(t, o.get(messagesPath)), "channel", "sms", "kind", "request", "language", "en", "text", "{merchant}: {amount} for {subject}. Pay: {url}")
		shown := o.post(messagesPath, changed(form, "act", "preview"))
		o.shows(shown.Body.String(), "How it reads", "Rs 2,450 for order 1042. Pay: https://", "1 text message, ", " of 160 characters")
		if o.wordings() != nil {
			t.Error("a preview was kept")
		}
		hindi := o.post(messagesPath, changed(form, "act", "preview", "language", "hi", "text", "{merchant}: {amount} का भुगतान {url}"))
		o.shows(hindi.Body.String(), "2 text messages, ", " of 134 characters", `lang="hi"`)
		if w := o.post(messagesPath, changed(form, "act", "use")); w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "note=worded") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		all := o.wordings()
		if len(all) != 1 || all[0].State != paylink.TemplateActive || all[0].Version != 1 {
			t.Fatalf("kept %+v", all)
		}
		o.shows(o.get(messagesPath+"?note=worded").Body.String(), "Your text is used", "SMS · Request · English · 1", "In use", "Stop using")
		o.post(messagesPath+"/"+string(all[0].ID), changed(url.Values{}, "use", "no"))
		o.shows(o.get(messagesPath+"?from="+string(all[0].ID)).Body.String(), "Not used", "{merchant}: {amount} for {subject}. Pay: {url}")
		if all = o.wordings(); all[0].State != paylink.TemplateRetired {
			t.Errorf("it is %s", all[0].State)
		}
	})
}

// A text that presses, or leads nowhere, is refused with its reason beside it.
func TestWordingsThatPressAreToldSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := untouched(t, o.get(messagesPath))
		for text, want := range map[string]string{"Hurry! {url}": "presses the customer", "{merchant}": "the customer cannot pay", "{name} {url}": "There is no variable {name}",
			"Hurry! {merchant}": "presses the customer"} {
			w := o.post(messagesPath, changed(form, "act", "use", "text", text))
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), "text"), want) {
				t.Errorf("%q: %d %q", text, w.Code, wrongAt(w.Body.String(), "text"))
			}
		}
		if o.wordings() != nil {
			t.Error("one was kept")
		}
	})
}

func (o *office) wordings() []paylink.MessageTemplate {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).MessageTemplates(o.merchant.ID, false, "", 100)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}
