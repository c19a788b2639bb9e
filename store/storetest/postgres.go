package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"paylink/store"
)

// databases counts the databases of this process; its run of random letters keeps processes apart.
var (
	databases atomic.Int64
	run       = strings.ToLower(rand.Text()[:10])
)

// postgresURL gives a database for one test: an empty one, or a copy of the migrated template.
func postgresURL(t testing.TB, empty bool) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	if empty {
		name := create(t, server, "template0")
		t.Cleanup(func() { remove(t, server, name) })
		return at(server, name)
	}
	migrated, err := template()
	if err != nil {
		t.Fatalf("make the PostgreSQL template: %v", err)
	}
	return at(server, copyOf(t, server, migrated))
}

// create makes a database out of another one. Copying files is twice as quick as logging.
func create(t testing.TB, server, from string) string {
	t.Helper()
	name := fmt.Sprintf("paylink_%s_%d", run, databases.Add(1))
	if err := admin(server, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy`, name, from)); err != nil {
		t.Fatalf("make a PostgreSQL database: %v", err)
	}
	return name
}

func remove(t testing.TB, server, name string) {
	t.Helper()
	if err := admin(server, fmt.Sprintf(`DROP DATABASE %s WITH (FORCE)`, name)); err != nil {
		t.Errorf("remove a PostgreSQL database: %v", err)
	}
}

// template gives the name of a migrated database on the server. Its name tells its shape, so that all
// test processes on one server share it; it is made under another name and renamed when it is whole.
var template = sync.OnceValues(func() (string, error) {
	server, err := server()
	if err != nil {
		return "", err
	}
	schema, err := store.Schema("postgres")
	if err != nil {
		return "", err
	}
	name := "paylink_template_" + schema[:16]
	made, err := exists(server, name)
	if err != nil || made {
		return name, err
	}
	draft := fmt.Sprintf("paylink_draft_%s_%d", run, databases.Add(1))
	if err := admin(server, `CREATE DATABASE `+draft); err != nil {
		return "", err
	}
	if err := migrate(at(server, draft)); err != nil {
		return "", err
	}
	err = admin(server, fmt.Sprintf(`ALTER DATABASE %s RENAME TO %s`, draft, name))
	var taken *pgconn.PgError
	if errors.As(err, &taken) && (taken.Code == "42P04" || taken.Code == "23505") {
		// Another process was quicker, and has made the same.
		err = admin(server, `DROP DATABASE `+draft)
	}
	return name, err
})

func migrate(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{Log: slog.New(slog.DiscardHandler), Listen: store.ListenOff})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx, migrated), s.Close())
}

func exists(server, name string) (bool, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	var found bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&found)
	return found, err
}

// admin runs one statement on the server, outside any test's database.
func admin(server, q string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err = conn.Exec(ctx, q); err != nil {
		return fmt.Errorf("%s: %w", q, err)
	}
	return nil
}

// at gives the server's URL with another database in it.
func at(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("storetest: the server's URL was good a moment ago")
	}
	u.Path = "/" + database
	return u.String()
}
