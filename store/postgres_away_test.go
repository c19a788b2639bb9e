package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"paylink/store"
	"paylink/store/storetest"

	"github.com/jackc/pgx/v5"
)

// endSessions ends every connection of the database but the one that asks, as a restart does.
func endSessions(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
}

// Every connection of the pool breaks at once. Nobody who asks afterwards, and nobody who is in the middle
// of a transaction, need hear of it: nothing was committed, and there are other connections.
func TestBrokenConnectionsAreReplacedUnseen(t *testing.T) {
	url := storetest.URL(t, "postgres")
	s := storetest.OpenURL(t, url)
	things(t, s)
	for id := range 3 {
		if err := s.Write(t.Context(), put(id)); err != nil {
			t.Fatal(err)
		}
	}
	endSessions(t, url)
	if got := names(t, s); len(got) != 3 {
		t.Errorf("read %v", got)
	}
	endSessions(t, url)
	if err := s.Write(t.Context(), put(3)); err != nil {
		t.Errorf("write: %v", err)
	}
	runs := 0
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(insert, 4, "four"); err != nil {
			return err
		}
		if runs++; runs == 1 {
			endSessions(t, url)
		}
		_, err := tx.Exec(insert, 5, "five")
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("a transaction whose connection broke: %d runs, %v", runs, err)
	}
	if got := names(t, s); len(got) != 6 {
		t.Errorf("rows: %v", got)
	}
}

// cutting breaks its connection around the commit: before the server hears of it, or after.
type cutting struct {
	net.Conn
	how  *atomic.Int64
	deaf *atomic.Bool // the answer does not arrive
}

const (
	cutBefore = 1
	cutAfter  = 2
)

func (c cutting) Write(b []byte) (int, error) {
	how := c.how.Load()
	if how == 0 || !bytes.Contains(b, []byte("COMMIT\x00")) {
		return c.Conn.Write(b)
	}
	c.how.Store(0)
	c.deaf.Store(true)
	if how == cutAfter {
		if n, err := c.Conn.Write(b); err != nil {
			return n, err
		}
		time.Sleep(200 * time.Millisecond) // the server commits
	}
	c.Conn.Close()
	return len(b), nil
}

func (c cutting) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.deaf.Load() {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// A connection breaks at the commit. Whether it happened is not known, so success would be a lie, and
// running it again on our own might do it twice.
func TestBrokenCommitIsAnErrorAndNotRunAgain(t *testing.T) {
	url := storetest.URL(t, "postgres") + "&default_query_exec_mode=exec"
	for want, how := range []int64{cutBefore, cutAfter} {
		var cut atomic.Int64
		s := store.OpenPostgresOver(t, url, func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return cutting{conn, &cut, new(atomic.Bool)}, err
		})
		if how == cutBefore {
			things(t, s)
		}
		runs := 0
		cut.Store(how)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			runs++
			tx.Put(insert, 10, "ten")
			return nil
		})
		if !errors.Is(err, store.ErrUnavailable) || runs != 1 {
			t.Errorf("cut %d: %d runs, %v", how, runs, err)
		}
		if got := names(t, s); len(got) != want {
			t.Errorf("cut %d: rows %v, want %d", how, got, want)
		}
	}
}

// After a failover in place the old primary is read-only. A node that keeps its connections to it would
// refuse every payment although the database is well.
func TestReadOnlyConnectionsAreGivenUp(t *testing.T) {
	url := storetest.URL(t, "postgres")
	s := storetest.OpenURL(t, url)
	things(t, s)
	set := func(q string) {
		t.Helper()
		admin, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer admin.Close(context.Background())
		if _, err := admin.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	set(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
	endSessions(t, url) // sessions that begin now are read-only
	err := s.Write(t.Context(), put(1))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a write on a standby: %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a standby is ready: %v", err)
	}
	if got := names(t, s); len(got) != 0 {
		t.Errorf("rows: %v", got)
	}
	set(`BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$; COMMIT`)
	if err := s.Write(t.Context(), put(1)); err != nil {
		t.Errorf("the pool keeps read-only connections: %v", err)
	}
}

// No server, a full one, one that is stopping: the caller hears that it is the database, so that the
// answer is 503 and not 500; and what a caller did wrong himself is not blamed on it.
func TestDatabaseThatIsAwayIsNamed(t *testing.T) {
	url := storetest.URL(t, "postgres")
	s := storetest.OpenURL(t, url)
	things(t, s)
	for code, want := range map[string]bool{
		"57P01": true, "57P03": true, "53100": true, "53300": true, "08006": true, "58030": true,
		"22012": false, "42P01": false, "23505": false, "57014": false,
	} {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '` + code + `'; END $$`)
			return err
		})
		if err == nil || errors.Is(err, store.ErrUnavailable) != want {
			t.Errorf("%s: %v", code, err)
		}
	}
	_, err := store.Open(t.Context(), "postgres://a:secret@127.0.0.1:1/c?connect_timeout=2", store.Options{})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("no server: %v", err)
	}
}

// A node falls asleep in the middle of a transaction and holds a merchant's chain: without a bound no
// event of that merchant would be told until somebody wakes it.
func TestSilentTransactionIsEnded(t *testing.T) {
	url := storetest.URL(t, "postgres")
	var standard string
	if err := storetest.OpenURL(t, url).Read(t.Context()).Row(`SHOW idle_in_transaction_session_timeout`, nil, &standard); err != nil || standard != "10s" {
		t.Errorf("the timeout is %s, %v", standard, err)
	}
	s := storetest.OpenURL(t, url+"&idle_in_transaction_session_timeout=50ms")
	things(t, s)
	slept := false
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(insert, 1, "one"); err != nil {
			return err
		}
		if !slept {
			slept = true
			time.Sleep(300 * time.Millisecond)
		}
		_, err := tx.Exec(insert, 2, "two")
		return err
	})
	if err != nil { // it ran again on another connection
		t.Errorf("the sleeper got %v", err)
	}
	if got := names(t, s); len(got) != 2 {
		t.Errorf("rows: %v", got)
	}
}
