package node_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink/backup"
	"paylink/cmd/paylink/node"
	"paylink/store"
	"paylink/store/storetest"
)

// upgradeEnv makes this test program another process, which only upgrades the database that it names and
// says how far it is.
const upgradeEnv = "PAYLINK_TEST_UPGRADE"

// A process can only be killed in the middle when it is another one than the test.
func TestMain(m *testing.M) {
	url := os.Getenv(upgradeEnv)
	if url == "" {
		os.Exit(m.Run())
	}
	settings := settingsAt(url, os.Getenv("PAYLINK_TEST_DIR"), "127.0.0.1:1")
	err := node.Migrate(context.Background(), settings, worldOf(), func(text string) { fmt.Println(text) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// contentOf gives every row of a database, as a backup holds it.
func contentOf(t *testing.T, url string) []string {
	t.Helper()
	d, err := store.OpenDump(t.Context(), url, filepath.Join(t.TempDir(), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, table := range d.Tables {
		err := d.Each(t.Context(), table, func(row []any) error {
			rows = append(rows, fmt.Sprintf("%s %#v", table.Name, row))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// killedAt upgrades in a process that is killed when it says a text, and reports whether it said it.
func killedAt(t *testing.T, url, dir, text string) (said bool) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), upgradeEnv+"="+url, "PAYLINK_TEST_DIR="+dir)
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); !said && lines.Scan(); {
		said = strings.Contains(lines.Text(), text)
	}
	_ = child.Process.Kill() // it may have ended
	_ = child.Wait()         // killed, and that is what it says
	return said
}

// Power does not wait for the end of an upgrade. Wherever it fails, the next start ends with the database
// that an undisturbed upgrade makes, and the snapshot still leads back.
func TestUpgradeKilledAnywhereEndsAlike(t *testing.T) {
	for _, kind := range storetest.Kinds {
		url, dir, _ := releasedDatabase(t, "0.1", kind)
		before := contentOf(t, url)
		if err := node.Migrate(t.Context(), settingsAt(url, dir, "127.0.0.1:1"), worldOf(), func(string) {}); err != nil {
			t.Fatal(err)
		}
		undisturbed := contentOf(t, url)
		for _, at := range []string{"looking whether", "backing the database up", "step 2 of"} {
			t.Run(kind+" "+at, func(t *testing.T) {
				url, dir, _ := releasedDatabase(t, "0.1", kind)
				if !killedAt(t, url, dir, at) {
					t.Fatalf("it never said %q", at)
				}
				err := node.Migrate(t.Context(), settingsAt(url, dir, "127.0.0.1:1"), worldOf(), func(string) {})
				if err != nil {
					t.Fatal(err)
				}
				if after := contentOf(t, url); !slices.Equal(after, undisturbed) {
					t.Errorf("%d rows, undisturbed there are %d", len(after), len(undisturbed))
				}
				if back := snapshotContent(t, dir); !slices.Equal(back, before) {
					t.Errorf("the snapshot has %d rows, there were %d", len(back), len(before))
				}
			})
		}
	}
}

// snapshotContent restores the only snapshot as far as its own version, and wants no half one beside it.
func snapshotContent(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "snapshots", "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the snapshots are %q, %v", found, err)
	}
	archive, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	url := storetest.URL(t, "sqlite")
	s := storetest.OpenURL(t, url)
	if _, err := backup.RestoreAsItWas(t.Context(), s, bytes.NewReader(archive), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return contentOf(t, url)
}
