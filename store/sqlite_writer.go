package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// checkpointEvery counts members between two checkpoints; at up to ten pages each, the log is
	// emptied before wal_autocheckpoint would make somebody's commit wait for it.
	checkpointEvery = 1000
	synchronousFull = 2 // as PRAGMA synchronous tells it
)

// sqliteWriter is the one connection that writes. It gathers the transactions that wait into one
// commit, and so into one fsync, each member in a savepoint of its own. While one group is written to
// disk the next one gathers; a lone writer waits for nobody.
//
// A member that fails by itself is rolled back to its savepoint. After any other failure nothing more
// runs in the group: all of it is rolled back, and each member runs again alone.
type sqliteWriter struct {
	path  string
	log   *slog.Logger
	db    *sql.DB
	conn  *sql.Conn // nil after it was given up
	stmts map[string]*sql.Stmt
	queue chan *job
	later chan *job // those that give way
	ended chan struct{}

	members []*member     // of the group that is being gathered, or scattered
	crowded bool          // the last group had several members
	hurried bool          // somebody in this group does not give way
	turned  time.Time     // when one that gives way was last let in
	took    time.Duration // by the last commit that succeeded
	since   int           // members since the last checkpoint

	writes, commits atomic.Int64
}

func startWriter(ctx context.Context, path string, log *slog.Logger) (*sqliteWriter, error) {
	spillLate()
	db, err := sql.Open("sqlite", dsn(path,
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"wal_autocheckpoint(10000)", "cache_size(-65536)", "journal_size_limit(67108864)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	w := &sqliteWriter{
		path: path, log: log, db: db,
		queue: make(chan *job, 1024), later: make(chan *job, 64), ended: make(chan struct{}),
	}
	if err := w.connect(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go w.serve()
	return w, nil
}

// connect opens the connection, and asserts what every promise of this package rests on.
func (w *sqliteWriter) connect(ctx context.Context) error {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	if err := assertDurable(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	w.conn, w.stmts = conn, map[string]*sql.Stmt{}
	return nil
}

func assertDurable(ctx context.Context, conn *sql.Conn) error {
	var journal string
	var synchronous int
	if err := conn.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&journal); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil {
		return err
	}
	if journal != "wal" || synchronous != synchronousFull {
		return fmt.Errorf("the file system does not allow safe writing: journal_mode is %s, synchronous is %d",
			journal, synchronous)
	}
	return nil
}

// take accepts a job, unless its caller gives up while the queue is full.
func (w *sqliteWriter) take(j *job) {
	line := w.queue
	if j.givesWay() {
		line = w.later
	}
	select {
	case line <- j:
	case <-j.caller.Done():
		j.finish(nil, j.caller.Err())
	}
}

// stop ends the writer. Nobody may call take any more.
func (w *sqliteWriter) stop() error {
	close(w.queue)
	<-w.ended
	return w.db.Close()
}

// begin opens a transaction. A connection that is still inside an old one, or gone, is replaced.
func (w *sqliteWriter) begin() error {
	if w.conn == nil {
		if err := w.connect(context.Background()); err != nil {
			return fmt.Errorf("reopen the database: %w", err)
		}
	}
	err := w.exec("BEGIN IMMEDIATE")
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() != sqlite3.SQLITE_ERROR {
		return err // busy, or the disk: the connection is fine
	}
	w.discard()
	if err := w.connect(context.Background()); err != nil {
		return fmt.Errorf("reopen the database: %w", err)
	}
	return w.exec("BEGIN IMMEDIATE")
}

func (w *sqliteWriter) commit() error {
	from := time.Now()
	err := w.exec("COMMIT")
	if err == nil {
		w.took = time.Since(from)
		w.commits.Add(1)
	}
	return err
}

// rollback ends the transaction, if SQLite has not done it already. If it fails, begin finds out.
func (w *sqliteWriter) rollback() {
	if err := w.exec("ROLLBACK"); err != nil {
		w.log.Debug("store.rollback", "error", err)
	}
}

// discard gives the connection up, and with it whatever it was in the middle of. Its statements go
// first, and nobody else closes them: SQLite keeps a connection with open statements alive, which then
// holds its transaction against the next connection, and keeps the log from being emptied at the end.
func (w *sqliteWriter) discard() {
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	w.conn.Raw(func(any) error { return driver.ErrBadConn })
	w.conn.Close()
	w.conn, w.stmts = nil, nil
}

// exec runs a statement of the writer's own.
func (w *sqliteWriter) exec(q string) error {
	stmt, err := w.stmt(q)
	if err == nil {
		_, err = stmt.ExecContext(context.Background())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", q, err)
	}
	return nil
}

// stmt prepares each text once per connection.
func (w *sqliteWriter) stmt(q string) (*sql.Stmt, error) {
	if stmt := w.stmts[q]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(context.Background(), planOnce(q))
	if err != nil {
		return nil, err
	}
	if len(w.stmts) >= mostPrepared { // texts are few, unless somebody writes values into them
		for _, old := range w.stmts {
			old.Close()
		}
		clear(w.stmts)
	}
	w.stmts[q] = stmt
	return stmt, nil
}

// checkpoint copies the log into the file now and then, between two groups and after their callers
// were answered. Only here is nothing being written, so the log can start over from its beginning; a
// checkpointer beside the writer never catches up.
func (w *sqliteWriter) checkpoint(members int) {
	if w.since += members; w.since < checkpointEvery || w.conn == nil {
		return
	}
	w.since = 0
	var busy, pages, copied int
	err := w.conn.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).
		Scan(&busy, &pages, &copied)
	if err != nil || pages-copied > 100_000 {
		w.log.Warn("store.checkpoint", "pages", pages, "copied", copied, "error", err)
	}
}
