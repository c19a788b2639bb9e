package issue_test

import (
	"sync"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// Somebody changes the amount in the database, and the next refresh signs it: the forgery would be
// genuine from then on.
func TestNothingTamperedIsSigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for verb, state := range map[string]paylink.LinkStatus{"refresh": "expired", "extend": "pending", "reactivate": "cancelled"} {
			w.setClock(start)
			d := draft()
			d.Reference = verb
			id := w.create(d).Link.ID
			states[state](w, id)
			w.alter(id, func(l *paylink.Link) { l.Amount.Minor = 1 })
			if _, err := verbs[verb](w, t.Context(), id, nil); err == nil || func() bool { code, _ := codeOf(err); return code != "tampered" }() {
				t.Errorf("%s: %v", verb, err)
			}
			w.alter(id, func(l *paylink.Link) { l.Amount.Minor, l.Hold = 245000, paylink.HoldTampered })
			if _, err := verbs[verb](w, t.Context(), id, nil); err == nil {
				t.Errorf("%s: a link on hold as tampered was signed", verb)
			}
		}
	})
}

// A cancelled link's reference goes to a new link; reviving the old one would use it twice.
func TestRevivalRespectsTheReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for verb, state := range map[string]paylink.LinkStatus{"refresh": "expired", "reactivate": "cancelled"} {
			w := newWorld(t, s)
			old := w.create(draft()).Link.ID
			states[state](w, old)
			holder := w.create(draft()).Link.ID
			_, err := verbs[verb](w, t.Context(), old, nil)
			if code, other := codeOf(err); code != "reference_in_use" || other != string(holder) {
				t.Errorf("%s: %v, want the conflict that names %s", verb, err, holder)
			}
		}
	})
}

// Two links with one reference are revived in the same instant: neither check sees the other.
func TestRevivalRaceHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var ids []paylink.LinkID
		for range 6 {
			id := w.create(draft()).Link.ID
			states[paylink.LinkCancelled](w, id)
			ids = append(ids, id)
		}
		by := w.actor()
		errs := make([]error, len(ids))
		var wait sync.WaitGroup
		for i, id := range ids {
			wait.Go(func() { _, errs[i] = w.issuer.Reactivate(t.Context(), by, id, nil) })
		}
		wait.Wait()
		winners := 0
		for _, err := range errs {
			if code, _ := codeOf(err); err == nil {
				winners++
			} else if code != "reference_in_use" {
				t.Errorf("got %v", err)
			}
		}
		if winners != 1 {
			t.Errorf("%d winners: %v", winners, errs)
		}
	})
}
