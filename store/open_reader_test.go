package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"paylink/store"
	"paylink/store/storetest"
)

// Whoever proves the books of a running server must see its latest commits, and must not be able to
// change a row, on either database, whatever it sends.
func TestAReaderSeesWhatIsServedAndChangesNothing(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := storetest.URL(t, kind)
			serving := storetest.OpenURL(t, url)
			if err := serving.Migrate(t.Context(), noon); err != nil {
				t.Fatal(err)
			}
			reader := openReader(t, url)
			addMerchants(t, serving, "mer_a")
			if m, err := reader.Read(t.Context()).Merchant("mer_a"); m.ID != "mer_a" || err != nil {
				t.Errorf("read %+v, %v", m, err)
			}
			if err := reader.Write(t.Context(), func(tx *store.Tx) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("a write: %v", err)
			}
			var gone string
			if err := reader.Read(t.Context()).Row(`DELETE FROM merchants RETURNING id`, nil, &gone); err == nil || gone != "" {
				t.Error("the database took a change")
			}
			if got := reader.Stats(); got.Writes != 0 || got.Commits != 0 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

// A server was stopped, or killed with a full log, and its books are looked at where they lie. Nothing
// in its folder may be different afterwards but for the files that any reader of it needs.
func TestAReaderOpensWhatNobodyServes(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "paylink.db")
	serving, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Migrate(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	addMerchants(t, serving, "mer_a")
	// The files as a killed process leaves them: the log is not emptied.
	killed := filepath.Join(t.TempDir(), "paylink.db")
	for _, end := range []string{"", "-wal"} {
		body, err := os.ReadFile(strings.TrimPrefix(url, "sqlite://") + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(killed+end, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := serving.Close(); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{url, "sqlite://" + killed} {
		path := strings.TrimPrefix(url, "sqlite://")
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		reader := openReader(t, url)
		if m, err := reader.Read(t.Context()).Merchant("mer_a"); m.ID != "mer_a" || err != nil {
			t.Errorf("read %+v, %v", m, err)
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("the file was changed, %v", err)
		}
		// A server starts on it as ever.
		again := storetest.OpenURL(t, url)
		if m, err := again.Read(t.Context()).Merchant("mer_a"); m.ID != "mer_a" || err != nil {
			t.Errorf("then read %+v, %v", m, err)
		}
	}
}

// A mistyped path must not make an empty database that then proves to be whole, and one of an older
// version is not judged by columns that it does not have.
func TestAReaderRefusesWhatIsNotThereOrOlder(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "paylink.db")
	if s, err := store.OpenReader(t.Context(), "sqlite://"+missing, store.Options{}); err == nil {
		t.Error("opened nothing", s.Close())
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was made")
	}
	for _, kind := range storetest.Kinds {
		url := storetest.URL(t, kind)
		s := storetest.OpenURL(t, url)
		first := "migrations/" + kind + "/0001_first.sql"
		text, err := os.ReadFile(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.MigrateFrom(t.Context(), fstest.MapFS{first: {Data: text}}, noon); err != nil {
			t.Fatal(err)
		}
		if s, err := store.OpenReader(t.Context(), url, store.Options{}); err == nil || !strings.Contains(err.Error(), "paylink migrate") {
			t.Errorf("%s: %v %v", kind, s, err)
		}
	}
}

func openReader(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.OpenReader(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
