package store

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// Table is the shape of one table in a backup. Types has a word for each column: "text", "integer" (64
// bits) or "blob". Columns stand in the table's order, Key in the key's.
type Table struct {
	Name    string   `json:"table"`
	Columns []string `json:"columns"`
	Types   []string `json:"types"`
	Key     []string `json:"-"`
}

// shapes are the engines' own words about tables: which there are, and what they look like.
type shapes struct {
	table   string // 1 when the table named $1 is there
	columns string // name, type in order, of the table named $1
	key     string // names in order
	types   map[string]string
}

var shapesOf = map[string]shapes{
	"sqlite": {
		table:   `SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = $1`,
		columns: `SELECT name, type FROM pragma_table_info($1) ORDER BY cid`,
		key:     `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`,
		types:   map[string]string{"TEXT": "text", "INTEGER": "integer", "BLOB": "blob"},
	},
	// Not information_schema, which hides what the role has no rights to: a backup may have its own role,
	// which only reads.
	"postgres": {
		table: `SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1`,
		columns: `SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a
			JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relname = $1 AND c.relkind IN ('r', 'p')
				AND a.attnum > 0 AND NOT a.attisdropped
			ORDER BY a.attnum`,
		key: `SELECT a.attname::text FROM pg_index i
			JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
			WHERE n.nspname = current_schema() AND c.relname = $1 AND i.indisprimary
			ORDER BY k.place`,
		types: map[string]string{"text": "text", "bigint": "integer", "bytea": "blob"},
	},
}

// asker runs a query and hands over its rows, as Reader.rows does.
type asker func(q string, args []any, each func(scan func(dest ...any) error) error) error

// hasTable tells whether the database has a table of that name.
func (sh shapes) hasTable(ask asker, name string) (bool, error) {
	var found int64
	err := ask(sh.table, []any{name}, func(scan func(dest ...any) error) error { return scan(&found) })
	return found > 0, err
}

// of reads the shape of a table; one that is not there has no columns.
func (sh shapes) of(ask asker, name string) (Table, error) {
	t := Table{Name: name}
	err := ask(sh.columns, []any{name}, func(scan func(dest ...any) error) error {
		var column, kind string
		if err := scan(&column, &kind); err != nil {
			return err
		}
		if sh.types[kind] == "" {
			return fmt.Errorf("column %s.%s has the type %s, which no backup can hold", name, column, kind)
		}
		t.Columns, t.Types = append(t.Columns, column), append(t.Types, sh.types[kind])
		return nil
	})
	if err != nil {
		return Table{}, err
	}
	err = ask(sh.key, []any{name}, func(scan func(dest ...any) error) error {
		t.Key = append(t.Key, "")
		return scan(&t.Key[len(t.Key)-1])
	})
	return t, err
}

// all reads the shapes of the tables that the steps make, those that others refer to first. A table
// that a later step has dropped is left out.
func (sh shapes) all(ask asker, steps []migration) (tables []Table, err error) {
	for _, name := range madeBy(steps) {
		t, err := sh.of(ask, name)
		if err != nil {
			return nil, err
		}
		if len(t.Columns) > 0 {
			tables = append(tables, t)
		}
	}
	return tables, nil
}

// present lists which of the tables that the steps make are there, those that others refer to first.
func (sh shapes) present(ask asker, steps []migration) (names []string, err error) {
	for _, name := range madeBy(steps) {
		there, err := sh.hasTable(ask, name)
		if err != nil {
			return nil, err
		}
		if there {
			names = append(names, name)
		}
	}
	return names, nil
}

func madeBy(steps []migration) (names []string) {
	for _, m := range steps {
		for _, found := range createTable.FindAllStringSubmatch(m.text, -1) {
			names = append(names, found[1])
		}
	}
	return names
}

// createTable finds the tables that the migrations make. What else stands in the database is its
// operator's, and in no backup.
var createTable = regexp.MustCompile(`(?m)^CREATE TABLE (\w+) \(`)

// followed compares what was applied with what this build has, and gives the index of the first step
// that is missing, or the number of steps when none is.
func (sh shapes) followed(ask asker, steps []migration) (next int, err error) {
	if half, err := sh.hasTable(ask, restoreMark); err != nil || half {
		return 0, cmp.Or(err, errHalfRestored)
	}
	if made, err := sh.hasTable(ask, "schema_migrations"); err != nil || !made {
		return 0, err
	}
	const q = `SELECT number, name, checksum FROM schema_migrations ORDER BY number`
	err = ask(q, nil, func(scan func(dest ...any) error) error {
		var m migration
		if err := scan(&m.number, &m.name, &m.checksum); err != nil {
			return err
		}
		if next >= len(steps) {
			return fmt.Errorf("the database has step %d, this build knows %d: it was used by a newer paylink",
				m.number, len(steps))
		}
		if want := steps[next]; m.number != want.number || m.checksum != want.checksum {
			return fmt.Errorf("step %s was applied with another text than this build has", m.step())
		}
		next++
		return nil
	})
	return next, err
}

// quoted writes names for a statement: some of ours, such as key, are words of SQL.
func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }
