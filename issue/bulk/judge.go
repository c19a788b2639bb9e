package bulk

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"paylink/sheet"
	"paylink/store"
)

// judgedRow is a row with what is wrong with it, if anything is.
type judgedRow struct {
	goodRow
	faults []store.BulkFault
}

// judge judges some rows, as many at once as there are processors: each by itself, so that what one row says
// of another is found later.
func (v *validation) judge(rows []sheet.Row) ([]judgedRow, error) {
	judged, failed := make([]judgedRow, len(rows)), make([]error, len(rows))
	var next atomic.Int64
	var judges sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		judges.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rows)); i = next.Add(1) - 1 {
				judged[i], failed[i] = v.row(rows[i])
			}
		})
	}
	judges.Wait()
	return judged, errors.Join(failed...)
}

// row judges one row.
func (v *validation) row(row sheet.Row) (out judgedRow, err error) {
	out.pieceRow = pieceRow{Number: row.Number, Cells: row.Cells}
	out.draft, out.faults = v.read.draft(row.Cells)
	for _, f := range row.Faults {
		column := slices.Index(v.head.Columns, f.Column)
		if f.Column != "" && (column < 0 || v.head.Mapping[column] == "") {
			continue // nobody asks what stands in that column
		}
		field := ""
		if column >= 0 {
			field = v.head.Mapping[column]
		}
		out.faults = append(out.faults, store.BulkFault{Column: column, Field: field, Code: f.Code, Detail: f.Detail})
	}
	link, customer, wrong := v.Issuer.Check(v.read.by, out.draft)
	if wrong != nil {
		more, err := v.read.told(wrong)
		if err != nil {
			return out, err
		}
		for _, f := range more {
			if !slices.ContainsFunc(out.faults, func(known store.BulkFault) bool { return known.Column == f.Column && f.Column >= 0 }) {
				out.faults = append(out.faults, f)
			}
		}
		return out, nil
	}
	out.draft.Amount = link.Amount.Minor // of line items, what they come to
	if out.draft.Channels = link.Channels; customer != nil {
		out.Phone = customer.Phone
	}
	return out, nil
}
