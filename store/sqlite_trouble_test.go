package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// A full disk that looks like a bug of ours is answered 500, and nobody tries again. A broken
// constraint that looks like a full disk is tried for ever.
func TestTroubleOfTheDiskIsTold(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	things(t, s)
	var pages int
	if err := s.Read(t.Context()).Row(`PRAGMA page_count`, nil, &pages); err != nil {
		t.Fatal(err)
	}
	limit := fmt.Sprintf("PRAGMA max_page_count = %d", pages+3)
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.Script(limit) }); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		tx.Put(`INSERT INTO things (id, name, body) VALUES (1, 'big', $1)`, make([]byte, 1<<20))
		return nil
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a full disk: %v", err)
	}
	if err := errors.Join(s.Write(t.Context(), put(2)), s.Ping(t.Context())); err != nil {
		t.Errorf("what fits is refused: %v", err)
	}
	if err := s.Write(t.Context(), put(2)); err == nil || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a broken constraint: %v", err)
	}
	err = s.Write(t.Context(), func(*store.Tx) error { return errRefused })
	if err != errRefused {
		t.Errorf("the caller's own error came back as %v", err)
	}
}

// The log is written over itself at a start: if that changed a byte of it, or forgot its end, what
// stood only there would be lost.
func TestStartKeepsWhatOnlyTheLogHolds(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	s := storetest.OpenURL(t, url)
	things(t, s)
	var names []string
	for id := 10; id < 60; id++ {
		names = append(names, fmt.Sprint(id))
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(`INSERT INTO things (id, name, body) VALUES ($1, $2, $3)`, id, fmt.Sprint(id), make([]byte, 30_000))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// What a crash would leave: the file, and the log beside it.
	from, to := strings.TrimPrefix(url, "sqlite://"), t.TempDir()+"/crashed.db"
	for _, part := range []string{"", "-wal"} {
		text, err := os.ReadFile(from + part)
		if err == nil {
			err = os.WriteFile(to+part, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(to + "-wal")
	if err != nil || len(before) < 1<<20 {
		t.Fatalf("the log has %d bytes, %v: too few for this test", len(before), err)
	}
	if err := store.FirmLog(to); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(to + "-wal"); err != nil || string(after) != string(before) {
		t.Errorf("the log has changed, %v", err)
	}
	wantNames(t, storetest.OpenURL(t, "sqlite://"+to), names...)
}
