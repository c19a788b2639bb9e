package loss

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"paylink/store/storetest"
)

// The program dies at any moment under load, again and again. What it has answered was kept, what it
// has not answered was done once or not at all, and it is back by itself at once.
func TestKilledProgramKeepsItsWord(t *testing.T) {
	for _, kind := range storetest.Kinds {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := newServer(t, databaseOf(t, kind, dir), filepath.Join(dir, "keys"))
			killLoop(t, s, func() (back func()) {
				s.proc.kill()
				return func() { t.Logf("ready after %v", s.start()) }
			})
			s.proc.stop(t)
			if kind == "sqlite" {
				wholeFile(t, s.database)
			}
		})
	}
}

// PostgreSQL dies under load, with its fsyncs on, as it comes. paylink stays up, says 503 meanwhile,
// and serves again by itself.
func TestKilledPostgresKeepsItsWord(t *testing.T) {
	dir := t.TempDir()
	p := startPostgres(t)
	s := newServer(t, p.url(), filepath.Join(dir, "keys"))
	killLoop(t, s, func() (back func()) {
		p.kill()
		return func() {
			p.start()
			await(t, "service after PostgreSQL is back", s.ready)
		}
	})
	if s.proc.ended() {
		t.Error("paylink ended with its database")
	}
	s.proc.stop(t)
}

// killLoop keeps up the load while something is killed and brought back, and counts at the end.
func killLoop(t *testing.T, s *server, kill func() (back func())) {
	t.Helper()
	dice := rand.New(rand.NewPCG(*seed, 0))
	s.start()
	l := newLoad(t, s)
	l.again, l.pay = true, 8
	l.begin(clients)
	for range *kills {
		l.reach(max(1, *writes / *kills - clients))
		time.Sleep(time.Duration(dice.IntN(200)) * time.Millisecond)
		back := kill()
		time.Sleep(time.Duration(dice.IntN(100)) * time.Millisecond)
		back()
	}
	l.reach(max(clients, *writes-l.acknowledged()))
	l.end()
	l.tell("at the end")
	l.count(false)
}

func databaseOf(t *testing.T, kind, dir string) string {
	t.Helper()
	if kind == "sqlite" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return sqliteURL(dir)
	}
	return storetest.URL(t, kind)
}
