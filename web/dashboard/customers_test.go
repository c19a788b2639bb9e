package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

const customersPath = "/dashboard/test/customers"

// revealed counts how often it was written down that somebody looked behind the masks.
func (o *office) revealed() (n int) {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).Timeline(o.merchant.ID, "", 100) // what is about no link
	must(o.t, err)
	for _, e := range all {
		if e.Type == paylink.EventCustomerRevealed && strings.HasPrefix(e.Actor, "usr_") {
			n++
		}
	}
	return n
}

// noted sends a form and gives what is said about it.
func (o *office) noted(path string, form url.Values) string {
	o.t.Helper()
	_, note, _ := strings.Cut(o.press(path, form), "?note=")
	return note
}

// A number is shown to whoever passes by the screen, or nobody knows who looked at it; a person is erased by a
// slip of the hand, or is not erased although it was asked for twice over.
func TestACustomersPageShowsMasksUntilAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.shows(o.get(customersPath).Body.String(), "No customer yet")
		l := o.link(nil)
		o.link(nil)
		rao := o.link(func(d *issue.Draft) {
			d.Customer, d.Channels = issue.Contact{Name: "A. Rao", Phone: "+919812345642"}, nil
		})
		one := customersPath + "/" + string(l.Customer)
		list, page := o.get(customersPath).Body.String(), o.get(one).Body.String()
		for _, shown := range []string{list, page} {
			if strings.Contains(shown, "9812345642") || strings.Contains(shown, "asha@example.com") {
				t.Error("an address is shown")
			}
			o.shows(shown, "Asha", "…42", "a…@example.com", "A. Rao")
		}
		if n := strings.Count(list, `role="row"`); n != 3 {
			t.Errorf("the list has %d rows, its head among them", n)
		}
		o.shows(o.get(customersPath+"?q=rao").Body.String(), "A. Rao")
		if o.revealed() != 0 {
			t.Error("it was revealed by itself")
		}

		form := untouched(t, o.post(one+"/reveal", nil))
		if form.Get("phone") != "+919812345642" || o.revealed() != 1 {
			t.Errorf("revealed %q, and written down %d times", form.Get("phone"), o.revealed())
		}
		if w := o.post(one, changed(form, "phone", "12")); w.Code != http.StatusUnprocessableEntity || wrongAt(w.Body.String(), "phone") == "" {
			t.Errorf("a wrong number: %d", w.Code)
		}
		if note := o.noted(one, changed(form, "name", "Asha Rao")); note != "saved" {
			t.Errorf("saved: %s", note)
		}
		if note := o.noted(one, changed(form, "name", "Somebody")); note != "changed" {
			t.Errorf("saved over a change: %s", note)
		}
		if note := o.noted(one+"/consents", url.Values{"channel": {"sms"}, "purpose": {"transactional"}, "state": {"withdrawn"}, "source": {"a call"}}); note != "noted" {
			t.Errorf("noted: %s", note)
		}
		o.shows(o.get(one).Body.String(), "Said no", "a call")
		if w := o.post(one+"/export", nil); w.Code != 200 || !strings.Contains(w.Body.String(), "+919812345642") || o.revealed() != 2 {
			t.Errorf("exported: %d, written down %d times", w.Code, o.revealed())
		}

		o.shows(o.get(one+"/merge?from="+string(rao.Customer)).Body.String(), "Make these two one?")
		if note := o.noted(one+"/merge", url.Values{"from": {string(rao.Customer)}}); note != "merged" {
			t.Errorf("merged: %s", note)
		}
		if w := o.get(customersPath + "/" + string(rao.Customer)); w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), string(l.Customer)) {
			t.Errorf("the other leads to %d %s", w.Code, w.Header().Get("Location"))
		}

		for want, word := range map[string]url.Values{"not_typed": {"word": {"yes"}}, "customer_in_use": {"word": {"ERASE"}}} {
			if note := o.noted(one+"/erase", word); note != want {
				t.Errorf("erasing says %s, want %s", note, want)
			}
		}
		if note := o.noted(one+"/erase", url.Values{"word": {"erase"}, "cancel_links": {"yes"}}); note != "erased" {
			t.Errorf("erased: %s", note)
		}
		o.shows(o.get(one).Body.String(), "Erased customer", "Cancelled")
	})
}
