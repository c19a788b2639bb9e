package loss

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// The disk is full. Creates are answered 503, pages and lists stay open, and when there is room again
// it all goes on by itself, on a file that is whole.
func TestFullDiskIsToldAndRecoversByItself(t *testing.T) {
	folder := smallDisk(t, "8m")
	s := newServer(t, sqliteURL(folder), filepath.Join(t.TempDir(), "keys"))
	s.start()
	l := newLoad(t, s)
	first, ok := l.create(0)
	if !ok {
		t.Fatal("no first link")
	}
	l.begin(16)
	l.reach(50)
	filler := filepath.Join(folder, "filler")
	fill(t, filler)
	await(t, "refusals", func() bool { return l.statuses[http.StatusServiceUnavailable].Load() > 50 })
	// A checkpoint now and then makes room for a few small writes more; at such an instant it is ready.
	await(t, "a word about the full disk", func() bool { return s.health() == http.StatusServiceUnavailable })
	readsWork(t, s, first)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	await(t, "readiness by itself", s.ready)
	l.reach(50)
	l.end()
	l.tell("with the full disk")
	l.count(true)
	s.proc.stop(t)
	wholeFile(t, s.database)
}

// A node dies on a full disk and starts there again. It may serve what it can or end, which its service
// manager answers with another start; with room it is as before, and nothing is lost.
func TestStartOnAFullDiskLosesNothing(t *testing.T) {
	folder := smallDisk(t, "8m")
	s := newServer(t, sqliteURL(folder), filepath.Join(t.TempDir(), "keys"))
	s.start()
	l := newLoad(t, s)
	l.begin(16)
	l.reach(50)
	filler := filepath.Join(folder, "filler")
	fill(t, filler)
	await(t, "refusals", func() bool { return l.statuses[http.StatusServiceUnavailable].Load() > 20 })
	s.proc.kill()
	s.launch()
	await(t, "a word about the full disk", func() bool { return s.proc.ended() || s.health() != 0 })
	time.Sleep(time.Second) // the clients go on meanwhile
	ended := s.proc.ended()
	t.Logf("started on a full disk it has ended: %t; /readyz says %d", ended, s.health())
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if ended {
		s.start()
	}
	await(t, "readiness by itself", s.ready)
	l.reach(20)
	l.end()
	l.tell("with a start on a full disk")
	l.count(false)
	s.proc.stop(t)
	wholeFile(t, s.database)
}

// smallDisk mounts a file system in memory of a size, and takes it away with the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "paylink-small")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("mount a small disk (this drill needs the rights of root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", folder, err)
		}
		os.Remove(folder)
	})
	return folder
}

// fill takes what room is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 64<<10); len(piece) > 0; {
		if _, err := f.Write(piece); errors.Is(err, syscall.ENOSPC) {
			piece = piece[:len(piece)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
