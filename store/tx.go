package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Tx is one transaction. It is used by one goroutine and ends with the function that received it.
//
// Its first failed statement decides: everything after it gives the same error, and the transaction is
// rolled back even if the function shrugs the error off. Only a savepoint contains a failure.
type Tx struct {
	Reader
	session session
	pending []statement // accepted by put, not sent yet
	sends   int         // round trips made
	depth   int         // of savepoints
	travels bool        // a batch is on its way, or its rows are being read
	topics  []string
	turns   *turns
	changed int64 // rows, for the limit on oversized transactions
	failed  *failure
	stripe  int64 // of the ledger's totals, once one is chosen
	bulk    bool  // nobody else is here, so the transaction may be as large as it likes
	died    error // why fn did not return: a panic, or runtime.Goexit
}

// session is one open transaction in a real database.
type session interface {
	// send runs the statements in order, in one round trip where the database allows it, keeps their
	// promises, and gives the rows that the last one changed and those that all changed.
	send(batch []statement) (last, all int64, f *failure)
	// query does the same and then reads; all counts the rows that the batch changed.
	query(batch []statement, read statement, visit visit) (all int64, f *failure)
	// script runs a text of several statements without arguments.
	script(text string) *failure
	// writable tells whether the database takes writes.
	writable() *failure
	locksRows() bool
}

// statement is one change and what it promises.
type statement struct {
	q         string
	args      []any
	must      int64 // so many rows must change; 0: any number
	otherwise error // if set, what it means that it changed fewer
	depth     int   // of the savepoint it belongs to
	control   bool  // it only begins or ends a savepoint
}

// check holds the statement to its promise.
func (st statement) check(changed int64) *failure {
	switch {
	case st.must == 0 || changed == st.must:
		return nil
	case changed < st.must && st.otherwise != nil:
		return &failure{err: st.otherwise, own: true, depth: st.depth}
	}
	err := &databaseError{st.q, fmt.Errorf("changed %d rows, not %d", changed, st.must)}
	return &failure{err: err, own: true, depth: st.depth}
}

// failure is why a transaction cannot be committed. An own failure is the doing of this transaction
// alone, a broken constraint or promise, and a savepoint contains it; any other may be anybody's.
type failure struct {
	err   error
	own   bool
	depth int // of the statement that failed

	commit bool // it was the commit: whether it happened is not known
}

// broke makes the failure of a statement that the database refused.
func (st statement) broke(err error, own bool) *failure {
	return &failure{err: &databaseError{st.q, err}, own: own, depth: st.depth}
}

func newTx(caller context.Context, db engine, session session) *Tx {
	tx := &Tx{session: session}
	tx.Reader = Reader{ctx: context.WithoutCancel(caller), db: db, tx: tx}
	return tx
}

// exec runs one change at once and gives the number of rows it changed.
func (tx *Tx) exec(q string, args ...any) (int64, error) {
	tx.add(statement{q: q, args: args})
	return tx.flush()
}

// put runs one change that must touch exactly one row; anything else fails the transaction. It is
// deferred: several puts travel together, before the next read, exec or commit.
func (tx *Tx) put(q string, args ...any) {
	tx.add(statement{q: q, args: args, must: 1})
}

// putUnless is put for a guarded change: when it touches no row, the transaction is rolled back and
// Write returns otherwise.
func (tx *Tx) putUnless(otherwise error, q string, args ...any) {
	tx.add(statement{q: q, args: args, must: 1, otherwise: otherwise})
}

// putAllUnless is putUnless for a guarded change of several rows: when it touches fewer, the transaction is
// rolled back and Write returns otherwise.
func (tx *Tx) putAllUnless(otherwise error, rows int, q string, args ...any) {
	if rows > 0 {
		tx.add(statement{q: q, args: args, must: int64(rows), otherwise: otherwise})
	}
}

// Ring rings the bell of a topic after the commit, and only then.
func (tx *Tx) Ring(topic string) {
	tx.topics = append(tx.topics, topic)
}

func (tx *Tx) add(st statement) {
	if tx.failed == nil {
		st.depth = tx.depth
		tx.pending = append(tx.pending, st)
	}
}

// flush sends what waits and gives the rows that the last statement changed.
func (tx *Tx) flush() (int64, error) {
	if tx.failed == nil && len(tx.pending) == 0 {
		return 0, nil
	}
	var last int64
	err := tx.trip(func(batch []statement) (all int64, f *failure) {
		last, all, f = tx.session.send(batch)
		return all, f
	})
	return last, err
}

func (tx *Tx) query(q string, args []any, visit visit) error {
	read := statement{q: q, args: args, depth: tx.depth}
	return tx.trip(func(batch []statement) (int64, *failure) {
		return tx.session.query(batch, read, visit)
	})
}

// trip hands what waits to the session, once.
func (tx *Tx) trip(send func(batch []statement) (all int64, f *failure)) error {
	if tx.travels && tx.failed == nil {
		// PostgreSQL could not do it, so SQLite does not either.
		tx.failed = &failure{err: errors.New("a transaction cannot use the database while it reads rows"), own: true}
	}
	if tx.failed != nil {
		return tx.failed.err
	}
	batch := tx.pending
	tx.pending, tx.travels = nil, true
	all, f := send(batch)
	tx.travels = false
	tx.sends++
	tx.changed += all
	if tx.pending == nil {
		clear(batch)
		tx.pending = batch[:0]
	}
	if tx.failed == nil {
		tx.failed = f
	}
	if tx.failed != nil {
		return tx.failed.err
	}
	return nil
}

// savepoint runs fn and takes back what it did, bells included, when it or one of its changes fails.
// The error comes back unchanged and the transaction goes on, unless the failure is older than the
// savepoint or the database itself failed. It costs no round trip of its own while all goes well.
func (tx *Tx) savepoint(fn func() error) error {
	name := fmt.Sprintf("s%d", tx.depth+1)
	sends, waiting, topics := tx.sends, len(tx.pending), len(tx.topics)
	tx.add(statement{q: "SAVEPOINT " + name, control: true})
	tx.depth++
	err := fn()
	if err == nil {
		// A change that breaks its promise must be known while the savepoint stands.
		_, err = tx.flush()
	}
	tx.depth--
	if err == nil {
		tx.add(statement{q: "RELEASE SAVEPOINT " + name, control: true})
		return nil
	}
	if tx.failed != nil && (!tx.failed.own || tx.failed.depth <= tx.depth) {
		return err
	}
	tx.failed = nil
	tx.topics = tx.topics[:topics]
	if tx.sends == sends { // the savepoint has not left the house
		tx.pending = tx.pending[:waiting]
		return err
	}
	tx.pending = tx.pending[:0]
	if f := tx.session.script("ROLLBACK TO SAVEPOINT " + name + "; RELEASE SAVEPOINT " + name); f != nil {
		tx.failed = f
	}
	return err
}

// settle sends what waits at the end. The commit ends the savepoints by itself.
func (tx *Tx) settle() error {
	for n := len(tx.pending); n > 0 && tx.pending[n-1].control; n = len(tx.pending) {
		tx.pending = tx.pending[:n-1]
	}
	_, err := tx.flush()
	return err
}

// run calls fn, sends what it left waiting, and gives the error that Write is to return. A panic is
// such an error. When fn ends its goroutine, as testing's FailNow does, run does not return, and the
// engine finds the error in died.
func (tx *Tx) run(fn func(*Tx) error, log *slog.Logger) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		tx.died = errors.New("the function of a transaction ended its goroutine")
		if p := recover(); p != nil {
			log.Error("store.panic", "stack", string(debug.Stack()))
			tx.died = fmt.Errorf("panic in a transaction: %v", p)
		}
		err = tx.died
	}()
	if err = fn(tx); err == nil {
		err = tx.settle()
	}
	returned = true
	return err
}
