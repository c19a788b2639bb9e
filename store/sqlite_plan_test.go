package store

import (
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Every query with a LIMIT was planned anew each time that it ran, which nobody saw but the profiler.
func TestLimitsDoNotPlanAnew(t *testing.T) {
	const q = `SELECT 1 WHERE 1 < $2 LIMIT $1`
	if bare, ours := plannedAnew(t, q), plannedAnew(t, planOnce(q)); bare == 0 || ours != 0 {
		t.Errorf("planned anew %d times as it is written, %d times as it is prepared", bare, ours)
	}
	for q, want := range map[string]string{
		`a LIMIT $12 OFFSET $3`:             `a LIMIT $12 + 0 OFFSET $3`,
		`a LIMIT $5 - (SELECT 1) b LIMIT 1`: `a LIMIT $5 + 0 - (SELECT 1) b LIMIT 1`,
	} {
		if got := planOnce(q); got != want {
			t.Errorf("%s became %s", q, got)
		}
	}
}

// handles are written by SQLite, so they stand where nothing moves.
var handles [2]uintptr

// plannedAnew runs a text ten times on one statement, and tells how often SQLite planned it again.
func plannedAnew(t *testing.T, q string) int32 {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	db, stmt := &handles[0], &handles[1]
	text := func(s string) uintptr {
		c, err := libc.CString(s)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { libc.Xfree(tls, c) })
		return c
	}
	check := func(code int32) {
		t.Helper()
		if code != sqlite3.SQLITE_OK {
			t.Fatalf("SQLite says %d", code)
		}
	}
	check(sqlite3.Xsqlite3_open_v2(tls, text(":memory:"), uintptr(unsafe.Pointer(db)), sqlite3.SQLITE_OPEN_READWRITE, 0))
	defer sqlite3.Xsqlite3_close_v2(tls, *db)
	check(sqlite3.Xsqlite3_prepare_v2(tls, *db, text(q), -1, uintptr(unsafe.Pointer(stmt)), 0))
	defer sqlite3.Xsqlite3_finalize(tls, *stmt)
	for range 10 {
		check(sqlite3.Xsqlite3_bind_int64(tls, *stmt, 1, 5))
		check(sqlite3.Xsqlite3_bind_int64(tls, *stmt, 2, 5))
		sqlite3.Xsqlite3_step(tls, *stmt)
		check(sqlite3.Xsqlite3_reset(tls, *stmt))
	}
	return sqlite3.Xsqlite3_stmt_status(tls, *stmt, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0)
}
