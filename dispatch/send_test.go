package dispatch_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/dispatch"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
)

// Four messages of one link go out at once: each reaches its carrier as that channel shows it, and
// the link was sent once.
func TestEveryChannelCarriesTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		c := w.create(paylink.Channels...)
		now := start.Add(time.Second)
		w.setClock(now)
		w.work()
		letters := map[string]map[string]any{}
		for _, l := range w.received() {
			letters[l["path"].(string)] = l
		}
		if len(w.received()) != 4 || len(letters) != 4 {
			t.Fatalf("the carriers received %d letters", len(w.received()))
		}
		for _, m := range c.Messages {
			l := letters["/carrier/"+string(m.Channel)+"/messages"]
			address := l["text"].(string)
			if button, ok := l["button"].(map[string]any); ok {
				address = button["url"].(string)
			}
			if !strings.Contains(address, public+"/") || l["to"] != m.To || l["sender"] != "Acme" || l["client_reference"] != string(m.ID) {
				t.Errorf("%s: %v", m.Channel, l)
			}
			a := w.accounts[m.Channel]
			if l["receipt_url"] != public+"/inbound/channel/sandbox/"+string(a.ID)+"?message="+string(m.ID) {
				t.Errorf("%s: receipts go to %v", m.Channel, l["receipt_url"])
			}
			want := m
			want.Status, want.Provider, want.Account, want.ProviderReference = "sent", "sandbox", a.ID, "sbx_"+string(m.ID)
			want.SentAt, want.Attempts = now, 1
			got := w.message(m.ID)
			if want.UpdatedAt = got.UpdatedAt; got != want {
				t.Errorf("%s: %+v, want %+v", m.Channel, got, want)
			}
		}
		if got := w.link(c.Link.ID); !got.SentAt.Equal(now) || got.Status != paylink.LinkPending {
			t.Errorf("the link: %+v", got)
		}
		want := map[paylink.EventType]int{"payment_link.created": 1, "payment_link.sent": 1, "message.sent": 4}
		if got := w.told(c.Link.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		log := w.log.String()
		if strings.Count(log, "message.attempted") != 4 || strings.Contains(log, "9812345642") || strings.Contains(log, "asha") || strings.Contains(log, "Asha") {
			t.Errorf("logged %s", log)
		}
	})
}

// An Indian operator drops a text message whose URL does not show the header that it goes out under.
func TestTextMessageShowsTheHeader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		other := w.merchant
		other.ID, other.Header = paylink.NewMerchantID(start), "ACMEPY"
		w.write(func(tx *store.Tx) error {
			tx.InsertMerchant(other)
			for _, a := range w.accounts {
				stored, err := tx.Account(a.ID)
				if err != nil {
					return err
				}
				stored.Merchant, stored.ID = other.ID, paylink.NewAccountID(start)
				stored.Secret = provider.SealSecret(w.ring, stored.ID, "s")
				tx.InsertAccount(stored, start)
			}
			return nil
		})
		w.merchant = other
		w.create(paylink.ChannelSMS, paylink.ChannelInApp)
		w.work()
		for _, l := range w.received() {
			text, sms := l["text"].(string), l["path"] == "/carrier/sms/messages"
			if strings.Contains(text, public+"/ACMEPY/") != sms {
				t.Errorf("%v: %s", l["path"], text)
			}
		}
	})
}

// The customer pays, or the merchant cancels, while a message waits: nobody is asked for money that
// is no longer due.
func TestUselessMessagesAreSkipped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, row := range []struct {
			code   string
			change func(*world, *paylink.Link)
		}{
			{"paid", func(_ *world, l *paylink.Link) { l.AmountPaid = l.Amount.Minor }},
			{"cancelled", func(_ *world, l *paylink.Link) { l.CancelledAt = start }},
			{"on_hold", func(_ *world, l *paylink.Link) { l.Hold, l.HoldSince = paylink.HoldPaused, start }},
			{"archived", func(_ *world, l *paylink.Link) { l.ArchivedAt = start }},
			{"expired", func(w *world, _ *paylink.Link) { w.setClock(start.Add(24 * time.Hour)) }},
		} {
			w := newWorld(t, s, nil)
			c := w.create(paylink.ChannelSMS)
			w.write(func(tx *store.Tx) error {
				l, err := tx.Link(w.merchant.ID, false, c.Link.ID)
				read := l.UpdatedAt
				row.change(w, &l)
				l.Touch(start)
				tx.UpdateLink(l, read)
				return err
			})
			w.work()
			got := w.message(c.Messages[0].ID)
			if got.Status != paylink.MessageSkipped || got.ErrorCode != row.code || len(w.received()) != 0 {
				t.Errorf("%s: %+v, %d letters", row.code, got, len(w.received()))
			}
			if told := w.told(c.Link.ID); told[paylink.EventMessageSkipped] != 1 || told[paylink.EventLinkSent] != 0 {
				t.Errorf("%s: told %v", row.code, told)
			}
		}
	})
}

// The merchant has no carrier for a channel; the message must not wait for ever.
func TestMessageWithoutACarrierFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, func(d *dispatch.Deps) { d.Senders = nil })
		c := w.create(paylink.ChannelSMS)
		w.work()
		got := w.message(c.Messages[0].ID)
		if got.Status != paylink.MessageFailed || got.ErrorCode != "no_provider" || !got.FailedAt.Equal(start) {
			t.Errorf("got %+v", got)
		}
		if told := w.told(c.Link.ID); told[paylink.EventMessageFailed] != 1 || told[paylink.EventLinkSent] != 0 {
			t.Errorf("told %v", told)
		}
	})
}

// A call to a carrier ends in every way that it can; what follows is neither silence nor a second
// message to a customer.
func TestEveryEndOfACallHasItsFollowUp(t *testing.T) {
	accept := `{"id":"sbx_1","status":"accepted"}`
	type answer struct {
		status int
		body   string
	}
	rows := []struct {
		name    string
		once    bool // the carrier does not deduplicate
		answers []answer
		status  paylink.MessageStatus
		code    string
		calls   int // in one round
	}{
		{"refused for good", false, []answer{{422, `{"error":{"code":"bad_number","message":"no"}}`}}, "failed", "bad_number", 1},
		{"refused for now", false, []answer{{429, `{"error":{"code":"slow_down","message":"no"}}`}, {202, accept}}, "sent", "", 2},
		{"maybe taken, by a carrier that deduplicates", false, []answer{{503, ""}, {202, accept}}, "sent", "", 2},
		{"maybe taken, by a carrier that does not", true, []answer{{503, ""}, {202, accept}}, "unknown", "no_answer", 1},
		{"refused for now, by a carrier that does not deduplicate", true, []answer{{429, ""}, {202, accept}}, "sent", "", 2},
		{"refused for good, by a carrier that does not deduplicate", true, []answer{{400, ""}}, "failed", "http_400", 1},
		{"never answered, by a carrier that deduplicates", false, []answer{{503, ""}}, "unknown", "no_answer", 14},
		{"always refused for now", false, []answer{{429, `{"error":{"code":"slow_down","message":"no"}}`}}, "failed", "slow_down", 14},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, row := range rows {
			w := newWorld(t, s, func(d *dispatch.Deps) {
				if row.once {
					d.Senders = map[string]channel.Sender{"sandbox": once{d.Senders["sandbox"]}}
				}
			})
			w.answer = func(n int, _ map[string]any) (int, string) {
				a := row.answers[min(n, len(row.answers))-1]
				return a.status, a.body
			}
			// Sixteen rounds, each long enough for the longest pause, within the life of the link.
			c := w.create(paylink.ChannelSMS)
			for i := range 16 {
				w.setClock(start.Add(time.Duration(i) * 80 * time.Minute))
				w.work()
			}
			got := w.message(c.Messages[0].ID)
			if got.Status != row.status || got.ErrorCode != row.code || len(w.received()) != row.calls {
				t.Errorf("%s: %s %q after %d calls, want %s %q after %d", row.name, got.Status, got.ErrorCode, len(w.received()), row.status, row.code, row.calls)
			}
			sent := map[bool]int{true: 1}[row.status == paylink.MessageSent]
			if told := w.told(c.Link.ID); told[paylink.EventMessageSent] != sent || told[paylink.EventLinkSent] != sent {
				t.Errorf("%s: told %v", row.name, told)
			}
		}
	})
}

// A node dies in the middle of a call to a carrier that would send twice. The node that takes over
// must not call again.
func TestTakeOverDoesNotSendTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, func(d *dispatch.Deps) {
			d.Senders = map[string]channel.Sender{"sandbox": once{d.Senders["sandbox"]}}
		})
		c := w.create(paylink.ChannelSMS)
		m := c.Messages[0]
		w.write(func(tx *store.Tx) error { // what the dead node had noted
			begun := m
			begun.Provider, begun.Account = "sandbox", w.accounts[m.Channel].ID
			begun.Touch(start)
			tx.UpdateMessage(begun, m.Status, m.UpdatedAt)
			return nil
		})
		w.work()
		if got := w.message(m.ID); got.Status != paylink.MessageUnknown || len(w.received()) != 0 {
			t.Errorf("%+v after %d calls", got, len(w.received()))
		}
		// The receipt of the dead node's call settles it.
		if n := w.take(m.Channel, w.about(m, "delivered", start)); n.Verdict != paylink.NoticeApplied {
			t.Errorf("got %+v", n)
		}
		if told := w.told(c.Link.ID); told[paylink.EventLinkSent] != 1 || told[paylink.EventMessageDelivered] != 1 {
			t.Errorf("told %v", told)
		}
	})
}

// The receipt overtakes our own note that the message was sent: one sending is told, and nothing is
// taken back.
func TestReceiptMayOvertakeTheNote(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.answer = func(_ int, letter map[string]any) (int, string) {
			m := w.carried(letter)
			r := w.about(m, "delivered", start)
			w.mu.Unlock()
			defer w.mu.Lock()
			if verdict, err := w.post(m.Channel, r); err != nil || verdict != paylink.NoticeReceived {
				t.Errorf("got %s, %v", verdict, err)
			}
			for range 2000 { // until the receipt is understood, while the carrier has not answered yet
				if w.message(m.ID).Status == paylink.MessageDelivered {
					break
				}
				time.Sleep(time.Millisecond)
			}
			return http.StatusAccepted, `{"id":"sbx_` + string(m.ID) + `","status":"accepted"}`
		}
		c := w.create(paylink.ChannelSMS)
		w.work()
		got := w.message(c.Messages[0].ID)
		if got.Status != paylink.MessageDelivered || got.ProviderReference != "sbx_"+string(got.ID) || got.Account != w.accounts["sms"].ID {
			t.Errorf("got %+v", got)
		}
		want := map[paylink.EventType]int{"payment_link.created": 1, "payment_link.sent": 1, "message.sent": 1, "message.delivered": 1}
		if told := w.told(c.Link.ID); !reflect.DeepEqual(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
