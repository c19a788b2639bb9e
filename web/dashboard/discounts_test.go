package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

const discountsPath = settingsPath + "/discounts"

func (o *office) codes() []paylink.DiscountCode {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).DiscountCodes(o.merchant.ID, false, "", 100)
	must(o.t, err)
	return all
}

// wrongAt is what stands below a field: what is wrong with it.
func wrongAt(page, field string) string {
	_, rest, _ := strings.Cut(page, `class="wrong" id="`+field+`-below"`)
	text, _, _ := strings.Cut(rest, "</p>")
	return text
}

// A code that took off something else than the merchant typed would cost him money with every payment.
func TestDiscountCodeIsMadeChangedAndSwitchedOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := changed(untouched(t, o.get(discountsPath+"/new")), "code", "diwali10", "percent", "12.5 %", "most", "500", "least", "1,000", "max_uses", "100", "ends_at", "2026-12-31T23:59")
		for range 2 { // the button is pressed twice
			if w := o.post(discountsPath, form); w.Code != http.StatusSeeOther {
				t.Fatalf("%d: %v", w.Code, wrongs(w))
			}
		}
		all := o.codes()
		if len(all) != 1 {
			t.Fatalf("%d codes", len(all))
		}
		c := all[0]
		if c.Code != "DIWALI10" || c.Percent != "12.5" || c.Maximum != 50000 || c.Minimum != 100000 || c.Currency != "INR" || c.MaxUses != 100 ||
			!c.EndsAt.Equal(time.Date(2026, 12, 31, 18, 29, 0, 0, time.UTC)) || !c.Active {
			t.Errorf("%+v", c)
		}
		o.shows(o.get(discountsPath+"?note=code_made").Body.String(), "The code is ready", "DIWALI10", "12.5%, at most ₹500.00, from ₹1,000.00 on", "0 of 100 uses", "Switch off")
		one := discountsPath + "/" + string(c.ID)
		o.post(one, changed(untouched(t, o.get(one)), "max_uses", "", "active", ""))
		if c := o.codes()[0]; c.MaxUses != 0 || c.EndsAt.IsZero() {
			t.Errorf("changed: %+v", c)
		}
		o.post(one, url.Values{"active": {"no"}})
		if w := o.get(discountsPath + "?note=code_off"); o.codes()[0].Active || !strings.Contains(w.Body.String(), "Switch on") {
			t.Error("it is not off")
		}
		o.post(one, url.Values{"active": {"yes"}})
		if !o.codes()[0].Active {
			t.Error("it is not on again")
		}
		o.pass(time.Second) // so that it is the newest one
		amount := changed(untouched(t, o.get(discountsPath+"/new")), "code", "FIFTY", "kind", "amount", "amount", "50", "percent", "9", "starts_at", "2026-11-30T09:00")
		o.post(discountsPath, amount)
		if c := o.codes()[0]; c.Amount != 5000 || c.Percent != "" || c.StartsAt.IsZero() {
			t.Errorf("%+v", c)
		}
	})
}

// A mistake is told beside its field, and makes no code.
func TestWrongDiscountCodesAreToldAtTheirFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := changed(untouched(t, o.get(discountsPath+"/new")), "code", "SALE", "percent", "10")
	for _, c := range []struct{ field, value, says string }{
		{"code", "no blanks", "letters from A to Z"}, {"percent", "100", "less than 100"}, {"percent", "", "more than 0"}, {"most", "much", "digits and a point"},
		{"least", "-4", "digits and a point"}, {"max_uses", "often", "whole number"}, {"max_uses", "0", "at least 1"}, {"starts_at", "soon", "Choose the day"},
		{"ends_at", "late", "Choose the day"}, {"ends_at", "2020-01-01T00:00", "in the future"},
	} {
		w := o.post(discountsPath, changed(shown, "form_key", newFormKey(), c.field, c.value))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), c.field), c.says) {
			t.Errorf("%s %q: %d, %q", c.field, c.value, w.Code, wrongAt(w.Body.String(), c.field))
		}
		o.shows(w.Body.String(), `name="code"`, `<a href="#`+c.field+`">`)
	}
	if w := o.post(discountsPath, changed(shown, "kind", "amount")); !strings.Contains(wrongAt(w.Body.String(), "amount"), "Enter the amount") {
		t.Errorf("no amount: %q", wrongAt(w.Body.String(), "amount"))
	}
	if len(o.codes()) != 0 {
		t.Errorf("%d codes are made", len(o.codes()))
	}
	o.post(discountsPath, changed(shown, "form_key", newFormKey()))
	w := o.post(discountsPath, changed(shown, "form_key", newFormKey()))
	if w.Code != http.StatusConflict || !strings.Contains(wrongAt(w.Body.String(), "code"), "already") || len(o.codes()) != 1 {
		t.Errorf("taken: %d, %q", w.Code, wrongAt(w.Body.String(), "code"))
	}
	one := discountsPath + "/" + string(o.codes()[0].ID)
	if w := o.post(one, url.Values{"max_uses": {"some"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), "max_uses"), "whole number") {
		t.Errorf("changed wrongly: %d, %q", w.Code, wrongAt(w.Body.String(), "max_uses"))
	}
}

// wrongs is all that a page says is wrong.
func wrongs(w *httptest.ResponseRecorder) []string {
	var all []string
	for _, found := range wrongText.FindAllStringSubmatch(w.Body.String(), -1) {
		all = append(all, found[1])
	}
	return all
}

var wrongText = regexp.MustCompile(`<a href="#[a-z_]+">([^<]*)</a></li>`)

// Another merchant's code must not be there, whatever is done to it.
func TestSettingsOfAnotherMerchantAreNotThere(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	other := o.addMerchant("Other")
	code := paylink.DiscountCode{ID: paylink.NewDiscountCodeID(noon), Merchant: other.ID, Code: "CANARY", Percent: "10", Active: true, CreatedAt: noon, UpdatedAt: noon}
	tmpl := paylink.Template{ID: paylink.NewTemplateID(noon), Merchant: other.ID, Name: "CANARY", Settings: []byte(`{}`), CreatedAt: noon, UpdatedAt: noon}
	o.write(func(tx *store.Tx) { tx.InsertDiscountCode(code); tx.InsertTemplate(tmpl) })
	link := o.linkOf(other, nil)
	for _, path := range []string{
		discountsPath + "/" + string(code.ID), templatesPath + "/" + string(tmpl.ID), templatesPath + "/" + string(tmpl.ID) + "/delete",
		templatesPath + "/new?like=" + string(link.ID), filesPath + "/att_unknown/delete",
	} {
		if w := o.get(path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	if w := o.post(discountsPath+"/"+string(code.ID), url.Values{"active": {"no"}}); w.Code != http.StatusNotFound {
		t.Errorf("its code: %d", w.Code)
	}
	if w := o.post(templatesPath+"/"+string(tmpl.ID), url.Values{"name": {"Mine"}}); w.Code != http.StatusNotFound {
		t.Errorf("its template: %d", w.Code)
	}
	o.post(templatesPath+"/"+string(tmpl.ID)+"/delete", nil)
	if _, err := o.store.Read(t.Context()).Template(other.ID, false, tmpl.ID); err != nil {
		t.Errorf("its template is gone: %v", err)
	}
	for _, path := range []string{discountsPath, templatesPath, filesPath, settingsPath + "/returns"} {
		if w := o.get(path); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "CANARY") {
			t.Errorf("%s: %d, or it shows the other's", path, w.Code)
		}
	}
}
