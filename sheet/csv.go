package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// text reads a CSV file. It is not encoding/csv, which skips blank lines, so that its rows are not those
// that a spreadsheet shows, and which gathers everything after a forgotten quote until the end of the
// file.
type text struct {
	in        *bufio.Reader
	separator byte
	row       int
	ended     bool
	cell      []byte
	size      int // of the row so far
}

func openText(r io.ReaderAt, size int64) (source, error) {
	in, err := plain(r, size)
	if err != nil {
		return nil, err
	}
	head, err := in.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the heading of a text: %w", err)
	}
	t := &text{in: in, separator: separator(head)}
	// Some programs say in a first line which separator they use.
	if hint := bytes.ToLower(head[:min(len(head), 6)]); bytes.HasPrefix(hint, []byte("sep=")) && len(hint) > 5 && hint[5] <= '\r' {
		t.separator = hint[4]
		_, err = t.next()
		return t, err
	}
	return t, nil
}

// separator finds out what separates the cells of the heading: what it has most of, outside of quotes.
func separator(head []byte) byte {
	line := bytes.TrimLeft(head, "\r\n")
	counts, quoted := map[byte]int{}, false
	for _, b := range line {
		if b == '"' {
			quoted = !quoted
		}
		if !quoted && (b == '\n' || b == '\r') {
			break
		}
		if !quoted {
			counts[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte{';', '\t', '|'} {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return best
}

func (t *text) next() (Row, error) {
	if t.ended {
		return Row{}, io.EOF
	}
	t.row++
	t.size = 0
	row := Row{Number: t.row}
	for {
		cell, end, err := t.one()
		if err != nil {
			return Row{}, err
		}
		if t.ended && len(row.Cells) == 0 && cell == "" {
			return Row{}, io.EOF // the line break before was the last one
		}
		if strings.IndexByte(cell, 0) >= 0 {
			row.Faults = append(row.Faults, Fault{numbered(len(row.Cells)), "bad_characters", "The cell has a character that no text has."})
			cell = ""
		}
		row.Cells = append(row.Cells, cell)
		switch {
		case len(row.Cells) > MaxColumns:
			return Row{}, unreadable(t.row, "too_many_columns", fmt.Sprintf("The row has more than %d columns.", MaxColumns))
		case end:
			return row, nil
		}
	}
}

// one reads a cell, and tells whether it is the last of its row. A cell that does not begin with a quote
// ends at the next separator, whatever quotes are in it.
func (t *text) one() (cell string, end bool, err error) {
	t.cell = t.cell[:0]
	quoted, first := false, true
	for {
		b, err := t.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && quoted:
			return "", false, unreadable(t.row, "unclosed_quote", "A quote is opened in this row and never closed.")
		case errors.Is(err, io.EOF):
			t.ended = true
			return t.done(true)
		case err != nil:
			return "", false, fmt.Errorf("read row %d: %w", t.row, err)
		case first && b == '"':
			quoted = true
		case quoted && b == '"':
			if again, err := t.in.Peek(1); err == nil && again[0] == '"' {
				_, _ = t.in.Discard(1) // it was just seen
				t.cell = append(t.cell, '"')
			} else {
				quoted = false
			}
		case !quoted && b == t.separator:
			return t.done(false)
		case !quoted && (b == '\n' || b == '\r'):
			if follows, err := t.in.Peek(1); b == '\r' && err == nil && follows[0] == '\n' {
				_, _ = t.in.Discard(1)
			}
			return t.done(true)
		default:
			t.cell = append(t.cell, b)
		}
		first = false
		if t.size++; len(t.cell) > MaxCell || t.size > maxRow {
			return "", false, unreadable(t.row, "cell_too_long", fmt.Sprintf("A cell has more than %d bytes. Is a quote never closed?", MaxCell))
		}
	}
}

func (t *text) done(end bool) (string, bool, error) {
	if !utf8.Valid(t.cell) {
		return "", false, unreadable(t.row, "not_utf8", "The file is in an older encoding. Save it as CSV UTF-8.")
	}
	return string(t.cell), end, nil
}
