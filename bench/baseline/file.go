package baseline

import (
	"context"
	"database/sql"
	"errors"
)

// Copy writes a SQLite database as a new file: what stands in its log belongs to it.
func Copy(ctx context.Context, from, to string) (err error) {
	db, err := sql.Open("sqlite", "file:"+from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return err
}

// Keys gives the keys of up to most short codes in a SQLite file, and the slot that they share.
func Keys(ctx context.Context, path string, most int) (keys []int64, slot int64, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const q = `SELECT key, slot FROM codes WHERE slot = (SELECT MIN(slot) FROM codes) ORDER BY link_id DESC LIMIT $1`
	rows, err := db.QueryContext(ctx, q, most)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key, &slot); err != nil {
			return nil, 0, err
		}
		keys = append(keys, key)
	}
	return keys, slot, rows.Err()
}

// Version is SQLite's.
func Version(ctx context.Context) (version string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return version, db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
}
