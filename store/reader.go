package store

import (
	"context"
	"errors"
	"strings"
)

// errNoRow says that a query for one row found none. Methods turn it into paylink.NotFound.
var errNoRow = errors.New("no row")

// Reader answers questions. A Reader from Store.Read looks at what is committed; the one inside a Tx
// looks at the transaction, its own changes included.
type Reader struct {
	ctx context.Context
	db  engine
	tx  *Tx // nil outside a transaction

	kept *kept // copies for reads outside a transaction
}

// row runs a query for one row and copies its columns into dest. It gives errNoRow when there is none.
func (r Reader) row(q string, args []any, dest ...any) error {
	found := false
	var scanned error
	err := r.query(q, args, func(scan func(dest ...any) error) bool {
		found, scanned = true, scan(dest...)
		return false
	})
	switch {
	case err != nil:
		return err
	case scanned != nil:
		return &databaseError{q, scanned}
	case !found:
		return errNoRow
	}
	return nil
}

// rows runs a query and hands each row to each, which copies the columns out with scan. An error from
// each ends the reading and comes back unchanged. each asks the store nothing: the connection is busy.
func (r Reader) rows(q string, args []any, each func(scan func(dest ...any) error) error) error {
	var stopped error
	err := r.query(q, args, func(scan func(dest ...any) error) bool {
		stopped = each(scan)
		return stopped == nil
	})
	if err != nil {
		return err
	}
	return stopped
}

// rowsOf is rows for a query whose best plan depends on whom it is asked for: on PostgreSQL it is planned each time.
func (r Reader) rowsOf(q string, args []any, each func(scan func(dest ...any) error) error) error {
	if r.tx == nil && r.db.kind() == "postgres" {
		args = planned(args)
	}
	return r.rows(q, args, each)
}

func (r Reader) query(q string, args []any, visit visit) error {
	if r.tx != nil {
		return r.tx.query(q, args, visit)
	}
	if err := r.db.query(r.ctx, q, args, visit); err != nil {
		return &databaseError{q, err}
	}
	return nil
}

// lock ends a SELECT whose row this transaction is going to change. On SQLite nobody else writes.
func (r Reader) lock() string {
	if r.tx != nil && r.tx.session.locksRows() {
		return " FOR UPDATE"
	}
	return ""
}

// lockKey ends a SELECT of a row that may not go, or stop standing for what it does, before this transaction
// ends. Others may do the same, and change what else the row holds.
func (r Reader) lockKey() string {
	if r.tx != nil && r.tx.session.locksRows() {
		return " FOR KEY SHARE"
	}
	return ""
}

// lockSkip ends a SELECT that claims rows and leaves alone what others have claimed.
func (r Reader) lockSkip() string {
	if r.tx != nil && r.tx.session.locksRows() {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// each is the rows of a JSON array that is an argument, as a FROM clause of one column named value, whose
// cells are value ->> 0 and so on, as text. Many rows that travel as one argument are one statement.
func (r Reader) each(argument string) string {
	if r.tx != nil && r.tx.session.locksRows() {
		return "json_array_elements(CAST(" + argument + " AS JSON))"
	}
	return "json_each(" + argument + ")"
}

// brief names a statement in an error: its first words, never its arguments.
func brief(q string) string {
	const most = 60
	text := strings.Join(strings.Fields(q), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}
