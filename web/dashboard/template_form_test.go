package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

func (o *office) template(name, settings string) {
	o.write(func(tx *store.Tx) {
		tx.InsertTemplate(paylink.Template{ID: paylink.NewTemplateID(o.clock()), Merchant: o.merchant.ID, Name: name, Settings: json.RawMessage(settings), CreatedAt: o.clock(), UpdatedAt: o.clock()})
	})
}

// A template that fills half of the form, and drops the other half on the way, makes links that nobody asked
// for: what it says must be in the link, shown by the form or not.
func TestTemplateFillsTheFormAndTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		o.template("Tea & cake", `{"currency":"USD","line_items":[{"name":"Tea","quantity":2,"unit_amount":1250,"tax_rate":"18","adjustable":{"minimum":1,"maximum":9}}],
			"description":"Tea","notes":"ring","channels":["sms"],"methods":["card"],"expires_in":600,"metadata":{"shop":"7"},"on_late_payment":"hold","on_overpayment":"refund","on_duplicate":"credit",
			"tip":{"presets":[100,250],"maximum":900},"shipping_options":[{"name":"Courier","amount":500},{"name":"Collect","amount":0}],"allow_discount_codes":["TEA-5"],
			"questions":[{"key":"size","label":"Size","type":"choice","choices":["S","M"],"required":true},{"key":"who","label":"Name","type":"text","maximum_length":40}],
			"restrict":{"proof":"phone_digits"},"reminders":[{"after":"5m","channels":["sms"]},{"before_expiry":"2m"}],"promises":{"max_days":9},
			"refresh":{"policy":"approval"},"success_text":"Thanks","closed_text":"Closed","terms_url":"https://shop.example/terms","return_url":"https://shop.example/","notify_expiry":false}`)
		w := o.get("/dashboard/test/links/new" + templateQuery("Tea & cake"))
		page, form := w.Body.String(), untouched(t, w)
		for _, want := range []string{`aria-current="true"`, "Line items, tip, delivery, discount codes", "2 reminders", "2 questions", "The template says besides: that the customer may promise a day"} {
			if !strings.Contains(page, want) {
				t.Errorf("the form does not say %q", want)
			}
		}
		form.Set("phone", "+919812345642")
		if w := o.post("/dashboard/test/links", form); w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %s", w.Code, regexp.MustCompile(`(?s)id="problems".*?</ul>`).FindString(w.Body.String()))
		}
		l := o.links()[0]
		want := paylink.Terms{
			Items:       []paylink.LineItem{{Name: "Tea", Quantity: 2, UnitAmount: 1250, TaxRate: "18", Adjustable: &paylink.Adjustable{Minimum: 1, Maximum: 9}}},
			Tip:         &paylink.Tip{Presets: []int64{100, 250}, Maximum: 900},
			Shipping:    []paylink.ShippingOption{{Name: "Courier", Amount: 500}, {Name: "Collect"}},
			SuccessText: "Thanks", ClosedText: "Closed", TermsURL: "https://shop.example/terms", Template: "Tea & cake", OnOver: paylink.PolicyRefund,
			Questions: []paylink.Question{
				{Key: "size", Label: "Size", Type: paylink.QuestionChoice, Choices: []string{"S", "M"}, Required: true},
				{Key: "who", Label: "Name", Type: paylink.QuestionText, MaximumLength: 40},
			},
			Restrict: &paylink.Restriction{Proof: paylink.ProofPhoneDigits}, Promises: &paylink.PromiseTerms{MaxDays: 9},
			Refresh: &paylink.Refresh{Policy: paylink.RefreshApproval}, DiscountCodes: []string{"TEA-5"},
			Reminders: []paylink.Reminder{{After: "5m", Channels: []paylink.Channel{"sms"}}, {BeforeExpiry: "2m"}},
		}
		if !reflect.DeepEqual(l.Terms, want) {
			t.Errorf("made %+v\nwant %+v", l.Terms, want)
		}
		if l.Amount.Currency != "USD" || l.Description != "Tea" || l.Notes != "ring" || l.Metadata["shop"] != "7" || l.OnLate != paylink.PolicyHold || l.OnDuplicate != paylink.PolicyCredit ||
			l.ReturnURL != "https://shop.example/" || len(l.Channels) != 1 || len(l.Methods) != 1 || l.ExpiresAt.Sub(noon).Minutes() != 10 {
			t.Errorf("made %+v", l)
		}
	})
}

// Whoever changes what the template has filled in means it; and a template that is gone is told.
func TestFormWinsOverItsTemplate(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.template("Fee", `{"amount":150000,"currency":"INR","plan":{"instalments":[{"amount":50000,"due_at":"2026-12-01T10:00:00Z"},{"amount":100000,"due_at":"2027-01-01T10:00:00Z"}],"grace_days":3},
		"usage":{"mode":"single"}}`)
	form := untouched(t, o.get("/dashboard/test/links/new?template=Fee"))
	if form.Get("amount") != "1500.00" || form.Get("paid") != "plan" || form.Get("plan_parts") != "2" || form.Get("plan_first") != "2026-12-01" || form.Get("plan_deposit") != "500.00" || form.Get("grace_days") != "3" {
		t.Errorf("filled with %v", form)
	}
	form.Set("amount", "200")
	form.Set("paid", "once")
	if w := o.post("/dashboard/test/links", form); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if l := o.links()[0]; l.Amount.Minor != 20000 || l.Terms.Plan != nil || l.Terms.Template != "Fee" {
		t.Errorf("made %+v", l)
	}
	form.Set("template", "Gone")
	form.Del("form_key")
	if w := o.post("/dashboard/test/links", form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "This template is no longer there.") {
		t.Errorf("a template that is gone: %d", w.Code)
	}
	if w := o.get("/dashboard/test/links/new?template=Gone"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "There is no template of this name any more.") {
		t.Errorf("a template that is gone, asked for: %d", w.Code)
	}
}

// A plan, a surcharge, codes and the way back, typed into the form, are what the link says.
func TestFormMakesPlanAndExtras(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	base := func(more url.Values) url.Values {
		form := url.Values{"amount": {"300"}, "currency": {"INR"}, "mode": {"single"}, "expiry": {"900"}}
		for name, values := range more {
			form[name] = values
		}
		return form
	}
	plan := url.Values{"paid": {"plan"}, "plan_parts": {"3"}, "plan_first": {"2026-12-31"}, "plan_every": {"month"}, "plan_deposit": {""}, "grace_days": {"2"}}
	if w := o.post("/dashboard/test/links", base(plan)); w.Code != http.StatusSeeOther {
		t.Fatalf("a plan: %d", w.Code)
	}
	if l := o.links()[0]; l.Terms.Plan == nil || len(l.Terms.Plan.Instalments) != 3 || l.Terms.Plan.Total() != 30000 || l.Terms.Plan.GraceDays != 2 || !l.ExpiresAt.IsZero() {
		t.Errorf("made %+v", l)
	}
	o.pass(time.Second) // links are listed by when they were made
	extras := url.Values{"surcharge_rate": {"1.5 %"}, "codes": {"all"}, "return_url": {"https://shop.example/thanks"}}
	if w := o.post("/dashboard/test/links", base(extras)); w.Code != http.StatusSeeOther {
		t.Fatalf("extras: %d", w.Code)
	}
	l := o.links()[0]
	if sur := l.Terms.Surcharge; sur == nil || sur.Rate != "1.5" || !reflect.DeepEqual(sur.Methods, []paylink.Method{paylink.MethodNetbanking}) || !l.Terms.TakesCode("ANY") || l.ReturnURL != "https://shop.example/thanks" {
		t.Errorf("made %+v", l)
	}
	for name, c := range map[string]struct {
		typed url.Values
		wrong []string
	}{
		"no first day":      {url.Values{"paid": {"plan"}, "plan_parts": {"x"}, "plan_deposit": {"1,0"}}, []string{"plan_parts", "plan_first", "plan_deposit"}},
		"ends before":       {url.Values{"paid": {"plan"}, "plan_parts": {"2"}, "plan_first": {"2026-12-31"}, "expiry": {"custom"}, "expires_at": {"2026-12-24T18:00"}}, []string{"expiry"}},
		"a plan, and a day": {url.Values{"paid": {"plan"}, "plan_parts": {"2"}, "plan_first": {"2026-12-31"}, "due_at": {"2026-12-24"}}, []string{"paid"}},
		"too much":          {url.Values{"surcharge_rate": {"2.5"}}, []string{"surcharge_rate"}},
		"no rate":           {url.Values{"surcharge_rate": {"some"}}, []string{"surcharge_rate"}},
		"codes, in parts":   {url.Values{"paid": {"parts"}, "codes": {"all"}}, []string{"codes"}},
		"no file":           {url.Values{"file": {"att_06h08800000000000000000000"}}, nil},
		"somewhere":         {url.Values{"return_url": {"ftp://shop"}}, []string{"return_url"}},
	} {
		w := o.post("/dashboard/test/links", base(c.typed))
		if w.Code != http.StatusUnprocessableEntity || len(o.links()) != 2 {
			t.Errorf("%s: %d", name, w.Code)
		}
		for _, field := range c.wrong {
			if page := w.Body.String(); !strings.Contains(page, `href="#`+field+`"`) || !strings.Contains(page, `id="`+field+`-below"`) {
				t.Errorf("%s: nothing is said beside %s", name, field)
			}
		}
	}
}
