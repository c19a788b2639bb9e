package bulk

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"paylink"
	"paylink/store"
)

// Progress adds to an upload what became of its rows so far, and how far the links of a small one are.
func (u *Uploads) Progress(ctx context.Context, b paylink.Bulk) (paylink.Bulk, error) {
	read := u.Store.Read(ctx)
	switch b.Status {
	case paylink.BulkCreating, paylink.BulkPaused, paylink.BulkSending, paylink.BulkCancelling:
		p, err := read.BulkProgress(b.Merchant, b.ID)
		if err != nil {
			return b, err
		}
		b = b.With(p)
	}
	if b.Made == 0 || b.Made > countedLive || len(b.Head) == 0 {
		return b, nil
	}
	err := u.count(ctx, &b)
	return b, err
}

// Column is a column of a file.
type Column struct {
	Name  string // in the file
	Field string // what it means; empty: it is left alone
}

// Shape is what an upload is about, besides its counts. It is empty once it is forgotten.
type Shape struct {
	Name    string // of the file
	Columns []Column
}

// Shape opens what is sealed of an upload as a whole.
func (u *Uploads) Shape(b paylink.Bulk) (Shape, error) {
	h, err := u.head(b)
	s := Shape{Name: h.Name, Columns: make([]Column, len(h.Columns))}
	for i, name := range h.Columns {
		s.Columns[i] = Column{Name: name, Field: h.Mapping[i]}
	}
	return s, err
}

// Fault is one reason why a row has no link.
type Fault struct {
	Row    int64
	Column string // in the file, or the field that no column gives; empty: the row as a whole
	Code   string
	Detail string
}

// Faults lists the reasons of up to limit rows, above a row's number.
func (u *Uploads) Faults(ctx context.Context, b paylink.Bulk, after int64, limit int) ([]Fault, error) {
	h, err := u.head(b)
	if err != nil {
		return nil, err
	}
	rows, err := u.Store.Read(ctx).BulkRows(b.Merchant, b.ID, after, limit)
	var all []Fault
	for _, row := range rows {
		for _, f := range row.Faults {
			all = append(all, Fault{row.Number, h.column(f), f.Code, f.Detail})
		}
	}
	return all, err
}

func (h head) column(f store.BulkFault) string {
	if f.Column < 0 || f.Column >= len(h.Columns) {
		return f.Field
	}
	return h.Columns[f.Column]
}

const readAtOnce = 200

// WriteErrors writes the rows of which no link was made as CSV: as they came, with what is wrong behind.
// Mended, the file can be uploaded again. No cell begins with what a spreadsheet would calculate: such
// ones have a quote before, which is taken off again when the file comes back.
func (u *Uploads) WriteErrors(ctx context.Context, b paylink.Bulk, to io.Writer) error {
	h, err := u.head(b)
	if err != nil {
		return err
	}
	kept := h.kept()
	out := bufio.NewWriter(to)
	w := csv.NewWriter(out)
	heading := make([]string, 0, len(kept)+4)
	for _, i := range kept {
		heading = append(heading, harmless(h.Columns[i]))
	}
	if err := w.Write(append(heading, ours+"row", ours+"column", ours+"code", ours+"message")); err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := u.Store.Read(ctx).BulkRows(b.Merchant, b.ID, after, readAtOnce)
		if err != nil {
			return err
		}
		for _, row := range rows {
			cells, err := u.errorRow(b, h, kept, row)
			if err == nil {
				err = w.Write(cells)
			}
			if err != nil {
				return fmt.Errorf("write row %d of %s: %w", row.Number, b.ID, err)
			}
			after = row.Number
		}
		if len(rows) < readAtOnce {
			w.Flush()
			return errors.Join(w.Error(), out.Flush())
		}
	}
}

// kept are the places of the columns that were the merchant's own: not those of an errors.csv that came
// back.
func (h head) kept() (places []int) {
	for i, name := range h.Columns {
		if !strings.HasPrefix(name, ours) {
			places = append(places, i)
		}
	}
	return places
}

func (u *Uploads) errorRow(b paylink.Bulk, h head, kept []int, row store.BulkRow) ([]string, error) {
	cells, err := u.ownCells(b, kept, row)
	column, code, detail := h.words(row)
	return append(cells, strconv.FormatInt(row.Number, 10), harmless(column), code, detail), err
}

// ownCells are the cells of a row in the merchant's own columns.
func (u *Uploads) ownCells(b paylink.Bulk, kept []int, row store.BulkRow) ([]string, error) {
	var cells []string
	if err := u.unseal(row.Cells, rowOf(b, row.Number), &cells); err != nil {
		return nil, err
	}
	out := make([]string, 0, len(kept)+4)
	for _, i := range kept {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		out = append(out, harmless(cell))
	}
	return out, nil
}

// words say what is wrong with a row: the columns, the codes, and sentences.
func (h head) words(row store.BulkRow) (column, code, detail string) {
	var columns, codes, details []string
	for _, f := range row.Faults {
		if column := h.column(f); column != "" && !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		codes, details = append(codes, f.Code), append(details, f.Detail)
	}
	return strings.Join(columns, "; "), strings.Join(codes, "; "), strings.Join(details, " ")
}

// harmless keeps a spreadsheet from calculating a cell.
func harmless(cell string) string {
	if calculates(cell) {
		return "'" + cell
	}
	return cell
}

func calculates(cell string) bool {
	return cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0])
}

func contains(all []paylink.BulkStatus, one paylink.BulkStatus) bool {
	return slices.Contains(all, one)
}

// plain is a status as a person says it.
func plain(s paylink.BulkStatus) string { return strings.ReplaceAll(string(s), "_", " ") }
