package baseline

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
)

// LengthenPostgres does in PostgreSQL what LengthenSQLite does in a file.
func LengthenPostgres(ctx context.Context, url string, more int64) (length int64, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var e Event
	if err := conn.QueryRow(ctx, newestEvent).Scan(e.fields()...); err != nil {
		return 0, err
	}
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		if more--; more < 0 {
			return nil, nil
		}
		e.follow()
		return e.row(), nil
	})
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"events"}, strings.Split(eventColumns, ", "), rows); err != nil {
		return 0, err
	}
	_, err = conn.Exec(ctx, moveHead, e.Merchant, e.Live, e.Sequence, e.Hash)
	return e.Sequence, err
}
