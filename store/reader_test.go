package store_test

import (
	"reflect"
	"testing"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

type thingID string

// What goes in must come out the same on both databases, or a hash over it would not.
func TestValuesComeBackAsTheyWent(t *testing.T) {
	type values struct {
		ID     int64
		Name   *thingID
		Body   []byte
		At     time.Time
		Never  time.Time
		Number int64
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 891_000, time.UTC)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		create := `CREATE TABLE v (id BIGINT, name TEXT, none TEXT, body BYTEA, at BIGINT, never BIGINT, yes BIGINT)`
		if s.Kind() == "sqlite" {
			create = `CREATE TABLE v (id INTEGER, name TEXT, none TEXT, body BLOB, at INTEGER, never INTEGER, yes INTEGER) STRICT`
		}
		name := thingID("₹ 'quoted' \\ 💳")
		key := uint64(1) << 63
		want := values{ID: int64(key), Name: &name, Body: []byte{0, 255, 39}, At: at, Number: 1}
		var got values
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.Script(create); err != nil {
				return err
			}
			tx.Put(`INSERT INTO v (yes, never, at, body, none, name, id) VALUES ($7, $6, $5, $4, $3, $2, $1)`,
				int64(key), name, store.NullText(""), want.Body, store.Micros(at), store.NullMicros(time.Time{}), store.Bit(true))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var us int64
		var never *int64
		var none *string
		err = s.Read(t.Context()).Row(`SELECT id, name, none, body, at, never, yes FROM v WHERE id = $1`,
			[]any{want.ID}, &got.ID, &got.Name, &none, &got.Body, &us, &never, &got.Number)
		if err != nil {
			t.Fatal(err)
		}
		got.At, got.Never = store.FromMicros(us), store.FromNullMicros(never)
		if !reflect.DeepEqual(got, want) || none != nil {
			t.Errorf("got %+v and %v, want %+v", got, none, want)
		}
	})
}

// Methods must be able to tell "there is none" from "the database is in trouble".
func TestRowThatIsNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		var id int64
		if err := s.Read(t.Context()).Row(`SELECT id FROM things`, nil, &id); err != store.ErrNoRow {
			t.Errorf("outside: %v", err)
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.Row(`SELECT id FROM things`, nil, &id); err != store.ErrNoRow {
				t.Errorf("inside: %v", err)
			}
			tx.Put(insert, 1, "one") // it was no failure
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := s.Read(t.Context()).Row(`SELECT id FROM nothing`, nil, &id); err == nil || err == store.ErrNoRow {
			t.Errorf("without a table: %v", err)
		}
	})
}

// A claim that does not lock lets two workers take one job; a lock outside a transaction is a mistake.
func TestLocksAreWrittenOnlyWhereTheyWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		got := []string{s.Read(t.Context()).Lock(), s.Read(t.Context()).LockSkip()}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			got = append(got, tx.Lock(), tx.LockSkip())
			return nil
		})
		want := []string{"", "", " FOR UPDATE", " FOR UPDATE SKIP LOCKED"}
		if s.Kind() == "sqlite" {
			want = []string{"", "", "", ""}
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
