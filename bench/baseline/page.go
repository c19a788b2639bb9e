package baseline

import (
	"context"
	"database/sql"
	"maps"
	"net/http"
	"strconv"
)

// Page is a page to be served by nothing but net/http.
type Page struct {
	Database string // path of the SQLite file
	Query    string // reads one row by a code's key and slot
	Slot     int64
	Header   http.Header
	Body     []byte
}

// Handler answers GET /{key} with the page, after it has read the row and every column in it.
func (p Page) Handler(ctx context.Context, readers int) (http.Handler, error) {
	db, err := sql.Open("sqlite", "file:"+p.Database+"?_pragma=query_only(1)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	stmt, err := db.PrepareContext(ctx, p.Query)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, err := strconv.ParseInt(r.URL.Path[1:], 10, 64)
		if err == nil {
			err = read(r.Context(), stmt, key, p.Slot)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		maps.Copy(w.Header(), p.Header)
		_, _ = w.Write(p.Body) // a reader who has gone away is told nothing
	}), err
}

func read(ctx context.Context, stmt *sql.Stmt, key, slot int64) error {
	rows, err := stmt.QueryContext(ctx, key, slot)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, _ := rows.Columns() // fails only after Close
	row := make([]any, len(columns))
	for i := range row {
		row[i] = new(any)
	}
	if !rows.Next() {
		return sql.ErrNoRows
	}
	return rows.Scan(row...)
}
