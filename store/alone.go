package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// askAgain is how often a node looks whether whoever is in the way has gone.
const askAgain = 500 * time.Millisecond

// alone runs fn while no other node is in alone on this database. Of SQLite there is one process. On
// PostgreSQL a table lock on a connection of its own keeps the others out, and a node that dies frees
// it. The mode disturbs neither those who read the table nor fn, which adds rows to it, and it holds up
// no vacuum. What fn does is safe even if the connection is lost and another node begins.
func (s *Store) alone(ctx context.Context, waiting func(whom string), fn func() error) error {
	e, ok := s.db.(*postgresEngine)
	if !ok {
		return fn()
	}
	for told := false; ; told = true {
		locked, err := e.holding(ctx, fn)
		if locked || sqlState(err) != codeLocked {
			return err
		}
		if !told && waiting != nil {
			waiting("another node, which is at it")
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(askAgain):
		return nil
	}
}

// holding runs fn if the lock is free, and reports whether it was. The connection is none of the pool's,
// which may be as small as one.
func (e *postgresEngine) holding(ctx context.Context, fn func() error) (locked bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, e.pool.Config().ConnConfig)
	if err != nil {
		return false, fmt.Errorf("take the upgrade's lock: %w", readError(ctx, err))
	}
	defer func() { // a lost connection frees the lock too, but not before the server has noticed
		_, _ = conn.Exec(context.WithoutCancel(ctx), `ROLLBACK`)
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	const q = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;
		LOCK TABLE schema_migrations IN SHARE UPDATE EXCLUSIVE MODE NOWAIT`
	if _, err := conn.PgConn().Exec(ctx, q).ReadAll(); err != nil {
		return false, fmt.Errorf("take the upgrade's lock: %w", readError(ctx, err))
	}
	return true, fn()
}
