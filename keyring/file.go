package keyring

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"paylink/durable"
)

// Open reads the ring in a file, and makes the file with a new ring when there is none. Two
// processes that start together end up with the same ring. A file that anyone but its owner can
// read or write is refused, except that root may give it to this account's group to read. Whoever opens a ring for an existing database compares fingerprints,
// because a ring made here opens nothing that an earlier one made.
func Open(path string, now time.Time) (*Ring, error) {
	r, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	text, err := Generate(rand.Reader, now)
	if err != nil {
		return nil, err
	}
	if err := durable.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("make folder for key ring %s: %w", path, err)
	}
	// A link, unlike a rename, does not replace the ring of a process that was faster.
	err = place(path, text, os.Link)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return read(path)
}

// Save replaces the ring in a file, whole or not at all.
func (r *Ring) Save(path string) error {
	return place(path, r.Text(), os.Rename)
}

func read(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("stat key ring: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key ring %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); exposed(mode, owner(info), os.Geteuid()) {
		return nil, fmt.Errorf("key ring %s has mode %04o, open to others than its owner: run chmod 600 on it", path, mode)
	}
	r, err := Load(f)
	if err != nil {
		return nil, fmt.Errorf("key ring file %s: %w", path, err)
	}
	return r, nil
}

// exposed tells whether a file's mode lets others in. What root owns is read by its group, as a
// service manager or a cluster hands secrets to a service that is not root.
func exposed(mode fs.FileMode, owner, self int) bool {
	if owner == 0 && self != 0 {
		return mode&0o037 != 0
	}
	return mode&0o077 != 0
}

func owner(info fs.FileInfo) int {
	if about, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(about.Uid)
	}
	return os.Geteuid()
}

// place writes text to a new file beside path, on disk before it gets its name through move.
func place(path string, text []byte, move func(from, to string) error) error {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".keyring-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write key ring %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // already gone after a rename
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = move(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write key ring %s: %w", path, err)
	}
	if err := durable.SyncNames(folder); err != nil {
		return fmt.Errorf("write key ring %s: %w", path, err)
	}
	return nil
}
