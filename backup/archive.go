// Package backup writes a whole database into one file and fills an empty database from it, of the
// same kind or the other: backup, move and snapshot are one format.
//
// It is for the operator's commands and for the upgrade, which takes a snapshot first. What a table is,
// how a database is held still and what an empty one is, it leaves to store; where files are kept and
// when, to the wiring. The key ring is never in an archive: whoever finds one reads what customers wrote,
// but opens no link and no sealed secret.
//
// An archive is gzip around lines of JSON: a [header]; for each table its shape, then one array for
// each row; at the end the numbers of rows and the SHA-256 of all lines before.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paylink/store"
)

// Format names what this package writes, and what it reads.
const Format = "paylink-backup/1"

// header is the first line.
type header struct {
	Format    string       `json:"format"`
	CreatedAt time.Time    `json:"created_at"`
	Kind      string       `json:"kind"`
	Steps     []store.Step `json:"steps"`
}

// trailer is the last line.
type trailer struct {
	End    bool             `json:"end"`
	Rows   map[string]int64 `json:"rows"`
	SHA256 string           `json:"sha256"`
}

// Summary says what was written or read.
type Summary struct {
	CreatedAt time.Time         // when the archive was made
	Kind      string            // of the database it was made from
	Step      store.Step        // the last one that the database had had
	Rows      int64             // in all tables
	Bytes     int64             // of the archive, compressed
	Keys      map[string]string // of the key ring that belongs to it: slot → fingerprint
}

// noteKey takes the fingerprints out of the one table that has them.
func (s *Summary) noteKey(t store.Table, row []any) {
	if t.Name != "key_slots" {
		return
	}
	named := map[string]string{}
	for i, column := range t.Columns {
		named[column] = fmt.Sprint(row[i])
	}
	s.Keys[named["slot"]] = named["fingerprint"]
}

// errCut is what a reader says of an archive whose end is missing.
var errCut = errors.New("the archive is cut short: its end is missing")

// line is any line of an archive but the first: a row when it is an array, else a table or the end.
type line struct {
	store.Table
	trailer
}

func readLine(text []byte) (l line, row []json.RawMessage, err error) {
	if len(text) > 0 && text[0] == '[' {
		err = json.Unmarshal(text, &row)
	} else {
		err = json.Unmarshal(text, &l)
	}
	return l, row, err
}
