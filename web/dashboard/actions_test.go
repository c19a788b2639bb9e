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

// act presses a button of the link's page.
func (o *office) act(l paylink.Link, name string, form url.Values) string {
	o.t.Helper()
	w := o.post("/dashboard/test/links/"+string(l.ID)+"/"+name, form)
	if w.Code != http.StatusSeeOther {
		o.t.Fatalf("%s: %d", name, w.Code)
	}
	_, note, _ := strings.Cut(w.Header().Get("Location"), "/dashboard/test/links/"+string(l.ID)+"?note=")
	return note
}

func (o *office) read(l paylink.Link) paylink.Link {
	o.t.Helper()
	now, err := o.store.Read(o.t.Context()).Link(l.Merchant, l.Live, l.ID)
	must(o.t, err)
	return now
}

// A button that does something else than it says, or says that it did when it did not, costs the
// merchant the customer's trust.
func TestButtonsDoWhatTheySay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(nil)
		extend := url.Values{"expires_in": {"604800"}}
		for _, step := range []struct {
			name, note string
			form       url.Values
			status     paylink.LinkStatus
		}{
			{"refresh", "not_refreshable", extend, paylink.LinkPending},
			{"extend", "extended", extend, paylink.LinkPending},
			{"extend", "invalid", url.Values{"expires_in": {"60"}}, paylink.LinkPending},
			{"extend", "invalid", url.Values{"expires_in": {"never"}}, paylink.LinkPending},
			{"send", "no_channel", nil, paylink.LinkPending},
			{"send", "invalid", url.Values{"channel": {"pigeon"}}, paylink.LinkPending},
			{"send", "sent", url.Values{"channel": {"whatsapp", "in_app"}}, paylink.LinkPending},
			{"cancel", "cancelled", nil, paylink.LinkCancelled},
			{"cancel", "not_cancellable", nil, paylink.LinkCancelled},
			{"send", "not_sendable", url.Values{"channel": {"sms"}}, paylink.LinkCancelled},
			{"reactivate", "reactivated", nil, paylink.LinkPending},
			{"reactivate", "not_reactivatable", nil, paylink.LinkPending},
			{"pause", "paused", nil, paylink.LinkPending},
			{"pause", "on_hold", nil, paylink.LinkPending},
			{"resume", "resumed", nil, paylink.LinkPending},
			{"resume", "not_paused", nil, paylink.LinkPending},
			{"archive", "not_archivable", nil, paylink.LinkPending},
			{"amend", "amended", url.Values{"amount": {"1,980.50"}, "description": {"Tea"}, "revision": {"3"}}, paylink.LinkPending},
			{"amend", "wrong_revision", url.Values{"amount": {"1"}, "revision": {"3"}}, paylink.LinkPending},
			{"record_payment", "recorded", url.Values{"amount": {"980.50"}, "method": {"cheque"}, "bank_reference": {"000123"}}, paylink.LinkPartiallyPaid},
			{"record_payment", "recorded", url.Values{"amount": {"1000"}, "method": {"cash"}}, paylink.LinkPaid},
			{"record_payment", "nothing_due", url.Values{"amount": {"1"}, "method": {"cash"}}, paylink.LinkPaid},
			{"amend", "not_amendable", url.Values{"amount": {"1"}}, paylink.LinkPaid},
			{"pause", "not_pausable", nil, paylink.LinkPaid},
			{"archive", "archived_now", nil, paylink.LinkPaid},
			{"archive", "archived", nil, paylink.LinkPaid},
		} {
			note := o.act(l, step.name, step.form)
			if status := o.read(l).Status; note != step.note || status != step.status {
				t.Errorf("%s %v: %s, then %s; want %s, then %s", step.name, step.form, note, status, step.note, step.status)
			}
			if page := o.get("/dashboard/test/links/" + string(l.ID) + "?note=" + note).Body.String(); remarks[note] == nil || !strings.Contains(page, remarks[note].Text) {
				t.Errorf("the page does not say %s", note)
			}
		}
		if at := o.read(l).ExpiresAt; !at.Equal(noon.Add(7 * 24 * time.Hour)) {
			t.Errorf("extended to %s", at)
		}
		messages, err := s.Read(t.Context()).MessagesOf(l.Merchant, l.ID, 100)
		must(t, err)
		if len(messages) != 4 {
			t.Errorf("%d messages after sms, email, then whatsapp and in_app", len(messages))
		}
	})
}

// An expired link offers to take payments again, and does so on the same address.
func TestExpiredLinkIsRefreshed(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.post("/dashboard/test/links", url.Values{"amount": {"5"}, "currency": {"INR"}, "mode": {"single"}, "expiry": {"900"}})
	l := o.links()[0]
	before, err := o.board.address(l)
	must(t, err)
	o.pass(15 * time.Minute)
	page := o.get("/dashboard/test/links/" + string(l.ID)).Body.String()
	if !strings.Contains(page, "Expired on 22 Nov 2026, 17:45 IST.") || !strings.Contains(page, "/refresh") || strings.Contains(page, "/extend") || strings.Contains(page, "/send\"") {
		t.Error("the page does not offer what an expired link needs")
	}
	// Its time is up and the job has not come to it yet: the step itself sees to that.
	if note := o.act(l, "refresh", url.Values{"expires_in": {"7200"}}); note != "refreshed" || o.read(l).Status != paylink.LinkPending {
		t.Errorf("said %s", note)
	}
	if after, err := o.board.address(o.read(l)); err != nil || after != before {
		t.Errorf("the address changed: %v", err)
	}
}

// A second press of "Send" writes to the customer twice.
func TestTwoPressesSendOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		l := o.link(nil)
		form := url.Values{"form_key": {key(t, o.get("/dashboard/test/links/"+string(l.ID)))}, "channel": {"sms"}}
		for range 3 {
			if note := o.act(l, "send", form); note != "sent" {
				t.Errorf("said %s", note)
			}
		}
		form.Set("channel", "email")
		if note := o.act(l, "send", form); note != keyReused {
			t.Errorf("the same form with another channel: %s", note)
		}
		messages, err := s.Read(t.Context()).MessagesOf(l.Merchant, l.ID, 100)
		must(t, err)
		if len(messages) != 3 {
			t.Errorf("%d messages, not the two of the link and one more", len(messages))
		}
	})
}

// Somebody who is asked whether to cancel must see which money is at stake; a GET must not do it.
func TestCancelAsksFirst(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	w := o.get("/dashboard/test/links/" + string(l.ID) + "/cancel")
	for _, want := range []string{"₹2,450.00", "Order 1042", "Asha · …42", "Cancel the link"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the question does not name %s", want)
		}
	}
	if got := o.read(l); got.Status != paylink.LinkPending || got.UpdatedAt != l.UpdatedAt {
		t.Error("looking at the question changed the link")
	}
}

// Full numbers on the screen are read over a shoulder; the page shows masks.
func TestPagesMaskAddresses(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	l := o.link(nil)
	for _, path := range []string{"", "links", "links/" + string(l.ID), "links/" + string(l.ID) + "/cancel"} {
		if page := o.get("/dashboard/test/" + path).Body.String(); strings.Contains(page, "9812345642") || strings.Contains(page, "asha@example.com") {
			t.Errorf("/%s shows a whole address", path)
		}
	}
}
