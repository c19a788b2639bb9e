package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// mostConns bounds the pool: on a hot row 200 connections did a third of the work of 32.
	mostConns = 32
	// lockTimeout bounds the wait for another transaction's row.
	lockTimeout = "2s"
	// reruns is how often a transaction runs again after the database broke a tie against it.
	reruns = 3

	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeLocked        = "55P03"
)

// postgresEngine is a pool of connections; each write is a transaction of its own.
type postgresEngine struct {
	pool *pgxpool.Pool
	log  *slog.Logger

	writes, commits atomic.Int64
}

// openPostgres connects the pool. Every pgx setting may stand in the URL, for a connection pooler
// above all: default_query_exec_mode, pool_max_conns (up to 32), lock_timeout.
func openPostgres(ctx context.Context, url string, log *slog.Logger) (*postgresEngine, error) {
	return openPostgresWith(ctx, url, log, func(*pgxpool.Config) {})
}

// openPostgresWith is openPostgres with one more change to the settings.
func openPostgresWith(ctx context.Context, url string, log *slog.Logger, change func(*pgxpool.Config)) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if config.MaxConns > mostConns || !strings.Contains(url, "pool_max_conns=") {
		config.MaxConns = mostConns
	}
	params := config.ConnConfig.RuntimeParams
	if params["lock_timeout"] == "" {
		params["lock_timeout"] = lockTimeout
	}
	if params["application_name"] == "" {
		params["application_name"] = "paylink"
	}
	change(config)
	return connectPostgres(ctx, config, log)
}

func connectPostgres(ctx context.Context, config *pgxpool.Config, log *slog.Logger) (*postgresEngine, error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &postgresEngine{pool: pool, log: log}, nil
}

func (e *postgresEngine) kind() string { return "postgres" }

func (e *postgresEngine) stats() Stats {
	p := e.pool.Stat()
	return Stats{Writes: e.writes.Load(), Commits: e.commits.Load(), Pool: Pool{
		Most: int64(p.MaxConns()), InUse: int64(p.AcquiredConns()), Idle: int64(p.IdleConns()),
		Waits: p.EmptyAcquireCount(), Waited: p.EmptyAcquireWaitTime(),
	}}
}

func (e *postgresEngine) close() error {
	e.pool.Close()
	return nil
}

func (e *postgresEngine) query(ctx context.Context, q string, args []any, visit visit) error {
	rows, err := e.pool.Query(ctx, q, args...)
	if err != nil {
		return readError(ctx, err)
	}
	return readError(ctx, walkPostgres(rows, visit))
}

// walkPostgres hands the rows to visit and closes them.
func walkPostgres(rows pgx.Rows, visit visit) error {
	defer rows.Close()
	for rows.Next() {
		if !visit(rows.Scan) {
			return nil
		}
	}
	return rows.Err()
}

// write runs the job on a goroutine of its own, so that its caller can stop waiting without the
// connection being torn down. The store's gate waits for it.
func (e *postgresEngine) write(j *job) {
	go func() {
		tx := newTx(j.caller, e, nil)
		var err error
		defer func() { // also when fn ends the goroutine
			e.writes.Add(1)
			if err == nil && tx.died == nil {
				e.commits.Add(1)
			}
			j.finish(tx.topics, cmp.Or(err, tx.died))
		}()
		err = e.attempt(j, tx)
		for again := 0; again < reruns && tx.tied(); again++ {
			tx = newTx(j.caller, e, nil)
			err = e.attempt(j, tx)
		}
	}()
}

// tied tells whether the database ended the transaction only because it stood in another's way.
func (tx *Tx) tied() bool {
	if tx.failed == nil {
		return false
	}
	code := sqlState(tx.failed.err)
	return code == codeSerialization || code == codeDeadlock || pgconn.SafeToRetry(tx.failed.err)
}

// attempt runs the job once. Waiting for a connection ends with the caller's patience, nothing else does.
func (e *postgresEngine) attempt(j *job, tx *Tx) error {
	conn, err := e.pool.Acquire(j.caller)
	if err != nil {
		return readError(j.caller, err)
	}
	// A connection that is still inside a transaction is not kept: the pool closes it.
	defer conn.Release()
	session := &postgresSession{ctx: tx.ctx, conn: conn.Conn()}
	tx.session = session
	if err = tx.run(j.fn, e.log); err == nil {
		if f := session.commit(); f != nil {
			tx.failed, err = f, f.err
		}
	}
	session.rollback()
	return err
}

// sqlState gives PostgreSQL's five-letter code of an error, or nothing.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
