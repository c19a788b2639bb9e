package loss

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// After an fsync that failed, Linux takes the pages for written, and the next fsync succeeds without
// them. The program goes on and the power fails: what it acknowledged meanwhile is there, because SQLite
// had not counted what it could not sync, and has written over it.
func TestFailedFsyncAndThenAPowerCut(t *testing.T) {
	d, s, l := onDisk(t)
	d.say("fail yes")
	await(t, "refusals", func() bool { return l.statuses[http.StatusServiceUnavailable].Load() > 50 })
	d.say("fail no")
	l.reach(60)
	d.cut(s.proc, "nothing", 1)
	l.end()
	s.start()
	l.tell("fsync failed, then the power")
	l.count(false)
	s.proc.stop(t)
	wholeFile(t, s.database)
}

// The worst of these: the program dies while fsync fails. The operating system still shows what is not
// on the disk, and a start that believed it would put its own log behind a hole: the next power cut
// would take everything behind the hole away.
func TestFailedFsyncThenACrashThenAPowerCut(t *testing.T) {
	d, s, l := onDisk(t)
	d.say("fail yes")
	await(t, "refusals", func() bool { return l.statuses[http.StatusServiceUnavailable].Load() > 50 })
	s.proc.kill()
	d.say("fail no")
	s.start()
	l.reach(60)
	d.cut(s.proc, "nothing", 1)
	l.end()
	s.start()
	l.tell("fsync failed, then a crash, then the power")
	l.count(false)
	s.proc.stop(t)
	wholeFile(t, s.database)
}

func onDisk(t *testing.T) (*disk, *server, *load) {
	t.Helper()
	d := newDisk(t)
	s := newServer(t, sqliteURL(d.folder), filepath.Join(d.folder, "keys"))
	s.start()
	l := newLoad(t, s)
	l.begin(8)
	l.reach(40)
	return d, s, l
}

// The drill above has teeth: bare SQLite, at synchronous=FULL, loses acknowledged rows in just this
// course of things.
func TestBareWriterLosesRowsAfterAFailedFsyncAndACrash(t *testing.T) {
	d := newDisk(t)
	path := filepath.Join(d.folder, "bare.db")
	w := startBare(t, path, "FULL")
	w.reach(100)
	d.say("fail yes")
	w.end() // its next COMMIT fails
	d.say("fail no")
	w = startBare(t, path, "FULL")
	w.reach(100)
	time.Sleep(50 * time.Millisecond)
	d.say("freeze")
	w.kill()
	d.say("cut nothing 1")
	rows, err := bareRows(path)
	if err == nil && rows >= w.last {
		t.Errorf("all %d acknowledged rows are there: the drill above would prove nothing", w.last)
	}
	t.Logf("%d of %d acknowledged rows are there, %v", rows, w.last, err)
}
