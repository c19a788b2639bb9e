package issue_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// rules makes reminders of texts such as "after 2h".
func rules(texts ...string) []paylink.Reminder {
	all := make([]paylink.Reminder, len(texts))
	for i, text := range texts {
		kind, span, _ := strings.Cut(text, " ")
		*map[string]*string{"after": &all[i].After, "before_expiry": &all[i].BeforeExpiry, "after_due": &all[i].AfterDue}[kind] = span
	}
	return all
}

// remindedDraft is a link that lives for three days from half past five in the afternoon.
func remindedDraft(texts ...string) issue.Draft {
	d := draft()
	d.Channels = []paylink.Channel{paylink.ChannelSMS, paylink.ChannelEmail}
	d.ExpiresIn = ptr(int64(3 * 86400))
	d.Terms.Reminders = rules(texts...)
	return d
}

// reminders lists the reminders that were sent, by channel and moment.
func (w *world) reminders(id paylink.LinkID) (sent []string) {
	w.t.Helper()
	messages, err := w.store.Read(w.t.Context()).MessagesOf(w.merchant.ID, id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range messages {
		if m.Purpose == paylink.PurposeReminder {
			sent = append(sent, fmt.Sprintf("%s %s", m.Channel, m.CreatedAt.Sub(start).Round(time.Second)))
		}
	}
	return sent
}

// at lets the jobs work at a moment.
func (w *world) at(after time.Duration) {
	w.t.Helper()
	w.setClock(start.Add(after))
	w.work()
}

// A reminder goes out at its moment and not a microsecond earlier, once on each channel, and is told; the
// one that falls into the night waits for the morning, which in Kolkata is 15 h 30 min after the start.
func TestRemindersGoOutOnTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := remindedDraft("after 2h", "after 10h", "before_expiry 24h")
		d.Terms.Reminders[2].Channels = []paylink.Channel{paylink.ChannelWhatsApp}
		id := w.create(d).Link.ID
		for _, row := range []struct {
			at   time.Duration
			want string
		}{
			{2*time.Hour - time.Microsecond, "[]"},
			{2 * time.Hour, "[sms 2h0m0s email 2h0m0s]"},
			{15*time.Hour + 30*time.Minute - time.Microsecond, "[sms 2h0m0s email 2h0m0s]"},
			{15*time.Hour + 30*time.Minute, "[sms 2h0m0s email 2h0m0s sms 15h30m0s email 15h30m0s]"},
			{48 * time.Hour, "[sms 2h0m0s email 2h0m0s sms 15h30m0s email 15h30m0s whatsapp 48h0m0s]"},
			{71 * time.Hour, "[sms 2h0m0s email 2h0m0s sms 15h30m0s email 15h30m0s whatsapp 48h0m0s]"},
		} {
			w.at(row.at)
			if got := fmt.Sprint(w.reminders(id)); got != row.want {
				t.Errorf("after %s: %s, want %s", row.at, got, row.want)
			}
		}
		told := slices.DeleteFunc(w.told(id), func(e paylink.EventType) bool { return e != paylink.EventLinkReminded })
		if len(told) != 3 {
			t.Errorf("told %d times", len(told))
		}
		if jobs, err := s.Read(t.Context()).Jobs(); err != nil || jobs["waiting"] != 1 { // that of the expiry
			t.Errorf("%v wait, %v", jobs, err)
		}
	})
}

// The customer has paid, or the link was cancelled: nobody is asked again, and the job goes.
func TestRemindersStopByThemselves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		made := map[string]paylink.LinkID{}
		for _, name := range []string{"paid", "cancelled", "back"} {
			d := remindedDraft("after 2h", "before_expiry 24h")
			d.Reference = name
			made[name] = w.create(d).Link.ID
		}
		w.alter(made["paid"], func(l *paylink.Link) { l.AmountPaid = l.Amount.Minor; l.Status = l.StatusAt(start) })
		for _, name := range []string{"cancelled", "back"} {
			if _, err := w.issuer.Cancel(t.Context(), w.actor(), made[name], nil); err != nil {
				t.Fatal(err)
			}
		}
		w.at(3 * time.Hour)
		if _, err := w.issuer.Reactivate(t.Context(), w.actor(), made["back"], nil); err != nil {
			t.Fatal(err)
		}
		w.at(47 * time.Hour)
		for name, id := range made {
			if got := w.reminders(id); len(got) > 0 {
				t.Errorf("%s: %v", name, got)
			}
		}
		w.at(48 * time.Hour)
		if got := fmt.Sprint(w.reminders(made["back"])); got != "[sms 48h0m0s email 48h0m0s]" {
			t.Errorf("reactivated: %s", got)
		}
	})
}

// Ten workers find the same reminder due at one instant, on both databases: it goes out once.
func TestReminderGoesOutOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		l := w.create(remindedDraft("after 1h", "after 2h")).Link
		w.write(func(tx *store.Tx) error {
			for i := range 10 {
				tx.Enqueue(paylink.Job{
					ID: paylink.NewJobID(start), Kind: paylink.JobRemind, Key: fmt.Sprintf("%s@%d", l.ID, i), Merchant: l.Merchant, World: true,
					Payload: paylink.JobPayload{Link: l.ID}, RunAt: start.Add(time.Hour),
				}, start)
			}
			return nil
		})
		w.at(2 * time.Hour)
		if got := fmt.Sprint(w.reminders(l.ID)); got != "[sms 2h0m0s email 2h0m0s]" {
			t.Errorf("%s", got)
		}
		if got := w.link(l.ID); len(got.Reminding.Done) != 2 {
			t.Errorf("decided %+v", got.Reminding.Done)
		}
	})
}

// What the merchant changes moves the reminders with it, also to an earlier moment than the one for which
// the job waits.
func TestRemindersMoveWithTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(remindedDraft("before_expiry 24h")).Link.ID
		if _, err := w.amend(id, issue.Amendment{ExpiresIn: ptr(int64(25 * 3600))}); err != nil {
			t.Fatal(err)
		}
		w.at(time.Hour)
		if _, err := w.issuer.Extend(t.Context(), w.actor(), id, ptr(int64(5*86400)), nil); err != nil {
			t.Fatal(err)
		}
		w.at(60 * time.Hour)
		if got := fmt.Sprint(w.reminders(id)); got != "[sms 1h0m0s email 1h0m0s]" {
			t.Errorf("before the new day: %s", got)
		}
		w.at(97 * time.Hour)
		if got := fmt.Sprint(w.reminders(id)); got != "[sms 1h0m0s email 1h0m0s sms 97h0m0s email 97h0m0s]" {
			t.Errorf("on the new day: %s", got)
		}
		done, err := w.amend(id, issue.Amendment{Reminders: rules("after 1h")}) // counted from the request, so it is past
		if wrong(err) != "/reminders/0 in_the_past" {
			t.Errorf("%+v, %v", done.Link.Terms.Reminders, err)
		}
		done, err = w.amend(id, issue.Amendment{Reminders: rules("before_expiry 24h", "before_expiry 2h")})
		if err != nil || done.Link.Revision != 4 || len(done.Link.Terms.Reminders) != 2 {
			t.Errorf("revision %d, %v, %v", done.Link.Revision, done.Link.Terms.Reminders, err)
		}
		if done, err = w.amend(id, issue.Amendment{Reminders: []paylink.Reminder{}}); err != nil || done.Link.Terms.Reminders != nil {
			t.Errorf("%v, %v", done.Link.Terms.Reminders, err)
		}
	})
}

// The clock of a test world is moved, and the reminders of that world with it.
func TestRemindersFollowTheSandboxClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, 240*time.Hour); err != nil {
			t.Fatal(err)
		}
		id := w.create(remindedDraft("after 2h")).Link.ID
		w.work()
		if got := w.reminders(id); len(got) > 0 {
			t.Fatalf("at once: %v", got)
		}
		if _, err := w.issuer.AdvanceClock(t.Context(), w.merchant.ID, 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		w.work()
		if got := w.reminders(id); len(got) != 2 {
			t.Errorf("two hours later: %v", got)
		}
	})
}

// A customer who has said no on a channel hears nothing there again, whoever wants to remind; on the other
// channels the reminder goes out.
func TestNoReminderAfterOptingOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := remindedDraft("after 1h", "after 3h")
		d.Terms.Reminders[0].Channels = []paylink.Channel{paylink.ChannelSMS}
		made := w.create(d)
		w.write(func(tx *store.Tx) error {
			m, err := tx.Message(w.merchant.ID, false, made.Messages[0].ID)
			before := m
			m.Status, m.ErrorCode = paylink.MessageBlocked, "opted_out"
			m.Touch(start)
			tx.UpdateMessage(m, before.Status, before.UpdatedAt)
			return err
		})
		w.at(3 * time.Hour)
		if got := fmt.Sprint(w.reminders(made.Link.ID)); got != "[email 3h0m0s]" {
			t.Errorf("%s", got)
		}
		l := w.link(made.Link.ID)
		if p := l.Reminders(paylink.QuietHours{}, w.clock())[0]; p.Status != paylink.ReminderSkipped || p.Reason != "opted_out" {
			t.Errorf("the first one: %+v", p)
		}
		w.setClock(start.Add(5 * time.Hour))
		_, err := w.issuer.Remind(t.Context(), w.actor(), l.ID, []paylink.Channel{paylink.ChannelEmail, paylink.ChannelSMS}, nil, nil)
		if wrong(err) != "/channels/1 opted_out" {
			t.Errorf("by hand: %v", err)
		}
	})
}

// Forty people press the button: the customer is reminded once, and not by the machine an hour on end.
func TestRemindByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(remindedDraft("after 2h")).Link.ID
		w.setClock(start.Add(90 * time.Minute))
		by, ended := w.actor(), make(chan error, 40)
		for range cap(ended) {
			go func() {
				_, err := w.issuer.Remind(t.Context(), by, id, []paylink.Channel{paylink.ChannelSMS}, nil, nil)
				ended <- err
			}()
		}
		good := 0
		for range cap(ended) {
			err := <-ended
			if code, _ := codeOf(err); err == nil {
				good++
			} else if code != "reminded_recently" && code != "changed" {
				t.Errorf("got %v", err)
			}
		}
		w.at(2 * time.Hour)
		if got := fmt.Sprint(w.reminders(id)); good != 1 || got != "[sms 1h30m0s]" {
			t.Errorf("%d went through: %s", good, got)
		}
		w.at(150 * time.Minute)
		if got := fmt.Sprint(w.reminders(id)); got != "[sms 1h30m0s sms 2h30m0s email 2h30m0s]" {
			t.Errorf("an hour later: %s", got)
		}
	})
}

// What cannot be is told by its field: a reminder that never comes is worse than none.
func TestRemindersThatCannotBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		due := start.Add(-time.Hour)
		for want, change := range map[string]func(*issue.Draft){
			"":                                      func(*issue.Draft) {},
			"/reminders/0/before_expiry no_expiry":  func(d *issue.Draft) { d.ExpiresIn, d.NoExpiry = nil, true },
			"/reminders/0/after_due no_due_date":    func(d *issue.Draft) { d.Terms.Reminders = rules("after_due 2h") },
			"/reminders/0 in_the_past":              func(d *issue.Draft) { d.Terms.Reminders = rules("before_expiry 73h") },
			"/reminders/0 too_late":                 func(d *issue.Draft) { d.Terms.Reminders = rules("after 72h") },
			"/reminders/0/after bad_time":           func(d *issue.Draft) { d.Terms.Reminders = rules("after soon") },
			"/reminders/0/after too_far":            func(d *issue.Draft) { d.Terms.Reminders = rules("after 367d") },
			"/reminders/0 conflicting":              func(d *issue.Draft) { d.Terms.Reminders = []paylink.Reminder{{}} },
			"/reminders/1 duplicate_value":          func(d *issue.Draft) { d.Terms.Reminders = rules("after 60m", "after 1h") },
			"/reminders conflicting":                func(d *issue.Draft) { d.Usage.Mode = paylink.UsageMulti },
			"/reminders too_many":                   func(d *issue.Draft) { d.Terms.Reminders = make([]paylink.Reminder, 11) },
			"/reminders/0/channels required":        func(d *issue.Draft) { d.Channels = nil },
			"/reminders/0/channels/0 unknown_value": func(d *issue.Draft) { d.Terms.Reminders[0].Channels = []paylink.Channel{"pigeon"} },
			"/channels/1 needs_contact, /reminders/0/channels/0 needs_contact": func(d *issue.Draft) {
				d.Customer.Email, d.Terms.Reminders[0].Channels = "", []paylink.Channel{paylink.ChannelEmail}
			},
			"/reminders/0 in_the_past, /reminders/1 conflicting": func(d *issue.Draft) {
				d.Terms.DueAt = &due
				d.Terms.Reminders = append(rules("after_due 30m"), paylink.Reminder{After: "1h", AfterDue: "2h"})
			},
		} {
			d := remindedDraft("before_expiry 2h")
			d.Reference = ""
			change(&d)
			_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if got := wrong(err); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if _, is := errors.AsType[*paylink.Invalid](err); err != nil && !is {
				t.Error(err)
			}
		}
	})
}

// The customer objects to the part that was paid: nobody asks for the rest until the bank has decided.
func TestNoReminderWhileAPaymentIsDisputed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(remindedDraft("after 1h", "after 3h")).Link.ID
		p := paylink.Payment{
			ID: paylink.NewPaymentID(start), Merchant: w.merchant.ID, Link: id, Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: 100, Currency: "INR"},
			AmountCaptured: 100, Method: paylink.MethodUPI, Reference: paylink.NewPaymentReference(), Dispute: paylink.DisputeNeedsResponse, CreatedAt: start, UpdatedAt: start,
		}
		w.write(func(tx *store.Tx) error { tx.InsertPayment(p); return nil })
		w.at(2 * time.Hour)
		if got := w.reminders(id); len(got) != 0 {
			t.Errorf("while it is disputed: %v", got)
		}
		l := w.link(id)
		if r := l.Reminders(paylink.QuietHours{}, w.clock())[0]; r.Status != paylink.ReminderSkipped || r.Reason != "disputed" {
			t.Errorf("the first one: %+v", r)
		}
		w.write(func(tx *store.Tx) error { p.Dispute = paylink.DisputeWon; tx.DisputePayment(p); return nil })
		w.at(3 * time.Hour)
		if got := w.reminders(id); len(got) != 2 {
			t.Errorf("after it was won: %v", got)
		}
	})
}
