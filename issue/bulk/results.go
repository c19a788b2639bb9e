package bulk

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"paylink"
	"paylink/store"
)

// The words of results.csv for what became of a row.
const (
	outcomeCreated = "created"
	outcomeFailed  = "failed"
	outcomeSkipped = "skipped"
	outcomeNotMade = "not_begun" // it was cancelled before, or its turn has not come
)

// WriteResults writes every row of an upload as CSV, as it came, with what became of it behind: its number,
// its outcome, the link with its URL and its status, and for a row without one what is wrong. Rows stand in
// the file's order, but for those without a link, which follow the good ones among which they stood. url
// makes the URL of a link; nil: none is shown.
func (u *Uploads) WriteResults(ctx context.Context, b paylink.Bulk, url func(paylink.Link) (string, error), to io.Writer) error {
	h, err := u.head(b)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	w := &results{Uploads: u, ctx: ctx, bulk: b, head: h, kept: h.kept(), url: url, csv: csv.NewWriter(out)}
	heading := w.own(h.Columns)
	for _, name := range []string{"row", "outcome", "link", "url", "status", "column", "code", "message"} {
		heading = append(heading, ours+name)
	}
	if err := w.csv.Write(heading); err != nil {
		return err
	}
	if err := w.all(); err != nil {
		return fmt.Errorf("write the results of %s: %w", b.ID, err)
	}
	w.csv.Flush()
	return errors.Join(w.csv.Error(), out.Flush())
}

// results writes the two kinds of rows, each in the order of the file.
type results struct {
	*Uploads
	ctx  context.Context
	bulk paylink.Bulk
	head head
	kept []int
	url  func(paylink.Link) (string, error)
	csv  *csv.Writer
	told int64 // rows without a link are written up to this one
}

// own gives the merchant's own columns of a row, in harmless form.
func (w *results) own(cells []string) []string {
	out := make([]string, 0, len(w.kept)+8)
	for _, i := range w.kept {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		out = append(out, harmless(cell))
	}
	return out
}

func (w *results) all() error {
	for number := int64(-1); ; number++ {
		pieces, err := w.Store.Read(w.ctx).BulkPiecesAfter(w.bulk, number, 1)
		if err != nil {
			return err
		}
		if len(pieces) == 0 {
			return w.without(1 << 62)
		}
		if err := w.piece(pieces[0]); err != nil {
			return err
		}
	}
}

// piece writes the good rows of a piece, and those without a link up to its last row.
func (w *results) piece(p store.BulkPiece) error {
	if len(p.Body) == 0 {
		return nil // of an upload of before, which kept it no longer than it needed
	}
	rows, err := w.unpacked(w.bulk, p.Number, p.Body)
	if err != nil {
		return err
	}
	made, links, err := w.links(p)
	if err != nil {
		return err
	}
	for i, row := range rows {
		id, ok := made[int64(row.Number)]
		switch {
		case ok:
			err = w.link(row, id, links[id])
		case int64(i) >= p.Done:
			err = w.csv.Write(append(w.own(row.Cells), strconv.Itoa(row.Number), outcomeNotMade, "", "", "", "", "", ""))
		} // else it failed or was skipped when its turn came, and stands among those
		if err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return w.without(int64(rows[len(rows)-1].Number))
}

// links are those that came of a piece.
func (w *results) links(p store.BulkPiece) (map[int64]paylink.LinkID, map[paylink.LinkID]paylink.Link, error) {
	read := w.Store.Read(w.ctx)
	list, err := read.PieceLinks(w.bulk, p.Number)
	if err != nil {
		return nil, nil, err
	}
	made, ids := map[int64]paylink.LinkID{}, make([]paylink.LinkID, len(list))
	for i, l := range list {
		made[l.Row], ids[i] = l.Link, l.Link
	}
	links, err := read.LinksByID(w.bulk.Merchant, w.bulk.Live, ids)
	return made, links, err
}

func (w *results) link(row pieceRow, id paylink.LinkID, l paylink.Link) error {
	url := ""
	if w.url != nil && l.ID != "" {
		var err error
		if url, err = w.url(l); err != nil {
			return err
		}
	}
	return w.csv.Write(append(w.own(row.Cells), strconv.Itoa(row.Number), outcomeCreated, string(id), url, string(l.Status), "", "", ""))
}

// without writes the rows that have no link, up to a row of the file.
func (w *results) without(upTo int64) error {
	for {
		rows, err := w.Store.Read(w.ctx).BulkRows(w.bulk.Merchant, w.bulk.ID, w.told, readAtOnce)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Number > upTo {
				return nil
			}
			var cells []string
			if err := w.unseal(row.Cells, rowOf(w.bulk, row.Number), &cells); err != nil {
				return err
			}
			outcome := outcomeFailed
			if row.Skipped {
				outcome = outcomeSkipped
			}
			column, code, detail := w.head.words(row)
			err := w.csv.Write(append(w.own(cells), strconv.FormatInt(row.Number, 10), outcome, "", "", "", harmless(column), code, detail))
			if err != nil {
				return err
			}
			w.told = row.Number
		}
		if len(rows) < readAtOnce {
			return nil
		}
	}
}
