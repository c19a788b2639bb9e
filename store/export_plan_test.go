package store

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Asked is one statement as a method of the store sent it.
type Asked struct {
	Q    string
	Args []any
}

// Listen gives the queries that fn's methods send through the Reader, in order. They run for real.
func (s *Store) Listen(t *testing.T, fn func(Reader) error) []Asked {
	t.Helper()
	ear := &listeningEngine{engine: s.db}
	if err := fn(Reader{ctx: t.Context(), db: ear}); err != nil {
		t.Fatal(err)
	}
	return ear.heard
}

// ListenIn gives the statements that fn's methods send in one transaction.
func (s *Store) ListenIn(t *testing.T, fn func(*Tx) error) []Asked {
	t.Helper()
	var heard []Asked
	err := s.Write(t.Context(), func(tx *Tx) error {
		ear := &listeningSession{session: tx.session}
		tx.session = ear
		err := fn(tx)
		if err == nil {
			err = tx.settle()
		}
		heard = ear.heard
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

// Plan gives the steps of SQLite's plan for a statement.
func (s *Store) Plan(t *testing.T, a Asked) (steps []string) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *Tx) error {
		steps = nil
		return tx.rows("EXPLAIN QUERY PLAN "+a.Q, a.Args, func(scan func(...any) error) error {
			var id, parent, unused int64
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			steps = append(steps, detail)
			return err
		})
	})
	if err != nil {
		t.Fatalf("plan %s: %v", brief(a.Q), err)
	}
	return steps
}

type listeningEngine struct {
	engine
	heard []Asked
}

func (l *listeningEngine) query(ctx context.Context, q string, args []any, visit visit) error {
	sent := args
	if len(args) > 0 { // how it is to be sent is no argument
		if _, mode := args[0].(pgx.QueryExecMode); mode {
			sent = args[1:]
		}
	}
	l.heard = append(l.heard, Asked{q, sent})
	return l.engine.query(ctx, q, args, visit)
}

type listeningSession struct {
	session
	heard []Asked
}

func (l *listeningSession) send(batch []statement) (last, all int64, f *failure) {
	for _, st := range batch {
		l.heard = append(l.heard, Asked{st.q, st.args})
	}
	return l.session.send(batch)
}

func (l *listeningSession) query(batch []statement, read statement, visit visit) (int64, *failure) {
	l.heard = append(l.heard, Asked{read.q, read.args})
	return l.session.query(batch, read, visit)
}

// PlanOnPostgres gives PostgreSQL's plan for a statement with its arguments, as one text.
func (s *Store) PlanOnPostgres(t *testing.T, a Asked) (plan string) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *Tx) error {
		plan = ""
		return tx.rows("EXPLAIN "+a.Q, a.Args, func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			plan += line + "\n"
			return err
		})
	})
	if err != nil {
		t.Fatalf("plan %s: %v", brief(a.Q), err)
	}
	return plan
}
