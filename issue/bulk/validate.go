package bulk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"paylink"
	"paylink/issue"
	"paylink/sheet"
	"paylink/store"
)

// validation is one run through a file. It makes nothing but pieces of good rows and notes of the others,
// and can be begun anew at any time.
type validation struct {
	*Uploads
	bulk    paylink.Bulk
	read    *reading
	head    head
	seen    map[[16]byte]struct{} // hashes of the references so far
	good    []goodRow
	pieces  int64
	waiting []func(*store.Tx)
}

type goodRow struct {
	pieceRow
	draft issue.Draft
}

// validate judges every row, and gives the upload as it stands then; its status says how it goes on.
func (u *Uploads) validate(ctx context.Context, b paylink.Bulk) (paylink.Bulk, error) {
	v := &validation{Uploads: u, bulk: b, seen: map[[16]byte]struct{}{}}
	if err := v.begin(ctx); err != nil {
		return b, err
	}
	err := v.all(ctx)
	var stop *sheet.Unreadable
	if errors.As(err, &stop) {
		v.bulk.Problem, v.bulk.ProblemRow, err = stop.Code, int64(stop.Row), nil
	}
	if err == nil {
		err = v.flush(ctx)
	}
	if err != nil {
		return b, fmt.Errorf("validate %s: %w", b.ID, err)
	}
	v.bulk.Head = u.seal(v.head, string(b.ID))
	return v.bulk, nil
}

// begin makes this the run that counts, and puts away what an earlier one left.
func (v *validation) begin(ctx context.Context) (err error) {
	b := &v.bulk
	run := b.Run
	b.Run++
	b.Rows, b.Good, b.Bad, b.Skipped, b.Totals, b.Messages = 0, 0, 0, 0, map[paylink.Currency]int64{}, map[paylink.Channel]int64{}
	err = v.Store.Write(ctx, func(tx *store.Tx) error {
		tx.UpdateBulk(*b, paylink.BulkValidating, run)
		return nil
	})
	if err != nil {
		return err
	}
	for _, table := range []string{store.BulkPieces, store.BulkBodies, store.BulkRows} {
		if err := v.drop(ctx, table, *b); err != nil {
			return err
		}
	}
	if v.head, err = v.Uploads.head(*b); err != nil {
		return err
	}
	by, err := v.actor(ctx, *b)
	v.read = newReading(by, v.head, v.Issuer)
	return err
}

func (v *validation) all(ctx context.Context) error {
	table, err := sheet.Open(v.file(ctx, v.bulk), v.bulk.Size, sheet.Format(v.bulk.Format))
	if err != nil {
		return err
	}
	rows := make([]sheet.Row, 0, pieceRows)
	for {
		row, end := table.Next()
		if end == nil {
			row.Cells, row.Faults = slices.Clone(row.Cells), slices.Clone(row.Faults)
			rows = append(rows, row)
			if len(rows) < pieceRows {
				continue
			}
		}
		v.grow(table.Columns())
		if err := v.some(ctx, rows); err != nil {
			return err
		}
		if errors.Is(end, io.EOF) {
			return v.settle(ctx)
		}
		if end != nil {
			return end
		}
		rows = rows[:0]
	}
}

// some takes the next rows of the file.
func (v *validation) some(ctx context.Context, rows []sheet.Row) error {
	judged, err := v.judge(rows)
	if err != nil {
		return err
	}
	for _, row := range judged {
		v.take(row)
	}
	if len(v.good) >= pieceRows {
		if err := v.settle(ctx); err != nil {
			return err
		}
	}
	if len(v.waiting) >= v.lot() {
		return v.flush(ctx)
	}
	return nil
}

// grow learns the fields that lines of NDJSON name on the way.
func (v *validation) grow(columns []string) {
	if len(columns) == len(v.head.Columns) {
		return
	}
	for _, column := range columns[len(v.head.Columns):] {
		field := fieldNamed(column)
		if slices.Contains(v.head.Mapping, field) {
			field = ""
		}
		v.head.Columns, v.head.Mapping = append(v.head.Columns, column), append(v.head.Mapping, field)
	}
	v.read.head = v.head
	v.read.learn()
}

// take counts a row that was judged, and puts it where it belongs.
func (v *validation) take(row judgedRow) {
	v.bulk.Rows++
	switch {
	case len(row.faults) > 0:
		v.bulk.Bad++
		v.note(row.Number, row.Cells, false, row.faults)
	case row.draft.Reference != "" && v.again(row.draft.Reference):
		v.skip(row.Number, row.Cells, duplicateInFile, "A row above has the same reference.")
	default:
		v.good = append(v.good, row.goodRow)
	}
}

// again tells whether a reference came before. The hash of 128 bits stands for it.
func (v *validation) again(reference string) bool {
	sum := sha256.Sum256([]byte(reference))
	key := [16]byte(sum[:16])
	_, before := v.seen[key]
	v.seen[key] = struct{}{}
	return before
}

func (v *validation) skip(number int, cells []string, code, detail string) {
	v.bulk.Skipped++
	v.note(number, cells, true, []store.BulkFault{v.read.duplicate(code, detail)})
}

// duplicate is the fault of a row whose reference is taken.
func (r *reading) duplicate(code, detail string) store.BulkFault {
	d := &drafted{reading: r}
	d.fault(fieldReference, code, detail)
	return d.faults[0]
}

func (v *validation) note(number int, cells []string, skipped bool, faults []store.BulkFault) {
	row := store.BulkRow{Number: int64(number), Skipped: skipped, Faults: faults, Cells: v.seal(cells, rowOf(v.bulk, int64(number)))}
	v.waiting = append(v.waiting, func(tx *store.Tx) { tx.InsertBulkRow(v.bulk, row) })
}

// settle makes a piece of the good rows at hand, without those whose reference a link uses already.
func (v *validation) settle(ctx context.Context) error {
	if len(v.good) == 0 {
		return nil
	}
	used, err := v.used(ctx, v.bulk, v.good)
	if err != nil {
		return err
	}
	rows := make([]pieceRow, 0, len(v.good))
	for _, g := range v.good {
		if used[g.draft.Reference] {
			v.skip(g.Number, g.Cells, referenceInUse, usedSentence)
			continue
		}
		rows = append(rows, g.pieceRow)
		total(v.bulk.Totals, g.draft)
		for _, c := range g.draft.Channels {
			v.bulk.Messages[c]++
		}
	}
	v.good = v.good[:0]
	if len(rows) == 0 {
		return nil
	}
	v.bulk.Good += int64(len(rows))
	piece := store.BulkPiece{Number: v.pieces, Size: int64(len(rows))}
	if piece.Body, err = v.packed(v.bulk, piece.Number, rows); err != nil {
		return err
	}
	v.pieces++
	v.waiting = append(v.waiting, func(tx *store.Tx) { tx.InsertBulkPiece(v.bulk, piece) })
	return nil
}

const (
	duplicateInFile = "duplicate_in_file"
	referenceInUse  = "reference_in_use"
	usedSentence    = "Another payment link uses this reference."
)

// used asks which references of some rows are those of links.
func (u *Uploads) used(ctx context.Context, b paylink.Bulk, rows []goodRow) (map[string]bool, error) {
	var references []string
	for _, row := range rows {
		if row.draft.Reference != "" {
			references = append(references, row.draft.Reference)
		}
	}
	used, err := u.Store.Read(ctx).ReferencesInUse(b.Merchant, b.Live, references)
	if err != nil {
		return nil, fmt.Errorf("look up the references of %s: %w", b.ID, err)
	}
	return used, nil
}

// flush writes what waits, unless somebody else goes on with the upload.
func (v *validation) flush(ctx context.Context) error {
	for len(v.waiting) > 0 {
		some := v.waiting[:min(v.lot(), len(v.waiting))]
		err := v.Store.Write(ctx, func(tx *store.Tx) error {
			tx.HoldBulk(v.bulk)
			for _, put := range some {
				put(tx)
			}
			return nil
		})
		if err != nil {
			return err
		}
		v.waiting = v.waiting[len(some):]
	}
	v.waiting = nil
	return nil
}
