package store

import (
	"errors"
	"time"
)

// LastBackup tells when the database was last backed up by paylink backup; the zero time says never.
func (r Reader) LastBackup() (time.Time, error) {
	var at int64
	err := r.row(`SELECT at FROM markers WHERE name = 'backup'`, nil, &at)
	if errors.Is(err, errNoRow) {
		return time.Time{}, nil
	}
	return fromMicros(at), err
}
