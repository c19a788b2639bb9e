package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Dump is a whole database as it stood at one moment, for a backup. Others may write meanwhile, in
// this process or another.
type Dump struct {
	Kind   string
	Steps  []Step  // that the database has had
	Tables []Table // in an order in which they can be filled again

	source *sql.DB // the database that is served
	db     *sql.DB // what is read: the source, or a copy of it
	conn   *sql.Conn
}

// OpenDump holds the database at url still for reading. On SQLite it copies the database to scratch, a
// file that must not be in use and is gone when OpenDump returns, although its room on the disk is
// taken until Close. On PostgreSQL, a standby included, scratch is not used.
//
// A database that a newer paylink has used is refused, because this build does not know all its tables.
func OpenDump(ctx context.Context, url, scratch string) (*Dump, error) {
	source, kind, err := openBeside(url)
	if err != nil {
		return nil, fmt.Errorf("read the database for a backup: %w", err)
	}
	d := &Dump{Kind: kind, source: source}
	if kind == "sqlite" {
		err = d.copySQLite(ctx, scratch)
	} else {
		err = d.holdPostgres(ctx)
	}
	if err == nil {
		err = d.survey(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the database for a backup: %w", err), d.Close())
	}
	return d, nil
}

// copySQLite copies the file by VACUUM INTO, which sees one moment and never keeps the writer waiting.
func (d *Dump) copySQLite(ctx context.Context, scratch string) error {
	scratch, err := filepath.Abs(scratch) // the driver's address of a file has no relative ones
	if err != nil {
		return err
	}
	// VACUUM INTO wants no file or an empty one; made here, it is nobody else's to read.
	copied, err := os.OpenFile(scratch, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(scratch) }() // the open connection keeps what it reads
	if err := copied.Close(); err != nil {
		return err
	}
	if _, err := d.source.ExecContext(ctx, `VACUUM INTO ?`, scratch); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if d.db, err = sql.Open("sqlite", dsn(scratch, "query_only(1)")+"&immutable=1&mode=ro"); err != nil {
		return err
	}
	return d.begin(ctx, `BEGIN`)
}

// holdPostgres begins a transaction that sees one moment for as long as it lasts.
func (d *Dump) holdPostgres(ctx context.Context) error {
	d.db = d.source
	if err := d.begin(ctx, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`); err != nil {
		return err
	}
	_, err := d.conn.ExecContext(ctx, `SET LOCAL statement_timeout = 0`)
	return err
}

func (d *Dump) begin(ctx context.Context, q string) (err error) {
	if d.conn, err = d.db.Conn(ctx); err != nil {
		return err
	}
	_, err = d.conn.ExecContext(ctx, q)
	return err
}

// survey reads which steps the database has had, and the shapes of its tables.
func (d *Dump) survey(ctx context.Context) error {
	steps, err := migrations(embedded, d.Kind)
	if err != nil {
		return err
	}
	ask := d.asker(ctx)
	next, err := shapesOf[d.Kind].followed(ask, steps)
	if err == nil && next == 0 {
		err = errors.New("it holds no paylink")
	}
	if err != nil {
		return err
	}
	for _, m := range steps[:next] {
		d.Steps = append(d.Steps, m.step())
	}
	d.Tables, err = shapesOf[d.Kind].all(ask, steps[:next])
	return err
}

func (d *Dump) asker(ctx context.Context) asker {
	return func(q string, args []any, each func(scan func(dest ...any) error) error) error {
		rows, err := d.conn.QueryContext(ctx, q, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // after the last row there is nothing left to go wrong
		for rows.Next() {
			if err := each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// Each hands over the rows of a table, in the order of its key: a string, an int64, a []byte or nil for
// each column. The slice is only good until each returns.
func (d *Dump) Each(ctx context.Context, t Table, each func(row []any) error) error {
	q := `SELECT ` + quoted(t.Columns) + ` FROM ` + quoted([]string{t.Name}) + ` ORDER BY ` + quoted(t.Key)
	row, dest := make([]any, len(t.Types)), cells(t.Types)
	var refused error
	err := d.asker(ctx)(q, nil, func(scan func(dest ...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		for i := range row {
			row[i] = value(dest[i])
		}
		refused = each(row)
		return refused
	})
	if err != nil && refused == nil {
		return fmt.Errorf("read the table %s: %w", t.Name, err)
	}
	return refused
}

// cells makes places to scan a row of these types into.
func cells(types []string) (dest []any) {
	for _, t := range types {
		switch t {
		case "integer":
			dest = append(dest, new(sql.Null[int64]))
		case "blob":
			dest = append(dest, new(sql.Null[[]byte]))
		default:
			dest = append(dest, new(sql.Null[string]))
		}
	}
	return dest
}

// value is what a cell holds, or nil. An empty blob is no NULL, although one driver gives it as nil bytes.
func value(cell any) any {
	switch c := cell.(type) {
	case *sql.Null[int64]:
		if c.Valid {
			return c.V
		}
	case *sql.Null[string]:
		if c.Valid {
			return c.V
		}
	case *sql.Null[[]byte]:
		if c.Valid {
			return append([]byte{}, c.V...)
		}
	}
	return nil
}

// Close lets go of the database.
func (d *Dump) Close() error {
	var errs []error
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	if d.db != nil && d.db != d.source {
		errs = append(errs, d.db.Close())
	}
	return errors.Join(append(errs, d.source.Close())...)
}
