package baseline

import (
	"context"
	"database/sql"
	"errors"
)

// LengthenSQLite adds events to the longest chain of a database that nobody serves, and gives the
// chain's length then.
func LengthenSQLite(ctx context.Context, path string, more int64) (length int64, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-262144)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	var e Event
	if err := tx.QueryRowContext(ctx, newestEvent).Scan(e.fields()...); err != nil {
		return 0, err
	}
	insert, err := tx.PrepareContext(ctx, insertEvent)
	if err != nil {
		return 0, err
	}
	for range more {
		e.follow()
		if _, err := insert.ExecContext(ctx, e.row()...); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, moveHead, e.Merchant, e.Live, e.Sequence, e.Hash); err != nil {
		return 0, err
	}
	return e.Sequence, tx.Commit()
}
