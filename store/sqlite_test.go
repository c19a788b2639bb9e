package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

// A lost journal mode or a relaxed fsync loses confirmed payments in a power cut, and nothing else
// would ever tell.
func TestWriterIsSetUpForSafety(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	want := map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
		"wal_autocheckpoint": "10000", "cache_size": "-65536", "journal_size_limit": "67108864",
	}
	for name, value := range want {
		if got := s.WriterPragma(t, name); got != value {
			t.Errorf("%s is %s, want %s", name, got, value)
		}
	}
	var queryOnly int
	if err := s.Read(t.Context()).Row(`PRAGMA query_only`, nil, &queryOnly); err != nil || queryOnly != 1 {
		t.Errorf("query_only is %d, %v", queryOnly, err)
	}
}

// On a file system without shared memory SQLite falls back to another journal without an error.
func TestUnsafeModesAreRefused(t *testing.T) {
	if err := store.AssertDurableWith(t, "journal_mode(WAL)", "synchronous(FULL)"); err != nil {
		t.Errorf("the safe mode: %v", err)
	}
	for _, pragmas := range [][]string{
		{"journal_mode(DELETE)", "synchronous(FULL)"},
		{"journal_mode(WAL)", "synchronous(NORMAL)"},
	} {
		if err := store.AssertDurableWith(t, pragmas...); err == nil {
			t.Errorf("%v was accepted", pragmas)
		}
	}
}

// Contacts stand in the file: on a shared machine it is nobody else's to read.
func TestFilesBelongToTheirOwnerOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "here")
	s := storetest.OpenURL(t, "sqlite://"+filepath.Join(folder, "100% ü.db"))
	things(t, s)
	names := []string{"", "100% ü.db", "100% ü.db-wal", "100% ü.db-shm", "100% ü.db.lock"}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q has mode %v", name, info.Mode())
		}
	}
}

// Two processes on one file would each believe to be the only writer.
func TestSecondProcessIsRefused(t *testing.T) {
	const variable = "PAYLINK_TEST_SECOND_PROCESS"
	if url := os.Getenv(variable); url != "" {
		_, err := store.Open(t.Context(), url, store.Options{})
		fmt.Printf("second process: %v\n", err)
		return
	}
	url := storetest.URL(t, "sqlite")
	s := storetest.OpenURL(t, url)
	second := func() string {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run=^TestSecondProcessIsRefused$")
		cmd.Env = append(os.Environ(), variable+"="+url)
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		return string(output)
	}
	path := strings.TrimPrefix(url, "sqlite://")
	want := fmt.Sprintf("second process: the database %s is in use by process %d: stop that first\n", path, os.Getpid())
	if got := second(); !strings.Contains(got, want) {
		t.Errorf("while open: %s", got)
	}
	if _, err := store.Open(t.Context(), url, store.Options{}); err == nil {
		t.Error("a second store in one process was accepted")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := second(); !strings.Contains(got, "second process: <nil>\n") {
		t.Errorf("after the end of the first: %s", got)
	}
}

// A read that keeps its rows open keeps the log from being emptied, until the disk is full.
func TestReadEndsAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t, "sqlite")
		things(t, s)
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for id := range 5 {
				tx.Put(insert, id, "row")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		read := func(pause time.Duration) error {
			return s.Read(t.Context()).Rows(`SELECT id FROM things`, nil, func(func(dest ...any) error) error {
				time.Sleep(pause)
				return nil
			})
		}
		if err := read(150 * time.Millisecond); err != nil {
			t.Errorf("a quick reader got %v", err)
		}
		if err := read(600 * time.Millisecond); !errors.Is(err, store.ErrReadTooLong) {
			t.Errorf("a slow reader got %v", err)
		}
	})
}

// Readers look on while the writer writes, and the log does not grow for ever.
func TestLogStaysBoundedUnderWrites(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	things(t, s)
	body := bytes.Repeat([]byte("x"), 12_000) // three pages
	var writers sync.WaitGroup
	for w := range 60 {
		writers.Go(func() {
			for i := range 60 {
				err := s.Write(t.Context(), func(tx *store.Tx) error {
					tx.Put(`INSERT INTO things (id, name, body) VALUES ($1, $2, $3)`, w*1000+i, "row", body)
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	stats := s.Stats()
	if stats.Writes < 3600 || stats.Commits >= stats.Writes {
		t.Errorf("no gathering: %+v", stats)
	}
	// Twice as much was written. Without checkpoints between the groups the log would reach 40 MB, where
	// wal_autocheckpoint begins.
	if stats.LogBytes == 0 || stats.LogBytes > 32<<20 {
		t.Errorf("the log has %d bytes", stats.LogBytes)
	}
}

// Whoever copies the file after a clean stop has a backup without what stood in the log beside it, and
// finds out when he needs it. A writer that had to replace its connection leaves nothing behind either.
func TestClosedFileHoldsEverything(t *testing.T) {
	for name, strand := range map[string]bool{"undisturbed": false, "connection replaced": true} {
		t.Run(name, func(t *testing.T) {
			url := storetest.URL(t, "sqlite")
			s := storetest.OpenURL(t, url)
			things(t, s)
			err := errors.Join(s.Write(t.Context(), put(1)), s.Write(t.Context(), put(2)))
			if strand {
				s.StrandWriter(t)
			}
			if err = errors.Join(err, s.Write(t.Context(), put(3))); err != nil {
				t.Fatal(err)
			}
			wantNames(t, s, "1", "2", "3")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := strings.TrimPrefix(url, "sqlite://")
			if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
				t.Errorf("the log still holds %d bytes", log.Size())
			}
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			elsewhere := filepath.Join(t.TempDir(), "copy.db")
			if err := os.WriteFile(elsewhere, file, 0o600); err != nil {
				t.Fatal(err)
			}
			wantNames(t, storetest.OpenURL(t, "sqlite://"+elsewhere), "1", "2", "3")
		})
	}
}

// One transaction of hundreds of rows makes everybody behind it wait: the operator must see who did it.
func TestLargeTransactionIsLogged(t *testing.T) {
	var log bytes.Buffer
	s, err := store.Open(t.Context(), storetest.URL(t, "sqlite"), store.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	things(t, s)
	for _, rows := range []int{store.MemberRows, store.MemberRows + 1} {
		err := s.Write(context.Background(), func(tx *store.Tx) error {
			for id := range rows {
				tx.Put(insert, rows*1000+id, "row")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `msg=store.large_transaction rows=51 limit=50`) {
		t.Errorf("log: %s", got)
	}
}
