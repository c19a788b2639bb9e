package store_test

import (
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// fullTerms say something in every field.
func fullTerms() paylink.Terms {
	return paylink.Terms{
		Partial:        &paylink.Partial{MinimumFirst: 3, Minimum: 2},
		CustomerAmount: &paylink.CustomerAmount{Minimum: 1, Maximum: paylink.MaxMinor, Presets: []int64{5, 6}},
		Items: []paylink.LineItem{
			{Name: odd, Quantity: 2, UnitAmount: 9, TaxRate: "12.5", TaxInclusive: true, Adjustable: &paylink.Adjustable{Maximum: 4}},
			{Name: "b", Quantity: 1, UnitAmount: 1},
		},
		OnOver: paylink.PolicyRefund, OnUnder: paylink.PolicyCredit,
		SuccessText: odd, ClosedText: odd, TermsURL: "https://acme.example/terms",
		Questions: []paylink.Question{{Key: "size", Label: odd, Type: paylink.QuestionChoice, Choices: []string{"S", odd}, Required: true}, {Key: "n", Label: "n", Type: paylink.QuestionText, MaximumLength: 9}},
	}
}

// A change that loses the terms asks the next customer for another amount than the token vouches for.
func TestTermsOutliveAChangeOfTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		l := link("mer_a", "plink_1", nil)
		addLinks(t, s, l)
		l.Terms, l.AmountInFlight, l.UpdatedAt = fullTerms(), 5, noon.Add(1000)
		write(t, s, func(tx *store.Tx) { tx.UpdateLink(l, noon) })
		got, err := s.Read(t.Context()).Link("mer_a", false, "plink_1")
		same(t, "changed", l, got, err)
		facts, err := s.Read(t.Context()).LinkFacts("mer_a", "", "~")
		if err != nil || len(facts) != 1 || facts[0].AmountDue() != l.AmountDue() {
			t.Errorf("what is proven about it: %+v, %v", facts, err)
		}
	})
}

// A customer's cap that forgets a payment under way, or counts one that failed or was given back, is
// either oversold or turns somebody away who paid nothing.
func TestPaymentsTakenAreThoseThatCountOrMay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		want := int64(0)
		for i, c := range []struct {
			status      paylink.PaymentStatus
			abnormal    paylink.Abnormal
			disposition paylink.Policy
			taken       bool
		}{
			{paylink.PaymentCreated, "", "", true}, {paylink.PaymentActionRequired, "", "", true}, {paylink.PaymentPending, "", "", true},
			{paylink.PaymentAuthorised, "", "", true}, {paylink.PaymentUnknown, "", "", true}, {paylink.PaymentCaptured, "", "", true},
			{paylink.PaymentCaptured, paylink.AbnormalLate, paylink.PolicyAccept, true},
			{paylink.PaymentCaptured, paylink.AbnormalOverpaid, paylink.PolicyRefund, true},
			{paylink.PaymentCaptured, paylink.AbnormalUnderpaid, paylink.PolicyHold, false},
			{paylink.PaymentFailed, "", "", false}, {paylink.PaymentAbandoned, "", "", false}, {paylink.PaymentVoided, "", "", false},
		} {
			p := payment(paylink.PaymentID(rune('a'+i)), func(p *paylink.Payment) {
				p.Status, p.Abnormal, p.Disposition, p.Device = c.status, c.abnormal, c.disposition, "d1"
			})
			if c.taken != (p.Status.Live() || p.Counts()) {
				t.Errorf("%s %s: the nouns say otherwise", c.status, c.abnormal)
			}
			elsewhere, theirs, others := p, p, p
			elsewhere.Link, elsewhere.ID, elsewhere.Reference = "plink_2", p.ID+"x", p.Reference+"x"
			theirs.Device, theirs.ID, theirs.Reference = "d2", p.ID+"y", p.Reference+"y"
			others.Merchant = "mer_b"
			addPayments(t, s, p, elsewhere, theirs, others)
			if c.taken {
				want++
			}
		}
		got, err := s.Read(t.Context()).PaymentsTaken("mer_a", "plink_1", "d1")
		same(t, "taken", want, got, err)
	})
}

// On a link that a hundred thousand have paid, each page would read all of their payments.
func TestOneBrowsersPaymentsAreFoundByTheirIndex(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, fn := range map[string]func(store.Reader) error{
		"count": func(r store.Reader) error { _, err := r.PaymentsTaken("mer_a", "plink_1", "d"); return err },
		"list":  func(r store.Reader) error { _, err := r.PaymentsByDevice("mer_a", "plink_1", "d", 9); return err },
	} {
		if steps := s.Plan(t, s.Listen(t, fn)[0]); !strings.Contains(steps[0], "payments_by_device (merchant_id=? AND link_id=? AND device=?)") {
			t.Errorf("%s: %q", name, steps)
		}
	}
}
