package dispatch_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/customer"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

func (w *world) people() *customer.People {
	return customer.New(customer.Deps{Store: w.store, Ring: w.ring, Issuer: w.issuer, Now: w.clock})
}

func (w *world) said(id paylink.CustomerID) (lines []string) {
	w.t.Helper()
	all, err := w.store.Read(w.t.Context()).Consents(w.merchant.ID, id, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all {
		lines = append(lines, fmt.Sprint(c.Channel, " ", c.Purpose, " ", c.State, " ", c.Source, " ", c.Actor))
	}
	return lines
}

// A customer's own STOP stands nowhere that anybody who asks for consents would look, or stands there for ever.
func TestWhatACustomerDoesStandsInTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, hear := hears(t, s)
		made := w.create(paylink.ChannelSMS)
		person := made.Customer.PersonID()
		w.work()
		hear(channel.News{Replies: []channel.Reply{{Channel: paylink.ChannelSMS, From: made.Messages[0].To, Text: "STOP"}}})
		if got := fmt.Sprint(w.said(person)); got != "[sms all withdrawn stop customer]" {
			t.Errorf("after STOP the log has %s", got)
		}
		w.setClock(w.clock().Add(time.Minute))
		hear(channel.News{Replies: []channel.Reply{{Channel: paylink.ChannelSMS, From: made.Messages[0].To, Text: "START"}}})
		if got := fmt.Sprint(w.said(person)); got != "[sms transactional granted start customer sms all withdrawn stop customer]" {
			t.Errorf("after START the log has %s", got)
		}
	})
}

// Something is sold to somebody who never agreed to it, or who took it back; or WhatsApp goes to whoever has not
// agreed to it where that is asked for.
func TestWhatSellsNeedsAYes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		w.setClock(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)) // when it may be sold
		people, n := w.people(), 0
		want := func(what string, c paylink.Channel, purpose paylink.Purpose, person *issue.Created, status paylink.MessageStatus) {
			t.Helper()
			n++
			contact := issue.Contact{Name: "Asha", Phone: fmt.Sprintf("+9198123456%02d", n)}
			if person != nil {
				contact = issue.Contact{ID: person.Customer.ID}
			}
			made, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
				Amount: 1000, HasAmount: true, Currency: "INR", Channels: []paylink.Channel{c}, Customer: contact, Terms: paylink.Terms{Purpose: purpose}, NoExpiry: true,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.tick()
			w.work()
			if m := w.message(made.Messages[0].ID); m.Status != status || status == paylink.MessageBlocked && (m.ErrorCode != "no_consent" || m.Attempts != 0) {
				t.Errorf("%s: %s %q after %d calls", what, m.Status, m.ErrorCode, m.Attempts)
			}
		}
		say := func(person issue.Created, c paylink.Channel, to paylink.ConsentTo, state paylink.ConsentState) {
			t.Helper()
			w.tick()
			if _, err := people.Consent(t.Context(), w.actor(), person.Customer.ID, customer.Said{Channel: c, Purpose: to, State: state, Source: "a form"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		known := w.create()
		want("nobody asked", paylink.ChannelSMS, paylink.PurposePromotional, nil, paylink.MessageBlocked)
		say(known, paylink.ChannelSMS, paylink.PurposePromotional, paylink.ConsentGranted)
		want("agreed", paylink.ChannelSMS, paylink.PurposePromotional, &known, paylink.MessageSent)
		want("agreed elsewhere", paylink.ChannelWhatsApp, paylink.PurposePromotional, &known, paylink.MessageBlocked)
		say(known, paylink.ChannelSMS, paylink.PurposePromotional, paylink.ConsentWithdrawn)
		want("took it back", paylink.ChannelSMS, paylink.PurposePromotional, &known, paylink.MessageBlocked)
		want("what is no offer", paylink.ChannelSMS, "", &known, paylink.MessageSent)
		w.decide(func(s *paylink.Settings) { s.WhatsAppOptIn = true })
		w.setClock(w.clock().Add(time.Minute)) // past what is kept in memory
		want("no opt-in", paylink.ChannelWhatsApp, "", nil, paylink.MessageBlocked)
		want("asked for just now", paylink.ChannelWhatsApp, paylink.PurposeRequested, nil, paylink.MessageSent)
		say(known, paylink.ChannelWhatsApp, paylink.PurposeTransactional, paylink.ConsentGranted)
		want("opted in", paylink.ChannelWhatsApp, "", &known, paylink.MessageSent)
	})
}

// A no is said while messages are under way: what begins after it goes out all the same, or what was under way is
// left between its states.
func TestANoHoldsForWhatBeginsAfterIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, nil)
		known := w.create()
		var all []paylink.MessageID
		for range 12 {
			made, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
				Amount: 1000, HasAmount: true, Currency: "INR", Channels: []paylink.Channel{paylink.ChannelSMS}, Customer: issue.Contact{ID: known.Customer.ID},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, made.Messages[0].ID)
		}
		w.tick()
		var wait sync.WaitGroup
		wait.Go(func() {
			_, err := w.people().Consent(t.Context(), w.actor(), known.Customer.ID, customer.Said{
				Channel: paylink.ChannelSMS, Purpose: paylink.PurposeTransactional, State: paylink.ConsentWithdrawn, Source: "a call",
			}, nil)
			if err != nil {
				t.Error(err)
			}
		})
		w.work()
		wait.Wait()
		for _, id := range all { // what was on its way at that moment may arrive
			if m := w.message(id); m.Status != paylink.MessageSent && (m.Status != paylink.MessageBlocked || m.ErrorCode != "opted_out") {
				t.Errorf("%s %q", m.Status, m.ErrorCode)
			}
		}
		late, err := w.issuer.Create(t.Context(), w.actor(), issue.Draft{
			Amount: 1000, HasAmount: true, Currency: "INR", Channels: []paylink.Channel{paylink.ChannelSMS}, Customer: issue.Contact{ID: known.Customer.ID},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.tick()
		w.work()
		if m := w.message(late.Messages[0].ID); m.Status != paylink.MessageBlocked || m.ErrorCode != "opted_out" {
			t.Errorf("what begins afterwards is %s %q", m.Status, m.ErrorCode)
		}
	})
}
