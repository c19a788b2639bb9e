// Package durable makes names that outlive a power cut: of folders, and of files in them.
//
// It is for whoever keeps something on the disk that must be there after the next start: the key ring
// and the database. A new file or folder is only surely there once the folder above it was synced,
// which the standard library leaves to its callers. What is in a file is its writer's to sync.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// MakeFolder makes a folder and those above it that are missing, for their owner only, and syncs the
// names of all that it made. A folder that is there already is left alone.
func MakeFolder(path string) error {
	var changed []string // folders that get a new name in them
	for at := path; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		changed = append(changed, filepath.Dir(at))
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	for _, folder := range changed {
		if err := SyncNames(folder); err != nil {
			return err
		}
	}
	return nil
}

// SyncNames puts the names in a folder on the disk: what was made, renamed or removed there.
func SyncNames(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
