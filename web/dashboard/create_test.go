package dashboard

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// filled is the form as a merchant fills it in.
func filled(key string) url.Values {
	return url.Values{
		"form_key": {key}, "amount": {"2,450.00"}, "currency": {"INR"}, "description": {"Order 1042"}, "reference": {"order-1042"},
		"name": {"Asha"}, "phone": {"98123 45642"}, "email": {"asha@example.com"}, "channel": {"sms", "whatsapp", "email", "in_app"},
		"expiry": {"7200"}, "mode": {"single"},
	}
}

// What the merchant typed must be what the customer is asked for.
func TestFormMakesTheLinkThatWasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := filled(key(t, o.get("/dashboard/test/links/new")))
		form["mode"], form["max_payments"], form["method"], form["notes"], form["locale"] = []string{"multi"}, []string{"30"}, []string{"upi"}, []string{"ring\r\ntwice"}, []string{"hi"}
		w := o.post("/dashboard/test/links", form)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		links := o.links()
		if len(links) != 1 || w.Header().Get("Location") != "/dashboard/test/links/"+string(links[0].ID)+"?note=created" {
			t.Fatalf("%d links, then %s", len(links), w.Header().Get("Location"))
		}
		got := links[0]
		want := paylink.Link{
			ID: got.ID, Merchant: o.merchant.ID, Status: paylink.LinkPending, Revision: 1, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
			Description: "Order 1042", Reference: "order-1042", Customer: got.Customer, Usage: paylink.Usage{Mode: paylink.UsageMulti, MaxPayments: 30},
			ExpiresAt: noon.Add(2 * time.Hour), Channels: []paylink.Channel{"sms", "whatsapp", "email", "in_app"}, Methods: []paylink.Method{"upi"},
			Metadata: map[string]string{}, Notes: "ring\ntwice", OnLate: paylink.PolicyAccept, OnDuplicate: paylink.PolicyRefund,
			CodeKey: got.CodeKey, CodeSlot: got.CodeSlot, Token: got.Token, CreatedAt: noon, UpdatedAt: noon, CreatedBy: got.CreatedBy,
		}
		if !reflect.DeepEqual(got, want) || !strings.HasPrefix(got.CreatedBy, "usr_") {
			t.Errorf("made %+v\nwant %+v", got, want)
		}
		c, err := s.Read(t.Context()).Customer(o.merchant.ID, false, got.Customer)
		must(t, err)
		if c.Name != "Asha" || c.Phone != "+919812345642" || c.Email != "asha@example.com" || c.Locale != "hi" {
			t.Errorf("customer %+v", c)
		}
	})
}

// Every way to say when a link ends must end it then, by the merchant's own clock.
func TestExpiryIsTheMerchantsClock(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for expiry, want := range map[string]time.Time{
		"900": noon.Add(15 * time.Minute), "604800": noon.Add(7 * 24 * time.Hour), "never": {},
		"today":  time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC), // midnight in India
		"custom": time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC),
	} {
		w := o.post("/dashboard/test/links", url.Values{"amount": {"1"}, "currency": {"INR"}, "mode": {"single"}, "expiry": {expiry}, "expires_at": {"2026-11-24T18:00"}, "description": {expiry}})
		if w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", expiry, w.Code)
			continue
		}
		links := o.links()
		i := slices.IndexFunc(links, func(l paylink.Link) bool { return l.Description == expiry })
		if i < 0 || !links[i].ExpiresAt.Equal(want) {
			t.Errorf("%s ends %v, want %s", expiry, links, want)
		}
	}
}

// A form that forgets what was typed, names one mistake at a time, or makes a link in spite of one,
// drives its reader away.
func TestWrongFormKeepsItsInputAndNamesEveryField(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	typed := url.Values{
		"amount": {"1,00"}, "currency": {"INR"}, "description": {"Tea & cake"}, "reference": {"r\u202e1"}, "name": {"Asha"}, "phone": {"12"},
		"email": {"asha@"}, "channel": {"sms", "pigeon"}, "expiry": {"custom"}, "expires_at": {"soon"}, "mode": {"multi"}, "max_payments": {"many"}, "notes": {"kept"},
	}
	w := o.post("/dashboard/test/links", typed)
	page := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || len(o.links()) != 0 {
		t.Fatalf("%d, %d links", w.Code, len(o.links()))
	}
	for _, field := range []string{"amount", "reference", "phone", "email", "channels", "expiry", "max_payments"} {
		if !strings.Contains(page, `href="#`+field+`"`) || !strings.Contains(page, `id="`+field+`-below"`) {
			t.Errorf("nothing is said about %s", field)
		}
	}
	for _, kept := range []string{`value="1,00"`, `value="Tea &amp; cake"`, `value="Asha"`, `value="12"`, `value="asha@"`, `value="many"`, `value="soon"`, ">kept</textarea>", `value="sms" checked`, `value="custom" checked`, `value="multi" checked`, `<details id="group-pay" open`} {
		if !strings.Contains(page, kept) {
			t.Errorf("the page has lost %s", kept)
		}
	}
	if !strings.Contains(page, "7 things are not right yet") {
		t.Error("the summary does not count the mistakes")
	}
}

// A reference in use, said where it is typed; and the same form, mended, must go through.
func TestReferenceInUseIsMendedInTheForm(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.post("/dashboard/test/links", filled(""))
	again := o.post("/dashboard/test/links", filled(""))
	if again.Code != http.StatusConflict || !strings.Contains(again.Body.String(), "Another link uses this reference.") {
		t.Fatalf("%d", again.Code)
	}
	form := filled(key(t, again))
	form.Set("reference", "order-1043")
	if w := o.post("/dashboard/test/links", form); w.Code != http.StatusSeeOther || len(o.links()) != 2 {
		t.Errorf("the mended form: %d, %d links", w.Code, len(o.links()))
	}
}

// A double click, a reload of the answer or a slow line must not ask the customer twice. Both presses
// end on the same link, since the browser shows the second one's answer.
func TestTwoPressesMakeOneLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		form := filled(key(t, o.get("/dashboard/test/links/new")))
		form.Del("reference")
		places := make([]string, 8)
		var wait sync.WaitGroup
		for i := range places {
			wait.Go(func() { places[i] = o.post("/dashboard/test/links", form).Header().Get("Location") })
		}
		wait.Wait()
		elsewhere := slices.ContainsFunc(places, func(place string) bool { return place != places[0] })
		if links := o.links(); len(links) != 1 || !strings.Contains(places[0], string(links[0].ID)) || elsewhere {
			t.Errorf("%d links; led to %q", len(links), places)
		}
		form.Set("amount", "1")
		w := o.post("/dashboard/test/links", form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "This form has made a link already.") || len(o.links()) != 1 {
			t.Errorf("the same form with another amount: %d, %d links", w.Code, len(o.links()))
		}
		form.Set("form_key", key(t, w))
		if w := o.post("/dashboard/test/links", form); w.Code != http.StatusSeeOther || len(o.links()) != 2 {
			t.Errorf("pressed again on purpose: %d, %d links", w.Code, len(o.links()))
		}
	})
}

// A body without end must not fill the memory.
func TestLargeFormsAreRefused(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	if w := o.post("/dashboard/test/links", url.Values{"notes": {strings.Repeat("x", formLimit)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.Code)
	}
}
