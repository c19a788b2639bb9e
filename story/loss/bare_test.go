package loss

import (
	"database/sql"
	"fmt"
	"io"
	"net/url"
)

// writeBare is a careless writer: a loop of one-row transactions on bare SQLite. Each number is told
// once its COMMIT has returned. It ends when it is killed, or the disk refuses.
func writeBare(path, synchronous string, out io.Writer) error {
	settings := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(" + synchronous + ")"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+settings.Encode())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT) STRICT`); err != nil {
		return err
	}
	for id := 1; ; id++ {
		if _, err := db.Exec(`INSERT INTO rows VALUES (?, 'acknowledged')`, id); err != nil {
			return err
		}
		fmt.Fprintln(out, id)
	}
}

// bareRows counts what a restarted writer finds.
func bareRows(path string) (rows int, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRow(`SELECT count(*) FROM rows`).Scan(&rows)
	return rows, err
}
