package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// A worker woken before the commit finds nothing and goes back to sleep: the work waits for the poll.
func TestBellRingsAfterTheCommitOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		bell, other := s.Bell("jobs"), s.Bell("events")
		defer other.Close()
		rung := func(b *store.Bell) bool {
			select {
			case <-b.C:
				return true
			default:
				return false
			}
		}
		ring := func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				tx.Ring("jobs")
				tx.Ring("jobs")
				return nil
			})
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			tx.Ring("jobs")
			if rung(bell) {
				t.Error("rang inside the transaction")
			}
			return errRefused
		})
		if err != errRefused || rung(bell) {
			t.Errorf("after a rollback: rang, or %v", err)
		}
		for range 3 {
			if err := ring(); err != nil {
				t.Fatal(err)
			}
		}
		if !rung(bell) || rung(bell) || rung(other) {
			t.Error("three commits must ring once, on their own topic")
		}
		bell.Close()
		if err := ring(); err != nil || rung(bell) {
			t.Errorf("a closed bell rang, or %v", err)
		}
	})
}

// A customer closes the page in the middle of a write. The caller is free at once, and the transaction
// still ends whole.
func TestCallerWhoGivesUpStopsWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		returned, ended := make(chan struct{}), make(chan error, 1)
		err := s.Write(ctx, func(tx *store.Tx) error {
			cancel()
			<-returned
			tx.Put(insert, 1, "one")
			_, err := tx.Exec(insert, 2, "two")
			ended <- err
			return err
		})
		close(returned)
		if err != context.Canceled {
			t.Errorf("got %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the transaction saw the caller's end: %v", err)
		}
		if err := s.Close(); err != nil { // waits for the commit
			t.Fatal(err)
		}
	})
}

// A panic in one request must not take the process, or the writer, along.
func TestPanicBecomesAnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		things(t, s)
		ways := map[string]func(tx *store.Tx){
			"before": func(*store.Tx) { panic("impossible state") },
			"putting": func(tx *store.Tx) {
				tx.Put(insert, 1, "one")
				panic("impossible state")
			},
			"reading": func(tx *store.Tx) {
				tx.Put(insert, 1, "one")
				tx.Rows(`SELECT id FROM things`, nil, func(func(dest ...any) error) error { panic("impossible state") })
			},
		}
		for name, way := range ways {
			err := s.Write(t.Context(), func(tx *store.Tx) error { way(tx); return nil })
			if err == nil || err.Error() != "panic in a transaction: impossible state" {
				t.Errorf("%s: %v", name, err)
			}
		}
		err := s.Write(t.Context(), func(*store.Tx) error { runtime.Goexit(); return nil })
		if err == nil || err.Error() != "the function of a transaction ended its goroutine" {
			t.Errorf("leaving: %v", err)
		}
		wantNames(t, s)
		if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.Put(insert, 1, "one"); return nil }); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		wantNames(t, s, "one")
	})
}

// A stop must not cut a payment in half, nor accept one that it will not finish.
func TestCloseWaitsForWritesAndRefusesNewOnes(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			s := storetest.OpenURL(t, url)
			things(t, s)
			begun, written := make(chan struct{}), make(chan error, 1)
			go func() {
				written <- s.Write(context.Background(), func(tx *store.Tx) error {
					close(begun)
					tx.Put(insert, 1, "one")
					return nil
				})
			}()
			<-begun
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Fatal(err)
			}
			if err := <-written; err != nil {
				t.Error(err)
			}
			if err := s.Write(t.Context(), func(*store.Tx) error { return nil }); err != store.ErrClosed {
				t.Errorf("after Close: %v", err)
			}
			again := storetest.OpenURL(t, url)
			wantNames(t, again, "one")
		})
	}
}

// An address that cannot be is told at the start, and never with its password.
func TestOpenExplainsABadAddress(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ url, want string }{
		{"", "the database URL must begin with sqlite:// or postgres://"},
		{"mysql://a:secret@b/c", "the database URL must begin with sqlite:// or postgres://"},
		{"sqlite://", "the database URL must be sqlite:// and the path of a file, without parameters"},
		{"sqlite:///a.db?mode=ro", "the database URL must be sqlite:// and the path of a file, without parameters"},
		{"sqlite://" + blocked + "/a.db", "make the database folder: "},
		{"postgres://a:secret@127.0.0.1:bad/c", "the database URL cannot be read"},
		{"postgres://a:secret@127.0.0.1:1/c?connect_timeout=2", "open the database: "},
	}
	for _, c := range cases {
		s, err := store.Open(t.Context(), c.url, store.Options{})
		if s != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}

// Later versions of the driver plan prepared statements anew on every run, and it works only with the
// libc that it was made with. An upgrade by accident would halve the throughput in silence.
func TestDriverVersionsArePinned(t *testing.T) {
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`modernc\.org/sqlite v1\.60\.1`, `modernc\.org/libc v1\.77\.1`} {
		if !regexp.MustCompile(`(?m)^\s*(require )?` + want + `( //.*)?$`).Match(text) {
			t.Errorf("go.mod does not pin %s", want)
		}
	}
}
