package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// ErrReadOnly answers a write to a store that OpenReader opened.
var ErrReadOnly = errors.New("the store was opened for reading only")

// patience bounds a read of such a store. Its pages are meant for far less than a second too, but a proof
// that a crowded machine holds up for a moment is not to be begun again.
const patience = 10 * readLimit

// OpenReader opens an existing database for looking at it, also while another process serves from it:
// without the lock that keeps a second server away, and so that the database itself refuses every
// change. It refuses a database whose tables are not those of this build.
func OpenReader(ctx context.Context, url string, opt Options) (*Store, error) {
	log := opt.Log
	if log == nil {
		log = slog.Default()
	}
	s := &Store{}
	scheme, rest, _ := strings.Cut(url, "://")
	var err error
	switch scheme {
	case "sqlite":
		s.db, err = readSQLite(ctx, rest)
	case "postgres", "postgresql":
		s.db, err = readPostgres(ctx, url, log)
	default:
		err = errors.New("the database URL must begin with sqlite:// or postgres://")
	}
	if err != nil {
		return nil, err
	}
	s.readOnly = true
	if err := s.checkShape(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func readSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	e := newSQLiteEngine(path)
	e.limit = patience
	if err := e.openReads(ctx, dsn(path, "busy_timeout(5000)", "query_only(1)", "cache_size(-16384)", "mmap_size(2147418112)")+"&mode=ro"); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database file: %w", err), e.close())
	}
	return e, nil
}

func readPostgres(ctx context.Context, url string, log *slog.Logger) (*postgresEngine, error) {
	config, err := configurePostgres(url)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	return connectPostgres(ctx, config, log)
}

// checkShape holds the steps that were applied to the database to those of this build.
func (s *Store) checkShape(ctx context.Context) error {
	steps, err := migrations(embedded, s.Kind())
	if err != nil {
		return err
	}
	next, err := s.nextMigration(ctx, steps)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if next < len(steps) {
		return fmt.Errorf("the database lacks step %04d_%s: run paylink migrate, or start this version, first", steps[next].number, steps[next].name)
	}
	return nil
}
