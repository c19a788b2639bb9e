package issue_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// An order grows, and the merchant asks anew: the old message must lead to the new request, and nobody
// pays both. The reference, and the customer, go over to the new one.
func TestReplacementTakesOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		old := w.create(draft()).Link
		d := draft()
		d.Amount, d.Customer, d.Replaces = 300000, issue.Contact{}, old.ID
		made := w.create(d).Link
		if made.Customer != old.Customer || made.Reference != old.Reference || made.CodeKey == old.CodeKey {
			t.Errorf("the new link is %+v", made)
		}
		left := w.link(old.ID)
		if left.ReplacedBy != made.ID || left.Status != paylink.LinkCancelled || left.CancelledAt.IsZero() {
			t.Errorf("the old link is %+v", left)
		}
		if got := w.told(old.ID); !slices.Equal(got, []paylink.EventType{"payment_link.created", "payment_link.cancelled"}) {
			t.Errorf("told %v", got)
		}
		_, err := w.issuer.Reactivate(t.Context(), w.actor(), old.ID, nil)
		if code, other := codeOf(err); code != "replaced" || other != string(made.ID) {
			t.Errorf("revived beside its replacement: %v", err)
		}
	})
}

// What is paid, being paid, replaced or unknown is not replaced, and then nothing new is made.
func TestReplacementNamesWhatStandsInItsWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for want, facts := range map[string]func(*paylink.Link){
			"not_replaceable":   func(l *paylink.Link) { l.AmountPaid = l.Amount.Minor },
			"payment_in_flight": func(l *paylink.Link) { l.InFlight = 1 },
			"replaced": func(l *paylink.Link) {
				l.CancelledAt, l.Status, l.ReplacedBy = start, paylink.LinkCancelled, "plink_other"
			},
		} {
			w := newWorld(t, s)
			old := w.create(draft()).Link
			w.alter(old.ID, facts)
			d := draft()
			d.Replaces, d.Reference = old.ID, "another"
			_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if code, _ := codeOf(err); code != want {
				t.Errorf("%v, want %s", err, want)
			}
			list, err := s.Read(t.Context()).FindLinks(store.LinkFilter{Merchant: w.merchant.ID, Limit: 9})
			if err != nil || len(list.Links) != 1 {
				t.Errorf("%s: %d links, %v", want, len(list.Links), err)
			}
		}
		w := newWorld(t, s)
		d := draft()
		d.Replaces = "plink_unknown"
		if _, err := w.issuer.Create(t.Context(), w.actor(), d, nil); wrong(err) != "/replaces unknown_link" {
			t.Errorf("%v", err)
		}
	})
}

// Two people replace one link at once: one of them is told, or the old page would lead to one and the
// customer pay the other.
func TestReplacementRaceHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		old, by := w.create(draft()).Link, w.actor()
		errs := make([]error, 6)
		var wait sync.WaitGroup
		for i := range errs {
			d := draft()
			d.Replaces, d.Reference = old.ID, ""
			wait.Go(func() { _, errs[i] = w.issuer.Create(t.Context(), by, d, nil) })
		}
		wait.Wait()
		winners := 0
		for _, err := range errs {
			if code, _ := codeOf(err); err == nil {
				winners++
			} else if code != "replaced" {
				t.Errorf("got %v", err)
			}
		}
		if winners != 1 {
			t.Errorf("%d winners", winners)
		}
	})
}

// A copy that leaves a term out asks for something else than its original.
func TestDuplicateHasTheSameTerms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		d.Usage, d.Methods, d.ReturnURL = issue.Usage{Mode: "multi", MaxPayments: ptr(int64(7))}, []paylink.Method{"upi"}, "https://shop.example/thanks"
		d.Notes, d.OnLate, d.OnDuplicate, d.Channels = "note", paylink.PolicyHold, paylink.PolicyCredit, nil
		from := w.create(d).Link
		made, err := w.issuer.Duplicate(t.Context(), w.actor(), from.ID, issue.Copy{Reference: "r2", Channels: []paylink.Channel{"email"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := made.Link
		if got.ID == from.ID || got.CodeKey == from.CodeKey || got.Reference != "r2" || len(made.Messages) != 1 {
			t.Errorf("the copy is %+v", got)
		}
		got.ID, got.CodeKey, got.CodeSlot, got.Token, got.Reference, got.Channels = from.ID, from.CodeKey, from.CodeSlot, from.Token, from.Reference, from.Channels
		if !reflect.DeepEqual(got, from) {
			t.Errorf("the copy is\n%+v, not\n%+v", got, from)
		}
	})
}
