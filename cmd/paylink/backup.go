package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"paylink/backup"
	"paylink/store"
)

type backupCommand struct {
	Config
	File  string `arg:"" help:"Where to write the archive; - for standard output."`
	Force bool   `help:"Write over a file that exists."`
}

// Run backs the database up while it is served, in a process of its own.
func (c *backupCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	start := time.Now()
	var sum backup.Summary
	if c.File == "-" {
		sum, err = backUpTo(ctx, s.DatabaseURL, os.Stdout, start)
	} else {
		sum, err = backup.File(ctx, s.DatabaseURL, c.File, c.Force, start)
	}
	if err != nil {
		return err
	}
	// The archive is good without it; only the monitoring will miss the note.
	if err := store.NoteBackup(ctx, s.DatabaseURL, start); err != nil {
		logger(s.LogLevel).Warn("backup.unnoted", "error", err)
	}
	fmt.Fprintf(os.Stderr, "backed up %d rows of %s as of %s into %d bytes, in %.1f s\n",
		sum.Rows, sum.Kind, sum.Step, sum.Bytes, time.Since(start).Seconds())
	fmt.Fprintf(os.Stderr, "The key file %s is not inside, and nothing opens without it: keep a copy of it elsewhere (%s).\n"+
		"Customers' names and numbers are inside, as they are: keep the archive where only you can read it.\n", s.KeyFile, slotsOf(sum))
	return nil
}

// backUpTo writes to a stream. The copy that SQLite needs stands in the folder for temporary files.
func backUpTo(ctx context.Context, url string, to io.Writer, now time.Time) (sum backup.Summary, err error) {
	dir, err := os.MkdirTemp("", "paylink-backup-")
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := store.OpenDump(ctx, url, filepath.Join(dir, "copy"))
	if err != nil {
		return sum, err
	}
	sum, err = backup.Write(ctx, d, to, now)
	return sum, errors.Join(err, d.Close())
}

type restoreCommand struct {
	Config
	File    string `arg:"" help:"The archive; - for standard input."`
	AsItWas bool   `help:"Leave the database at the version of the archive, for an older paylink to serve."`
}

// Run fills the empty database that the settings name, of either kind.
func (c *restoreCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	from := os.Stdin
	if c.File != "-" {
		if from, err = os.Open(c.File); err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
	}
	start := time.Now()
	db, err := store.Open(ctx, s.DatabaseURL, store.Options{Log: logger(s.LogLevel)})
	if err != nil {
		return err
	}
	fill := backup.Restore
	if c.AsItWas {
		fill = backup.RestoreAsItWas
	}
	sum, err := fill(ctx, db, from, start)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "restored %d rows of the %s backup of %s into %s, in %.1f s\n",
		sum.Rows, sum.Kind, sum.CreatedAt.Format(time.RFC3339), store.Redacted(s.DatabaseURL), time.Since(start).Seconds())
	fmt.Fprintf(os.Stderr, "Serve it with the key file that belongs to it (%s); PAYLINK_KEY_FILE is %s.\n", slotsOf(sum), s.KeyFile)
	return nil
}

// slotsOf names the keys that an archive's secrets hang on, as far as anybody may know them.
func slotsOf(sum backup.Summary) string {
	if len(sum.Keys) == 0 {
		return "no key was used yet"
	}
	var slots []string
	for _, slot := range slices.Sorted(maps.Keys(sum.Keys)) {
		slots = append(slots, "slot "+slot+" is "+sum.Keys[slot])
	}
	return strings.Join(slots, ", ")
}
