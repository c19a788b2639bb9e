package dispatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// pay has the merchant record what was paid of a link.
func (w *world) pay(l paylink.LinkID, amount int64) paylink.Payment {
	w.t.Helper()
	w.tick()
	done, err := w.issuer.Record(w.t.Context(), w.actor(), l, issue.Recording{Amount: &amount, Method: paylink.MethodCash}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return *done.Payment
}

// receipts are the messages about a payment, by their channels.
func (w *world) receipts(l paylink.LinkID, about string) map[paylink.Channel][]paylink.Message {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).MessagesOf(w.merchant.ID, l, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	by := map[paylink.Channel][]paylink.Message{}
	for _, m := range all {
		if m.About == about {
			by[m.Channel] = append(by[m.Channel], m)
		}
	}
	return by
}

// Whoever has paid hears of it by mail unless the merchant says otherwise, with the sum that was paid and the
// number to ask by; and a receipt is no request: the link is not "sent" by it.
func TestReceiptTellsWhatWasPaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		l := w.create().Link
		p := w.pay(l.ID, 100000)
		w.work()
		got := w.receipts(l.ID, string(p.ID))
		if len(got) != 1 || len(got[paylink.ChannelEmail]) != 1 || len(w.calls) != 1 {
			t.Fatalf("receipts %v, %d calls", got, len(w.calls))
		}
		m := got[paylink.ChannelEmail][0]
		if m.Status != paylink.MessageSent || m.Kind != paylink.TemplateReceipt || m.Purpose != paylink.PurposeTransactional {
			t.Errorf("the receipt is %s, %s, %s", m.Status, m.Kind, m.Purpose)
		}
		text := w.calls[0]["text"].(string)
		for _, part := range []string{"Acme has received your payment of ₹1,000.00 for Order 1042.", "Still to be paid: ₹1,450.00.", p.Reference, public + "/"} {
			if !strings.Contains(text, part) {
				t.Errorf("the receipt lacks %q: %s", part, text)
			}
		}
		if w.calls[0]["subject"] != "Receipt from Acme: ₹1,000.00" || strings.Contains(text, "UPI PIN") {
			t.Errorf("the receipt's words: %v", w.calls[0])
		}
		if got := w.link(l.ID); !got.SentAt.IsZero() || w.told(l.ID)[paylink.EventLinkSent] != 0 {
			t.Errorf("the link was sent at %v", got.SentAt)
		}
		w.take(paylink.ChannelEmail, w.about(m, paylink.MessageDelivered, w.clock()))
		w.work()
		if got := w.link(l.ID); !got.SentAt.IsZero() || w.message(m.ID).Status != paylink.MessageDelivered {
			t.Errorf("after its receipt the link was sent at %v", got.SentAt)
		}
		last := w.pay(l.ID, 145000)
		w.work()
		if text := w.calls[1]["text"].(string); strings.Contains(text, "Still to be paid") || !strings.Contains(text, last.Reference) {
			t.Errorf("the last receipt: %s", text)
		}
	})
}

// A merchant who has chosen gets what was chosen, and who has chosen nothing pays for no surprise: neither text
// messages, nor failures for want of a provider that nobody asked for.
func TestReceiptsGoWhereTheMerchantWants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		sent := func(l paylink.LinkID) (on []paylink.Channel) {
			p := w.pay(l, 245000)
			w.work()
			for c := range w.receipts(l, string(p.ID)) {
				on = append(on, c)
			}
			slices.Sort(on)
			return on
		}
		w.decide(func(s *paylink.Settings) {
			*s = paylink.Settings{Receipts: &paylink.Receipts{Channels: []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp}}}
		})
		if got := sent(w.create().Link.ID); !slices.Equal(got, []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp}) {
			t.Errorf("by the setting: %v", got)
		}
		own, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
			Amount: 245000, HasAmount: true, Currency: "INR", Customer: issue.Contact{Phone: "+919812345642"},
			Terms: paylink.Terms{Receipts: &paylink.Receipts{Channels: []paylink.Channel{}}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := sent(own.Link.ID); got != nil {
			t.Errorf("a link without receipts: %v", got)
		}
		w.decide(func(s *paylink.Settings) { *s = paylink.Settings{} })
		w.write(func(tx *store.Tx) error {
			a, err := tx.Account(w.accounts[paylink.ChannelEmail].ID)
			a.Off = true
			tx.UpdateAccount(a)
			return err
		})
		if got := sent(w.create().Link.ID); got != nil {
			t.Errorf("nobody carries e-mail, and nobody asked for it: %v", got)
		}
	})
}

// Two workers, a job that came twice, a merchant's clock: whatever happens, a customer has one receipt of one
// payment on one channel.
func TestOneReceiptForEachPaymentAndChannel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.decide(func(s *paylink.Settings) {
			*s = paylink.Settings{Receipts: &paylink.Receipts{Channels: paylink.Channels}}
		})
		l := w.create().Link
		p := w.pay(l.ID, 245000)
		link := w.link(l.ID)
		w.write(func(tx *store.Tx) error {
			for range 12 {
				job := link.Inform(paylink.NewJobID(w.clock()), paylink.Tiding{Kind: paylink.TemplateReceipt, About: string(p.ID), Telling: paylink.Telling{Amount: 245000}}, w.clock())
				job.Key = string(job.ID)
				tx.Enqueue(job, w.clock())
			}
			return nil
		})
		w.crowd(func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return len(w.calls) >= 4
		})
		w.work()
		for c, all := range w.receipts(l.ID, string(p.ID)) {
			if len(all) != 1 || all[0].Status != paylink.MessageSent {
				t.Errorf("%s: %d receipts", c, len(all))
			}
		}
		if len(w.calls) != 4 {
			t.Errorf("%d messages went out", len(w.calls))
		}
	})
}

// Who has paid at night waits for the receipt; the cash that was noted at night does not wake anybody. And that
// a debt is recovered binds requests, not receipts.
func TestReceiptOfWhoPaidJustNowIsNotHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.setClock(time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)) // half past one at night in India
		w.decide(func(s *paylink.Settings) {
			*s = paylink.Settings{ContactHours: &paylink.DailyHours{From: "09:00", To: "20:00"}}
		})
		c, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
			Amount: 245000, HasAmount: true, Currency: "INR", Customer: issue.Contact{Phone: "+919812345642", Email: "asha@example.com"},
			Terms: paylink.Terms{Purpose: paylink.PurposeRecovery},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		noted := w.pay(c.Link.ID, 245000)
		link := w.link(c.Link.ID)
		w.write(func(tx *store.Tx) error {
			tx.Enqueue(link.Inform(paylink.NewJobID(w.clock()), paylink.Tiding{Kind: paylink.TemplateRefund, About: "rfnd_1", Telling: paylink.Telling{Amount: 5000, Reference: "R1"}}, w.clock()), w.clock())
			return nil
		})
		w.work()
		held := w.receipts(c.Link.ID, string(noted.ID))[paylink.ChannelEmail]
		if len(held) != 1 || held[0].Status != paylink.MessageQueued || held[0].ErrorCode != "contact_hours" {
			t.Errorf("the receipt of noted cash: %+v", held)
		}
		refund := w.receipts(c.Link.ID, "rfnd_1")[paylink.ChannelEmail]
		if len(refund) != 1 || refund[0].Status != paylink.MessageSent || !strings.Contains(w.calls[0]["text"].(string), "Acme is refunding ₹50.00 to you for") && !strings.Contains(w.calls[0]["text"].(string), "Acme is refunding ₹50.00 to you.") {
			t.Errorf("the refund notice: %+v %v", refund, w.calls)
		}
	})
}
