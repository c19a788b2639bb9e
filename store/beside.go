package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// openBeside opens an existing database that another process may be serving. On SQLite that goes
// without the lock which keeps a second server away: SQLite itself lets others read, and write a little.
func openBeside(url string) (db *sql.DB, kind string, err error) {
	scheme, path, _ := strings.Cut(url, "://")
	switch scheme {
	case "sqlite":
		path, err := filepath.Abs(path)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return nil, "", err
		}
		db, err = sql.Open("sqlite", dsn(path, "busy_timeout(5000)", "synchronous(FULL)"))
		return db, "sqlite", err
	case "postgres", "postgresql":
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			return nil, "", fmt.Errorf("read the database URL: %w", err)
		}
		return stdlib.OpenDB(*config.ConnConfig), "postgres", nil
	}
	return nil, "", errors.New("the database URL must begin with sqlite:// or postgres://")
}

// NoteBackup notes in the database at url, which may be served meanwhile, when it was last backed up. A
// standby cannot take the note, nor can a database that an older version made.
func NoteBackup(ctx context.Context, url string, at time.Time) error {
	db, _, err := openBeside(url)
	if err != nil {
		return fmt.Errorf("note the backup: %w", err)
	}
	const q = `INSERT INTO markers (name, at) VALUES ('backup', $1) ON CONFLICT (name) DO UPDATE SET at = excluded.at`
	_, err = db.ExecContext(ctx, q, micros(at))
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("note the backup: %w", err)
	}
	return nil
}
