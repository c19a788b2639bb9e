package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

const templatesPath = settingsPath + "/templates"

func (o *office) templates() []paylink.Template {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).Templates(o.merchant.ID, false)
	must(o.t, err)
	return all
}

// says compares what a template says with JSON, whatever the order of its fields.
func (o *office) says(tmpl paylink.Template, want string) {
	o.t.Helper()
	var a, b map[string]any
	must(o.t, json.Unmarshal(tmpl.Settings, &a))
	must(o.t, json.Unmarshal([]byte(want), &b))
	got, err := json.Marshal(a)
	must(o.t, err)
	wanted, err := json.Marshal(b)
	must(o.t, err)
	if string(got) != string(wanted) {
		o.t.Errorf("the template says %s, not %s", got, wanted)
	}
}

// What is saved on the page is what a program that names the template gets, and the page shows it again.
func TestTemplateIsSavedShownAndChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := changed(untouched(t, o.get(templatesPath+"/new")), "name", "Monthly fee", "amount", "1,200", "description", "Fee", "life_said", "yes", "life_count", "10", "life_unit", "days",
			"channels_said", "yes", "channel", "email", "method", "upi", "mode", "multi", "max_payments", "12", "closed_text", "Too late", "success_text", "Thank you!")
		for range 2 { // the button is pressed twice
			if w := o.post(templatesPath, form); w.Code != http.StatusSeeOther {
				t.Fatalf("%d: %v", w.Code, wrongs(w))
			}
		}
		all := o.templates()
		if len(all) != 1 || all[0].Name != "Monthly fee" {
			t.Fatalf("%+v", all)
		}
		o.says(all[0], `{"amount":120000,"currency":"INR","description":"Fee","expires_in":864000,"channels":["email"],"methods":["upi"],
			"usage":{"mode":"multi","max_payments":12},"closed_text":"Too late","success_text":"Thank you!"}`)
		o.shows(o.get(templatesPath).Body.String(), "₹1,200.00 · Fee · valid for 10 days · many payments · sent by E-mail", "links/new?template=Monthly+fee")
		one := templatesPath + "/" + string(all[0].ID)
		if w := o.post(one, untouched(t, o.get(one))); w.Code != http.StatusSeeOther {
			t.Fatalf("untouched: %d: %v", w.Code, wrongs(w))
		}
		o.says(o.templates()[0], string(all[0].Settings))
		back := changed(untouched(t, o.get(one)), "name", "Fee", "amount", "", "life_said", "", "mode", "single", "proof", "code", "reminder", "before_expiry 2h")
		for _, field := range []string{"method", "success_text", "closed_text"} {
			back.Del(field)
		}
		if w := o.post(one, back); w.Code != http.StatusSeeOther || o.templates()[0].Name != "Fee" {
			t.Fatalf("changed: %d: %v, it is called %s", w.Code, wrongs(w), o.templates()[0].Name)
		}
		o.says(o.templates()[0], `{"currency":"INR","description":"Fee","channels":["email"],"restrict":{"proof":"code"},"reminders":[{"before_expiry":"2h"}]}`)
		o.shows(o.get(one+"/delete").Body.String(), "Delete “Fee”?")
		o.post(one+"/delete", nil)
		if w := o.post(one+"/delete", nil); w.Code != http.StatusSeeOther || len(o.templates()) != 0 {
			t.Errorf("deleted: %d, %d are left", w.Code, len(o.templates()))
		}
	})
}

// A template that a program has made says more than the form has fields for; whoever renames it on the page
// must not lose that, and can take a part of it away.
func TestTemplateKeepsWhatTheFormCannotShow(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	const said = `{"customer_amount":{"minimum":100,"maximum":0},"tip":{"presets_percent":[5],"maximum":0},"metadata":{"a":"b"},
		"reminders":[{"after":"2h","channels":["sms"]}],"channels":["sms"],"terms_url":"https://shop.example/terms"}`
	tmpl := paylink.Template{ID: paylink.NewTemplateID(noon), Merchant: o.merchant.ID, Name: "Gift", Settings: []byte(said), CreatedAt: noon, UpdatedAt: noon}
	o.write(func(tx *store.Tx) { tx.InsertTemplate(tmpl) })
	one := templatesPath + "/" + string(tmpl.ID)
	page := o.get(one)
	o.shows(page.Body.String(), "The customer chooses the amount", "A tip", "Data of your programs", "Reminders on channels of their own")
	form := changed(untouched(t, page), "name", "Donation", "terms_url", "")
	if w := o.post(one, form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %v", w.Code, wrongs(w))
	}
	o.says(o.templates()[0], strings.Replace(said, `,"terms_url":"https://shop.example/terms"`, "", 1))
	form = changed(untouched(t, o.get(one)), "drop", "tip")
	form["drop"] = append(form["drop"], "reminders", "channels") // of which the form shows the last and does not take it away
	o.post(one, form)
	o.says(o.templates()[0], `{"customer_amount":{"minimum":100,"maximum":0},"metadata":{"a":"b"},"channels":["sms"]}`)
	w := o.post(one, changed(untouched(t, o.get(one)), "amount", "5"))
	if w.Code != http.StatusUnprocessableEntity || len(o.templates()[0].Settings) == 0 {
		t.Errorf("two amounts: %d", w.Code)
	}
}

// A mistake is told beside its field with everything as it was typed, and nothing is saved.
func TestWrongTemplatesAreToldAtTheirFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := changed(untouched(t, o.get(templatesPath+"/new")), "name", "Fee", "description", "What I typed", "life_said", "yes", "channels_said", "yes", "channel", "sms", "mode", "multi")
	for _, c := range []struct{ field, value, at, says string }{
		{"name", "", "name", "missing"}, {"name", strings.Repeat("n", 101), "name", "at most 100"}, {"amount", "much", "amount", "digits and a point"}, {"amount", "0", "amount", "more than nothing"},
		{"currency", "XXQ", "currency", ""}, {"life_count", "long", "life", "whole number"}, {"life_count", "900", "life", "365 days"}, {"max_payments", "many", "max_payments", "whole number"},
		{"channel", "pigeon", "channels", "must be one of"}, {"method", "gold", "methods", "must be one of"}, {"reminder", "after never", "reminders", ""}, {"mode", "often", "mode", "single or multi"},
		{"proof", "pin", "proof", "secret of one link"}, {"terms_url", "http://x", "terms_url", "https"},
	} {
		w := o.post(templatesPath, changed(shown, "form_key", newFormKey(), c.field, c.value))
		text := wrongAt(w.Body.String(), c.at)
		if w.Code != http.StatusUnprocessableEntity || text == "" || !strings.Contains(text, c.says) {
			t.Errorf("%s %q: %d, %q", c.field, c.value, w.Code, text)
		}
		o.shows(w.Body.String(), `value="What I typed"`, `<a href="#`+c.at+`">`)
	}
	if len(o.templates()) != 0 {
		t.Fatalf("%d are saved", len(o.templates()))
	}
	o.post(templatesPath, changed(shown, "form_key", newFormKey()))
	w := o.post(templatesPath, changed(shown, "form_key", newFormKey()))
	if w.Code != http.StatusConflict || !strings.Contains(wrongAt(w.Body.String(), "name"), "Another template") {
		t.Errorf("a name that is taken: %d, %q", w.Code, wrongAt(w.Body.String(), "name"))
	}
	one := templatesPath + "/" + string(o.templates()[0].ID)
	old := untouched(t, o.get(one))
	o.post(one, changed(old, "form_key", newFormKey(), "description", "Newer"))
	w = o.post(one, changed(old, "form_key", newFormKey(), "description", "Older"))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Somebody else changed the template") || !strings.Contains(string(o.templates()[0].Settings), "Newer") {
		t.Errorf("an old page: %d, %s", w.Code, o.templates()[0].Settings)
	}
}

// A link that was made with care is saved as a template with all that another link can have of it: not its
// customer, its days and its secrets.
func TestTemplateOfALink(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	due := noon.AddDate(0, 0, 5)
	l := o.link(func(d *issue.Draft) {
		d.Reference, d.Notes, d.PIN = "order-1042", "secret note", "730412"
		d.Terms = paylink.Terms{
			DueAt: &due, Tip: &paylink.Tip{PresetsPercent: []int64{5, 10}}, SuccessText: "Thank you", Restrict: &paylink.Restriction{Proof: paylink.ProofPIN},
			Reminders: []paylink.Reminder{{After: "2h"}},
		}
	})
	page := o.get(templatesPath + "/new?like=" + string(l.ID))
	form := untouched(t, page)
	if form.Get("name") != "Order 1042" || form.Get("amount") != "2450.00" || !slices.Equal(form["reminder"], []string{"after 2h"}) {
		t.Fatalf("%v", form)
	}
	o.shows(page.Body.String(), "A tip", "2h after it was sent")
	if w := o.post(templatesPath, changed(form, "name", "Like it")); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %v", w.Code, wrongs(w))
	}
	o.says(o.templates()[0], `{"amount":245000,"currency":"INR","description":"Order 1042","channels":["sms","email"],"tip":{"presets_percent":[5,10]},
		"success_text":"Thank you","reminders":[{"after":"2h"}]}`)
	if w := o.post(templatesPath, url.Values{"name": {"x"}, "like": {"plink_unknown"}}); w.Code != http.StatusNotFound {
		t.Errorf("a link that there is not: %d", w.Code)
	}
}
