package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// openBeside opens an existing database that another process may be serving. On SQLite that goes
// without the lock which keeps a second server away: it is only read.
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
		db, err = sql.Open("sqlite", dsn(path, "busy_timeout(5000)"))
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
