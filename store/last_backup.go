package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"paylink/durable"
)

// noteOf is where it stands when a SQLite database was last backed up: in a file beside it. The backup
// is a process of its own, and the database has one that writes; a second one waits for a gap that a busy
// server does not leave.
func noteOf(database string) string { return database + ".backup" }

// NoteBackup notes when the database at url, which may be served meanwhile, was last backed up. A
// PostgreSQL standby cannot take the note, nor can a database that an older version made.
func NoteBackup(ctx context.Context, url string, at time.Time) error {
	var err error
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		err = writeNote(noteOf(path), at)
	} else {
		err = noteInDatabase(ctx, url, at)
	}
	if err != nil {
		return fmt.Errorf("note the backup: %w", err)
	}
	return nil
}

func writeNote(path string, at time.Time) error {
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = part.WriteString(at.UTC().Format(time.RFC3339Nano) + "\n")
	// A name that reached the disk before its text would be a note that says nothing.
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return err
	}
	return durable.SyncNames(filepath.Dir(path))
}

func noteInDatabase(ctx context.Context, url string, at time.Time) error {
	db, _, err := openBeside(url)
	if err != nil {
		return err
	}
	const q = `INSERT INTO markers (name, at) VALUES ('backup', $1) ON CONFLICT (name) DO UPDATE SET at = excluded.at`
	_, err = db.ExecContext(ctx, q, micros(at))
	return errors.Join(err, db.Close())
}

// LastBackup tells when the database was last backed up by paylink backup; the zero time says never.
func (s *Store) LastBackup(ctx context.Context) (time.Time, error) {
	if e, ok := s.db.(*sqliteEngine); ok {
		return readNote(noteOf(e.path))
	}
	var at int64
	err := s.Read(ctx).row(`SELECT at FROM markers WHERE name = 'backup'`, nil, &at)
	if errors.Is(err, errNoRow) {
		return time.Time{}, nil
	}
	return fromMicros(at), err
}

// readNote gives the zero time for a note that is not there or says nothing: somebody is then told to
// back up, which is right. It is no trouble of the database.
func readNote(path string) (time.Time, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when it was backed up: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, nil
	}
	return at.UTC().Truncate(time.Microsecond), nil
}
