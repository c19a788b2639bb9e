package baseline

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// Commits commits the change again and again on one connection, group of them to a commit and each
// in a savepoint, until the time is up. It gives the number of changes that were committed.
func Commits(ctx context.Context, path string, change Change, group int, serial *int64, until time.Time) (done int64, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"+
		"&_pragma=wal_autocheckpoint(10000)&_pragma=cache_size(-65536)&_pragma=journal_size_limit(67108864)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	prepared := map[string]*sql.Stmt{}
	run := func(text string, args ...any) error {
		stmt := prepared[text]
		if stmt == nil {
			if stmt, err = conn.PrepareContext(ctx, text); err != nil {
				return err
			}
			prepared[text] = stmt
		}
		_, err := stmt.ExecContext(ctx, args...)
		return err
	}
	var args []any
	one := func() error {
		*serial++
		text, key := fresh(*serial)
		err := run("SAVEPOINT member")
		for _, s := range change {
			args = s.args(args[:0], text, key)
			err = errors.Join(err, run(s.Text, args...))
		}
		return errors.Join(err, run("RELEASE SAVEPOINT member"))
	}
	for ; err == nil && time.Now().Before(until); done += int64(group) {
		err = run("BEGIN IMMEDIATE")
		for range group {
			err = errors.Join(err, one())
		}
		err = errors.Join(err, run("COMMIT"))
	}
	return done, err
}
