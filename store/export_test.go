package store

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The tests of the engine stand outside the package, because storetest imports it. These are the
// private words that the store's own methods are written in.

var (
	ErrNoRow       = errNoRow
	ErrReadTooLong = errReadTooLong
	MemberRows     = memberRows
	GroupMost      = groupMost
	GroupTime      = groupTime
	Micros         = micros
	FromMicros     = fromMicros
	NullMicros     = nullMicros
	FromNullMicros = fromNullMicros
	Bit            = bit
	NullText       = nullText
	FirmLog        = firmLog
)

func (r Reader) Row(q string, args []any, dest ...any) error { return r.row(q, args, dest...) }

func (r Reader) Rows(q string, args []any, each func(scan func(dest ...any) error) error) error {
	return r.rows(q, args, each)
}

func (r Reader) Lock() string     { return r.lock() }
func (r Reader) LockSkip() string { return r.lockSkip() }

func (tx *Tx) Exec(q string, args ...any) (int64, error) { return tx.exec(q, args...) }
func (tx *Tx) Put(q string, args ...any)                 { tx.put(q, args...) }
func (tx *Tx) PutUnless(otherwise error, q string, args ...any) {
	tx.putUnless(otherwise, q, args...)
}
func (tx *Tx) Savepoint(fn func() error) error { return tx.savepoint(fn) }
func (tx *Tx) Script(text string) error        { return tx.script(text) }

func (s *Store) MigrateFrom(ctx context.Context, files fs.FS, now time.Time) error {
	return s.upgrade(ctx, files, Upgrade{Now: now})
}

func (s *Store) UpgradeFrom(ctx context.Context, files fs.FS, up Upgrade) error {
	return s.upgrade(ctx, files, up)
}

// EmbeddedMigrations lists the built-in steps of a kind as "number name".
func EmbeddedMigrations(t *testing.T, kind string) []string {
	steps, err := migrations(embedded, kind)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range steps {
		names = append(names, m.name)
	}
	return names
}

// WriterPragma asks the connection that writes.
func (s *Store) WriterPragma(t *testing.T, name string) (value string) {
	err := s.Write(t.Context(), func(tx *Tx) error { return tx.row("PRAGMA "+name, nil, &value) })
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// StrandWriter leaves the connection that writes inside a transaction, as a rollback that failed does.
func (s *Store) StrandWriter(t *testing.T) {
	w := s.db.(*sqliteEngine).writer
	begun := make(chan error, 1)
	w.take(&job{
		caller: t.Context(),
		fn:     func(*Tx) error { return nil },
		finish: func([]string, error) { begun <- w.exec("BEGIN IMMEDIATE") },
	})
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
}

// AssertDurableWith opens a fresh file with other pragmas and gives the verdict on it.
func AssertDurableWith(t *testing.T, pragmas ...string) error {
	db, err := sql.Open("sqlite", dsn(filepath.Join(t.TempDir(), "other.db"), pragmas...))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return assertDurable(t.Context(), conn)
}

// OpenPostgresOver opens a store of one connection that is dialed with dial.
func OpenPostgresOver(t *testing.T, url string, dial func(context.Context, string, string) (net.Conn, error)) *Store {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	config.ConnConfig.DialFunc = dial
	e, err := connectPostgres(t.Context(), config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{db: e}
	t.Cleanup(func() { s.Close() })
	return s
}

// MaxConns is the size of the pool on PostgreSQL.
func (s *Store) MaxConns() int32 { return s.db.(*postgresEngine).pool.Config().MaxConns }

// HalfRestore leaves the database as a restore leaves it whose process dies.
func (s *Store) HalfRestore(ctx context.Context, steps []Step) error {
	had, err := s.known(steps)
	if err == nil {
		err = s.prepareMigrations(ctx)
	}
	if err == nil {
		err = s.beginRestore(ctx, had)
	}
	return err
}
