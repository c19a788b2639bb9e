package checkout_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"paylink"
	"paylink/checkout"
	"paylink/store"
	"paylink/store/storetest"
)

// A payment starts only with answers that can be; they stand on the payment sealed, are shown to the
// browser that gave them, and no event tells them.
func TestAnswersAreKeptSealedForTheirPayer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		l, code := c.link(func(l *paylink.Link) {
			l.Terms.TermsURL = "https://shop.example/terms"
			l.Terms.Questions = []paylink.Question{
				{Key: "name", Label: "Name", Type: paylink.QuestionText, Required: true},
				{Key: "size", Label: "Size", Type: paylink.QuestionChoice, Choices: []string{"S", "M"}},
			}
		})
		payer := checkout.NewDevice()
		for answers, want := range map[string]string{"": "/answers/name required", "Q": "/answers/size unknown_value"} {
			choice := checkout.Choice{Accepted: true, Answers: map[string]string{"name": answers, "size": answers}}
			if _, why := c.press(code, payer, choice); why != want {
				t.Errorf("%q: %q, want %q", answers, why, want)
			}
		}
		if _, why := c.press(code, payer, checkout.Choice{}); why != "/terms required" {
			t.Errorf("without anything: %q", why)
		}
		if now, payments := c.read(l); len(payments) != 0 || now.InFlight != 0 {
			t.Errorf("%d payments were started, %d are in flight", len(payments), now.InFlight)
		}
		given := map[string]string{"name": "Asha Rao", "size": "M"}
		p, why := c.press(code, payer, checkout.Choice{Accepted: true, Answers: given})
		if why != "" {
			t.Fatal(why)
		}
		want := []paylink.Reply{{Key: "name", Label: "Name", Value: "Asha Rao"}, {Key: "size", Label: "Size", Value: "M"}}
		if got := c.open(code, payer).Replies; !reflect.DeepEqual(got, want) {
			t.Errorf("the payer sees %v", got)
		}
		if got := c.open(code, checkout.NewDevice()).Replies; got != nil {
			t.Errorf("a stranger sees %v", got)
		}
		stored, err := s.Read(t.Context()).Payment(l.Merchant, l.Live, p.ID)
		if err != nil || len(stored.Answers) != 2 || bytes.Contains(stored.Answers[0].Sealed, []byte("Asha")) {
			t.Errorf("stored as %q, %v", stored.Answers, err)
		}
		events, err := s.Read(t.Context()).Timeline(l.Merchant, l.ID, 100)
		text, _ := json.Marshal(events)
		if err != nil || bytes.Contains(text, []byte("Asha")) || !bytes.Contains(text, []byte(`{"key":"name","label":"Name","value":null}`)) {
			t.Errorf("events tell %s, %v", text, err)
		}
	})
}
