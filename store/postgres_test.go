package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// Two payments touch two rows in opposite orders. PostgreSQL ends one of them; its customer must not
// hear of that.
func TestDeadlockRunsTheVictimAgain(t *testing.T) {
	s := storetest.OpenURL(t, storetest.URL(t, "postgres")+"&deadlock_timeout=20ms")
	things(t, s)
	for id := range 2 {
		if err := s.Write(t.Context(), put(id)); err != nil {
			t.Fatal(err)
		}
	}
	var runs atomic.Int64
	var met, both sync.WaitGroup
	met.Add(2)
	for first := range 2 {
		var once sync.Once
		both.Go(func() {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				runs.Add(1)
				tx.Exec(`UPDATE things SET name = name || $2 WHERE id = $1`, first, "a")
				once.Do(func() { met.Done(); met.Wait() })
				_, err := tx.Exec(`UPDATE things SET name = name || $2 WHERE id = $1`, 1-first, "b")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if runs.Load() < 3 { // it may end both at once, and then both run again
		t.Errorf("%d runs", runs.Load())
	}
	if got := names(t, s); len(got[0]) != 3 || len(got[1]) != 3 {
		t.Errorf("rows: %v", got)
	}
}

// A tie that does not dissolve must end in an error, not in an endless loop, and a database that was
// told to raise something else must not be asked again.
func TestTiesAreBrokenThreeTimes(t *testing.T) {
	s := storetest.Open(t, "postgres")
	things(t, s)
	for code, want := range map[string]int{"40001": 4, "40P01": 4, "57014": 1, "23505": 1} {
		runs := 0
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			runs++
			tx.Put(insert, 1, "one")
			tx.Exec(fmt.Sprintf(`DO $$ BEGIN RAISE EXCEPTION 'a tie' USING ERRCODE = '%s'; END $$`, code))
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), code) || runs != want {
			t.Errorf("%s: %d runs, %v", code, runs, err)
		}
	}
	runs := 0
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if runs++; runs < 4 {
			return tx.Savepoint(func() error {
				_, err := tx.Exec(`DO $$ BEGIN RAISE EXCEPTION 'a tie' USING ERRCODE = '40001'; END $$`)
				return err
			})
		}
		tx.Put(insert, 1, "one")
		return nil
	})
	if err != nil || runs != 4 {
		t.Errorf("%d runs, %v", runs, err)
	}
	wantNames(t, s, "one")
}

// A row that somebody holds for ever must not hold a request for ever.
func TestWaitForALockedRowEnds(t *testing.T) {
	s := storetest.OpenURL(t, storetest.URL(t, "postgres")+"&lock_timeout=30ms")
	things(t, s)
	if err := s.Write(t.Context(), put(1)); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		var id int64
		if err := tx.Row(`SELECT id FROM things WHERE id = 1`+tx.Lock(), nil, &id); err != nil {
			return err
		}
		other := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Put(`UPDATE things SET name = 'x' WHERE id = 1`)
			return nil
		})
		if !errors.Is(other, store.ErrLocked) {
			t.Errorf("the second got %v", other)
		}
		skipped := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Row(`SELECT id FROM things`+tx.LockSkip(), nil, &id)
		})
		if skipped != store.ErrNoRow {
			t.Errorf("the claim got %v", skipped)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	var timeout string
	standard := storetest.Open(t, "postgres")
	if err := standard.Read(t.Context()).Row(`SHOW lock_timeout`, nil, &timeout); err != nil || timeout != "2s" {
		t.Errorf("lock_timeout is %s, %v", timeout, err)
	}
}

// With hundreds of connections a hot row is changed a third as often as with 32.
func TestPoolIsBounded(t *testing.T) {
	url := storetest.URL(t, "postgres")
	for suffix, want := range map[string]int32{"": 32, "&pool_max_conns=200": 32, "&pool_max_conns=5": 5} {
		s := storetest.OpenURL(t, url+suffix)
		if got := s.MaxConns(); got != want {
			t.Errorf("%q: %d connections", suffix, got)
		}
	}
}

// wire counts round trips: something was sent after something was received.
type wire struct {
	net.Conn
	trips *atomic.Int64
	heard *atomic.Bool
}

func (w wire) Write(b []byte) (int, error) {
	if w.heard.Swap(false) {
		w.trips.Add(1)
	}
	return w.Conn.Write(b)
}

func (w wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.heard.Store(true)
	return n, err
}

// Creating a link writes a dozen rows. One by one, each would wait for the network: half the rate.
func TestRoundTrips(t *testing.T) {
	var trips atomic.Int64
	var heard atomic.Bool
	s := store.OpenPostgresOver(t, storetest.URL(t, "postgres"), func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return wire{conn, &trips, &heard}, err
	})
	things(t, s)
	var id int64
	const get = `SELECT id FROM things WHERE id = $1`
	cases := []struct {
		name string
		want int64
		fn   func(tx *store.Tx) error
	}{
		{"nothing", 0, func(tx *store.Tx) error { return nil }},
		{"four puts", 2, func(tx *store.Tx) error {
			for i := range 4 {
				tx.Put(insert, i, "row")
			}
			return nil
		}},
		{"a put and four in a savepoint", 2, func(tx *store.Tx) error {
			tx.PutUnless(errRefused, insert, 10, "row")
			return tx.Savepoint(func() error {
				for i := range 4 {
					tx.Put(insert, 11+i, "row")
				}
				return nil
			})
		}},
		{"a read, then puts", 3, func(tx *store.Tx) error {
			err := tx.Row(get, []any{1}, &id)
			tx.Put(insert, 20, "row")
			tx.Put(insert, 21, "row")
			return err
		}},
		{"puts, seen by a read", 2, func(tx *store.Tx) error {
			tx.Put(insert, 30, "row")
			tx.Put(insert, 31, "row")
			return tx.Row(get, []any{31}, &id)
		}},
		{"a read", 2, func(tx *store.Tx) error { return tx.Row(get, []any{1}, &id) }},
	}
	for _, c := range cases {
		// Once before, and rolled back, so that the connection has prepared the statements.
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return errors.Join(errRefused, c.fn(tx), flush(tx)) }); !errors.Is(err, errRefused) {
			t.Fatalf("%s: %v", c.name, err)
		}
		trips.Store(0)
		if err := s.Write(t.Context(), c.fn); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := trips.Load(); got != c.want {
			t.Errorf("%s took %d round trips, want %d", c.name, got, c.want)
		}
	}
}

// flush sends what waits.
func flush(tx *store.Tx) error {
	_, err := tx.Exec(`UPDATE things SET name = name WHERE id = -1`)
	return err
}
