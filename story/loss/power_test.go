package loss

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"paylink/story/loss/powercut"
)

var mercies = []powercut.Mercy{powercut.Nothing, powercut.Pages, powercut.Sectors}

// The power fails under load, again and again: of what was not synced nothing is left, or torn pieces
// in any order. What was acknowledged is there, the file is whole, and paylink starts by itself. All of
// paylink's files are on that disk, the key ring too, without which no link would open.
func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	d := newDisk(t)
	dice := rand.New(rand.NewPCG(*seed, 0))
	folder := filepath.Join(d.folder, "var", "paylink")
	s := newServer(t, sqliteURL(folder), filepath.Join(folder, "keys"))
	l := newLoad(t, s)
	l.again, l.pay = true, 8
	s.start()
	for n := range *cuts {
		l.begin(clients)
		l.reach(max(1, *writes / *cuts - clients))
		time.Sleep(time.Duration(dice.IntN(150)) * time.Millisecond)
		mercy := mercies[n%len(mercies)]
		d.cut(s.proc, mercy, dice.Uint64())
		t.Logf("cut %d, %s is left: ready after %v", n+1, mercy, s.start())
		l.end()
	}
	l.begin(clients)
	l.reach(max(clients, *writes-l.acknowledged()))
	l.end()
	l.tell("at the end")
	l.count(false)
	s.proc.stop(t)
	wholeFile(t, s.database)
}

// A new installation is told its first keys, and the power fails at that moment: with these keys it
// must be there afterwards, folder, database and key ring.
func TestPowerCutAfterTheFirstCommandKeepsTheInstallation(t *testing.T) {
	d := newDisk(t)
	folder := filepath.Join(d.folder, "var", "paylink")
	s := newServer(t, sqliteURL(folder), filepath.Join(folder, "keys"))
	d.say("freeze")
	d.say("cut nothing 1")
	s.start()
	if _, ok := newLoad(t, s).create(1); !ok {
		t.Error("the installation is there, and its keys open nothing")
	}
}

// The drill has teeth: a writer that does not sync its commits loses acknowledged rows on this disk,
// and one that does loses none.
func TestCarelessWriterLosesRowsInAPowerCut(t *testing.T) {
	for synchronous, loses := range map[string]bool{"OFF": true, "NORMAL": true, "FULL": false} {
		t.Run(synchronous, func(t *testing.T) {
			d := newDisk(t)
			path := filepath.Join(d.folder, "bare.db")
			w := startBare(t, path, synchronous)
			w.reach(300)
			d.say("freeze")
			w.kill()
			d.say("cut nothing 1")
			rows, err := bareRows(path)
			if loses {
				if err == nil && rows >= w.last {
					t.Errorf("all %d acknowledged rows are there: this drill would prove nothing", w.last)
				}
				return
			}
			if err != nil || rows < w.last {
				t.Errorf("%d of %d acknowledged rows are there, %v", rows, w.last, err)
			}
		})
	}
}
