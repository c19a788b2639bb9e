package storetest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// A test that finds what another one did to its database passes or fails by the order of the tests. Rows go,
// and those that the migrations wrote come back; a database with any other trace is not used again.
func TestUsedDatabaseIsAsNewOrIsNotUsedAgain(t *testing.T) {
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	migrated, err := template()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		did   string
		again bool
	}{
		{``, true},
		{`INSERT INTO nonces (nonce, expires_at) VALUES ('\x01', 1)`, true},
		{`UPDATE schema_migrations SET checksum = 'another' WHERE number = 1`, true},
		{`DELETE FROM schema_migrations`, true},
		{`DELETE FROM sealer`, true},
		{`INSERT INTO nonces (nonce, expires_at) SELECT CAST(CAST(i AS TEXT) AS BYTEA), i FROM generate_series(1, 2001) i`, false},
		{`CREATE TABLE left_behind (id BIGINT)`, false},
		{`ALTER TABLE links ADD COLUMN left_behind TEXT`, false},
		{`ALTER TABLE links ALTER COLUMN status SET DEFAULT 'left'`, false},
		{`ALTER TABLE links ADD CONSTRAINT left_behind CHECK (id <> '')`, false},
		{`CREATE INDEX left_behind ON links (id)`, false},
		{`CREATE FUNCTION left_behind() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1'`, false},
		{`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET work_mem = 64'; END $$`, false},
		{`ANALYZE schema_migrations`, false},
	} {
		name := create(t, server, migrated)
		t.Cleanup(func() { remove(t, server, name) })
		if err := know(at(server, name)); err != nil {
			t.Fatal(err)
		}
		if c.did != "" {
			if err := admin(at(server, name), c.did); err != nil {
				t.Fatal(err)
			}
		}
		again, err := putBack(server, name, "a template of nobody")
		if again != c.again || err != nil {
			t.Errorf("after %s: used again: %t, %v", c.did, again, err)
		}
		if rows, nonces := looked(t, at(server, name)); c.again && (rows != fresh.first || nonces != 0) {
			t.Errorf("after %s: %d nonces are left, and the rows of the migrations are %s", c.did, nonces, rows)
		}
	}
}

func looked(t *testing.T, url string) (rows string, nonces int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), written).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `SELECT COUNT(*) FROM nonces`).Scan(&nonces); err != nil {
		t.Fatal(err)
	}
	return rows, nonces
}
