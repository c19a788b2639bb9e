package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// restoreMark is a table that stands while a database is being restored. The steps are recorded
	// only when it goes, so neither this build nor an older one takes half a database for a whole one.
	restoreMark = "restore_unfinished"
	// restoreValues bounds one INSERT, and restoreRows one transaction, while nobody else is there.
	restoreValues = 10_000
	restoreRows   = 5_000
)

var (
	errHalfRestored = errors.New("a restore into this database was not finished: run paylink restore again")
	errNotEmpty     = errors.New("the database is not empty: a backup is restored into an empty one")
)

// Restore fills an empty database with the rows that load hands over, in tables as they were after the
// steps. load gives the rows of one table after another to its Loader, and at the end the number of rows
// that each table must have.
//
// Nothing of it is taken for a database before all of it is there: an error leaves the database empty,
// and a process that dies leaves one that every start refuses and the next Restore begins anew.
func (s *Store) Restore(ctx context.Context, steps []Step, now time.Time, load func(*Loader) (map[string]int64, error)) error {
	had, err := s.known(steps)
	if err != nil {
		return err
	}
	if err := s.prepareMigrations(ctx); err != nil {
		return fmt.Errorf("make schema_migrations: %w", err)
	}
	return s.alone(ctx, nil, func() error {
		if err := s.beginRestore(ctx, had); err != nil {
			return err
		}
		err := s.fill(ctx, had, load)
		if err == nil {
			err = s.analyse(ctx)
		}
		if err == nil {
			err = s.endRestore(ctx, had, now)
		}
		if err != nil {
			// Also when the caller has given up: that is when it matters.
			return errors.Join(err, s.empty(context.WithoutCancel(ctx)))
		}
		return nil
	})
}

// known finds this build's own steps of the same names.
func (s *Store) known(steps []Step) ([]migration, error) {
	all, err := migrations(embedded, s.Kind())
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 || len(steps) > len(all) {
		return nil, fmt.Errorf("the backup has %d steps, this build knows %d: it was made by a newer paylink", len(steps), len(all))
	}
	for i, step := range steps {
		if all[i].step() != step {
			return nil, fmt.Errorf("the backup has the step %s, this build has %s", step, all[i].step())
		}
	}
	return all[:len(steps)], nil
}

// beginRestore refuses a database that holds anything, sets the mark, and makes the tables.
func (s *Store) beginRestore(ctx context.Context, had []migration) error {
	half, err := shapesOf[s.Kind()].hasTable(s.Read(ctx).rows, restoreMark)
	if err != nil {
		return err
	}
	if half {
		if err := s.empty(ctx); err != nil {
			return err
		}
	}
	// Tables of these names that are not ours are somebody's: they are looked for before the mark allows
	// to drop them.
	var steps int64
	if err := s.Read(ctx).row(`SELECT COUNT(*) FROM schema_migrations`, nil, &steps); err != nil {
		return fmt.Errorf("look into schema_migrations: %w", err)
	}
	there, err := s.present(ctx)
	if err != nil {
		return err
	}
	if steps > 0 || len(there) > 0 {
		return errNotEmpty
	}
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.script(`CREATE TABLE ` + restoreMark + ` (at BIGINT)`); err != nil {
			return err
		}
		for _, m := range had {
			if err := tx.script(m.text); err != nil {
				return fmt.Errorf("make the tables of %s: %w", m.step(), err)
			}
		}
		return nil
	})
}

// fill loads all tables and counts what is in them.
func (s *Store) fill(ctx context.Context, had []migration, load func(*Loader) (map[string]int64, error)) error {
	tables, err := shapesOf[s.Kind()].all(s.Read(ctx).rows, had)
	if err != nil {
		return err
	}
	l := &Loader{store: s, ctx: ctx, tables: map[string]Table{}}
	var clear strings.Builder // a step may have put rows into its tables, which the backup has too
	for _, t := range slices.Backward(tables) {
		l.tables[t.Name] = t
		clear.WriteString(`DELETE FROM ` + quoted([]string{t.Name}) + `;`)
	}
	if err := s.Write(ctx, func(tx *Tx) error { return tx.script(clear.String()) }); err != nil {
		return err
	}
	want, err := load(l)
	if err != nil {
		return err
	}
	for _, t := range tables {
		var got int64
		if err := s.Read(ctx).row(`SELECT COUNT(*) FROM `+quoted([]string{t.Name}), nil, &got); err != nil {
			return fmt.Errorf("count the rows of %s: %w", t.Name, err)
		}
		if got != want[t.Name] {
			return fmt.Errorf("the table %s has %d rows, the backup has %d", t.Name, got, want[t.Name])
		}
		delete(want, t.Name)
	}
	if len(want) > 0 {
		return fmt.Errorf("the backup counts rows of tables that its version does not have: %q", slices.Sorted(maps.Keys(want)))
	}
	return nil
}

// endRestore makes it a database.
func (s *Store) endRestore(ctx context.Context, had []migration, now time.Time) error {
	err := s.Write(ctx, func(tx *Tx) error {
		for _, m := range had {
			tx.recordStep(m, now)
		}
		return tx.script(`DROP TABLE ` + restoreMark)
	})
	if err != nil {
		return fmt.Errorf("finish the restore: %w", err)
	}
	return nil
}

// analyse tells PostgreSQL what the tables now hold, without which its first plans are guesses. SQLite's
// plans are made, and tested, without such knowledge.
func (s *Store) analyse(ctx context.Context) error {
	if s.Kind() != "postgres" {
		return nil
	}
	names, err := s.present(ctx)
	if err == nil {
		err = s.Write(ctx, func(tx *Tx) error { return tx.script(`ANALYZE ` + quoted(names)) })
	}
	if err != nil {
		return fmt.Errorf("analyse the restored tables: %w", err)
	}
	return nil
}

// empty takes away what a restore has made, and the mark with it.
func (s *Store) empty(ctx context.Context) error {
	names, err := s.present(ctx)
	if err != nil {
		return fmt.Errorf("empty the database: %w", err)
	}
	var drop strings.Builder
	for _, name := range slices.Backward(append([]string{restoreMark}, names...)) {
		drop.WriteString(`DROP TABLE IF EXISTS ` + quoted([]string{name}) + `;`)
	}
	if err := s.Write(ctx, func(tx *Tx) error { return tx.script(drop.String()) }); err != nil {
		return fmt.Errorf("empty the database: %w", err)
	}
	return nil
}

// present lists the tables of ours that the database has, whatever its version.
func (s *Store) present(ctx context.Context) ([]string, error) {
	all, err := migrations(embedded, s.Kind())
	if err != nil {
		return nil, err
	}
	return shapesOf[s.Kind()].present(s.Read(ctx).rows, all)
}

// Loader takes the rows of a restore.
type Loader struct {
	store  *Store
	ctx    context.Context
	tables map[string]Table
}

// Check refuses a table that the restored version does not have, or has in another shape.
func (l *Loader) Check(t Table) error {
	want, ok := l.tables[t.Name]
	if !ok {
		return fmt.Errorf("the backup holds a table %q that its version does not have", t.Name)
	}
	if !slices.Equal(sortedPairs(t), sortedPairs(want)) {
		return fmt.Errorf("the backup's table %s has other columns than its version", t.Name)
	}
	return nil
}

func sortedPairs(t Table) (pairs []string) {
	for i, column := range t.Columns {
		pairs = append(pairs, column+" "+t.Types[i])
	}
	slices.Sort(pairs)
	return pairs
}

// Most is how many rows of a table Put takes at once.
func (l *Loader) Most(t Table) int { return min(restoreRows, restoreValues/len(t.Columns)) }

// Put writes rows of a checked table, in the order of its columns: a string, an int64, a []byte or nil
// for each. There are at least one and at most Most of them.
func (l *Loader) Put(t Table, rows [][]any) error {
	var q strings.Builder
	q.WriteString(`INSERT INTO ` + quoted([]string{t.Name}) + ` (` + quoted(t.Columns) + `) VALUES (`)
	args := make([]any, 0, len(rows)*len(t.Columns))
	for i, row := range rows {
		for j, v := range row {
			args = append(args, v)
			if j > 0 {
				q.WriteString(", ")
			} else if i > 0 {
				q.WriteString("), (")
			}
			q.WriteString("$" + strconv.Itoa(len(args)))
		}
	}
	q.WriteString(")")
	err := l.store.Write(l.ctx, func(tx *Tx) error {
		tx.bulk = true
		_, err := tx.exec(q.String(), args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("fill the table %s: %w", t.Name, err)
	}
	return nil
}
