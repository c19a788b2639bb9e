package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

const newRefundsPath = "/dashboard/test/refunds/new"

func (o *office) refundsOf(p paylink.Payment) []paylink.Refund {
	o.t.Helper()
	all, err := o.store.Read(o.t.Context()).Refunds(o.merchant.ID, false, store.RefundFilter{Payment: p.ID}, "", 10)
	must(o.t, err)
	return all
}

// A list goes back as it was typed, by id or by reference, once, and can be called off while the page says so.
func TestManyPaymentsAreRefundedAndCalledOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		till := o.till()
		one, two := o.taken(till, nil), o.taken(till, nil)
		page := o.get(newRefundsPath)
		o.shows(page.Body.String(), "told after 10 minutes", "At most 100.")
		form := url.Values{"form_key": {key(t, page)}, "list": {string(one.ID) + "\r\n\r\n " + two.Reference + ", 450.00\r\n"}, "reason": {"duplicate"}, "speed": {"normal"}, "confirm": {"yes"}}
		var at string
		for range 2 { // pressed twice, it happens once
			w := o.post(newRefundsPath, form)
			if at = w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.Contains(at, "/dashboard/test/refunds/lists/rfnb_") {
				t.Fatalf("%d to %s: %s", w.Code, at, wrongs(w))
			}
		}
		for _, want := range []struct {
			of    paylink.Payment
			minor int64
		}{{one, 245000}, {two, 45000}} {
			if all := o.refundsOf(want.of); len(all) != 1 || all[0].Amount.Minor != want.minor || all[0].Reason != paylink.ReasonDuplicate || all[0].SendAfter.Sub(o.clock()) != 10*time.Minute {
				t.Errorf("want one of %d: %+v", want.minor, all)
			}
		}
		list, _, _ := strings.Cut(at, "?")
		o.shows(o.get(at).Body.String(), "A list of 2 refunds", "Not sent yet: 2", "(in 10 minutes)", "₹450.00")
		if w := o.post(list+"/cancel", nil); w.Header().Get("Location") != list+"?note=called_off" {
			t.Errorf("called off: %d to %s", w.Code, w.Header().Get("Location"))
		}
		if all := o.refundsOf(two); all[0].Status != paylink.RefundCancelled {
			t.Errorf("it is %s", all[0].Status)
		}
		if page := o.get(list).Body.String(); strings.Contains(page, "Not sent yet") {
			t.Error("a list that is called off can be called off again")
		}
		o.shows(o.get("/dashboard/test/refunds").Body.String(), "Called off", "/dashboard/test/payments/"+string(one.ID))
	})
}

// What cannot go back stands in nobody's way, and is told beside its line, which stays to be mended.
func TestWhatOfAListCannotGoBackIsTold(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	till := o.till()
	good, small := o.taken(till, nil), o.taken(till, nil)
	for list, says := range map[string]string{
		"":                                       "Write the payments",
		"pay_x":                                  "there is no such payment",
		string(good.ID) + " 1.234":               "2 decimals",
		string(good.ID) + " 1 2":                 "an amount or nothing",
		strings.Repeat(good.Reference+"\n", 101): "at most 100",
	} {
		w := o.post(newRefundsPath, url.Values{"list": {list}, "confirm": {"yes"}})
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%.40q: %d, %v", list, w.Code, wrongs(w))
		}
	}
	if w := o.post(newRefundsPath, url.Values{"list": {string(good.ID)}}); !strings.Contains(w.Body.String(), "Tick that this money") || len(o.refundsOf(good)) != 0 {
		t.Errorf("without a tick: %d, %d refunds", w.Code, len(o.refundsOf(good)))
	}
	w := o.post(newRefundsPath, url.Values{"list": {string(good.ID) + "\n" + string(small.ID) + " 3000"}, "confirm": {"yes"}})
	o.shows(w.Body.String(), "1 refund made", "Less than this is left of the payment", ">"+string(small.ID)+" 3000</textarea>")
	if len(o.refundsOf(good)) != 1 || len(o.refundsOf(small)) != 0 {
		t.Errorf("%d and %d refunds", len(o.refundsOf(good)), len(o.refundsOf(small)))
	}
	if w := o.get("/dashboard/live/refunds/lists/" + string(o.refundsOf(good)[0].Batch)); w.Code != http.StatusNotFound {
		t.Errorf("the list is shown in live mode: %d", w.Code)
	}
}

// Reserved money is taken or given back from its page, and one of two people decides.
func TestReservedMoneyIsTakenFromItsPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		p := o.taken(o.till(), func(p *paylink.Payment) {
			p.Status, p.AmountCaptured, p.CapturedAt, p.Manual, p.CaptureBefore = paylink.PaymentAuthorised, 0, time.Time{}, true, o.clock().Add(72*time.Hour)
		})
		path := "/dashboard/test/payments/" + string(p.ID)
		page := o.get(path)
		o.shows(page.Body.String(), "₹2,450.00 reserved", "Without a decision it goes back on ", `value="2450.00"`, "Take the money", "Give it back")
		if w := o.post(path+"/capture", url.Values{"amount": {"none"}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=bad_amount") {
			t.Errorf("no amount: %s", w.Header().Get("Location"))
		}
		if w := o.post(path+"/capture", url.Values{"amount": {"9999"}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=invalid") {
			t.Errorf("more than is reserved: %s", w.Header().Get("Location"))
		}
		if w := o.post(path+"/capture", url.Values{"form_key": {key(t, page)}, "amount": {"450.00"}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=captured") {
			t.Errorf("captured: %s", w.Header().Get("Location"))
		}
		now, err := s.Read(t.Context()).Payment(o.merchant.ID, false, p.ID)
		must(t, err)
		if now.Intent != paylink.IntentCapture || now.IntentAmount != 45000 {
			t.Errorf("asked is %s of %d", now.Intent, now.IntentAmount)
		}
		if w := o.post(path+"/void", nil); !strings.HasSuffix(w.Header().Get("Location"), "?note=reservation_decided") {
			t.Errorf("given back afterwards: %s", w.Header().Get("Location"))
		}
	})
}
