package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A migrated PostgreSQL database is some six hundred files, and making and removing them took half of the
// machine's time of a run of all tests. So a database that a test has left whole is emptied and used again, by
// this process or another one on the same server. What is not exactly as new is removed: after a test that
// failed, changed the schema, left somebody connected, analysed the tables or filled them.

// shelf is where the processes on a server keep what they have to give away.
const shelf = `CREATE TABLE IF NOT EXISTS paylink_shelf (name TEXT PRIMARY KEY, template TEXT NOT NULL, free BOOLEAN NOT NULL)`

// take gives a free copy of the template; empty: there is none.
func take(server, template string) (string, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var taken *pgconn.PgError
	if _, err := conn.Exec(ctx, shelf); err != nil && !(errors.As(err, &taken) && taken.Code == "23505") { // two at once
		return "", err
	}
	var name string
	err = conn.QueryRow(ctx, `UPDATE paylink_shelf SET free = FALSE WHERE name = (
		SELECT name FROM paylink_shelf WHERE template = $1 AND free LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING name`, template).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// shape describes a database, of its rows only those of the tables that are not empty when it is new: when two
// shapes are equal, nobody can tell the databases apart. A catalogue's xmin differs after every change of the
// schema.
const shape = `
	SELECT md5(concat_ws('/',
		(SELECT string_agg(concat_ws(':', oid, xmin, reltuples), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
		(SELECT string_agg(concat_ws(':', attrelid, attnum, xmin), ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attrelid >= 16384),
		(SELECT string_agg(concat_ws(':', oid, xmin), ',' ORDER BY oid) FROM pg_constraint WHERE oid >= 16384),
		(SELECT string_agg(concat_ws(':', oid, xmin), ',' ORDER BY oid) FROM pg_trigger WHERE oid >= 16384),
		(SELECT string_agg(concat_ws(':', oid, xmin), ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
		(SELECT string_agg(concat_ws(':', setdatabase, setconfig), ',') FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
			WHERE d.datname = current_database()),
		(SELECT COUNT(*) FROM pg_statistic WHERE starelid >= 16384),
		(SELECT string_agg(query_to_xml(format('SELECT * FROM %s ORDER BY 1', kept), true, false, '')::text, ',' ORDER BY kept)
			FROM json_object_keys($1::json) AS kept)))`

// written gives the rows that a new database has, by table.
const written = `
	SELECT COALESCE(json_object_agg(name, rows::text::json), '{}')::text FROM (
		SELECT oid::regclass::text AS name,
			(xpath('/table/row/rows/text()', query_to_xml(format('SELECT json_agg(t)::text AS rows FROM %s t', oid::regclass), false, false, '')))[1]::text AS rows
		FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) t
	WHERE rows IS NOT NULL`

// fresh is what a new database of this process's template is like.
var fresh struct {
	once  sync.Once
	first string // the rows that the migrations have written, as JSON
	shape string
	err   error
}

// know looks at a database that nobody has used yet.
func know(url string) error {
	fresh.once.Do(func() {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			fresh.err = err
			return
		}
		defer conn.Close(ctx)
		if err := conn.QueryRow(ctx, written).Scan(&fresh.first); err != nil {
			fresh.err = err
			return
		}
		fresh.err = conn.QueryRow(ctx, shape, fresh.first).Scan(&fresh.shape)
	})
	return fresh.err
}

// empty waits until everybody has left, deletes all rows, and writes those that the migrations wrote, which
// paylink.first holds. Dead rows make what follows slower: a table that had many is not emptied but refused.
const empty = `
	DO $$
	DECLARE
		name TEXT;
		rows BIGINT;
		first JSON := current_setting('paylink.first');
	BEGIN
		FOR i IN 1..100 LOOP
			EXIT WHEN NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid());
			PERFORM pg_sleep(0.005);
			PERFORM pg_stat_clear_snapshot();
			IF i = 100 THEN RAISE 'somebody is still connected'; END IF;
		END LOOP;
		PERFORM set_config('session_replication_role', 'replica', true);
		FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
			EXECUTE 'DELETE FROM ' || name;
			GET DIAGNOSTICS rows = ROW_COUNT;
			IF rows > 2000 THEN RAISE '% had % rows', name, rows; END IF;
			IF first -> name IS NOT NULL THEN
				EXECUTE format('INSERT INTO %1$s SELECT * FROM json_populate_recordset(NULL::%1$s, $1)', name) USING first -> name;
			END IF;
		END LOOP;
	END $$`

// putBack empties a database for the next test. It reports false when it is not as new.
func putBack(server, name, template string) (bool, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at(server, name))
	if err != nil {
		return false, err
	}
	var found string
	_, err = conn.Exec(ctx, `SELECT set_config('paylink.first', $1, false)`, fresh.first)
	if err == nil {
		_, err = conn.Exec(ctx, empty)
	}
	if err == nil {
		err = conn.QueryRow(ctx, shape, fresh.first).Scan(&found)
	}
	conn.Close(ctx)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return false, nil // whatever stood in the way, it is not as new
	case err != nil || found != fresh.shape:
		return false, err
	}
	return true, admin(server, fmt.Sprintf(`INSERT INTO paylink_shelf VALUES ('%s', '%s', TRUE) ON CONFLICT (name) DO UPDATE SET free = TRUE`, name, template))
}

// copyOf gives the name of a database like the template that this test has for itself.
func copyOf(t testing.TB, server, template string) string {
	t.Helper()
	name, err := take(server, template)
	if err != nil {
		t.Fatalf("look for a PostgreSQL database: %v", err)
	}
	if name == "" {
		name = create(t, server, template)
	}
	if err := know(at(server, name)); err != nil {
		t.Fatalf("look at a new PostgreSQL database: %v", err)
	}
	t.Cleanup(func() {
		whole := false
		if !t.Failed() {
			if whole, err = putBack(server, name, template); err != nil {
				t.Errorf("empty a PostgreSQL database: %v", err)
			}
		}
		if !whole {
			remove(t, server, name)
		}
	})
	return name
}
