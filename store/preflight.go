package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Room tells in which folder a SQLite database stands, and how many bytes it and its log take. Of
// PostgreSQL's disks we know nothing: the folder is empty.
func (s *Store) Room() (folder string, size int64, err error) {
	e, ok := s.db.(*sqliteEngine)
	if !ok {
		return "", 0, nil
	}
	for _, name := range []string{e.writer.path, e.writer.path + "-wal"} {
		info, err := os.Stat(name)
		switch {
		case err == nil:
			size += info.Size()
		case !errors.Is(err, os.ErrNotExist):
			return "", 0, fmt.Errorf("measure the database: %w", err)
		}
	}
	return filepath.Dir(e.writer.path), size, nil
}

// MayUpgrade tells why the database would refuse to be changed by us: it takes no writes, as a standby
// does, or what stands in it belongs to another role.
func (s *Store) MayUpgrade(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil || s.Kind() != "postgres" {
		return err
	}
	read := s.Read(ctx)
	const q = `SELECT current_user::text, has_schema_privilege(current_schema(), 'CREATE')`
	var role string
	var creates bool
	if err := read.row(q, nil, &role, &creates); err != nil {
		return fmt.Errorf("ask for the role's rights: %w", err)
	}
	if !creates {
		return fmt.Errorf("the role %s may not make tables in this schema: grant it CREATE on the schema", role)
	}
	names, err := s.present(ctx)
	if err != nil {
		return err
	}
	var others []string
	for _, name := range names {
		const q = `SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1`
		var ours bool
		if err := read.row(q, []any{name}, &ours); err != nil {
			return fmt.Errorf("ask for the owner of %s: %w", name, err)
		}
		if !ours {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("the role %s does not own the tables %s: only an owner may change them", role, strings.Join(others, ", "))
	}
	return nil
}
