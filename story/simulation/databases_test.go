package simulation_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"paylink/store/storetest"
)

// database is where a node keeps its rows, and how its commits are seen from outside the node.
type database struct {
	kind  string
	url   string      // as the node is given it
	plain string      // the same without the eyes on it
	guard func(*fate) // puts the connections made from now on under a fate
	end   func(*fate) // lets go of what a dead node's connections hold
}

// openDatabase makes an empty database. It is called outside the bubble.
func openDatabase(t *testing.T, kind string) *database {
	t.Helper()
	address := storetest.URL(t, kind)
	d := &database{kind: kind, url: address, plain: address, guard: func(*fate) {}, end: func(*fate) {}}
	if kind == "sqlite" {
		path := strings.TrimPrefix(address, "sqlite://")
		d.guard = func(f *fate) { files.Store(path, f) }
		t.Cleanup(func() { files.Delete(path) })
		return d
	}
	w := newWire(t, address)
	d.url, d.guard, d.end = w.url, w.guard, w.end
	return d
}

// files holds the fate of whoever opens a SQLite file next, by its path.
var files sync.Map

// SQLite tells a hook that it is about to commit, and takes its word for rolling back instead. A dead
// node's commits are all rolled back, so that the file stays as death found it.
func init() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) error {
		u, err := url.Parse(dsn)
		if err != nil {
			return err
		}
		found, ok := files.Load(u.Path)
		if !ok {
			return nil
		}
		f := found.(*fate)
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if !f.pass("before a commit") {
				return 1
			}
			f.pass("after a commit") // dead or not: this one is written
			return 0
		})
		return nil
	})
}

// wire stands between a node and PostgreSQL, outside the bubble: it reads what the node says, so that it
// knows the commits, and cuts everything when the node dies. A server that loses a connection rolls its
// transaction back.
type wire struct {
	url             string
	network, server string

	mu    sync.Mutex
	fate  *fate
	conns map[*fate][]net.Conn
}

func newWire(t *testing.T, address string) *wire {
	t.Helper()
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{conns: map[*fate][]net.Conn{}}
	w.network, w.server = pgconn.NetworkAddress(config.Host, config.Port)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := url.URL{Scheme: "postgres", Host: listener.Addr().String(), Path: "/" + config.Database, RawQuery: "sslmode=disable"}
	u.User = url.User(config.User)
	if config.Password != "" {
		u.User = url.UserPassword(config.User, config.Password)
	}
	w.url = u.String()
	var carrying sync.WaitGroup
	carrying.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed below
			}
			carrying.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		w.mu.Lock()
		for _, conns := range w.conns {
			closeAll(conns)
		}
		w.mu.Unlock()
		carrying.Wait()
	})
	return w
}

func (w *wire) guard(f *fate) {
	w.mu.Lock()
	w.fate = f
	w.mu.Unlock()
}

// end cuts the connections of a node that has died.
func (w *wire) end(f *fate) {
	w.mu.Lock()
	conns := w.conns[f]
	delete(w.conns, f)
	w.mu.Unlock()
	closeAll(conns)
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		_ = c.Close()
	}
}

// carry takes one connection of the node's to the server.
func (w *wire) carry(node net.Conn) {
	defer func() { _ = node.Close() }()
	server, err := new(net.Dialer).DialContext(context.Background(), w.network, w.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	w.mu.Lock()
	f := w.fate
	w.conns[f] = append(w.conns[f], node, server)
	w.mu.Unlock()
	if f == nil {
		f = &fate{} // nobody counts
	}
	if f.isDead() {
		return
	}
	var committing atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer func() { _ = node.Close() }()
		w.answer(f, server, node, &committing)
	})
	w.listen(f, bufio.NewReader(node), server, &committing)
	_ = server.Close()
	back.Wait()
}

// listen passes the node's messages on, one by one, and knows a COMMIT. The first has no letter in front.
func (w *wire) listen(f *fate, node *bufio.Reader, server net.Conn, committing *atomic.Bool) {
	for head := 4; ; head = 5 {
		message, err := readMessage(node, head)
		if err != nil || f.isDead() {
			return
		}
		if head == 5 && message[0] == 'Q' && string(message[5:]) == "COMMIT\x00" {
			if !f.pass("before a commit") {
				return
			}
			committing.Store(true)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// answer passes on what the server says. The first that it says after a COMMIT is that it is done.
func (w *wire) answer(f *fate, server, node net.Conn, committing *atomic.Bool) {
	said := make([]byte, 32<<10)
	for {
		n, err := server.Read(said)
		if err != nil || committing.Swap(false) && !f.pass("after a commit") || f.isDead() {
			return
		}
		if _, err := node.Write(said[:n]); err != nil {
			return
		}
	}
}

func readMessage(from *bufio.Reader, head int) ([]byte, error) {
	message := make([]byte, head)
	if _, err := io.ReadFull(from, message); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(message[head-4:]))
	if length < 4 || length > 64<<20 {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	message = append(message, make([]byte, length-4)...)
	_, err := io.ReadFull(from, message[head:])
	return message, err
}
