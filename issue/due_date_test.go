package issue_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// The day on which money is due is a term: it is signed, it changes with a revision, and it ends nothing.
func TestDueDateIsATermAndEndsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		d := draft()
		due := start.Add(time.Hour + time.Nanosecond)
		d.Terms.DueAt = &due
		l := w.link(w.create(d).Link.ID)
		if want := start.Add(time.Hour); l.Terms.DueAt == nil || !l.Terms.DueAt.Equal(want) {
			t.Fatalf("due at %v, want %v", l.Terms.DueAt, want)
		}
		if claims, err := token.ReadLink(w.ring, l.Token); err != nil || claims != token.Claims(l) {
			t.Errorf("the row is not what was signed: %v", err)
		}
		if later := start.Add(2 * time.Hour); l.Overdue(start) || !l.Overdue(later) || l.Refusal(later) != "" {
			t.Errorf("overdue before %t, after %t, and then %q", l.Overdue(start), l.Overdue(later), l.Refusal(later))
		}
		copied, err := w.issuer.Duplicate(t.Context(), w.actor(), l.ID, issue.Copy{}, nil)
		if err != nil || copied.Link.Terms.DueAt != nil {
			t.Errorf("another link is due at %v, %v", copied.Link.Terms.DueAt, err)
		}
		next := start.Add(3 * time.Hour)
		for n, a := range []issue.Amendment{{DueAt: &next}, {DueAt: &next}, {NoDueAt: true}} {
			done, err := w.amend(l.ID, a)
			if want := []int64{2, 2, 3}[n]; err != nil || done.Link.Revision != want || (done.Link.Terms.DueAt == nil) != a.NoDueAt {
				t.Errorf("%d: revision %d, due at %v, %v", n, done.Link.Revision, done.Link.Terms.DueAt, err)
			}
		}
	})
}

// A day beyond ten years is a slip of the pen; one that has passed is an invoice that is overdue.
func TestDueDateWithinTenYears(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for years, good := range map[int]bool{-11: false, -1: true, 9: true, 11: false} {
			d, due := draft(), start.AddDate(years, 0, 0)
			d.Terms.DueAt = &due
			d.Reference = ""
			_, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			invalid, _ := err.(*paylink.Invalid)
			if good != (err == nil) || !good && (invalid == nil || invalid.Fields[0].Pointer != "/due_at" || invalid.Fields[0].Code != "too_far") {
				t.Errorf("%d years: %v", years, err)
			}
		}
	})
}
