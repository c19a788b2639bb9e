package store_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// things makes a table of the tests' own, because the engine has to work under any.
func things(t *testing.T, s *store.Store) {
	t.Helper()
	create := `CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT COLLATE "C", body BYTEA)`
	if s.Kind() == "sqlite" {
		create = `CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, body BLOB) STRICT`
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.Script(create) }); err != nil {
		t.Fatal(err)
	}
}

const insert = `INSERT INTO things (id, name) VALUES ($1, $2)`

// names gives the committed rows in order of their ids.
func names(t *testing.T, s *store.Store) []string {
	t.Helper()
	return namesOf(t, s.Read(context.WithoutCancel(t.Context())))
}

func namesOf(t *testing.T, r store.Reader) []string {
	t.Helper()
	found := []string{}
	err := r.Rows(`SELECT name FROM things ORDER BY id`, nil, func(scan func(dest ...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		found = append(found, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantNames(t *testing.T, s *store.Store, want ...string) {
	t.Helper()
	if got := names(t, s); !reflect.DeepEqual(got, append([]string{}, want...)) {
		t.Errorf("rows are %v, want %v", got, want)
	}
}

var errRefused = errors.New("refused by a rule")

// What a transaction has put is invisible to its own reads: a step would decide on old facts.
func TestTransactionReadsItsOwnPuts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(insert, 1, "one")
			tx.Put(insert, 2, "two")
			if got := namesOf(t, tx.Reader); !reflect.DeepEqual(got, []string{"one", "two"}) {
				t.Errorf("inside: %v", got)
			}
			if n, err := tx.Exec(`UPDATE things SET name = 'x' WHERE id > $1`, 0); n != 2 || err != nil {
				t.Errorf("exec changed %d rows, %v", n, err)
			}
			tx.Put(insert, 3, "three")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		wantNames(t, s, "x", "x", "three")
	})
}

// A change that silently touches no row, or too many, would be taken for done.
func TestPutMustChangeExactlyOneRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		cases := []struct{ name, q, want string }{
			{"none", `UPDATE things SET name = 'x' WHERE id = 9`, "UPDATE things SET name = 'x' WHERE id = 9: changed 0 rows, not 1"},
			{"two", `UPDATE things SET name = 'x'`, "UPDATE things SET name = 'x': changed 2 rows, not 1"},
		}
		for _, c := range cases {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				tx.Put(insert, 1, "one")
				tx.Put(insert, 2, "two")
				tx.Put(c.q)
				return nil
			})
			if err == nil || err.Error() != c.want {
				t.Errorf("%s: got %v", c.name, err)
			}
			wantNames(t, s)
		}
	})
}

// A guarded change that finds its guard closed is a decision with a name, not a database error, and
// nothing that travelled with it may stay.
func TestPutUnlessTurnsNoRowIntoTheGivenError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		const once = `INSERT INTO things (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`
		try := func(id int) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				tx.PutUnless(errRefused, once, 1, "one")
				tx.Put(insert, id, "beside")
				return nil
			})
		}
		if err := try(2); err != nil {
			t.Fatal(err)
		}
		if err := try(3); err != errRefused {
			t.Errorf("got %v, want the error itself", err)
		}
		wantNames(t, s, "one", "beside")
	})
}

// A domain error must come back as it is, so that a door can tell its kind, and leave nothing.
func TestErrorOfTheFunctionComesBackUnchanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Exec(insert, 1, "one")
			tx.Put(insert, 1, "would break a constraint, but is never asked")
			return errRefused
		})
		if err != errRefused {
			t.Errorf("got %v", err)
		}
		wantNames(t, s)
	})
}

// A function that drops an error on the floor would otherwise commit half of its work.
func TestFailureIsNotForgivenWhenTheFunctionIgnoresIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Exec(insert, 1, "one")
			_, first := tx.Exec(insert, 1, "again")
			if first == nil {
				t.Error("the second row with one key went in")
			}
			if _, then := tx.Exec(insert, 2, "two"); then != first {
				t.Errorf("after the failure: %v", then)
			}
			return nil
		})
		if err == nil || !strings.HasPrefix(err.Error(), "INSERT INTO things (id, name) VALUES ($1, $2): ") {
			t.Errorf("got %v", err)
		}
		wantNames(t, s)
	})
}

// PostgreSQL cannot run a statement while it sends rows. If SQLite could, a method would work on one
// database and break on the other.
func TestTransactionCannotBeUsedWhileItReadsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(insert, 1, "one")
			return tx.Rows(`SELECT id FROM things`, nil, func(func(dest ...any) error) error {
				_, err := tx.Exec(insert, 2, "two")
				return err
			})
		})
		if err == nil || err.Error() != "a transaction cannot use the database while it reads rows" {
			t.Errorf("got %v", err)
		}
		// Putting is fine: it waits until the rows are through.
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(insert, 1, "one")
			return tx.Rows(`SELECT id FROM things`, nil, func(scan func(dest ...any) error) error {
				tx.Put(insert, 2, "two")
				return nil
			})
		})
		if err != nil {
			t.Error(err)
		}
		wantNames(t, s, "one", "two")
	})
}
