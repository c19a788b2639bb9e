package dashboard

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// What needs a person stands on the first page with its reason, and goes when it is settled.
func TestHomeNamesWhatNeedsAPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		named := func(name string) paylink.Link { return o.link(func(d *issue.Draft) { d.Description = name }) }
		home := func() string {
			text, _, _ := strings.Cut(o.get("/dashboard/test/").Body.String(), "Live feed")
			return text
		}
		named("Nothing the matter")
		if strings.Contains(home(), "Needs you") {
			t.Error("nothing needs anybody, and the page says so")
		}
		wish, broken, missed, forged := named("A wish"), named("A promise"), o.planned(), named("Forged")
		o.pass(time.Minute)
		o.alter(wish.ID, func(l *paylink.Link) { l.RefreshAskedAt = o.clock() })
		o.alter(broken.ID, func(l *paylink.Link) {
			l.Promised(paylink.Promising{Date: noon.AddDate(0, 0, -1).In(time.FixedZone("IST", 19800)), Note: "wages"}, noon)
			l.Course.Promise.State, l.PromisedFor = paylink.PromiseBroken, time.Time{}
		})
		o.alter(missed.ID, func(l *paylink.Link) { l.Course.Due, l.Course.Missed = 1, 1 })
		o.alter(forged.ID, func(l *paylink.Link) { l.Hold, l.HoldSince = paylink.HoldTampered, o.clock() })
		sent := named("Never came")
		messages, err := s.Read(t.Context()).MessagesOf(o.merchant.ID, sent.ID, 10)
		must(t, err)
		fail := func(m paylink.Message, status paylink.MessageStatus, code string) {
			was, at := m.Status, m.UpdatedAt
			m.Status, m.ErrorCode, m.UpdatedAt = status, code, o.clock()
			o.write(func(tx *store.Tx) { tx.UpdateMessage(m, was, at) })
		}
		fail(messages[0], paylink.MessageFailed, "unreachable")
		if strings.Contains(home(), "Never came") {
			t.Error("one of two messages failed, and the link needs somebody already")
		}
		fail(messages[1], paylink.MessageBlocked, "blocked_by_carrier")
		page := home()
		for _, want := range []string{
			"The customer asks for more time before it expires.", "₹2,450.00 was promised by 21 Nov 2026 and did not come (wages).",
			"₹100.00 of instalment 1 of 2 did not come by 24 Nov 2026.", "Its terms are not those that were signed, so it takes no payment.", "No message has reached the customer: ",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if strings.Contains(page, "Nothing the matter") || strings.Contains(page, "9812345642") || strings.Contains(page, "Show all") {
			t.Error("the page says more than it should")
		}
		for i := range 3 {
			l := named("Another wish")
			o.alter(l.ID, func(l *paylink.Link) { l.RefreshAskedAt = o.clock().Add(time.Duration(i)) })
		}
		if page = home(); strings.Count(page, "<li>") != homeConcerns || !strings.Contains(page, "Show all") {
			t.Errorf("the page shows %d", strings.Count(page, "<li>"))
		}
		if all := o.get("/dashboard/test/attention").Body.String(); strings.Count(all, `class="why"`) != 8 {
			t.Errorf("their own page shows %d", strings.Count(all, `class="why"`))
		}
		o.act(wish, "decline_refresh", nil)
		o.act(missed, "cancel", nil)
		o.act(sent, "cancel", nil)
		if all := o.get("/dashboard/test/attention").Body.String(); strings.Count(all, `class="why"`) != 5 {
			t.Errorf("after three were settled their own page shows %d", strings.Count(all, `class="why"`))
		}
	})
}
