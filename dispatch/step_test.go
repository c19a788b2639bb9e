package dispatch_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// fallback is WhatsApp, then SMS after a minute unless delivered, then e-mail after an hour unless opened.
func fallback() paylink.DeliveryPlan {
	return paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{
		{Channel: paylink.ChannelWhatsApp}, {Channel: paylink.ChannelSMS, After: "60s", Unless: paylink.UnlessDelivered},
		{Channel: paylink.ChannelEmail, After: "1h", Unless: paylink.UnlessOpened},
	}}
}

// plan makes a link that goes out by a plan.
func (w *world) plan(p paylink.DeliveryPlan) issue.Created {
	w.t.Helper()
	c, err := w.issuer.Create(w.t.Context(), w.actor(), issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Terms: paylink.Terms{Delivery: &p},
		Customer: issue.Contact{Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"},
	}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// became writes what the requests of a link are now, and why.
func (w *world) became(id paylink.LinkID) string {
	w.t.Helper()
	messages, err := w.store.Read(w.t.Context()).MessagesOf(w.merchant.ID, id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, m := range messages {
		if !m.Asks() {
			continue
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Channel, m.Status, m.ErrorCode)))
	}
	return strings.Join(all, ", ")
}

// opens is a person who opens the link, as checkout notes it.
func (w *world) opens(id paylink.LinkID) error {
	return w.store.Write(w.t.Context(), func(tx *store.Tx) error {
		l, err := tx.Link(w.merchant.ID, false, id)
		if err != nil {
			return err
		}
		now := w.clock()
		tx.Visit(l, "device", paylink.VisitOpened, now, 1)
		tx.HurryDelivery(l, now)
		return nil
	})
}

// A step that is never sent, or sent although the customer has the message, is what plans are made against.
func TestStepsGoOutWhenTheyAreNeeded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, c := range map[string]struct {
			happens func(*world, issue.Created)
			later   []time.Duration // after the beginning
			want    string
		}{
			"nothing is due yet": {later: []time.Duration{59 * time.Second}, want: "whatsapp sent, sms scheduled, email scheduled"},
			"nothing is heard":   {later: []time.Duration{time.Minute, 2 * time.Hour}, want: "whatsapp sent, sms sent, email sent"},
			"it is delivered": {
				func(w *world, c issue.Created) {
					w.take(paylink.ChannelWhatsApp, w.about(w.message(c.Messages[0].ID), "delivered", start))
				},
				[]time.Duration{time.Minute}, "whatsapp delivered, sms skipped not_needed, email scheduled",
			},
			"it fails": {
				func(w *world, c issue.Created) {
					w.take(paylink.ChannelWhatsApp, w.about(w.message(c.Messages[0].ID), "failed", start))
				},
				[]time.Duration{2 * time.Second}, "whatsapp failed undelivered, sms sent, email scheduled",
			},
			"it is opened": {
				func(w *world, c issue.Created) { w.opens(c.Link.ID) },
				[]time.Duration{time.Second}, "whatsapp sent, sms skipped opened, email skipped opened",
			},
			"it is cancelled": {
				func(w *world, c issue.Created) { w.issuer.Cancel(t.Context(), w.actor(), c.Link.ID, nil) },
				[]time.Duration{time.Second}, "whatsapp sent, sms skipped cancelled, email skipped cancelled",
			},
			"it is paid": {
				func(w *world, c issue.Created) {
					w.issuer.Record(t.Context(), w.actor(), c.Link.ID, issue.Recording{Method: "cash"}, nil)
				},
				[]time.Duration{time.Second}, "whatsapp sent, sms skipped paid, email skipped paid",
			},
		} {
			w := newWorld(t, s, nil)
			made := w.plan(fallback())
			w.work()
			if c.happens != nil {
				c.happens(w, made)
			}
			for _, after := range c.later {
				w.setClock(start.Add(after))
				w.work()
			}
			if got := w.became(made.Link.ID); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			if told, want := w.told(made.Link.ID)[paylink.EventMessageSkipped], strings.Count(c.want, "skipped"); told != want {
				t.Errorf("%s: %d are told as skipped, want %d", name, told, want)
			}
			if waits := w.link(made.Link.ID).Course.Waiting; waits != strings.Contains(c.want, "scheduled") {
				t.Errorf("%s: the link waits: %t", name, waits)
			}
		}
	})
}

// A link expires days before its last step: the merchant sees at once that the step will not be.
func TestExpiryEndsThePlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		made := w.plan(paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: paylink.ChannelSMS}, {Channel: paylink.ChannelEmail, After: "3d"}}})
		w.work()
		for _, c := range []struct {
			at   time.Duration
			want string
		}{{24*time.Hour - time.Millisecond, "sms sent, email scheduled"}, {24 * time.Hour, "sms sent, email skipped expired"}} {
			w.setClock(start.Add(c.at))
			w.work()
			if got := w.became(made.Link.ID); got != c.want {
				t.Errorf("after %s: %s, want %s", c.at, got, c.want)
			}
		}
	})
}

// A merchant without a WhatsApp account has the same plan as everybody: the customer gets the text message at
// once, not in a minute.
func TestFailedStepMakesRoomAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.answer = func(n int, letter map[string]any) (int, string) {
			if strings.Contains(letter["path"].(string), "whatsapp") {
				return http.StatusBadRequest, `{"error":{"code":"template_paused","retry":false}}`
			}
			return http.StatusAccepted, `{"id":"x","status":"accepted"}`
		}
		c := w.plan(fallback())
		w.work()
		if got := w.became(c.Link.ID); !strings.Contains(got, "sms sent, email scheduled") {
			t.Errorf("at once: %s", got)
		}
		if at := w.message(c.Messages[2].ID).DueAt; !at.Equal(start.Add(time.Hour)) {
			t.Errorf("the e-mail is due at %s", at)
		}
	})
}

// A step becomes due in the instant in which its message is delivered, the link is opened or it is withdrawn,
// with two workers at it: it goes out once or not at all, and what is told agrees with what happened.
func TestStepDueAgainstWhatEndsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, ends := range map[string]struct {
			do  func(*world, issue.Created) error
			why string
		}{
			"delivered": {func(w *world, c issue.Created) error {
				_, err := w.post(paylink.ChannelWhatsApp, w.about(w.message(c.Messages[0].ID), "delivered", w.clock()))
				return err
			}, "not_needed"},
			"opened": {func(w *world, c issue.Created) error { return w.opens(c.Link.ID) }, "opened"},
			"cancelled": {func(w *world, c issue.Created) error {
				_, err := w.issuer.Cancel(t.Context(), w.actor(), c.Link.ID, nil)
				return err
			}, "cancelled"},
		} {
			w := newWorld(t, s, nil)
			var made []issue.Created
			for range 12 {
				made = append(made, w.plan(paylink.DeliveryPlan{Steps: fallback().Steps[:2]}))
			}
			w.work()
			ctx, stop := context.WithCancel(t.Context())
			var workers, doers sync.WaitGroup
			w.setClock(start.Add(time.Minute))
			for range 2 {
				q := w.queue()
				workers.Go(func() {
					if err := q.Work(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			for _, c := range made {
				doers.Go(func() {
					if err := ends.do(w, c); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			doers.Wait()
			for _, c := range made {
				w.decidedSoon(c.Messages[1].ID)
			}
			stop()
			workers.Wait()
			w.work()
			for _, c := range made {
				w.once(name, c, ends.why)
			}
		}
	})
}

// decidedSoon waits until a message is neither scheduled nor on its way to its provider.
func (w *world) decidedSoon(id paylink.MessageID) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		switch w.message(id).Status {
		case paylink.MessageScheduled, paylink.MessageQueued:
		default:
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("message %s is not decided", id)
		}
	}
}

// once holds the text message of a plan to have gone out once, or not at all for the reason.
func (w *world) once(name string, c issue.Created, why string) {
	w.t.Helper()
	calls := 0
	for _, l := range w.received() {
		if l["client_reference"] == string(c.Messages[1].ID) {
			calls++
		}
	}
	told := w.told(c.Link.ID)
	switch m := w.message(c.Messages[1].ID); {
	case m.Status == paylink.MessageSent && calls == 1 && told[paylink.EventMessageSkipped] == 0:
	case m.Status == paylink.MessageSkipped && m.ErrorCode == why && calls == 0 && told[paylink.EventMessageSkipped] == 1:
	default:
		w.t.Errorf("%s: %s %s, sent %d times, told %v", name, m.Status, m.ErrorCode, calls, told)
	}
	if w.link(c.Link.ID).Course.Waiting {
		w.t.Errorf("%s: the link still waits", name)
	}
}

// Ten people send a link by ten plans in one instant: each plan begins once, and only a plan that no later one
// replaced goes on.
func TestTenPlansAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.plan(fallback())
		w.work()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := w.issuer.Deliver(t.Context(), w.actor(), c.Link.ID, issue.Sending{Plan: fallback()}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, after := range []time.Duration{0, time.Minute, 2 * time.Hour} {
			w.setClock(start.Add(time.Second + after))
			w.work()
		}
		got := w.became(c.Link.ID)
		if strings.Contains(got, "scheduled") || strings.Contains(got, "queued") || strings.Count(got, "whatsapp sent") != 11 {
			t.Error(got)
		}
		if sent, skipped := strings.Count(got, "email sent"), strings.Count(got, "email skipped replaced"); sent < 1 || sent+skipped != 11 {
			t.Errorf("%d e-mails are sent, %d are replaced", sent, skipped)
		}
	})
}

// Somebody opened the link last week and forgot it: a plan by which it is sent again does not take that for an
// answer, but takes the next opening.
func TestEarlierOpeningDoesNotEndALaterPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.ChannelSMS)
		w.work()
		if err := w.opens(c.Link.ID); err != nil {
			t.Fatal(err)
		}
		w.setClock(start.Add(time.Hour))
		if _, err := w.issuer.Deliver(t.Context(), w.actor(), c.Link.ID, issue.Sending{Plan: fallback()}, nil); err != nil {
			t.Fatal(err)
		}
		w.work()
		w.setClock(start.Add(time.Hour + time.Minute))
		w.work()
		if got := w.became(c.Link.ID); got != "sms sent, whatsapp sent, sms sent, email scheduled" {
			t.Error(got)
		}
		if err := w.opens(c.Link.ID); err != nil {
			t.Fatal(err)
		}
		w.work()
		if got := w.became(c.Link.ID); got != "sms sent, whatsapp sent, sms sent, email skipped opened" {
			t.Error(got)
		}
	})
}

// The text message waits for a provider that has no room. Whoever has opened the link from the e-mail by then
// gets no more of it.
func TestStepThatWaitedIsNotSentToWhoHasOpened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		down := true
		w.answer = func(n int, letter map[string]any) (int, string) {
			if down && strings.Contains(letter["path"].(string), "sms") {
				return http.StatusTooManyRequests, `{"code":"busy","temporary":true}`
			}
			return http.StatusAccepted, `{"id":"sbx_` + letter["client_reference"].(string) + `","status":"accepted"}`
		}
		c := w.plan(paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: "email"}, {Channel: "sms", After: "1m", Unless: "delivered"}}})
		w.work()
		w.setClock(start.Add(time.Minute))
		w.work()
		if got := w.became(c.Link.ID); got != "email sent, sms queued" {
			t.Fatalf("while it is down: %s", got)
		}
		if err := w.opens(c.Link.ID); err != nil {
			t.Fatal(err)
		}
		down = false
		w.setClock(start.Add(20 * time.Minute))
		w.work()
		if got := w.became(c.Link.ID); got != "email sent, sms skipped opened" {
			t.Error(got)
		}
	})
}

// A step names two of three accounts: the second of them carries it when the first refuses, and nobody else does.
func TestStepGoesByWhomItNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		var names []string
		for _, c := range []paylink.Channel{"whatsapp", "sms", "email"} {
			names = append(names, string(w.accounts[c].ID))
		}
		w.write(func(tx *store.Tx) error { // each of them carries text messages
			for _, c := range []paylink.Channel{"whatsapp", "email"} {
				a, err := tx.Account(w.accounts[c].ID)
				if err != nil {
					return err
				}
				a.Channel, a.Name = "sms", string(c)
				tx.UpdateAccount(a)
			}
			return nil
		})
		first := w.accounts["email"].ID
		w.answer = func(n int, letter map[string]any) (int, string) {
			if strings.Contains(letter["receipt_url"].(string), string(first)) {
				return http.StatusTooManyRequests, `{"code":"busy","temporary":true}`
			}
			return http.StatusAccepted, `{"id":"sbx_` + letter["client_reference"].(string) + `","status":"accepted"}`
		}
		c := w.plan(paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: "sms", Providers: []string{string(first), names[0]}}}})
		for minute := range 3 {
			w.setClock(start.Add(time.Duration(minute) * time.Minute))
			w.work()
		}
		m := w.message(c.Messages[0].ID)
		if m.Status != paylink.MessageSent || m.Account != w.accounts["whatsapp"].ID {
			t.Errorf("%s by %s", m.Status, m.Account)
		}
		for _, l := range w.received() {
			if url := l["receipt_url"].(string); strings.Contains(url, string(w.accounts["sms"].ID)) {
				t.Errorf("it went by %s", url)
			}
		}
	})
}
