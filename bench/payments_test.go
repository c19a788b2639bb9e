package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// The measurements about payments drive the built program and write its tables: what changes there must not be found
// out in the hour in which somebody wants to measure. Nothing here judges how quick it was; each measurement judges
// itself whether what it did was right.
func TestPaymentsAreMeasured(t *testing.T) {
	t.Chdir("..")
	b := &bench{window: 300 * time.Millisecond, pairsWanted: 1, clients: 8, postings: 5000, on: "SQLite,PostgreSQL"}
	err := b.within(func() (err error) { // the test's own folder would be closed to the account of PostgreSQL
		if b.postgres, err = startPostgres(t.Context(), filepath.Join(b.dir, "postgres")); err != nil {
			return err
		}
		defer b.postgres.stop()
		for _, m := range []struct {
			name string
			do   func() (measured int, err error)
		}{
			{"confirming", func() (int, error) { f, err := b.confirming(t.Context()); return len(f), err }},
			{"forged", func() (int, error) { f, err := b.forged(t.Context()); return len(f), err }},
			{"balance", func() (int, error) { f, err := b.balance(t.Context()); return len(f), err }},
			{"posting on SQLite", func() (int, error) { r, err := b.postingOnSQLite(t.Context()); return len(r.ratios()), err }},
			{"posting on PostgreSQL", func() (int, error) { r, err := b.postingOnPostgres(t.Context()); return len(r.ratios()), err }},
		} {
			start := time.Now()
			measured, err := m.do()
			t.Logf("%s took %v", m.name, time.Since(start).Round(time.Millisecond))
			if err != nil || measured == 0 {
				t.Errorf("%s: %d measured, %v", m.name, measured, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The edits of a program that is built for a comparison must not outlive what they change.
func TestAnEditThatFindsNothingIsRefused(t *testing.T) {
	t.Chdir("..")
	b := &bench{dir: t.TempDir()}
	if _, err := b.buildEdited(t.Context(), "edited", edit{noPosting.file, "no such line", ""}); err == nil {
		t.Error("it was built")
	}
}

// An event that is told again must not move the time at which its payment was seen.
func TestSightingsCountAPaymentOnce(t *testing.T) {
	s := sightings{at: map[int64]time.Time{}}
	event := func(kind string, i int64) []byte {
		return []byte(`{"id":"evt_1","type":"` + kind + `","data":{"object":{"link_id":"` + nth("plink", i) + `"}}}`)
	}
	for _, e := range [][]byte{event("payment.captured", 7), event("payment.captured", 7), event("payment_link.paid", 8), event("payment.captured", 255), []byte("{}")} {
		s.note(e)
	}
	sent := map[int64]time.Time{7: s.at[7].Add(-time.Second), 8: time.Now(), 255: s.at[255].Add(-2 * time.Second)}
	if got := s.since(sent); !slices.Equal(got, []time.Duration{time.Second, 2 * time.Second}) {
		t.Errorf("seen after %v", got)
	}
}
