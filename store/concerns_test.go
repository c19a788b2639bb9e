package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// The list of what needs a person forgets a link that was settled, or goes through all links to find the few
// that are not: both make it a list that nobody opens.
func TestConcernedLinksAreFoundByTheirIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		var ids []paylink.LinkID
		for i := range 5 {
			ids = append(ids, paylink.LinkID(fmt.Sprintf("plink_%d", i)))
			if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertLink(link("mer_a", ids[i], nil)); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		set := func(id paylink.LinkID, change func(*paylink.Link)) {
			t.Helper()
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				l, err := tx.Link("mer_a", false, id)
				if err != nil {
					return err
				}
				read := l.UpdatedAt
				l.Touch(read.Add(time.Second))
				change(&l)
				tx.UpdateLink(l, read)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		set(ids[1], func(l *paylink.Link) { l.RefreshAskedAt = at })
		set(ids[2], func(l *paylink.Link) { l.Hold, l.HoldSince = paylink.HoldTampered, at.Add(time.Hour) })
		set(ids[3], func(l *paylink.Link) { l.RefreshAskedAt = at.Add(time.Minute) })
		set(ids[3], func(l *paylink.Link) { l.RefreshAskedAt = time.Time{} })
		var found []paylink.Link
		heard := s.Listen(t, func(r store.Reader) (err error) { found, err = r.Concerned("mer_a", false, 10); return err })
		if len(found) != 2 || found[0].ID != ids[2] || found[1].ID != ids[1] {
			t.Errorf("found %v", found)
		}
		undelivered := s.Listen(t, func(r store.Reader) error { _, err := r.Undelivered("mer_a", false, 10); return err })
		for _, a := range append(heard, undelivered...) {
			if s.Kind() != "sqlite" {
				continue
			}
			for _, step := range s.Plan(t, a) {
				if !strings.Contains(step, "links_concerned") && !strings.Contains(step, "messages_undelivered") {
					t.Errorf("%s: %q", a.Q, step)
				}
			}
		}
	})
}
