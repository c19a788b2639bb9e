package store_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

var today = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

// steps makes migrations for both databases, one per text.
func steps(texts ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, kind := range storetest.Kinds {
		for i, text := range texts {
			files[fmt.Sprintf("migrations/%s/%04d_step.sql", kind, i+1)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return files
}

const (
	stepA = "-- Two statements; the second holds a semicolon.\nCREATE TABLE a (x TEXT); INSERT INTO a VALUES ('one;two');"
	stepB = "CREATE TABLE b (x TEXT);"
	stepC = "INSERT INTO b VALUES ('c');"
	wrong = "CREATE TABLE c (x TEXT); INSERT INTO nowhere VALUES ('c');"
)

// applied lists the steps that the database remembers.
func applied(t *testing.T, s *store.Store) (list []string) {
	t.Helper()
	const q = `SELECT number, name, applied_at FROM schema_migrations ORDER BY number`
	err := s.Read(t.Context()).Rows(q, nil, func(scan func(dest ...any) error) error {
		var number, at int64
		var name string
		err := scan(&number, &name, &at)
		list = append(list, fmt.Sprint(number, " ", name, " ", store.FromMicros(at).Format(time.DateOnly)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func eachEmpty(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) { fn(t, storetest.OpenURL(t, storetest.URL(t, kind))) })
	}
}

// A power cut or a mistake in the middle of an upgrade must leave a database that the next start can
// finish, with no half step in it.
func TestMigrateGoesOnWhereItStopped(t *testing.T) {
	eachEmpty(t, func(t *testing.T, s *store.Store) {
		err := s.MigrateFrom(t.Context(), steps(stepA, stepB, wrong), today)
		if err == nil || !strings.HasPrefix(err.Error(), "migrate the database: 0003_step: ") || !strings.Contains(err.Error(), "CREATE TABLE c") {
			t.Errorf("got %v", err)
		}
		if got, want := applied(t, s), []string{"1 step 2026-05-06", "2 step 2026-05-06"}; !reflect.DeepEqual(got, want) {
			t.Errorf("applied %q", got)
		}
		var x string
		if err := s.Read(t.Context()).Row(`SELECT x FROM c`, nil, &x); err == nil || err == store.ErrNoRow {
			t.Errorf("half of the wrong step stayed: %v", err)
		}
		for range 2 {
			if err := s.MigrateFrom(t.Context(), steps(stepA, stepB, stepC), today.AddDate(0, 0, 1)); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"1 step 2026-05-06", "2 step 2026-05-06", "3 step 2026-05-07"}
		if got := applied(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("applied %q", got)
		}
		if err := s.Read(t.Context()).Row(`SELECT x FROM a`, nil, &x); err != nil || x != "one;two" {
			t.Errorf("a holds %q, %v", x, err)
		}
	})
}

// A step that was edited after it ran, or a database from the future, has tables that this build does
// not know. Working on it would damage it.
func TestMigrateRefusesAnotherHistory(t *testing.T) {
	eachEmpty(t, func(t *testing.T, s *store.Store) {
		if err := s.MigrateFrom(t.Context(), steps(stepA, stepB), today); err != nil {
			t.Fatal(err)
		}
		gap := steps(stepA, stepB, stepC)
		delete(gap, "migrations/"+s.Kind()+"/0002_step.sql")
		cases := []struct {
			files fstest.MapFS
			want  string
		}{
			{steps(stepA, stepB+"\n"), "migrate the database: step 0002_step was applied with another text than this build has"},
			{steps(stepA), "migrate the database: the database has step 2, this build knows 1: it was used by a newer paylink"},
			{gap, "migration 2 of " + s.Kind() + " is missing"},
			{fstest.MapFS{}, "no migrations for " + s.Kind()},
		}
		for _, c := range cases {
			if err := s.MigrateFrom(t.Context(), c.files, today); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		}
	})
}

// Two nodes that start together must not both run a step.
func TestNodesMigrateTogether(t *testing.T) {
	url := storetest.URL(t, "postgres")
	var nodes sync.WaitGroup
	for range 6 {
		s := storetest.OpenURL(t, url)
		nodes.Go(func() {
			if err := s.MigrateFrom(t.Context(), steps(stepA, stepB, stepC), today); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	s := storetest.OpenURL(t, url)
	var rows int64
	if err := s.Read(t.Context()).Row(`SELECT COUNT(*) FROM b`, nil, &rows); err != nil || rows != 1 {
		t.Errorf("the last step ran %d times, %v", rows, err)
	}
}

// A backup or an older node's slow transaction holds a table that a step changes. Giving up would end the
// start, and waiting in the queue would stop every older node; it waits for a gap instead.
func TestStepWaitsForTransactionsThatHoldItsTables(t *testing.T) {
	url := storetest.URL(t, "postgres")
	s, older := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	if err := s.MigrateFrom(t.Context(), steps(stepA), today); err != nil {
		t.Fatal(err)
	}
	held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- older.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`LOCK TABLE a IN ACCESS SHARE MODE`)
			close(held)
			<-release
			return err
		})
	}()
	<-held
	var waited []string
	err := s.UpgradeFrom(t.Context(), steps(stepA, "ALTER TABLE a ADD COLUMN y TEXT;"), store.Upgrade{
		Now: today,
		Waiting: func(whom string) {
			waited = append(waited, whom)
			close(release)
		},
	})
	if err != nil || !reflect.DeepEqual(waited, []string{"transactions that hold its tables"}) {
		t.Errorf("waited for %q, %v", waited, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A step for one database only would let the two drift apart.
func TestBothDatabasesHaveTheSameSteps(t *testing.T) {
	sqlite, postgres := store.EmbeddedMigrations(t, "sqlite"), store.EmbeddedMigrations(t, "postgres")
	if !reflect.DeepEqual(sqlite, postgres) {
		t.Errorf("sqlite has %v, postgres has %v", sqlite, postgres)
	}
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			s := storetest.Open(t, kind)
			if err := s.Migrate(t.Context(), today); err != nil { // again
				t.Error(err)
			}
			if got := applied(t, s); len(got) != len(sqlite) {
				t.Errorf("applied %v", got)
			}
		})
	}
}

// A language's order of texts differs from SQLite's order of bytes: pages by cursor would skip rows on
// one of the two databases.
func TestTextsSortByTheirBytes(t *testing.T) {
	s := storetest.Open(t, "postgres")
	const q = `
		SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
			AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'
		ORDER BY 1`
	err := s.Read(t.Context()).Rows(q, nil, func(scan func(dest ...any) error) error {
		var column string
		err := scan(&column)
		t.Errorf("%s lacks COLLATE \"C\"", column)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
