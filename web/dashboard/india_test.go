package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

const indiaPath = sendingPath + "/india"

// What is typed is what text messages to India are checked against: one letter that is lost blocks them all.
func TestRegistrationIsSavedAndShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.shows(o.get(indiaPath).Body.String(), "Nothing is registered here.", "Say first who you are.")
		w := o.post(indiaPath, changed(untouched(t, o.get(indiaPath)), "entity", "1101234560000012345", "headers", "ACMEIN, ACMEPR", "domains", "https://acme.in/\r\npay.acme.in"))
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %v", w.Code, wrongs(w))
		}
		form := changed(untouched(t, o.get(indiaPath+"/text")), "template_id", "1107160000000012345", "header", "ACMEPR", "category", "service_explicit",
			"text", "{#var#}: payment request of Rs {#var#}\r\nfor {#var#}. Pay: {#var#}", "types", "text, Number, text, url")
		for range 2 { // the second is told that it was changed meanwhile, and enters nothing
			w = o.post(indiaPath+"/text", form)
		}
		if w.Code != http.StatusConflict {
			t.Errorf("entered twice: %d", w.Code)
		}
		want := &paylink.DLT{
			Entity: "1101234560000012345", Headers: []string{"ACMEIN", "ACMEPR"}, Domains: []string{"acme.in", "pay.acme.in"},
			Templates: []paylink.DLTTemplate{{ID: "1107160000000012345", Header: "ACMEPR", Category: "service_explicit",
				Text: "{#var#}: payment request of Rs {#var#}\nfor {#var#}. Pay: {#var#}", Types: []string{"text", "number", "text", "url"}}},
		}
		if got := o.settled().Settings.DLT; !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v", got)
		}
		o.shows(o.get(sendingPath).Body.String(), "2 headers, 2 domains and 1 text are registered.")
		one := indiaPath + "/text?id=1107160000000012345"
		for _, same := range []struct{ at, from string }{{indiaPath, indiaPath}, {indiaPath + "/text", one}} {
			if w := o.post(same.at, untouched(t, o.get(same.from))); w.Code != http.StatusSeeOther || !reflect.DeepEqual(o.settled().Settings.DLT, want) {
				t.Errorf("%s untouched: %d, %+v", same.from, w.Code, o.settled().Settings.DLT)
			}
		}
		o.post(indiaPath+"/text", changed(untouched(t, o.get(one)), "category", "promotional"))
		if got := o.settled().Settings.DLT.Templates; len(got) != 1 || got[0].Category != "promotional" {
			t.Errorf("changed: %+v", got)
		}
		w = o.post(indiaPath, changed(untouched(t, o.get(indiaPath)), "headers", "ACMEIN"))
		if below := wrongAt(w.Body.String(), "headers"); !strings.Contains(below, "1107160000000012345 is registered under ACMEPR") {
			t.Errorf("a header of a text is taken away: %d, %q", w.Code, below)
		}
		page := o.get(indiaPath)
		for range 2 { // pressed twice
			w = o.post(indiaPath+"/remove", url.Values{"id": {"1107160000000012345"}, "seen": untouched(t, page)["seen"][:1]})
		}
		if got := o.settled().Settings.DLT; w.Code != http.StatusSeeOther || len(got.Templates) != 0 {
			t.Errorf("removed: %d, %+v", w.Code, got)
		}
		o.post(indiaPath, changed(untouched(t, o.get(indiaPath)), "entity", "", "headers", "", "domains", ""))
		if got := o.settled().Settings.DLT; got != nil {
			t.Errorf("all is removed, and %+v stays", got)
		}
	})
}

// A mistake must be told beside its field, with everything else still as it was typed.
func TestWrongRegistrationIsToldAtItsFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := changed(untouched(t, o.get(indiaPath)), "entity", "1101234560000012345", "headers", "ACMEIN", "domains", "acme.in")
	for _, c := range []struct{ field, value, says string }{
		{"entity", "11x", "8 to 25 digits"}, {"headers", "", "at least one"}, {"headers", "ACME-IN", "letters and digits"}, {"domains", "acme", "acme.in"},
	} {
		w := o.post(indiaPath, changed(shown, c.field, c.value))
		if below := wrongAt(w.Body.String(), c.field); w.Code != http.StatusUnprocessableEntity || !strings.Contains(below, c.says) {
			t.Errorf("%s %s: %d, %q", c.field, c.value, w.Code, below)
		}
	}
	o.post(indiaPath, shown)
	text := changed(untouched(t, o.get(indiaPath+"/text")), "template_id", "1107160000000012345", "text", "Pay {#var#}: {#url#}")
	for _, c := range []struct{ field, value, says string }{
		{"template_id", "ACME1", "8 to 25 digits"}, {"header", "OTHER", "not among"}, {"category", "cheap", "no such category"}, {"text", "", "1 to 1000"},
		{"types", "colour", "one of: text, number"}, {"types", "text, text", "more types"},
	} {
		w := o.post(indiaPath+"/text", changed(text, c.field, c.value))
		if below := wrongAt(w.Body.String(), c.field); w.Code != http.StatusUnprocessableEntity || !strings.Contains(below, c.says) {
			t.Errorf("%s %s: %d, %q", c.field, c.value, w.Code, below)
		}
	}
}

// A merchant with a hundred registered texts could save none of its settings, because the form that says what
// it saw was too large.
func TestManyRegisteredTextsDoNotStopTheForms(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	d := paylink.DLT{Entity: "1101234560000012345", Headers: []string{"ACMEIN"}}
	for i := range 100 {
		d.Templates = append(d.Templates, paylink.DLTTemplate{ID: fmt.Sprintf("11071600000000%05d", i), Header: "ACMEIN", Text: strings.Repeat("Long words ", 90)})
	}
	_, err := o.board.Issuer.Decide(t.Context(), issue.Actor{Merchant: o.merchant, ID: "usr_other"}, issue.Decision{
		Members: paylink.Settings{}.Changes(paylink.Settings{DLT: &d}),
	})
	must(t, err)
	for _, path := range []string{settingsPath, sendingPath, indiaPath} {
		form := untouched(t, o.get(path))
		if path == indiaPath {
			form = changed(form, "seen", form.Get("seen"))
			form.Del("id")
		}
		if w := o.post(path, form); w.Code != http.StatusSeeOther || len(form.Encode()) > formLimit {
			t.Errorf("%s: %d with %d bytes", path, w.Code, len(form.Encode()))
		}
	}
	if got := o.settled().Settings.DLT; got == nil || len(got.Templates) != 100 {
		t.Error("the texts are lost")
	}
}
