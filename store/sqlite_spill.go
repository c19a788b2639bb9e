package store

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// spill is how many bytes of a member's undo journal stay in memory. Each member of a group runs in a
// savepoint, for which SQLite keeps every page that the member changes as it was; past 64 KiB, its own
// bound, it writes them to a temporary file, a call for each page. A member changes up to 50 rows in
// tables with several indexes, which is more than that.
const spill = 4 << 20

// spillLate sets it for the whole process. SQLite takes the setting before its first use only; should
// somebody have been before us, it stays as it was, which is slower and no less safe.
var spillLate = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	args := libc.NewVaList(int32(spill))
	defer libc.Xfree(tls, args)
	sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_STMTJRNL_SPILL, args)
})
