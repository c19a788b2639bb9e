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

func (m migration) step() Step { return Step{m.number, m.name} }

// The engines' words for the table that remembers what was done.
var createMigrations = map[string]string{
	"sqlite": `CREATE TABLE IF NOT EXISTS schema_migrations (
		number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
	"postgres": `CREATE TABLE IF NOT EXISTS schema_migrations (
		number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`,
}

// Step names one step of the migrations.
type Step struct {
	Number int64  `json:"number"`
	Name   string `json:"name"`
}

func (s Step) String() string { return fmt.Sprintf("%04d_%s", s.Number, s.Name) }

// Upgrade says what is to happen around the steps. Every function may be nil.
type Upgrade struct {
	Now time.Time
	// Before is called once, before the first pending step over a database that has been used. Its
	// error stops the upgrade, and nothing has changed.
	Before func(ctx context.Context, first Step) error
	// Begin is called before each pending step; of is the number of the last one.
	Begin func(s Step, of int64)
	// Waiting is called before waiting for whoever is in the way, in words that end "waiting for …".
	Waiting func(whom string)
}

// Migrate brings the database to the shape that this build needs, as Upgrade does.
func (s *Store) Migrate(ctx context.Context, now time.Time) error {
	return s.Upgrade(ctx, Upgrade{Now: now})
}

// Upgrade brings the database to the shape that this build needs. Each step is one transaction, so an
// Upgrade that was interrupted goes on where it stopped. It refuses a database whose past steps differ
// from this build's, one that a newer build has moved on, and one that is half restored. Of several
// nodes one works, and the others wait for it.
func (s *Store) Upgrade(ctx context.Context, up Upgrade) error {
	return s.upgrade(ctx, embedded, up)
}

// Pending lists the steps that the database lacks, and tells whether it has been used before. It
// refuses what Upgrade refuses.
func (s *Store) Pending(ctx context.Context) (pending []Step, used bool, err error) {
	steps, err := migrations(embedded, s.Kind())
	if err != nil {
		return nil, false, err
	}
	next, err := s.nextMigration(ctx, steps)
	if err != nil {
		return nil, false, fmt.Errorf("compare the database with this version: %w", err)
	}
	for _, m := range steps[next:] {
		pending = append(pending, m.step())
	}
	return pending, next > 0, nil
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

func (s *Store) upgrade(ctx context.Context, files fs.FS, up Upgrade) error {
	steps, err := migrations(files, s.Kind())
	if err != nil {
		return err
	}
	next, err := s.nextMigration(ctx, steps)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if next == len(steps) {
		return nil
	}
	if err := s.prepareMigrations(ctx); err != nil {
		return fmt.Errorf("make schema_migrations: %w", err)
	}
	return s.alone(ctx, up.Waiting, func() error { return s.walkSteps(ctx, steps, up) })
}

// walkSteps runs what is missing, and asks again what that is: another node may have been here first.
func (s *Store) walkSteps(ctx context.Context, steps []migration, up Upgrade) error {
	next, err := s.nextMigration(ctx, steps)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if next > 0 && next < len(steps) && up.Before != nil {
		if err := up.Before(ctx, steps[next].step()); err != nil {
			return err
		}
	}
	for _, m := range steps[next:] {
		if up.Begin != nil {
			up.Begin(m.step(), int64(len(steps)))
		}
		if err := s.takeStep(ctx, m, up); err != nil {
			return fmt.Errorf("migrate the database: %s: %w", m.step(), err)
		}
	}
	return nil
}

// takeStep runs one step. While older nodes serve, a step may have to wait for the transaction of one of
// them, or for a backup; whoever comes after waits behind it. So it gives way after two seconds, and tries
// again until there is a gap.
func (s *Store) takeStep(ctx context.Context, m migration, up Upgrade) error {
	for told := false; ; told = true {
		err := s.Write(ctx, func(tx *Tx) error {
			if err := tx.script(m.text); err != nil {
				return err
			}
			tx.recordStep(m, up.Now)
			return nil
		})
		if !errors.Is(err, ErrLocked) {
			return err
		}
		if !told && up.Waiting != nil {
			up.Waiting("transactions that hold its tables")
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func (tx *Tx) recordStep(m migration, now time.Time) {
	const q = `INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)`
	tx.put(q, m.number, m.name, m.checksum, micros(now))
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

// nextMigration gives the index of the first step that the database lacks.
func (s *Store) nextMigration(ctx context.Context, steps []migration) (next int, err error) {
	return shapesOf[s.Kind()].followed(s.Read(ctx).rows, steps)
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
