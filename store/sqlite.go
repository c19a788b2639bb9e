package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"paylink/durable"
)

const (
	// readLimit bounds one read: the database's log cannot be emptied past the oldest reader.
	readLimit = time.Second
	// mostPrepared bounds the statements kept ready; the store has far fewer texts.
	mostPrepared = 1000
)

// errReadTooLong ends a read that keeps its rows open past readLimit. Long reads page by cursor.
var errReadTooLong = errors.New("the read took longer than a second: read it in pages")

// sqliteEngine is one SQLite file: many readers, and one writer that gathers transactions.
type sqliteEngine struct {
	path   string
	reads  *sql.DB
	writer *sqliteWriter
	lock   *os.File
	limit  time.Duration // of one read

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

// openSQLite opens the file at path, after making sure that this process is the only one.
func openSQLite(ctx context.Context, path string, log *slog.Logger) (*sqliteEngine, error) {
	if path == "" || strings.ContainsAny(path, "?#\x00") {
		return nil, errors.New("the database URL must be sqlite:// and the path of a file, without parameters")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	if err := durable.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("make the database folder: %w", err)
	}
	e := newSQLiteEngine(path)
	if e.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, err
	}
	if err := e.open(ctx, path, log); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database file: %w", err), e.close())
	}
	return e, nil
}

func (e *sqliteEngine) open(ctx context.Context, path string, log *slog.Logger) error {
	// SQLite would make the file readable for everybody; its other files inherit the mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Close(), durable.SyncNames(filepath.Dir(path)), firmLog(path)); err != nil {
		return err
	}
	if e.writer, err = startWriter(ctx, path, log); err != nil {
		return err
	}
	return e.openReads(ctx, dsn(path, "busy_timeout(5000)", "query_only(1)", "cache_size(-16384)"))
}

func newSQLiteEngine(path string) *sqliteEngine {
	return &sqliteEngine{path: path, limit: readLimit, prepared: map[string]*sql.Stmt{}}
}

func (e *sqliteEngine) openReads(ctx context.Context, dsn string) (err error) {
	if e.reads, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	e.reads.SetMaxOpenConns(readers)
	e.reads.SetMaxIdleConns(readers)
	return e.reads.PingContext(ctx)
}

// dsn names the file to the driver, with the pragmas for every connection.
func dsn(path string, pragmas ...string) string {
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// lockFile keeps a second process away. The lock belongs to the open file, so it ends with the process
// however that ends; the number inside is for people.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path)
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the database %s is in use by process %s: stop that first",
				strings.TrimSuffix(path, ".lock"), strings.TrimSpace(string(holder)))
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("write the lock file: %w", err)
	}
	return file, nil
}

func (e *sqliteEngine) kind() string { return "sqlite" }

func (e *sqliteEngine) write(j *job) {
	finish := j.finish
	j.finish = func(topics []string, err error) { finish(topics, troubleSQLite(err)) }
	e.writer.take(j)
}

func (e *sqliteEngine) stats() Stats {
	if e.writer == nil { // opened for reading
		return Stats{}
	}
	p := e.reads.Stats()
	stats := Stats{Pool: Pool{
		Most: int64(p.MaxOpenConnections), InUse: int64(p.InUse), Idle: int64(p.Idle), Waits: p.WaitCount, Waited: p.WaitDuration,
	}}
	if e.writer == nil { // opened for reading
		return stats
	}
	stats.Writes, stats.Commits = e.writer.writes.Load(), e.writer.commits.Load()
	if info, err := os.Stat(e.writer.path + "-wal"); err == nil {
		stats.LogBytes = info.Size()
	}
	return stats
}

func (e *sqliteEngine) query(ctx context.Context, q string, args []any, visit visit) error {
	rows, err := e.start(ctx, q, args)
	if err != nil {
		return troubleSQLite(readError(ctx, err))
	}
	return troubleSQLite(readError(ctx, walk(rows, visit, e.limit)))
}

// readError prefers the caller's own reason to whatever an interrupted query says.
func readError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (e *sqliteEngine) start(ctx context.Context, q string, args []any) (*sql.Rows, error) {
	e.mu.RLock()
	stmt, full := e.prepared[q], len(e.prepared) >= mostPrepared
	e.mu.RUnlock()
	if stmt == nil && full {
		return e.reads.QueryContext(ctx, q, args...)
	}
	if stmt == nil {
		fresh, err := e.reads.PrepareContext(ctx, planOnce(q))
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		if stmt = e.prepared[q]; stmt == nil {
			e.prepared[q], stmt = fresh, fresh
		} else {
			defer fresh.Close()
		}
		e.mu.Unlock()
	}
	return stmt.QueryContext(ctx, args...)
}

// walk hands the rows to visit and closes them. A limit of zero is none.
func walk(rows *sql.Rows, visit visit, limit time.Duration) error {
	defer rows.Close()
	var late atomic.Bool
	var timer *time.Timer
	for rows.Next() {
		if !visit(rows.Scan) {
			return nil
		}
		if limit > 0 && timer == nil {
			timer = time.AfterFunc(limit, func() { late.Store(true) })
			defer timer.Stop()
		}
		if late.Load() {
			return errReadTooLong
		}
	}
	return rows.Err()
}

func (e *sqliteEngine) close() error {
	var errs []error
	if e.reads != nil {
		errs = append(errs, e.reads.Close())
	}
	if e.writer != nil { // last, because the last connection empties the log into the file
		errs = append(errs, e.writer.stop())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}

// ownSQLite tells whether a failed statement is its own transaction's doing alone: a constraint.
// After anything else, a full disk above all, SQLite may have rolled back the whole group already.
func ownSQLite(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
