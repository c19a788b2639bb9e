package storetest_test

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"paylink/store"
	"paylink/store/storetest"
)

// If Each ran on one database only, every promise of every package would be half a promise.
func TestEachGivesAWorkingDatabaseOfEachKind(t *testing.T) {
	var kinds []string
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Migrate(t.Context(), time.Now()); err != nil {
			t.Errorf("it was not migrated by this build: %v", err)
		}
		kinds = append(kinds, s.Kind())
	})
	if !reflect.DeepEqual(kinds, storetest.Kinds) {
		t.Errorf("ran on %v", kinds)
	}
}

// A test that found the leftovers of another one would fail or pass by the order of the tests.
func TestDatabasesAreApart(t *testing.T) {
	for _, kind := range storetest.Kinds {
		if a, b := storetest.URL(t, kind), storetest.URL(t, kind); a == b {
			t.Errorf("two tests share %s", a)
		}
	}
}

// The simulation runs stores under virtual time. A goroutine that outlives the bubble, or waits for
// something outside it, would stop that time or panic.
func TestStoreWorksInABubble(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			storetest.URL(t, kind) // the server is started outside
			synctest.Test(t, func(t *testing.T) {
				s := storetest.Open(t, kind)
				bell := s.Bell("topic")
				defer bell.Close()
				rung := make(chan struct{})
				go func() {
					defer close(rung)
					time.Sleep(48 * time.Hour)
					if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.Ring("topic"); return nil }); err != nil {
						t.Error(err)
					}
				}()
				begun := time.Now()
				<-bell.C
				if waited := time.Since(begun); waited != 48*time.Hour {
					t.Errorf("waited %v", waited)
				}
				<-rung // the bell is heard before the writer is told
			})
		})
	}
}

// A server that is left behind by each test run would fill the machine, a killed run above all.
func TestServerGoesWithItsProcess(t *testing.T) {
	const variable = "PAYLINK_TEST_SERVER_CHILD"
	if os.Getenv(variable) != "" {
		fmt.Printf("url %s\n", storetest.URL(t, "postgres"))
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestServerGoesWithItsProcess$")
	cmd.Env = append(os.Environ(), variable+"=1", "PAYLINK_TEST_POSTGRES=")
	output, err := cmd.Output()
	found := regexp.MustCompile(`host=(%2Ftmp%2Fpaylink-postgres-\d+)`).FindStringSubmatch(string(output))
	if err == nil || found == nil {
		t.Fatalf("the killed process said %s, %v", output, err)
	}
	folder := strings.ReplaceAll(found[1], "%2F", "/")
	for range 300 {
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is still there", folder)
}
