package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const beginPostgres = "BEGIN ISOLATION LEVEL READ COMMITTED"

// postgresSession is one transaction. BEGIN travels with the first statements, and all that is sent at
// once takes one round trip, so a function that only puts costs two: its batch, and the commit.
type postgresSession struct {
	ctx   context.Context
	conn  *pgx.Conn
	begun bool
}

// start makes the batch, with BEGIN in front of the first.
func (s *postgresSession) start(batch []statement) (b *pgx.Batch, begins bool) {
	b = &pgx.Batch{}
	if !s.begun {
		b.Queue(beginPostgres)
	}
	for _, st := range batch {
		b.Queue(st.q, st.args...)
	}
	begins, s.begun = !s.begun, true
	return b, begins
}

func (s *postgresSession) send(batch []statement) (last, all int64, f *failure) {
	b, begins := s.start(batch)
	results := s.conn.SendBatch(s.ctx, b)
	last, all, f = receive(results, begins, batch)
	if err := results.Close(); err != nil && f == nil {
		f = batch[len(batch)-1].brokePostgres(err)
	}
	return last, all, f
}

// receive reads the results of the batch in order and holds each statement to its promise.
func receive(results pgx.BatchResults, begins bool, batch []statement) (last, all int64, f *failure) {
	if begins {
		if _, err := results.Exec(); err != nil {
			return 0, 0, statement{q: beginPostgres}.brokePostgres(err)
		}
	}
	for _, st := range batch {
		tag, err := results.Exec()
		if err != nil {
			return 0, all, st.brokePostgres(err)
		}
		last = tag.RowsAffected()
		if f := st.check(last); f != nil {
			return last, all, f
		}
		all += last
	}
	return last, all, nil
}

func (s *postgresSession) query(batch []statement, read statement, visit visit) (all int64, f *failure) {
	b, begins := s.start(batch)
	b.Queue(read.q, read.args...)
	results := s.conn.SendBatch(s.ctx, b)
	// Also when visit panics, so that the connection can still roll back.
	defer results.Close()
	if _, all, f = receive(results, begins, batch); f != nil {
		return all, f
	}
	rows, err := results.Query()
	if err == nil {
		err = walkPostgres(rows, visit)
	}
	if err != nil {
		return all, read.brokePostgres(err)
	}
	if err := results.Close(); err != nil {
		return all, read.brokePostgres(err)
	}
	return all, nil
}

// script uses the simple protocol, the only one that takes several statements in one text and that
// prepares nothing, which a failed transaction would refuse.
func (s *postgresSession) script(text string) *failure {
	if !s.begun {
		text = beginPostgres + ";\n" + text
		s.begun = true
	}
	if _, err := s.conn.PgConn().Exec(s.ctx, text).ReadAll(); err != nil {
		return statement{q: text}.brokePostgres(err)
	}
	return nil
}

// writable asks whether this server is a standby, or was told to refuse writes.
func (s *postgresSession) writable() *failure {
	const q = `SELECT current_setting('transaction_read_only')`
	var readOnly string
	_, f := s.query(nil, statement{q: q}, func(scan func(dest ...any) error) bool {
		return scan(&readOnly) == nil
	})
	if f == nil && readOnly != "off" {
		f = &failure{err: fmt.Errorf("the database is read-only: %w", ErrUnavailable)}
	}
	return f
}

func (s *postgresSession) locksRows() bool { return true }

// commit ends the transaction. A transaction that sent nothing needs no commit.
func (s *postgresSession) commit() *failure {
	if !s.begun {
		return nil
	}
	commit := statement{q: "COMMIT"}
	tag, err := s.conn.Exec(s.ctx, commit.q)
	if err != nil {
		f := commit.brokePostgres(err)
		f.commit = true
		return f
	}
	if tag.String() != "COMMIT" {
		return commit.brokePostgres(fmt.Errorf("the database answered %s", tag))
	}
	return nil
}

// rollback ends whatever is left. If it fails, the pool closes the connection, which ends it too.
func (s *postgresSession) rollback() {
	if status := s.conn.PgConn().TxStatus(); s.conn.IsClosed() || status == 'I' {
		return
	}
	s.conn.Exec(s.ctx, "ROLLBACK")
}

// brokePostgres makes the failure of a statement. Constraints and unfit values are the transaction's
// own doing, and so is a lock it waited for in vain.
func (st statement) brokePostgres(err error) *failure {
	code := sqlState(err)
	if code == codeLocked {
		return st.broke(fmt.Errorf("%w: %w", ErrLocked, err), true)
	}
	err = away(err)
	own := len(code) == 5 && (code[:2] == "23" || code[:2] == "22")
	return st.broke(err, own)
}
