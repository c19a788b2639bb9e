package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations
var embedded embed.FS

// migration is one step from one shape of the database to the next. It is never edited after a
// release and there is no way back: a step that was wrong is put right by the next one.
type migration struct {
	number   int64
	name     string
	checksum string // SHA-256 of the text, hexadecimal
	text     string
}

// The engines' words for the table that remembers what was done.
var createMigrations = map[string]string{
	"sqlite": `CREATE TABLE IF NOT EXISTS schema_migrations (
		number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
	"postgres": `CREATE TABLE IF NOT EXISTS schema_migrations (
		number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`,
}

// On PostgreSQL two nodes may migrate at once: the second waits at the table and then finds it done.
// Nobody else uses the table, so the wait has no limit. SQLite has one process and one writer.
var lockMigrations = map[string]string{
	"sqlite":   "",
	"postgres": `SET LOCAL lock_timeout = 0; LOCK TABLE schema_migrations IN SHARE ROW EXCLUSIVE MODE`,
}

// Migrate brings the database to the shape that this build needs. Each step is one transaction, so a
// Migrate that was interrupted goes on where it stopped. It refuses a database whose past steps differ
// from this build's, and one that a newer build has moved on.
func (s *Store) Migrate(ctx context.Context, now time.Time) error {
	return s.migrate(ctx, embedded, now)
}

// Schema gives a fingerprint of all steps that this build has for a kind of database: equal
// fingerprints mean equal tables.
func Schema(kind string) (string, error) {
	steps, err := migrations(embedded, kind)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, m := range steps {
		fmt.Fprintln(sum, m.number, m.name, m.checksum)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (s *Store) migrate(ctx context.Context, files fs.FS, now time.Time) error {
	steps, err := migrations(files, s.Kind())
	if err != nil {
		return err
	}
	if err := s.prepareMigrations(ctx); err != nil {
		return fmt.Errorf("make schema_migrations: %w", err)
	}
	for done := false; !done; {
		err := s.Write(ctx, func(tx *Tx) (err error) {
			done, err = tx.migrateOnce(steps, lockMigrations[s.Kind()], now)
			return err
		})
		if err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
	}
	return nil
}

// prepareMigrations makes the table. IF NOT EXISTS is no promise on PostgreSQL when two nodes say it
// in the same instant: one of them gets an error, and asks again.
func (s *Store) prepareMigrations(ctx context.Context) error {
	create := func(tx *Tx) error { return tx.script(createMigrations[s.Kind()]) }
	err := s.Write(ctx, create)
	if code := sqlState(err); code == "23505" || code == "42P07" || code == "42710" {
		err = s.Write(ctx, create)
	}
	return err
}

// migrateOnce applies the first step that is missing, and reports done when none is.
func (tx *Tx) migrateOnce(steps []migration, lock string, now time.Time) (done bool, err error) {
	next, err := tx.nextMigration(steps)
	if err != nil || next == nil {
		return err == nil, err
	}
	if lock != "" {
		if err := tx.script(lock); err != nil {
			return false, err
		}
		// Another node may have done it while this one waited.
		if next, err = tx.nextMigration(steps); err != nil || next == nil {
			return err == nil, err
		}
	}
	if err := tx.script(next.text); err != nil {
		return false, fmt.Errorf("%04d_%s: %w", next.number, next.name, err)
	}
	const q = `INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)`
	tx.put(q, next.number, next.name, next.checksum, micros(now))
	return false, nil
}

// nextMigration compares what was applied with what this build has.
func (r Reader) nextMigration(steps []migration) (*migration, error) {
	const q = `SELECT number, name, checksum FROM schema_migrations ORDER BY number`
	applied := 0
	err := r.rows(q, nil, func(scan func(dest ...any) error) error {
		var m migration
		if err := scan(&m.number, &m.name, &m.checksum); err != nil {
			return err
		}
		if applied >= len(steps) {
			return fmt.Errorf("the database has step %d, this build knows %d: it was used by a newer paylink",
				m.number, len(steps))
		}
		if want := steps[applied]; m.number != want.number || m.checksum != want.checksum {
			return fmt.Errorf("step %04d_%s was applied with another text than this build has", m.number, m.name)
		}
		applied++
		return nil
	})
	if err != nil || applied == len(steps) {
		return nil, err
	}
	return &steps[applied], nil
}

func (tx *Tx) script(text string) error {
	if _, err := tx.flush(); err != nil {
		return err
	}
	if f := tx.session.script(text); f != nil {
		tx.failed = f
		return f.err
	}
	return nil
}

// migrations reads the steps for one kind of database, in order: 0001_name.sql, 0002_name.sql, …
func migrations(files fs.FS, kind string) ([]migration, error) {
	names, err := fs.Glob(files, path.Join("migrations", kind, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no migrations for " + kind)
	}
	var steps []migration
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read a migration: %w", err)
		}
		number, rest, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s does not begin with its number", name)
		}
		sum := sha256.Sum256(text)
		steps = append(steps, migration{number: n, name: rest, checksum: hex.EncodeToString(sum[:]), text: string(text)})
	}
	slices.SortFunc(steps, func(a, b migration) int { return cmp.Compare(a.number, b.number) })
	for i, m := range steps {
		if m.number != int64(i)+1 {
			return nil, fmt.Errorf("migration %d of %s is missing", i+1, kind)
		}
	}
	return steps, nil
}
