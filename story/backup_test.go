package story

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"paylink/store/storetest"
)

// load is a merchant's program that goes on making links while the story tells something else.
type load struct {
	stop  context.CancelFunc
	ended sync.WaitGroup
	mu    sync.Mutex
	made  int
	wrong error
}

// cmdLoad lets a merchant's program make links, four at a time:
//
//	load start        begins, and waits until the first are made
//	load stop         ends; each call must have been answered 201
func cmdLoad(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	switch {
	case !neg && len(args) == 1 && args[0] == "start" && w.load == nil:
		w.startLoad()
		if !until(func() bool { return w.load.count() >= 20 }) {
			ts.Fatalf("the load does not come up: %v", w.load.wrong)
		}
	case !neg && len(args) == 1 && args[0] == "stop" && w.load != nil:
		before := w.load.count()
		w.load.stop()
		w.load.ended.Wait()
		ts.Check(w.load.wrong)
		ts.Logf("%d links were made meanwhile", before)
		w.load = nil
	default:
		ts.Fatalf("usage: load start|stop, in turn")
	}
}

func (w *world) startLoad() {
	ctx, stop := context.WithCancel(context.Background())
	l := &load{stop: stop}
	w.load = l
	url, key := w.demo.URL+"/v1/payment_links", w.demo.APIKey
	for range 4 {
		l.ended.Go(func() {
			for ctx.Err() == nil {
				l.note(makeLink(url, key))
			}
		})
	}
}

func makeLink(url, key string) error {
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"amount":100,"currency":"INR","description":"Load"}`))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("a call under load was answered %s", res.Status)
	}
	return nil
}

func (l *load) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && l.wrong == nil {
		l.wrong = err
		l.stop()
	}
	l.made++
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.made
}

// cmdDatabase gives the story a new database that holds nothing, of a kind; what the story starts from
// here on is on it:
//
//	database postgres
func cmdDatabase(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: database sqlite|postgres")
	}
	w.database = storetest.URL(w.t, args[0])
	ts.Setenv("PAYLINK_DATABASE_URL", w.database)
}

// cmdArchive looks into backups, without any code of the program's:
//
//	archive same A B         the same tables with the same rows, apart from when and where they were made
//	archive holds A TEXT     some row holds the text; with ! none does
func cmdArchive(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: archive same|holds FILE FILE|TEXT")
	}
	all := rowsOf(ts, args[1])
	switch args[0] {
	case "same":
		other := rowsOf(ts, args[2])
		for i := range min(len(all), len(other)) {
			if all[i] != other[i] {
				ts.Fatalf("%s has\n%s\n%s has\n%s", args[1], all[i], args[2], other[i])
			}
		}
		if neg || len(all) != len(other) {
			ts.Fatalf("%s has %d lines, %s has %d", args[1], len(all), args[2], len(other))
		}
	case "holds":
		if found := strings.Contains(strings.Join(all, "\n"), args[2]); found == neg {
			ts.Fatalf("%s holds it: %t", args[1], found)
		}
	default:
		ts.Fatalf("archive %s?", args[0])
	}
}

// rowsOf unpacks an archive; its first line says when and where, its last one holds the checksum of all.
func rowsOf(ts *testscript.TestScript, name string) (rows []string) {
	f, err := os.Open(ts.MkAbs(name))
	ts.Check(err)
	defer f.Close()
	zip, err := gzip.NewReader(f)
	ts.Check(err)
	for in := bufio.NewReader(zip); ; {
		row, err := in.ReadString('\n')
		if err == io.EOF {
			return rows[1 : len(rows)-1]
		}
		ts.Check(err)
		rows = append(rows, row)
	}
}
