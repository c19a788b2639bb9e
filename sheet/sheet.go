// Package sheet reads tables that people and programs send: CSV, XLSX and NDJSON, as a stream of rows in
// bounded memory, whatever their size.
//
// It is for whoever takes a file from a stranger. It finds out the encoding and the separator, gives
// every cell as text under its column's name, and refuses what cannot be read with the row's number and
// a stable code. What a spreadsheet has spoiled without its owner's knowing (a phone number cut to
// fifteen digits, a formula without a value, merged cells) is a fault of its row, never a guess.
// It leaves what the columns mean to its caller, and stores nothing: a workbook is read where it lies,
// without a copy on disk.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
)

// Format is how a table is written.
type Format string

// The formats.
const (
	CSV    Format = "csv" // separated by commas, semicolons or tabs, in UTF-8 or UTF-16
	XLSX   Format = "xlsx"
	NDJSON Format = "ndjson" // one JSON object a line
)

// The limits of a table.
const (
	MaxBytes    = 256 << 20 // of the file
	MaxUnpacked = 2 << 30   // of a workbook's parts, unpacked
	MaxRows     = 1_000_000 // that hold something, the heading not counted
	MaxColumns  = 300
	MaxCell     = 32 << 10 // bytes; a spreadsheet itself allows 32,767 characters
	maxRow      = 1 << 20  // bytes
)

// Row is one row of the table.
type Row struct {
	Number int      // as a spreadsheet shows it: the heading is row 1, blank rows count
	Cells  []string // in the order of Reader.Columns; blanks around are cut off; good until the next call
	Faults []Fault  // what cannot be trusted in it
}

// Fault is one thing that is wrong in a row, in a column by its name; empty: the row as a whole.
type Fault struct{ Column, Code, Detail string }

// Unreadable says why the file cannot be read, or not beyond a row. Detail never repeats what the file
// holds.
type Unreadable struct {
	Row          int // 0: the file as a whole
	Code, Detail string
}

func (e *Unreadable) Error() string { return fmt.Sprintf("unreadable: row %d: %s", e.Row, e.Code) }

func unreadable(row int, code, detail string) error {
	return &Unreadable{Row: row, Code: code, Detail: detail}
}

// FormatOf tells the format by a media type or, where that says nothing, by the name of the file.
func FormatOf(mediaType, name string) (Format, bool) {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	switch strings.TrimSpace(kind) {
	case "text/csv", "application/csv", "text/tab-separated-values":
		return CSV, true
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return XLSX, true
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
		return NDJSON, true
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return CSV, true
	case ".xlsx":
		return XLSX, true
	case ".ndjson", ".jsonl":
		return NDJSON, true
	}
	return "", false
}

// Reader gives the rows of a table, one after another.
type Reader struct {
	source  source
	columns []string
	rows    int
}

// source is one of the three formats. next gives the cells of the next row, blank ones among them, and
// io.EOF at the end.
type source interface {
	next() (Row, error)
}

// named is a source whose rows name their cells themselves.
type named interface{ names() []string }

// Open begins to read a table of size bytes, and reads its heading. An error is *Unreadable, or comes
// from the reader.
func Open(r io.ReaderAt, size int64, f Format) (*Reader, error) {
	switch {
	case size == 0:
		return nil, unreadable(0, "empty_file", "The file is empty.")
	case size > MaxBytes:
		return nil, unreadable(0, "file_too_large", fmt.Sprintf("The file has more than %d bytes.", MaxBytes))
	}
	s, err := open(r, size, f)
	if err != nil {
		return nil, err
	}
	t := &Reader{source: s}
	if _, ok := s.(named); ok {
		return t, nil
	}
	return t, t.heading()
}

func open(r io.ReaderAt, size int64, f Format) (source, error) {
	var head [8]byte
	n, err := r.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning of a file: %w", err)
	}
	start := string(head[:n])
	zipped, old := strings.HasPrefix(start, "PK\x03\x04"), strings.HasPrefix(start, "\xd0\xcf\x11\xe0")
	switch {
	case old:
		return nil, unreadable(0, "old_workbook", "This is a workbook of the old kind, or one with a password. Save it as .xlsx without one, or as CSV.")
	case zipped != (f == XLSX):
		return nil, unreadable(0, "wrong_format", "The file is not what its name or type says.")
	}
	switch f {
	case XLSX:
		return openWorkbook(r, size)
	case NDJSON:
		return openLines(r, size)
	case CSV:
		return openText(r, size)
	}
	return nil, unreadable(0, "wrong_format", "A file is CSV, XLSX or NDJSON.")
}

// heading takes the first row that holds something for the names of the columns.
func (t *Reader) heading() error {
	for {
		row, err := t.source.next()
		if errors.Is(err, io.EOF) {
			return unreadable(0, "empty_file", "The file has no row.")
		}
		if err != nil {
			return err
		}
		trim(&row)
		if blank(row.Cells) {
			continue
		}
		for len(row.Cells) > 0 && row.Cells[len(row.Cells)-1] == "" {
			row.Cells = row.Cells[:len(row.Cells)-1]
		}
		for i, name := range row.Cells {
			if name == "" {
				name = fmt.Sprintf("column %d", i+1)
			}
			if slices.Contains(t.columns, name) {
				return unreadable(row.Number, "duplicate_column", "Two columns have the same name in the heading.")
			}
			t.columns = append(t.columns, strings.Clone(name))
		}
		return nil
	}
}

// Columns names the columns. Those of NDJSON become more as its rows name them.
func (t *Reader) Columns() []string {
	if s, ok := t.source.(named); ok {
		return s.names()
	}
	return t.columns
}

// Next gives the next row that holds something; io.EOF at the end. Any other error ends the table, and
// is *Unreadable when the file is at fault.
func (t *Reader) Next() (Row, error) {
	for {
		row, err := t.source.next()
		if err != nil {
			return Row{}, err
		}
		trim(&row)
		if blank(row.Cells) && len(row.Faults) == 0 {
			continue
		}
		if t.rows++; t.rows > MaxRows {
			return Row{}, unreadable(row.Number, "too_many_rows", fmt.Sprintf("The file has more than %d rows.", MaxRows))
		}
		t.fit(&row)
		return row, nil
	}
}

// fit gives the row as many cells as there are columns, and names the columns of its faults, which
// sources know by their number only.
func (t *Reader) fit(row *Row) {
	columns := t.Columns()
	for i := len(row.Cells); i < len(columns); i++ {
		row.Cells = append(row.Cells, "")
	}
	if !blank(row.Cells[len(columns):]) {
		row.Faults = append(row.Faults, Fault{"", "extra_cell", "The row has more cells than the heading has columns."})
	}
	row.Cells = row.Cells[:len(columns)]
	for i := range row.Faults {
		row.Faults[i].Column = nameOf(columns, row.Faults[i].Column)
	}
}

// numbered names a column by its place, until fit knows its name.
func numbered(place int) string { return fmt.Sprintf("#%d", place) }

func nameOf(columns []string, given string) string {
	var place int
	if n, err := fmt.Sscanf(given, "#%d", &place); n != 1 || err != nil {
		return given
	}
	if place < len(columns) {
		return columns[place]
	}
	return ""
}

// trim cuts off blanks around every cell, those that do not look like one included.
func trim(row *Row) {
	for i, cell := range row.Cells {
		row.Cells[i] = strings.TrimFunc(cell, func(r rune) bool {
			return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
		})
	}
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return c != "" })
}
