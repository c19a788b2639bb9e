package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// formOf opens a form of a link's page.
func (o *office) formOf(l paylink.Link, name string) string {
	o.t.Helper()
	w := o.get("/dashboard/test/links/" + string(l.ID) + "/" + name)
	if w.Code != http.StatusOK {
		o.t.Fatalf("%s: %d to %s", name, w.Code, w.Header().Get("Location"))
	}
	return w.Body.String()
}

// refused posts a form that is wrong, and wants it back with something beside each of the fields.
func (o *office) refused(l paylink.Link, name string, form url.Values, kept string, fields ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	before := o.read(l)
	w := o.post("/dashboard/test/links/"+string(l.ID)+"/"+name, form)
	page := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, kept) {
		o.t.Errorf("%s %v: %d, kept %t", name, form, w.Code, strings.Contains(page, kept))
	}
	for _, field := range fields {
		if !strings.Contains(page, `href="#`+field+`"`) || !strings.Contains(page, `id="`+field+`"`) || !strings.Contains(page, `id="`+field+`-below"`) {
			o.t.Errorf("%s %v: nothing is said beside %s", name, form, field)
		}
	}
	if after := o.read(l); after.UpdatedAt != before.UpdatedAt {
		o.t.Errorf("%s %v: the link was changed", name, form)
	}
	return w
}

// A merchant changes everything about a link in one go: one revision, which the customer sees before paying.
func TestTermsAreChangedOnOnePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(func(d *issue.Draft) {
			d.HasAmount, d.Amount = false, 0
			d.Terms.Items = []paylink.LineItem{{Name: "Tea", Quantity: 2, UnitAmount: 1000, Adjustable: &paylink.Adjustable{Minimum: 1, Maximum: 9}}}
		})
		page := o.formOf(l, "amend")
		for _, want := range []string{`name="item_name" type="text" autocomplete="off" maxlength="100" value="Tea"`, `value="10.00"`, `name="revision" value="1"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the form does not begin with %s", want)
			}
		}
		note := o.act(l, "amend", url.Values{
			"revision": {"1"}, "description": {"Tea and cake"}, "due_at": {"2026-12-01"}, "notes": {"ring\r\ntwice"}, "return_url": {"https://shop.example/thanks"},
			"item_name": {"Tea", "Cake", ""}, "item_quantity": {"3", "", ""}, "item_price": {"10", "90.50", ""}, "item_tax": {"", "18%", ""}, "item_inclusive": {"no", "yes", "no"},
			"item_least": {"1", "", ""}, "item_most": {"9", "", ""}, "codes": {"some"}, "code_list": {"welcome10, tea-5"}, "proof": {"pin"}, "pin": {"2580"},
		})
		got := o.read(l)
		want := []paylink.LineItem{
			{Name: "Tea", Quantity: 3, UnitAmount: 1000, Adjustable: &paylink.Adjustable{Minimum: 1, Maximum: 9}},
			{Name: "Cake", Quantity: 1, UnitAmount: 9050, TaxRate: "18", TaxInclusive: true},
		}
		same := slices.EqualFunc(got.Terms.Items, want, func(a, b paylink.LineItem) bool {
			a.Adjustable, b.Adjustable = nil, nil
			return a == b
		})
		if note != "amended" || got.Revision != 2 || got.Amount.Minor != 12050 || !same || *got.Terms.Items[0].Adjustable != *want[0].Adjustable {
			t.Errorf("%s: revision %d, %d, %+v", note, got.Revision, got.Amount.Minor, got.Terms.Items)
		}
		if got.Description != "Tea and cake" || got.Notes != "ring\ntwice" || got.ReturnURL != "https://shop.example/thanks" || !slices.Equal(got.Terms.DiscountCodes, []string{"WELCOME10", "TEA-5"}) ||
			got.Terms.Restrict.Needs() != paylink.ProofPIN || got.Terms.DueAt == nil || got.Terms.DueAt.UTC().Format(time.DateTime) != "2026-12-01 18:29:59" {
			t.Errorf("made %+v", got)
		}
		// What is sent again as it stands is no change; the PIN, which no page shows, stays without being typed.
		if page = o.formOf(got, "amend"); strings.Contains(page, "2580") {
			t.Error("the page shows the PIN")
		}
		again := url.Values{"revision": {"2"}, "description": {"Tea and cake"}, "due_at": {"2026-12-01"}, "proof": {"pin"}, "codes": {"some"}, "code_list": {"WELCOME10 TEA-5"}}
		if note := o.act(l, "amend", again); note != "amended" || o.read(l).Revision != 2 {
			t.Errorf("%s: the same again is revision %d", note, o.read(l).Revision)
		}
		for name, gone := range map[string]url.Values{"proof": {"proof": {""}}, "codes": {"codes": {"none"}}, "return_url": {"return_url": {""}}, "due_at": {"due_at": {""}}} {
			if note := o.act(l, "amend", gone); note != "amended" {
				t.Errorf("%s: %s", name, note)
			}
		}
		if got = o.read(l); got.Terms.Restrict != nil || got.Terms.DiscountCodes != nil || got.ReturnURL != "" || got.Terms.DueAt != nil || got.Revision != 6 {
			t.Errorf("taken away: %+v", got)
		}
	})
}

// A mistake is told beside its field, with what was typed; what the link's state does not allow leads back.
func TestWrongChangesComeBackWithTheForm(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	o.refused(l, "amend", url.Values{"amount": {"1,98"}, "due_at": {"soon"}, "codes": {"some"}, "code_list": {""}, "proof": {"pin"}, "pin": {"1111"}, "return_url": {"shop"}},
		`value="1,98"`, "amount", "due_at", "codes", "pin", "return_url")
	o.refused(l, "amend", url.Values{"amount": {""}}, "Change the link", "amount")
	if note := o.act(l, "amend", url.Values{"amount": {"5"}, "revision": {"7"}}); note != "wrong_revision" {
		t.Error(note)
	}
	planned := o.planned()
	if page := o.formOf(planned, "amend"); strings.Contains(page, `name="amount"`) || strings.Contains(page, `name="due_at"`) || strings.Contains(page, `name="codes"`) {
		t.Error("the form of a planned link offers what a plan does not go with")
	}
	o.act(l, "cancel", nil)
	for _, name := range []string{"amend", "replan", "promise"} {
		w := o.get("/dashboard/test/links/" + string(l.ID) + "/" + name)
		if note := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.Contains(note, "?note=not_") {
			t.Errorf("the form %s of a cancelled link: %d %s", name, w.Code, note)
		}
		if page := o.get("/dashboard/test/links/" + string(l.ID)).Body.String(); strings.Contains(page, "/"+name+`"`) {
			t.Errorf("the page of a cancelled link offers %s", name)
		}
	}
}

// planned makes a link for ₹300 in two instalments, at the ends of 24 November and 24 December in India.
func (o *office) planned() paylink.Link {
	first := time.Date(2026, 11, 24, 18, 29, 59, 0, time.UTC)
	return o.link(func(d *issue.Draft) {
		d.Amount, d.Description = 30000, "School fees"
		d.Terms.Plan = &paylink.Plan{Instalments: []paylink.Instalment{{Amount: 10000, DueAt: first}, {Amount: 20000, DueAt: first.AddDate(0, 1, 0)}}, GraceDays: 2}
	})
}

// A plan that does not come to what is due, or whose dates are gone, must be mended where it was typed.
func TestInstalmentsAreSetAndPlannedAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(func(d *issue.Draft) { d.NoExpiry = true })
		divide := url.Values{"divide": {"yes"}, "plan_parts": {"3"}, "plan_first": {"2026-12-31"}, "plan_every": {"month"}, "plan_deposit": {"450"}}
		w := o.post("/dashboard/test/links/"+string(l.ID)+"/replan", divide)
		page := w.Body.String()
		for _, want := range []string{`value="2026-12-31"`, `value="2027-01-31"`, `value="2027-02-28"`, `value="450.00"`, `value="1000.00"`, "Nothing is changed yet."} {
			if w.Code != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%d: what was worked out lacks %s", w.Code, want)
			}
		}
		if o.read(l).Terms.Plan != nil {
			t.Fatal("working it out has set it")
		}
		divide.Set("plan_first", "")
		o.refused(l, "replan", divide, `value="450"`, "plan_first")
		rows := url.Values{"step_date": {"2026-12-31", "2027-01-31", ""}, "step_amount": {"450", "2000.00", ""}, "grace_days": {"3"}}
		set := func(name string, values ...string) url.Values {
			changed := url.Values{"step_date": rows["step_date"], "step_amount": rows["step_amount"], "grace_days": rows["grace_days"]}
			changed[name] = values
			return changed
		}
		w = o.refused(l, "replan", set("step_amount", "450", "2000.01", ""), `value="2000.01"`, "instalments")
		if !strings.Contains(w.Body.String(), "They come to ₹2,450.01 now, and must come to ₹2,450.00.") {
			t.Error("the form does not say by how much the sum is wrong")
		}
		o.refused(l, "replan", set("step_date", "2026-11-01", "2027-01-31", ""), `value="2026-11-01"`, "instalments")
		o.refused(l, "replan", set("step_date", "", "2027-01-31", ""), `value="450"`, "instalments")
		o.refused(l, "replan", set("grace_days", "31"), `value="31"`, "grace_days")
		if note := o.act(l, "replan", rows); note != "planned" {
			t.Fatal(note)
		}
		plan := o.read(l).Terms.Plan
		if plan == nil || len(plan.Instalments) != 2 || plan.GraceDays != 3 || plan.Instalments[1].Amount != 200000 || !plan.Instalments[0].DueAt.Equal(time.Date(2026, 12, 31, 18, 29, 59, 0, time.UTC)) {
			t.Errorf("the plan is %+v", plan)
		}
		// After a miss the form begins with what is left, its date to be chosen anew.
		missed := o.planned()
		world, err := o.board.Issuer.AdvanceClock(t.Context(), o.merchant.ID, 5*24*time.Hour)
		must(t, err)
		page = o.formOf(missed, "replan")
		if !strings.Contains(page, "₹100.00 of the present plan is late.") || strings.Contains(page, `value="2026-11-24"`) || !strings.Contains(page, `value="2026-12-24"`) {
			t.Error("the form does not begin with what is left of the plan")
		}
		if note := o.act(missed, "replan", url.Values{"step_date": {"2026-12-05"}, "step_amount": {"300"}}); note != "planned" || o.read(missed).Arrears(world) != 0 {
			t.Errorf("%s: ₹%d late", note, o.read(missed).Arrears(world)/100)
		}
	})
}

// What an agent notes on the telephone: it must hold until its day is over, and be taken back.
func TestPromiseIsNotedAndTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(func(d *issue.Draft) { d.NoExpiry = true })
		o.refused(l, "promise", url.Values{"date": {""}, "promise_amount": {"1,0"}, "note": {"kept"}}, "kept</textarea>", "date", "promise_amount")
		o.refused(l, "promise", url.Values{"date": {"2026-11-21"}}, `value="2026-11-21"`, "date")
		o.refused(l, "promise", url.Values{"date": {"2026-12-01"}, "promise_amount": {"2450.01"}}, `value="2450.01"`, "promise_amount")
		form := url.Values{"form_key": {"0123456789abcdef0123456789abcdef"}, "date": {"2026-12-01"}, "promise_amount": {"1,000"}, "note": {"wages\r\ncome then"}}
		for range 2 { // two presses are one promise
			if note := o.act(l, "promise", form); note != "promised" {
				t.Fatal(note)
			}
		}
		p := o.read(l).Course.Promise
		if p == nil || p.Date != "2026-12-01" || p.Amount != 100000 || p.Note != "wages\ncome then" || !strings.HasPrefix(p.By, "usr_") || p.Times != 1 || p.State != paylink.PromiseOpen {
			t.Errorf("noted %+v", p)
		}
		page := o.get("/dashboard/test/links/" + string(l.ID)).Body.String()
		for _, want := range []string{"₹1,000.00 promised by 1 Dec 2026", "Take the promise back", "Note another promise"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %s", want)
			}
		}
		if page = o.formOf(l, "promise"); !strings.Contains(page, "₹1,000.00 by 1 Dec 2026 is promised already.") {
			t.Error("the form does not tell of the promise that there is")
		}
		if note := o.act(l, "withdraw_promise", nil); note != "promise_withdrawn" || o.read(l).Course.Promise.State != paylink.PromiseWithdrawn {
			t.Errorf("%s: %+v", note, o.read(l).Course.Promise)
		}
		if note := o.act(l, "withdraw_promise", nil); note != "no_promise" {
			t.Error(note)
		}
	})
}

// Cash that is counted wrong must be counted again, with the form as it was.
func TestPaymentTakenOutsideIsNoted(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	if page := o.formOf(l, "record_payment"); !strings.Contains(page, `value="2450.00"`) {
		t.Error("the form does not begin with what is due")
	}
	o.refused(l, "record_payment", url.Values{"amount": {"2450.01"}, "method": {"cash"}}, "No more than what is due, ₹2,450.00.", "amount")
	o.refused(l, "record_payment", url.Values{"amount": {"1,0"}, "method": {"pigeon"}, "bank_reference": {"7"}}, `value="7"`, "amount", "method")
	if note := o.act(l, "record_payment", url.Values{"amount": {"2,450"}, "method": {"cheque"}, "bank_reference": {"000123"}}); note != "recorded" || o.read(l).Status != paylink.LinkPaid {
		t.Error(note)
	}
	if w := o.get("/dashboard/test/links/" + string(l.ID) + "/record_payment"); !strings.HasSuffix(w.Header().Get("Location"), "?note=nothing_due") {
		t.Errorf("the form of a paid link: %d", w.Code)
	}
}

// A customer who asks for more time waits for a yes or a no; both stand in sight, and only then.
func TestWishForMoreTimeIsAnswered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		for _, expired := range []bool{false, true} {
			l := o.link(func(d *issue.Draft) {
				seconds := int64(7200)
				d.ExpiresIn, d.Terms.Refresh = &seconds, &paylink.Refresh{Policy: paylink.RefreshApproval}
			})
			page := func() string { return o.get("/dashboard/test/links/" + string(l.ID)).Body.String() }
			if strings.Contains(page(), "decline_refresh") {
				t.Error("it offers to decline what nobody asked for")
			}
			if note := o.act(l, "decline_refresh", nil); note != "not_requested" {
				t.Error(note)
			}
			if expired {
				o.pass(3 * time.Hour)
			}
			asks := func() { o.alter(l.ID, func(l *paylink.Link) { l.RefreshAskedAt = o.clock() }) }
			asks()
			if text := page(); !strings.Contains(text, "The customer asks for more time") || !strings.Contains(text, "/refresh") || strings.Contains(text, "/extend") {
				t.Error("it does not offer an answer, or offers more than one")
			}
			if note := o.act(l, "decline_refresh", nil); note != "refresh_declined" || o.read(l).RefreshDeclinedAt.IsZero() {
				t.Error(note)
			}
			asks()
			if note := o.act(l, "refresh", url.Values{"expires_in": {"259200"}}); note != "refreshed" || !o.read(l).RefreshAskedAt.IsZero() {
				t.Error(note)
			}
			if at := o.read(l).ExpiresAt; !at.Equal(o.clock().Add(72 * time.Hour)) {
				t.Errorf("it ends %s", at)
			}
		}
	})
}

// Reminders that nobody touched stay as they were said, with their channels; those that are ticked are planned, and
// none is none.
func TestRemindersAreChangedOnTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(func(d *issue.Draft) {
			d.NoExpiry = true
			d.Terms.Reminders = []paylink.Reminder{{After: "5h", Channels: []paylink.Channel{"email"}}}
		})
		form := changed(untouched(t, o.get("/dashboard/test/links/"+string(l.ID)+"/amend")), "description", "Other")
		o.act(l, "amend", form)
		if got := o.read(l); len(got.Terms.Reminders) != 1 || len(got.Terms.Reminders[0].Channels) != 1 || got.Description != "Other" {
			t.Fatalf("untouched: %+v", got.Terms.Reminders)
		}
		form = untouched(t, o.get("/dashboard/test/links/"+string(l.ID)+"/amend"))
		form["reminder"] = append(form["reminder"], "after 24h")
		o.act(l, "amend", form)
		if got := o.read(l).Terms.Reminders; len(got) != 2 {
			t.Errorf("one more: %+v", got)
		}
		form = untouched(t, o.get("/dashboard/test/links/"+string(l.ID)+"/amend"))
		form.Del("reminder")
		o.act(l, "amend", form)
		if got := o.read(l).Terms.Reminders; len(got) != 0 {
			t.Errorf("none: %+v", got)
		}
	})
}
