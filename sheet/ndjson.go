package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// lines reads NDJSON: each line is an object, whose fields are the columns. Objects inside have the
// names of both, joined by a dot: customer.phone. Lists of texts are joined by commas.
type lines struct {
	in      *bufio.Reader
	row     int
	line    []byte
	columns []string
	place   map[string]int
}

func openLines(r io.ReaderAt, size int64) (source, error) {
	in, err := plain(r, size)
	if err != nil {
		return nil, err
	}
	return &lines{in: in, place: map[string]int{}}, nil
}

func (l *lines) names() []string { return l.columns }

func (l *lines) next() (Row, error) {
	l.row++
	l.line = l.line[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.line = append(l.line, part...)
		switch {
		case len(l.line) > maxRow:
			return Row{}, unreadable(l.row, "cell_too_long", fmt.Sprintf("The line has more than %d bytes.", maxRow))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(l.line) == 0:
			return Row{}, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return Row{}, fmt.Errorf("read line %d: %w", l.row, err)
		}
		return l.object()
	}
}

// object reads the line. What is no object is a fault of the row: the lines after it can be read.
func (l *lines) object() (Row, error) {
	row := Row{Number: l.row, Cells: make([]string, len(l.columns))}
	if len(bytes.TrimSpace(l.line)) == 0 {
		return row, nil
	}
	if !utf8.Valid(l.line) {
		return row, unreadable(l.row, "not_utf8", "The line is not in UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(l.line))
	d.UseNumber()
	seen := map[string]bool{}
	err := l.fields(&row, d, "", seen)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errShape
		}
	}
	var stop *Unreadable
	switch {
	case errors.As(err, &stop):
		return Row{}, err
	case errors.Is(err, errTwice):
		row.Faults = append(row.Faults, Fault{"", "duplicate_field", "The line names a field twice."})
	case err != nil:
		row.Faults = append(row.Faults, Fault{"", "not_an_object", "The line is not one JSON object of texts, numbers and lists."})
	}
	return row, nil
}

var (
	errShape = errors.New("not an object")
	errTwice = errors.New("a field twice")
)

// fields reads one object, its fields under a prefix.
func (l *lines) fields(row *Row, d *json.Decoder, prefix string, seen map[string]bool) error {
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(errShape, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name := prefix + key.(string) // in an object a key is a text, or there was an error
		if seen[name] {
			return errTwice
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if value[0] == '{' && !asWritten[name] {
			if strings.Count(name, ".") > 1 {
				return errShape
			}
			inner := json.NewDecoder(bytes.NewReader(value))
			inner.UseNumber()
			if err := l.fields(row, inner, name+".", seen); err != nil {
				return err
			}
			continue
		}
		if err := l.put(row, name, value); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// asWritten are the objects that are one value: they stay JSON, in a cell of their own.
var asWritten = map[string]bool{"delivery": true}

// put gives a value as the text of its cell. null is a blank.
func (l *lines) put(row *Row, name string, value json.RawMessage) error {
	at, known := l.place[name]
	if !known {
		if len(l.columns) == MaxColumns || len(name) > MaxCell {
			return unreadable(l.row, "too_many_columns", fmt.Sprintf("The file names more than %d fields.", MaxColumns))
		}
		at = len(l.columns)
		l.place[name], l.columns = at, append(l.columns, name)
	}
	for len(row.Cells) <= at {
		row.Cells = append(row.Cells, "")
	}
	cell, err := written(value)
	if err != nil {
		return err
	}
	if len(cell) > MaxCell {
		return unreadable(l.row, "cell_too_long", fmt.Sprintf("A value has more than %d bytes.", MaxCell))
	}
	if strings.IndexByte(cell, 0) >= 0 {
		row.Faults = append(row.Faults, Fault{numbered(at), "bad_characters", "The value has a character that no text has."})
		cell = ""
	}
	row.Cells[at] = cell
	return nil
}

func written(value json.RawMessage) (string, error) {
	switch value[0] {
	case '"':
		var s string
		err := json.Unmarshal(value, &s)
		return s, err
	case '[':
		var list []string
		if err := json.Unmarshal(value, &list); err != nil {
			return "", errShape
		}
		return strings.Join(list, ","), nil
	case 'n':
		return "", nil
	}
	return string(value), nil // a number as it is written, true or false, or an object that stays as it is
}
