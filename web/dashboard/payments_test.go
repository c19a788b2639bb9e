package dashboard

import (
	"net/http"
	"reflect"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

const paymentsPath = settingsPath + "/payments"

// What a person decides about money is what then happens, is shown again as it was typed, and can be taken back.
func TestPaymentSettingsAreSavedAndShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		if w := o.post(paymentsPath, untouched(t, o.get(paymentsPath))); w.Code != http.StatusSeeOther || o.settled().Settings.Text() != "{}" {
			t.Fatalf("saved untouched: %d, %s", w.Code, o.settled().Settings.Text())
		}
		form := changed(untouched(t, o.get(paymentsPath)), "approve_above", "5000", "cancel_within", "2", "bulk_cancel_within", "0", "on_disputed", "yes",
			"receipts", "chosen", "pay_card", "cheapest", "pay_other", "share", "upi_category", "education")
		form["receipt_channel"] = []string{"sms", "email"}
		if w := o.post(paymentsPath, form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != paymentsPath+"?note=saved" {
			t.Fatalf("%d to %s: %v", w.Code, w.Header().Get("Location"), wrongs(w))
		}
		above, none := int64(500000), int64(0)
		want := paylink.Settings{
			Refunds:        &paylink.RefundRules{ApproveAbove: &above, CancelWithin: 120, BulkCancelWithin: &none, OnDisputed: "allow"},
			Receipts:       &paylink.Receipts{Channels: []paylink.Channel{"sms", "email"}},
			PaymentRouting: &paylink.PaymentRouting{Card: paylink.RouteCheapest, Other: paylink.RouteShare}, UPICategory: paylink.UPIEducation,
		}
		if m := o.settled(); !reflect.DeepEqual(m.Settings, want) {
			t.Fatalf("%s", m.Settings.Text())
		}
		again := o.get(paymentsPath + "?note=saved")
		o.shows(again.Body.String(), "Saved.", `value="5000.00"`, `value="2"`, `value="0"`, "Education: up to ₹5,00,000.00", "Jewellery: up to ₹2,00,000.00")
		if w := o.post(paymentsPath, untouched(t, again)); w.Code != http.StatusSeeOther || !reflect.DeepEqual(o.settled().Settings, want) {
			t.Errorf("saved untouched: %d, %s", w.Code, o.settled().Settings.Text())
		}
		form = changed(untouched(t, o.get(paymentsPath)), "approve_above", "0", "cancel_within", "", "bulk_cancel_within", "", "receipts", "none", "pay_card", "", "pay_other", "", "upi_category", "general")
		form.Del("on_disputed")
		o.post(paymentsPath, form)
		if got := o.settled().Settings.Text(); got != `{"upi_category":"general","receipts":{"channels":[]},"refunds":{"approve_above":0}}` {
			t.Errorf("taken back: %s", got)
		}
	})
}

// What a program said in other words than the form has is not lost by a person who saves something else.
func TestPaymentSettingsKeepWhatNobodyTouched(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	odd := int64(90)
	said := paylink.Settings{
		Refunds: &paylink.RefundRules{BulkCancelWithin: &odd, CancelWithin: 7, OnDisputed: "refuse"}, PaymentRouting: &paylink.PaymentRouting{}, Receipts: &paylink.Receipts{Channels: []paylink.Channel{"sms"}},
	}
	_, err := o.board.Issuer.Decide(t.Context(), issue.Actor{Merchant: o.merchant, ID: "usr_other"}, issue.Decision{Members: paylink.Settings{}.Changes(said)})
	must(t, err)
	if w := o.post(paymentsPath, changed(untouched(t, o.get(paymentsPath)), "upi_category", "travel")); w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %v", w.Code, wrongs(w))
	}
	said.UPICategory = paylink.UPITravel
	if got := o.settled().Settings; got.Text() != said.Text() {
		t.Errorf("it became %s", got.Text())
	}
}

// A mistake is told beside its field, with everything else still as it was typed, and nothing half saved.
func TestWrongPaymentSettingsAreToldAtTheirFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := untouched(t, o.get(paymentsPath))
	for _, c := range []struct{ field, value, says string }{
		{"approve_above", "much", "amount"}, {"cancel_within", "1.5", "whole number"}, {"bulk_cancel_within", "1441", "at most 1440"},
		{"pay_upi", "best", "rank, cheapest"}, {"upi_category", "toys", "one of the trades"},
	} {
		w := o.post(paymentsPath, changed(shown, c.field, c.value, "on_disputed", "yes"))
		if w.Code != http.StatusUnprocessableEntity || o.settled().Settings.Text() != "{}" {
			t.Errorf("%s %q: %d, %s", c.field, c.value, w.Code, o.settled().Settings.Text())
		}
		o.shows(w.Body.String(), `href="#`+c.field+`"`, c.says)
	}
	empty := changed(shown, "receipts", "chosen")
	empty.Del("receipt_channel")
	o.shows(o.post(paymentsPath, empty).Body.String(), `href="#receipts"`, "Choose where receipts go")
}
