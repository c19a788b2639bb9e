package dashboard

import (
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

const sendingPath = settingsPath + "/sending"

// What a person decides about sending must be what messages then do, be shown again as it was typed, and stay as
// a program said it where nobody touched it.
func TestSendingIsSavedAndShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		w := o.post(sendingPath, changed(untouched(t, o.get(sendingPath)), "contact", "chosen", "contact_from", "08:00", "contact_to", "20:30",
			"quiet", "chosen", "quiet_from", "20:00", "quiet_to", "08:30", "caps_day", "1", "caps_week", "3", "budget_day", "500", "budget_link", "2.50",
			"price_sms", "18.50", "countries", "ae us, AE", "range", "30", "route_sms", "cheapest", "unknown", "resend"))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != sendingPath+"?note=sending_saved" {
			t.Fatalf("%d to %s: %v", w.Code, w.Header().Get("Location"), wrongs(w))
		}
		day, link, sms, most := int64(50000), int64(250), int64(1850), int64(30)
		want := paylink.Settings{
			ContactHours: &paylink.DailyHours{From: "08:00", To: "20:30"}, QuietHours: &paylink.DailyHours{From: "20:00", To: "08:30"},
			ContactCaps: &paylink.ContactCaps{Day: 1, Week: 3}, Budget: &paylink.MessageBudget{Day: &day, Link: &link}, Prices: &paylink.MessagePrices{SMS: &sms},
			SMSCountries: []string{"AE", "US"}, SMSRange: &most, Routing: &paylink.MessageRouting{SMS: paylink.RouteCheapest}, OnUnknownSend: paylink.UnknownResend,
		}
		if m := o.settled(); !reflect.DeepEqual(m.Settings, want) {
			t.Fatalf("%s", m.Settings.Text())
		}
		o.write(func(tx *store.Tx) {
			tx.Spend(o.merchant.ID, false, o.merchant.SpendScopes(false, "plink_1", noon)[0], 1234, 1<<40)
		})
		again := o.get(sendingPath + "?note=sending_saved")
		o.shows(again.Body.String(), "Saved.", `value="500.00"`, `value="AE, US"`, "₹0.13 of ₹500.00 spent", "Sandbox",
			"Requests for payment go out 08:00–20:30 of the customer’s time.",
			"Reminders go out 08:30–20:00 of the customer’s time.", "Reminders, recovery and promotion together reach one customer on one channel at most once in 24 hours and 3 times in seven days.",
			"Recovery of overdue debts to customers in India goes out 08:30–19:00 of the customer’s time", "Reserve Bank of India")
		if w := o.post(sendingPath, untouched(t, again)); w.Code != http.StatusSeeOther || !reflect.DeepEqual(o.settled().Settings, want) {
			t.Errorf("saved untouched: %d, %s", w.Code, o.settled().Settings.Text())
		}
		o.post(sendingPath, changed(untouched(t, o.get(sendingPath)), "contact", "usual", "quiet", "none", "caps_day", "", "caps_week", "", "budget_day", "", "budget_link", "",
			"price_sms", "", "countries", "", "range", "", "route_sms", "", "unknown", ""))
		if m := o.settled(); m.Settings.Text() != `{"quiet_hours":{"from":"00:00","to":"00:00"}}` {
			t.Errorf("taken back: %s", m.Settings.Text())
		}
	})
}

// What an API said in other words than the form has must not be lost by a person who saves something else.
func TestSendingKeepsWhatNobodyTouched(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	said := paylink.Settings{
		Routing: &paylink.MessageRouting{SMS: paylink.RouteRank}, ContactCaps: &paylink.ContactCaps{}, QuietHours: &paylink.DailyHours{From: "03:00", To: "03:00"},
		Budget: &paylink.MessageBudget{}, Prices: &paylink.MessagePrices{}, DLT: &paylink.DLT{Entity: "1101234560000012345", Headers: []string{"ACMEIN"}},
	}
	_, err := o.board.Issuer.Decide(t.Context(), issue.Actor{Merchant: o.merchant, ID: "usr_other"}, issue.Decision{Members: paylink.Settings{}.Changes(said)})
	must(t, err)
	before := o.settled().Settings.Text()
	if w := o.post(sendingPath, changed(untouched(t, o.get(sendingPath)), "range", "7")); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %v", w.Code, wrongs(w))
	}
	if after := o.settled().Settings; strings.Replace(after.Text(), `,"sms_range_limit":7`, "", 1) != before {
		t.Errorf("%s became %s", before, after.Text())
	}
}

// A mistake must be told beside its field with everything else still as it was typed, and nothing half saved.
func TestWrongSendingIsToldAtItsFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := untouched(t, o.get(sendingPath))
	for _, c := range []struct{ field, value, at, says string }{
		{"contact_from", "8am", "contact", "time of day"},
		{"quiet_from", "9pm", "quiet", "time of day"},
		{"caps_day", "x", "caps_day", "whole number"},
		{"caps_day", "101", "caps_day", "from 1 to 100"},
		{"caps_week", "-1", "caps_week", "from 1 to 500"},
		{"budget_day", "much", "budget_day", "digits and a point"},
		{"budget_month", "90000000000000", "budget_month", "too large"},
		{"budget_link", "1.234", "budget_link", "2 decimals"},
		{"price_sms", "cheap", "price_sms", "digits and a point"},
		{"price_email", "90000000000", "price_email", "too large"},
		{"countries", "India", "countries", "two letters"},
		{"range", "10001", "range", "1 to 10000"},
		{"range", "some", "range", "whole number"},
		{"route_whatsapp", "nearest", "route_whatsapp", "rank, cheapest"},
		{"unknown", "guess", "unknown", "wait or resend"},
	} {
		form := changed(shown, "contact", "chosen", "quiet", "chosen", "price_whatsapp", "81.75", c.field, c.value)
		w := o.post(sendingPath, form)
		if below := wrongAt(w.Body.String(), c.at); w.Code != http.StatusUnprocessableEntity || !strings.Contains(below, c.says) {
			t.Errorf("%s %s: %d, %q", c.field, c.value, w.Code, below)
		}
		o.shows(w.Body.String(), `<a href="#`+c.at+`">`, `id="`+c.at+`"`, `value="81.75"`)
	}
	if m := o.settled(); m.Settings.Text() != "{}" {
		t.Error(m.Settings.Text())
	}
}

// Hours that leave no time, by the law, must be seen on the page before customers hear nothing.
func TestHoursWithoutTimeAreShown(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.post(sendingPath, changed(untouched(t, o.get(sendingPath)), "contact", "chosen", "contact_from", "19:00", "contact_to", "21:00"))
	o.shows(o.get(sendingPath).Body.String(), "Recovery of overdue debts to customers in India goes out never: your hours and the law leave no time.",
		"Requests for payment go out 19:00–21:00 of the customer’s time.")
}

// Two people change the same cap: the second must be told rather than undo the first.
func TestSendingOfTwoPeople(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	old := untouched(t, o.get(sendingPath))
	o.post(sendingPath, changed(old, "budget_day", "100"))
	w := o.post(sendingPath, changed(old, "budget_day", "200"))
	if w.Code != http.StatusConflict || *o.settled().Settings.Budget.Day != 10000 {
		t.Errorf("the same: %d, %s", w.Code, o.settled().Settings.Text())
	}
	o.shows(w.Body.String(), "Somebody else changed the same setting", `value="100.00"`)
	if w := o.post(sendingPath, changed(old, "range", "9")); w.Code != http.StatusSeeOther {
		t.Errorf("something else: %d", w.Code)
	}
}

const suppressionsPath = settingsPath + "/suppressions"

// A customer who said no must be found by the whole number however it is written, and get messages again only
// when somebody says why.
func TestAddressesAreLookedUpEnteredAndLifted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.work()
		o.shows(o.get(suppressionsPath).Body.String(), "Nobody yet")
		found := o.post(suppressionsPath, url.Values{"address": {"98123 45642"}})
		o.shows(found.Body.String(), "+919812345642", "Gets messages.", "Send no more")
		enter := url.Values{"address": {"+919812345642"}, "channel": {"sms"}, "form_key": {"once"}}
		for range 2 { // the button is pressed twice
			if w := o.post(suppressionsPath, enter); w.Code != http.StatusSeeOther {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
		}
		all, err := o.board.Issuer.Suppressions(t.Context(), issue.Actor{Merchant: o.merchant}, "", 10)
		if err != nil || len(all) != 1 || all[0].To != "+919812345642" {
			t.Fatalf("%+v: %v", all, err)
		}
		lift := suppressionsPath + "/" + string(all[0].ID) + "/lift"
		o.shows(o.get(suppressionsPath).Body.String(), "+919812345642", "Entered by your people.", `href="`+lift+`"`)
		o.shows(o.post(suppressionsPath, url.Values{"address": {"+91 98123-45642"}}).Body.String(), "Entered by your people.", "Gets messages.", `href="`+lift+`"`)
		if w := o.post(lift, url.Values{}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), "reason"), "Choose why") {
			t.Errorf("lifted without a reason: %d", w.Code)
		}
		for range 2 {
			if w := o.post(lift, url.Values{"reason": {"mistake"}}); w.Code != http.StatusSeeOther {
				t.Errorf("lifted: %d", w.Code)
			}
		}
		o.sealed(1)
		events, err := s.Read(t.Context()).EventsAfter(o.merchant.ID, false, 0, 10)
		must(t, err)
		if last := events[len(events)-1]; last.Type != paylink.EventSuppressionLifted || last.Data.Suppression.Lifted != "mistake" || strings.Contains(string(last.Data.JSON()), "98123") {
			t.Errorf("told as %s %s", last.Type, last.Data.JSON())
		}
		o.shows(o.get(suppressionsPath).Body.String(), "Nobody yet")
		for _, bad := range []string{"", "12", "asha@"} {
			if w := o.post(suppressionsPath, url.Values{"address": {bad}}); w.Code != http.StatusUnprocessableEntity || wrongAt(w.Body.String(), "address") == "" {
				t.Errorf("%q: %d", bad, w.Code)
			}
		}
	})
}
