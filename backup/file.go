package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"paylink/durable"
	"paylink/store"
)

// File backs the database at url up into the file at path, whole or not at all: what is written is on
// the disk before the file has its name. It is readable by its owner only. An existing file is kept
// unless force is set, and a second backup into the same file at once is refused.
func File(ctx context.Context, url, path string, force bool, now time.Time) (sum Summary, err error) {
	if _, err := os.Stat(path); !force && !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = errors.New("it exists already")
		}
		return Summary{}, fmt.Errorf("back up into %s: %w", path, err)
	}
	part, err := takePart(path + ".part")
	if err != nil {
		return Summary{}, fmt.Errorf("back up into %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name()) // the error is the news
			sum, err = Summary{}, fmt.Errorf("back up into %s: %w", path, err)
		}
		_ = part.Close() // synced before, or given up
	}()
	// The copy that SQLite needs stands beside the file, where there must be room anyway; who holds the
	// part may write it.
	if sum, err = writeDump(ctx, url, path+".copy", part, now); err != nil {
		return sum, err
	}
	if err = part.Sync(); err != nil {
		return sum, err
	}
	if err = os.Rename(part.Name(), path); err != nil {
		return sum, err
	}
	return sum, durable.SyncNames(filepath.Dir(path))
}

// writeDump opens the dump and writes it to the file.
func writeDump(ctx context.Context, url, scratch string, to *os.File, now time.Time) (Summary, error) {
	d, err := store.OpenDump(ctx, url, scratch)
	if err != nil {
		return Summary{}, err
	}
	sum, err := Write(ctx, d, to, now)
	return sum, errors.Join(err, d.Close())
}

// takePart opens the unfinished file for one process alone; one that an earlier process has left
// behind is begun anew.
func takePart(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errors.New("another backup is being written there")
		}
		return nil, errors.Join(err, f.Close())
	}
	// Between opening and locking, the other may have finished and renamed what we now hold.
	ours, err := f.Stat()
	there, gone := os.Stat(name)
	if err == nil && (gone != nil || !os.SameFile(ours, there)) {
		err = errors.New("another backup was written there just now")
	}
	if err == nil {
		err = errors.Join(f.Chmod(0o600), f.Truncate(0))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
