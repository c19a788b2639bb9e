package storetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// sqliteURL makes a database for one test: an empty one, or a copy of the migrated file. Under the race
// detector the migrations would take most of a test's time.
func sqliteURL(t testing.TB, empty bool) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "paylink.db")
	if !empty {
		migrated, err := sqliteTemplate()
		if err != nil {
			t.Fatalf("make the SQLite template: %v", err)
		}
		if err := os.WriteFile(file, migrated, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "sqlite://" + file
}

// sqliteTemplate gives the bytes of a migrated database: closing it leaves everything in the one file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "paylink-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "paylink.db")
	if err := migrate("sqlite://" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})
