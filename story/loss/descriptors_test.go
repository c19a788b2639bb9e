package loss

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A node with few descriptors is called by more than it can hold. Some callers wait or are refused;
// nothing fails, nothing that was acknowledged is lost, and with fewer callers it is as before.
func TestFewDescriptorsFailNobodyInside(t *testing.T) {
	prlimit := tool(t, "prlimit")
	dir := t.TempDir()
	s := newServer(t, sqliteURL(dir), filepath.Join(dir, "keys"))
	s.start(prlimit, "--nofile=64:64")
	l := newLoad(t, s)
	l.begin(2 * clients)
	l.reach(100)
	time.Sleep(time.Second) // and everybody else knocks
	l.end()
	if s.proc.ended() {
		t.Fatal("the program has ended")
	}
	await(t, "readiness by itself", s.ready)
	from := time.Now()
	if _, ok := l.create(l.serial.Add(1)); !ok {
		t.Errorf("a single caller is refused after %v", time.Since(from))
	}
	l.tell("with 64 descriptors")
	if n := l.statuses[http.StatusInternalServerError].Load(); n > 0 {
		t.Errorf("%d answers are 500", n)
	}
	l.count(false)
	if strings.Contains(s.log.String(), "panic") {
		t.Error("somebody panicked")
	}
	s.proc.stop(t)
	wholeFile(t, s.database)
}
