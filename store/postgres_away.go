package store

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// away adds ErrUnavailable to an error that says that the server does not take this now: it cannot be
// reached, has no room, is starting, stopping or a standby, or the connection broke.
func away(err error) error {
	if err == nil || !isAway(err) || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func isAway(err error) bool {
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) || brokenConn(err) {
		return true
	}
	switch code := sqlState(err); code {
	case "57P01", "57P02", "57P03", // stopping, crashed, not started yet
		"57P05", "25P03", // the server ended a session that was idle
		codeReadOnly, "58030": // a standby; an input or output error
		return true
	default:
		// 08: the connection; 53: no disk, no memory, no connection left.
		return len(code) == 5 && (code[:2] == "08" || code[:2] == "53")
	}
}

// brokenConn tells whether an established connection broke without a word from the server.
func brokenConn(err error) bool {
	var network net.Error
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET, syscall.ETIMEDOUT, pgconn.ErrConnClosed} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return errors.As(err, &network) && !network.Timeout()
}

// lostConn tells whether err is the end of an established connection, so that another may do. The rest
// of the pool is as old and led to the same server: all of it is given up.
func (e *postgresEngine) lostConn(err error) bool {
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) {
		return false // no host takes us: asking again at once is no help
	}
	switch sqlState(err) {
	case codeReadOnly, "57P01", "57P02", "57P03", "57P05", "25P03":
	case "":
		if !brokenConn(err) {
			return false
		}
	default:
		return false
	}
	e.pool.Reset()
	return true
}
