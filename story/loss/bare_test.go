package loss

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// writeBare is a careless writer: a loop of one-row transactions on bare SQLite. Each number is told
// once its COMMIT has returned. It goes on where an earlier one ended, and ends when it is killed or the
// disk refuses.
func writeBare(path, synchronous string, out io.Writer) error {
	settings := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(" + synchronous + ")"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+settings.Encode())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT) STRICT`); err != nil {
		return err
	}
	var last int
	if err := db.QueryRow(`SELECT COALESCE(max(id), 0) FROM rows`).Scan(&last); err != nil {
		return err
	}
	for id := last + 1; ; id++ {
		if _, err := db.Exec(`INSERT INTO rows VALUES (?, 'acknowledged')`, id); err != nil {
			return err
		}
		fmt.Fprintln(out, id)
	}
}

// bareRows counts what a restarted writer finds.
func bareRows(path string) (rows int, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRow(`SELECT count(*) FROM rows`).Scan(&rows)
	return rows, err
}

// bare is a careless writer at work.
type bare struct {
	t    *testing.T
	cmd  *exec.Cmd
	told *bufio.Reader
	last int // the number that was acknowledged last
}

func startBare(t *testing.T, path, synchronous string) *bare {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &bare{t: t, cmd: exec.Command(self, synchronous)}
	w.cmd.Env = append(os.Environ(), asWriter+"="+path)
	told, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.told = bufio.NewReader(told)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cmd.Process.Kill() })
	return w
}

// reach reads on until so many more rows were acknowledged.
func (w *bare) reach(rows int) {
	w.t.Helper()
	for range rows {
		if !w.next() {
			w.t.Fatalf("the writer ended after row %d", w.last)
		}
	}
}

// next reads one whole number; a piece of one, at the writer's end, was not told.
func (w *bare) next() bool {
	line, err := w.told.ReadString('\n')
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		w.t.Fatal(err)
	}
	w.last = n
	return true
}

// end reads what is still told, and waits until the writer has gone by itself.
func (w *bare) end() {
	for w.next() {
	}
	w.cmd.Wait()
}

func (w *bare) kill() {
	w.cmd.Process.Kill()
	w.end()
}
