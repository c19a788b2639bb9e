package store

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// databaseError is what became of a statement that the database refused. It reads as the statement's
// first words and the reason.
type databaseError struct {
	q   string
	err error
}

func (e *databaseError) Error() string { return brief(e.q) + ": " + e.err.Error() }
func (e *databaseError) Unwrap() error { return e.err }

// IsDatabaseError tells whether an error is the database's own word, which names statements, hosts and
// files: for the operator's log, and for nobody else's eyes.
func IsDatabaseError(err error) bool {
	var refused *databaseError
	var answer *pgconn.PgError
	var connection *pgconn.ConnectError
	var lite *sqlite.Error
	return errors.As(err, &refused) || errors.As(err, &answer) || errors.As(err, &connection) || errors.As(err, &lite)
}
