package store

import (
	"context"
	"fmt"
)

// sqliteSession is the transaction of one member of a group. Its statements run at once, one by one:
// there is no network to save.
type sqliteSession struct{ w *sqliteWriter }

func (s *sqliteSession) send(batch []statement) (last, all int64, f *failure) {
	for _, st := range batch {
		stmt, err := s.w.stmt(st.q)
		if err != nil {
			return 0, all, st.broke(err, ownSQLite(err))
		}
		result, err := stmt.ExecContext(context.Background(), st.args...)
		if err != nil {
			return 0, all, st.broke(err, ownSQLite(err))
		}
		if last, err = result.RowsAffected(); err != nil {
			return 0, all, st.broke(err, false)
		}
		if f := st.check(last); f != nil {
			return last, all, f
		}
		if !st.control { // which leaves the count of the statement before it
			all += last
		}
	}
	return last, all, nil
}

func (s *sqliteSession) query(batch []statement, read statement, visit visit) (all int64, f *failure) {
	if _, all, f = s.send(batch); f != nil {
		return all, f
	}
	stmt, err := s.w.stmt(read.q)
	if err != nil {
		return all, read.broke(err, ownSQLite(err))
	}
	rows, err := stmt.QueryContext(context.Background(), read.args...)
	if err == nil {
		err = walk(rows, visit, 0)
	}
	if err != nil {
		return all, read.broke(err, ownSQLite(err))
	}
	return all, nil
}

func (s *sqliteSession) script(text string) *failure {
	if _, err := s.w.conn.ExecContext(context.Background(), text); err != nil {
		return &failure{err: fmt.Errorf("%s: %w", brief(text), err), own: ownSQLite(err)}
	}
	return nil
}

// writable writes a number that nobody reads, because only a page that reaches the disk proves that the
// disk takes pages: BEGIN and COMMIT alone touch nothing.
func (s *sqliteSession) writable() *failure {
	_, _, f := s.send([]statement{{q: `PRAGMA user_version = 1`}})
	return f
}

func (s *sqliteSession) locksRows() bool { return false }
