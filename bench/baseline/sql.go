package baseline

import (
	"database/sql"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver called pgx
)

// Open opens a database of either kind by the address that paylink is given: a file's path, or the URL of
// a PostgreSQL server. A file that is written to has no server at the time.
func Open(address string) (*sql.DB, error) {
	if strings.HasPrefix(address, "postgres") {
		return sql.Open("pgx", address)
	}
	return sql.Open("sqlite", "file:"+address+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-262144)&_pragma=busy_timeout(5000)")
}
