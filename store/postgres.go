package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// mostConns bounds the pool: on a hot row 200 connections did a third of the work of 32.
	mostConns = 32
	// lockTimeout bounds the wait for another transaction's row.
	lockTimeout = "2s"
	// idleTimeout ends a transaction whose node has fallen silent in the middle of it: stopped, or its
	// machine gone. Until then its rows are held, a merchant's chain of events perhaps among them.
	idleParam, idleTimeout = "idle_in_transaction_session_timeout", "10s"
	// reruns is how often a transaction runs again after the database broke a tie against it, or its
	// connection broke under it.
	reruns = 3
	// connectTimeout bounds the attempt to reach one host, where the URL says nothing.
	connectTimeout = 5 * time.Second

	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeLocked        = "55P03"
	codeReadOnly      = "25006"
)

// postgresEngine is a pool of connections; each write is a transaction of its own.
type postgresEngine struct {
	pool *pgxpool.Pool
	log  *slog.Logger

	writes, commits atomic.Int64
}

// openPostgres connects the pool, and the herald of s unless listen says off.
func openPostgres(ctx context.Context, s *Store, url, listen string, log *slog.Logger) (*postgresEngine, *herald, error) {
	config, err := configurePostgres(url)
	if err != nil {
		return nil, nil, err
	}
	heard := config.ConnConfig
	if listen != "" && listen != ListenOff {
		if heard, err = pgx.ParseConfig(listen); err != nil {
			return nil, nil, fmt.Errorf("where to listen: %w", errUnreadable)
		}
		prepareConn(heard)
	}
	e, err := connectPostgres(ctx, config, log)
	if err != nil || listen == ListenOff {
		return e, nil, err
	}
	return e, startHerald(s, e.pool, heard.Copy(), log), nil
}

// configurePostgres reads the URL. Every pgx setting may stand in it, for a connection pooler above
// all: default_query_exec_mode, pool_max_conns (up to 32), lock_timeout; and several hosts with
// target_session_attrs=read-write.
func configurePostgres(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errUnreadable // its own text repeats the URL, and with it perhaps a password
	}
	if config.MaxConns > mostConns || !strings.Contains(url, "pool_max_conns=") {
		config.MaxConns = mostConns
	}
	params := config.ConnConfig.RuntimeParams
	if params["lock_timeout"] == "" {
		params["lock_timeout"] = lockTimeout
	}
	if params[idleParam] == "" {
		params[idleParam] = idleTimeout
	}
	prepareConn(config.ConnConfig)
	return config, nil
}

// prepareConn settles what holds for every connection: its name, how long it tries a host that does not
// answer, that a dead server's connection breaks within seconds, and that it is given up when the server
// turns out to take no writes.
func prepareConn(config *pgx.ConnConfig) {
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "paylink"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.DialFunc = dialer(config.ConnectTimeout).DialContext
	fatal := config.OnPgError // closes what the server has closed
	config.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		return err.Code != codeReadOnly && fatal(conn, err)
	}
}

func connectPostgres(ctx context.Context, config *pgxpool.Config, log *slog.Logger) (*postgresEngine, error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", away(err))
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

// query runs a read, and again on another connection when the one it got turns out to be broken and no
// row has been handed over yet.
func (e *postgresEngine) query(ctx context.Context, q string, args []any, visit visit) error {
	for again := 0; ; again++ {
		visited := false
		err := e.queryOnce(ctx, q, args, func(scan func(dest ...any) error) bool {
			visited = true
			return visit(scan)
		})
		if err == nil || visited || again == reruns || ctx.Err() != nil || !e.lostConn(err) {
			return readError(ctx, away(err))
		}
	}
}

func (e *postgresEngine) queryOnce(ctx context.Context, q string, args []any, visit visit) error {
	rows, err := e.pool.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	return walkPostgres(rows, visit)
}

// planned has PostgreSQL plan a query for these very values, each time. After some runs it otherwise takes one
// plan for all values, which fits the typical merchant; one who has half of a million links, and asks for his
// latest twenty, then has all of his read and sorted.
func planned(args []any) []any { return append([]any{pgx.QueryExecModeCacheDescribe}, args...) }

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
		for again := 0; again < reruns && (tx.tied() || e.lost(tx)); again++ {
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
	if code == codeSerialization || code == codeDeadlock {
		return true
	}
	// Of a commit whose connection broke the driver says "conn closed" and that nothing was sent, which
	// is not so: it may have happened.
	return !tx.failed.commit && pgconn.SafeToRetry(tx.failed.err)
}

// lost tells whether the transaction ended with its connection before anybody asked for the commit:
// then nothing of it has happened, and another connection may do.
func (e *postgresEngine) lost(tx *Tx) bool {
	return tx.failed != nil && !tx.failed.commit && e.lostConn(tx.failed.err)
}

// attempt runs the job once. Waiting for a connection ends with the caller's patience, nothing else does.
func (e *postgresEngine) attempt(j *job, tx *Tx) error {
	conn, err := e.pool.Acquire(j.caller)
	if err != nil {
		return readError(j.caller, away(err))
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
