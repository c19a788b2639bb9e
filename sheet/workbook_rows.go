package sheet

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sheetRows reads the rows of a sheet as its XML goes by. What a spreadsheet leaves out is filled in:
// blank rows and cells have no element.
type sheetRows struct {
	book   *workbook
	xml    *tags
	number int // of the last row
	cells  []string
	faults []Fault
	size   int
	cell   cellParts
	inRow  bool
}

// cellParts is one cell in the making.
type cellParts struct {
	column   int
	kind     string // s, str, inlineStr, b, e, d, n
	style    int
	value    []byte
	formula  bool
	has      bool // a value
	phonetic int  // how deep in what says how it is read aloud
}

func newSheetRows(w *workbook, in io.Reader) *sheetRows {
	return &sheetRows{book: w, xml: newTags(in)}
}

func (s *sheetRows) next() (Row, error) {
	for {
		begins, err := s.xml.next()
		if errors.Is(err, io.EOF) && s.inRow {
			return Row{}, unreadable(s.number, "damaged_workbook", "The workbook ends in the middle of this row.")
		}
		if errors.Is(err, errTextTooLong) {
			return Row{}, unreadable(s.number, "cell_too_long", fmt.Sprintf("A cell has more than %d bytes.", MaxCell))
		}
		if err != nil {
			return Row{}, err
		}
		name := s.xml.name()
		if s.xml.keep {
			s.xml.keep = false
			var whole bool
			if s.cell.value, whole = s.xml.appendText(s.cell.value); !whole || len(s.cell.value) > maxText {
				return Row{}, unreadable(s.number, "damaged_workbook", "A cell of this row cannot be read.")
			}
		}
		if begins {
			if err := s.start(name); err != nil {
				return Row{}, err
			}
			continue
		}
		switch name {
		case "c":
			if err := s.put(); err != nil {
				return Row{}, err
			}
		case "rPh":
			s.cell.phonetic--
		case "row":
			s.inRow = false
			return s.row(), nil
		case "sheetData":
			return Row{}, io.EOF
		}
	}
}

func (s *sheetRows) start(name string) error {
	switch name {
	case "row":
		s.number++
		if r := s.xml.attr("r"); r != nil {
			n, err := strconv.Atoi(string(r))
			if err != nil || n < s.number {
				return unreadable(s.number, "damaged_workbook", "The rows of the workbook are out of order.")
			}
			s.number = n
		}
		s.cells, s.faults, s.size, s.inRow, s.cell.column = s.cells[:0], nil, 0, true, -1
	case "c":
		column := s.cell.column + 1
		if r := s.xml.attr("r"); r != nil {
			column, _ = place(string(r))
		}
		if column < 0 || column <= s.cell.column {
			return unreadable(s.number, "damaged_workbook", "The cells of this row are out of order.")
		}
		style, _ := strconv.Atoi(string(s.xml.attr("s"))) // none is the first, which is plain
		s.cell = cellParts{column: column, kind: string(s.xml.attr("t")), style: style, value: s.cell.value[:0]}
	case "f":
		s.cell.formula = true
	case "v":
		s.cell.has, s.xml.keep = true, true
	case "rPh":
		s.cell.phonetic++
	case "t":
		s.cell.has, s.xml.keep = true, s.cell.phonetic == 0
	}
	return nil
}

// put gives the cell that ended its place in the row.
func (s *sheetRows) put() error {
	text, fault := s.text()
	if text == "" && fault == nil {
		return nil // a blank beyond the last column is no column
	}
	if s.cell.column >= MaxColumns {
		return unreadable(s.number, "too_many_columns", fmt.Sprintf("The row has more than %d columns.", MaxColumns))
	}
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		text, fault = "", &Fault{"", "bad_characters", "The cell has a character that no text has."}
	}
	if s.size += len(text); len(text) > MaxCell || s.size > maxRow {
		return unreadable(s.number, "cell_too_long", fmt.Sprintf("A cell has more than %d bytes.", MaxCell))
	}
	for len(s.cells) <= s.cell.column {
		s.cells = append(s.cells, "")
	}
	if fault != nil {
		fault.Column = numbered(s.cell.column)
		s.faults = append(s.faults, *fault)
	}
	s.cells[s.cell.column] = text
	return nil
}

// text is what the cell says.
func (s *sheetRows) text() (string, *Fault) {
	value := string(s.cell.value)
	switch {
	case s.cell.kind == "e":
		return "", &Fault{"", "error_value", "The cell shows an error, such as #REF!."}
	case s.cell.formula && !s.cell.has:
		return "", &Fault{"", "formula_without_value", "The cell is a formula that was never calculated. Open the file in a spreadsheet and save it again."}
	case !s.cell.has || value == "":
		return "", nil
	}
	switch s.cell.kind {
	case "s":
		n, err := strconv.Atoi(value)
		text, ok := s.book.strings.at(n)
		if err != nil || !ok {
			return "", &Fault{"", "error_value", "The cell points to a text that the workbook does not have."}
		}
		return text, nil
	case "str", "inlineStr", "d":
		return value, nil
	case "b":
		return boolean(value), nil
	}
	return s.book.styles.number(value, s.cell.style)
}

// row gives the row that ended, with a fault for each cell that lies under a merged one.
func (s *sheetRows) row() Row {
	row := Row{Number: s.number, Cells: s.cells, Faults: s.faults}
	for _, m := range s.book.merged {
		if s.number < m.top || s.number > m.bottom || s.number == 1 {
			continue
		}
		for c := m.left; c <= min(m.right, MaxColumns-1); c++ {
			if s.number != m.top || c != m.left {
				row.Faults = append(row.Faults, Fault{numbered(c), "merged_cell", "The cell is merged with others, so its value is not its own. Unmerge the cells and fill each."})
			}
		}
	}
	return row
}

// place reads the name of a cell, such as AB12: its column from 0 and its row from 1; -1 when it is none.
func place(ref string) (column, row int) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 3; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	if i == 0 || err != nil || row < 1 {
		return -1, -1
	}
	return column - 1, row
}
