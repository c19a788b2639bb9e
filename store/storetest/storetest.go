// Package storetest gives tests a real, migrated, empty database of each kind that paylink runs on.
// It is for the tests of every package that stands on the store: what they promise, they promise on
// both. It leaves what is in the database to them, and it has no pretend database: where PostgreSQL
// is missing, the tests fail.
package storetest

import (
	"log/slog"
	"testing"
	"time"

	"paylink/store"
)

// Kinds are the databases that every test of Each runs on.
var Kinds = []string{"sqlite", "postgres"}

// Each runs fn once for each kind of database, as a subtest of that name, on an empty database.
func Each(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, kind := range Kinds {
		t.Run(kind, func(t *testing.T) { fn(t, Open(t, kind)) })
	}
}

// Open gives an empty, migrated database of one kind. It is closed when the test ends.
//
// In a testing/synctest bubble, call it inside, so that the store's goroutines belong to the bubble.
func Open(t testing.TB, kind string) *store.Store {
	t.Helper()
	return OpenURL(t, address(t, kind, false))
}

// OpenURL opens the database at url as it is, and closes it when the test ends.
func OpenURL(t testing.TB, url string) *store.Store {
	t.Helper()
	// Without LISTEN, because a socket that somebody reads all the time stops the clock of a bubble.
	s, err := store.Open(t.Context(), url, store.Options{Log: slog.New(slog.DiscardHandler), Listen: store.ListenOff})
	if err != nil {
		t.Fatalf("open a store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the %s store: %v", s.Kind(), err)
		}
	})
	return s
}

// URL gives the address of a database of one kind that holds nothing, not even tables, for a test that
// opens it more than once or hands it to another process. It is removed when the test ends.
func URL(t testing.TB, kind string) string {
	t.Helper()
	return address(t, kind, true)
}

// migrated is when all test databases were migrated.
var migrated = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func address(t testing.TB, kind string, empty bool) string {
	t.Helper()
	switch kind {
	case "sqlite":
		return sqliteURL(t, empty)
	case "postgres":
		return postgresURL(t, empty)
	}
	t.Fatalf("there is no database of kind %q", kind)
	return ""
}
