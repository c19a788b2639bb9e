package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// decide changes the merchant's settings, past all judgement.
func (w *world) decide(change func(*paylink.Settings)) {
	w.t.Helper()
	change(&w.merchant.Settings)
	w.write(func(tx *store.Tx) error { tx.UpdateSettings(w.merchant); return nil })
}

// ask makes a link with a purpose that goes out by SMS.
func (w *world) ask(phone string, purpose paylink.Purpose) paylink.MessageID {
	w.t.Helper()
	c, err := w.issuer.Create(w.t.Context(), w.actor(), issue.Draft{
		Amount: 245000, HasAmount: true, Currency: "INR", Description: "order 1042", Channels: []paylink.Channel{paylink.ChannelSMS},
		Customer: issue.Contact{Name: "Asha", Phone: phone}, Terms: paylink.Terms{Purpose: purpose}, NoExpiry: true,
	}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tick()
	return c.Messages[0].ID
}

func (w *world) sentTexts() (texts []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		texts = append(texts, fmt.Sprint(c["text"]))
	}
	return texts
}

// A demand for a debt at night is a breach of law; one that is lost because it was held is a debt unpaid.
func TestRecoveryWaitsForTheMorningAndSaysWhy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.setClock(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)) // half past nine in the evening in India
		held := w.ask("+919812345642", paylink.PurposeRecovery)
		asked := w.ask("+919812345643", paylink.PurposeRequested)
		w.work()
		if m := w.message(asked); m.Status != paylink.MessageSent {
			t.Errorf("what was asked for just now is %s", m.Status)
		}
		m := w.message(held)
		if m.Status != paylink.MessageQueued || m.ErrorCode != "in_recovery" || w.told(m.Link)[paylink.EventMessageHeld] != 1 {
			t.Errorf("at night it is %s %q, told %v", m.Status, m.ErrorCode, w.told(m.Link))
		}
		w.setClock(time.Date(2026, 11, 23, 3, 29, 0, 0, time.UTC)) // still the merchant's quiet hours
		w.work()
		if m = w.message(held); m.Status != paylink.MessageQueued {
			t.Errorf("before nine it is %s", m.Status)
		}
		w.setClock(time.Date(2026, 11, 23, 3, 31, 0, 0, time.UTC))
		w.work()
		if m = w.message(held); m.Status != paylink.MessageSent {
			t.Errorf("in the morning it is %s %q", m.Status, m.ErrorCode)
		}
	})
}

// Who said no gets another message; who unsubscribed from letters does not get the link that was just asked for.
func TestNobodyIsWrittenToAfterANo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		for _, c := range []struct {
			phone   string
			reason  paylink.SuppressionReason
			purpose paylink.Purpose
			status  paylink.MessageStatus
			code    string
		}{
			{"+919812345610", paylink.SuppressedStop, "", paylink.MessageBlocked, "opted_out"},
			{"+919812345611", paylink.SuppressedStop, paylink.PurposeRequested, paylink.MessageBlocked, "opted_out"},
			{"+919812345612", paylink.SuppressedBounce, "", paylink.MessageBlocked, "bounced_before"},
			{"+919812345613", paylink.SuppressedUnsubscribe, "", paylink.MessageBlocked, "opted_out"},
			{"+919812345614", paylink.SuppressedUnsubscribe, paylink.PurposeRequested, paylink.MessageSent, ""},
		} {
			key, err := token.AddressKey(w.ring, w.merchant.ID, false, paylink.ChannelSMS, c.phone)
			if err != nil {
				t.Fatal(err)
			}
			w.write(func(tx *store.Tx) error {
				tx.Suppress(paylink.Suppression{
					ID: paylink.NewSuppressionID(w.clock()), Merchant: w.merchant.ID, Channel: paylink.ChannelSMS, Address: key, Sealed: []byte{0}, Reason: c.reason, Since: start,
				})
				return nil
			})
			id := w.ask(c.phone, c.purpose)
			w.work()
			if m := w.message(id); m.Status != c.status || m.ErrorCode != c.code {
				t.Errorf("%s %s: %s %q, want %s %q", c.reason, c.purpose, m.Status, m.ErrorCode, c.status, c.code)
			}
		}
	})
}

func registeredTexts(text string) *paylink.DLT {
	return &paylink.DLT{
		Entity: "1101234560000012345", Headers: []string{"ACMEIN"}, Domains: []string{"pay.example"},
		Templates: []paylink.DLTTemplate{{ID: "1107160000000000001", Header: "ACMEIN", Text: text}},
	}
}

// What an operator would block is paid for and never arrives; what it would let through must go out with the
// names under which it is registered.
func TestIndiaGetsOnlyWhatIsRegistered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.decide(func(s *paylink.Settings) { s.DLT = registeredTexts("Dear customer, pay {#var#} to {#var#}") })
		blocked := w.ask("+919812345642", "")
		abroad := w.ask("+919812345643", "")
		w.work()
		if m := w.message(blocked); m.Status != paylink.MessageBlocked || m.ErrorCode != "dlt_text_mismatch" || m.Attempts != 0 {
			t.Errorf("what is not registered is %s %q after %d calls", m.Status, m.ErrorCode, m.Attempts)
		}
		if m := w.message(abroad); m.Status != paylink.MessageBlocked {
			t.Errorf("the other is %s", m.Status)
		}
		w.decide(func(s *paylink.Settings) {
			s.DLT = registeredTexts("{#var#}: payment request of Rs {#numeric#} for {#var#}. Pay: {#url#}")
		})
		sent := w.ask("+919812345642", "")
		w.work()
		texts := w.sentTexts()
		if m := w.message(sent); m.Status != paylink.MessageSent || len(texts) != 1 || !strings.Contains(texts[0], "https://pay.example/ACMEIN/") {
			t.Errorf("what is registered is %s %q: %q", m.Status, m.ErrorCode, texts)
		}
	})
}

// Two messages to one customer begin in one instant, and the cap counts one: the customer gets both.
func TestCapsHoldForMessagesOfOneInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.setClock(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC))
		w.decide(func(s *paylink.Settings) { s.ContactCaps = &paylink.ContactCaps{Day: 3, Week: 3} })
		var all []paylink.MessageID
		for range 8 {
			all = append(all, w.ask("+919812345642", paylink.PurposeRecovery))
		}
		other := w.ask("+919812345643", paylink.PurposeRecovery)
		requested := w.ask("+919812345642", "")
		w.work()
		for range 5 { // those that met in one instant look again after a second
			w.setClock(w.clock().Add(2 * time.Second))
			w.work()
		}
		sent, skipped := 0, 0
		for _, id := range all {
			switch m := w.message(id); {
			case m.Status == paylink.MessageSent:
				sent++
			case m.Status == paylink.MessageSkipped && m.ErrorCode == "frequency_cap":
				skipped++
			default:
				t.Errorf("%s %q", m.Status, m.ErrorCode)
			}
		}
		if sent != 3 || skipped != 5 {
			t.Errorf("%d were sent and %d skipped, want 3 and 5", sent, skipped)
		}
		for _, id := range []paylink.MessageID{other, requested} {
			if m := w.message(id); m.Status != paylink.MessageSent {
				t.Errorf("what the cap is not about is %s %q", m.Status, m.ErrorCode)
			}
		}
	})
}

// A merchant words its messages, and customers go on reading the words of this house; or a template that has
// no value for a link leaves a hole in the sentence.
func TestMessagesAreWordedByTheTemplateInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		word := func(language, text string, as paylink.RegisteredAs) {
			if _, err := w.issuer.SaveWording(t.Context(), w.actor(), issue.Wording{
				Channel: paylink.ChannelSMS, Kind: paylink.TemplateRequest, Language: language, Text: text, As: as, Active: true,
			}, nil); err != nil {
				t.Fatal(err)
			}
			w.setClock(w.clock().Add(time.Minute)) // past what is kept in memory
		}
		say := func(name, locale string) string {
			if _, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
				Amount: 245000, HasAmount: true, Currency: "INR", Channels: []paylink.Channel{paylink.ChannelSMS},
				Customer: issue.Contact{Name: name, Phone: "+919812345642", Locale: locale},
			}, nil); err != nil {
				t.Fatal(err)
			}
			w.tick()
			w.work()
			texts := w.sentTexts()
			text, _, _ := strings.Cut(texts[len(texts)-1], "https://")
			return text
		}
		if got := say("Asha", "hi"); got != "Acme: ₹2,450 का भुगतान अनुरोध। भुगतान: " {
			t.Errorf("without a template: %q", got)
		}
		word("en", "Dear {customer}, {amount} to {merchant}: {url}", paylink.RegisteredAs{})
		if got := say("Asha", "hi"); got != "Dear Asha, Rs 2,450 to Acme: " {
			t.Errorf("the merchant's language stands in: %q", got)
		}
		word("hi", "{customer} जी, {merchant} को {amount}: {url}", paylink.RegisteredAs{})
		if got := say("Asha", "hi"); got != "Asha जी, Acme को ₹2,450: " {
			t.Errorf("the customer's language: %q", got)
		}
		if got := say("", "en"); got != "Acme: payment request of Rs 2,450. Pay: " {
			t.Errorf("a customer without a name: %q", got)
		}
	})
}
