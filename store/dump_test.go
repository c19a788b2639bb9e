package store_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// A table that is forgotten is lost in every backup; so is one that a later migration makes in words that
// the dump does not look for.
func TestDumpHoldsEveryTable(t *testing.T) {
	everyTable := map[string]string{
		"sqlite":   `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
		"postgres": `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name COLLATE "C"`,
	}
	shapes := map[string][]store.Table{}
	for _, kind := range storetest.Kinds {
		url := storetest.URL(t, kind)
		s := storetest.OpenURL(t, url)
		if err := s.Migrate(t.Context(), today); err != nil {
			t.Fatal(err)
		}
		var there []string
		err := s.Read(t.Context()).Rows(everyTable[kind], nil, func(scan func(dest ...any) error) error {
			there = append(there, "")
			return scan(&there[len(there)-1])
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := store.OpenDump(t.Context(), url, filepath.Join(t.TempDir(), "copy"))
		if err != nil {
			t.Fatal(err)
		}
		held := []string{"schema_migrations"} // which the steps in the archive's first line stand for
		for _, table := range d.Tables {
			held = append(held, table.Name)
			if len(table.Key) == 0 {
				t.Errorf("%s has no key to be ordered by", table.Name)
			}
		}
		if slices.Sort(held); !slices.Equal(held, there) {
			t.Errorf("%s has %q, its dump %q", kind, there, held)
		}
		shapes[kind] = d.Tables
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if !reflect.DeepEqual(shapes["sqlite"], shapes["postgres"]) {
		t.Errorf("the shapes differ:\n%v\n%v", shapes["sqlite"], shapes["postgres"])
	}
}

// Writers go on while a dump is read; what they write belongs to the next one.
func TestDumpSeesOneMoment(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			s := storetest.OpenURL(t, url)
			if err := s.Migrate(t.Context(), today); err != nil {
				t.Fatal(err)
			}
			addMerchants(t, s, "mer_a")
			d, err := store.OpenDump(t.Context(), url, filepath.Join(t.TempDir(), "copy"))
			if err != nil {
				t.Fatal(err)
			}
			addMerchants(t, s, "mer_b")
			var seen []any
			err = d.Each(t.Context(), d.Tables[0], func(row []any) error {
				seen = append(seen, row[0])
				return nil
			})
			if err != nil || !reflect.DeepEqual(seen, []any{"mer_a"}) {
				t.Errorf("saw %v, %v", seen, err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A backup's role needs to read and nothing more; one that sees fewer tables would make a smaller backup.
func TestDumpNeedsOnlyToRead(t *testing.T) {
	url := storetest.URL(t, "postgres")
	if err := storetest.OpenURL(t, url).Migrate(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	var shapes [][]store.Table
	for _, role := range []string{"", "&role=pg_read_all_data"} {
		d, err := store.OpenDump(t.Context(), url+role, "")
		if err != nil {
			t.Fatal(err)
		}
		shapes = append(shapes, d.Tables)
		for _, table := range d.Tables {
			if err := d.Each(t.Context(), table, func([]any) error { return nil }); err != nil {
				t.Error(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if !reflect.DeepEqual(shapes[0], shapes[1]) {
		t.Errorf("it sees %v, there are %v", shapes[1], shapes[0])
	}
	if _, err := store.OpenDump(t.Context(), url+"&role=pg_monitor", ""); err == nil {
		t.Error("a role that may not read made a backup")
	}
}

// A restore that a power cut ended must not be served, by nobody, and can be done again.
func TestHalfRestoredDatabaseIsRefusedUntilItIsRestored(t *testing.T) {
	eachEmpty(t, func(t *testing.T, s *store.Store) {
		steps := []store.Step{{Number: 1, Name: "first"}}
		// The process dies in the middle: what follows an error does not happen.
		if err := s.HalfRestore(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"migrate": s.Migrate(t.Context(), today), "pending": pendingError(t, s)} {
			if err == nil || !strings.Contains(err.Error(), "run paylink restore again") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := applied(t, s); len(got) > 0 {
			t.Errorf("an older version would take it for whole: %v", got)
		}
		err := s.Restore(t.Context(), steps, today, func(*store.Loader) (map[string]int64, error) { return map[string]int64{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context(), today); err != nil {
			t.Error(err)
		}
	})
}

func pendingError(t *testing.T, s *store.Store) error {
	_, _, err := s.Pending(t.Context())
	return err
}

// A restore begins by making tables and, if it must, ends by dropping them. Somebody else's table of
// the same name is neither.
func TestRestoreLeavesStrangersTablesAlone(t *testing.T) {
	eachEmpty(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Script(`CREATE TABLE messages (x TEXT); INSERT INTO messages VALUES ('theirs')`)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Restore(t.Context(), []store.Step{{Number: 1, Name: "first"}}, today, func(*store.Loader) (map[string]int64, error) {
			t.Error("it went on")
			return nil, nil
		})
		if err == nil || !strings.Contains(err.Error(), "the database is not empty") {
			t.Errorf("got %v", err)
		}
		var x string
		if err := s.Read(t.Context()).Row(`SELECT x FROM messages`, nil, &x); err != nil || x != "theirs" {
			t.Errorf("their table holds %q, %v", x, err)
		}
	})
}

// The doctor and the metrics tell how old the last backup is.
func TestLastBackupIsRemembered(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			s := storetest.OpenURL(t, url) // which goes on serving meanwhile
			if err := s.Migrate(t.Context(), today); err != nil {
				t.Fatal(err)
			}
			if at, err := s.LastBackup(t.Context()); err != nil || !at.IsZero() {
				t.Errorf("before: %v %v", at, err)
			}
			for _, at := range []int{1, 2} {
				if err := store.NoteBackup(t.Context(), url, today.AddDate(0, 0, at)); err != nil {
					t.Fatal(err)
				}
			}
			if at, err := s.LastBackup(t.Context()); err != nil || !at.Equal(today.AddDate(0, 0, 2)) {
				t.Errorf("after: %v %v", at, err)
			}
		})
	}
}

// An upgrade that finds out in its middle that it may not do it leaves an operator with a page at night.
func TestUpgradeIsKnownToBeImpossibleBefore(t *testing.T) {
	url := storetest.URL(t, "postgres")
	if err := storetest.OpenURL(t, url).Migrate(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"":                                  "",
		"&role=pg_read_all_data":            "may not make tables in this schema",
		"&role=pg_database_owner":           "does not own the tables",
		"&default_transaction_read_only=on": "read-only",
	} {
		err := storetest.OpenURL(t, url+setting).MayUpgrade(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

// A note that was torn by a power cut must not make the doctor and the metrics take the database for
// lost; it counts as no backup.
func TestTornNoteCountsAsNoBackup(t *testing.T) {
	url := storetest.URL(t, "sqlite")
	s := storetest.OpenURL(t, url)
	path := strings.TrimPrefix(url, "sqlite://") + ".backup"
	for _, text := range []string{"", "2026-11", "\x00\x00\x00"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if at, err := s.LastBackup(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("%q: %v, %v", text, at, err)
		}
	}
}
