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
	"sync"

	"paylink"
	"paylink/issue"
	"paylink/sheet"
	"paylink/store"
)

// passing are the reasons that may be over when a row is tried once more, without anybody mending it: another
// link had its reference and has it no longer, or the merchant's settings did not allow it.
var passing = []string{referenceInUse, duplicateInFile, "origin_not_registered", "unsupported"}

// Retry tries the rows of an upload once more of which no link was made for reasons that may be over, as an
// upload of its own with the same columns; the others stay in errors.csv to be mended. Retried twice it is
// one upload, and what that could not make is retried by retrying it. It fails with *paylink.Conflict:
// not_retryable while the upload has not come to its end, and nothing_to_retry.
func (u *Uploads) Retry(ctx context.Context, by issue.Actor, id paylink.BulkID, claim *store.Claim) (Received, error) {
	b, err := u.Store.Read(ctx).Bulk(by.Merchant.ID, by.Live, id)
	if err != nil {
		return Received{}, err
	}
	if b.Status != paylink.BulkFinished && b.Status != paylink.BulkCancelled {
		return Received{}, &paylink.Conflict{Code: "not_retryable", Detail: "The bulk upload is " + plain(b.Status) + ", which does not allow this.", Other: string(id)}
	}
	h, err := u.head(b)
	if err != nil {
		return Received{}, err
	}
	up := Upload{Name: h.Name, Format: sheet.CSV, PerSecond: b.PerSecond, Channels: h.Channels, Mapping: map[string]string{}, derived: true}
	if h.Template != nil {
		template := h.blank()
		up.Template = &template
	}
	for _, i := range h.kept() {
		up.Mapping[harmless(h.Columns[i])] = h.Mapping[i]
	}
	in, out := io.Pipe()
	var writing sync.WaitGroup
	writing.Go(func() { _ = out.CloseWithError(u.writeAgain(ctx, b, h, out)) }) // it never fails
	got, err := u.Receive(ctx, by, up, in, claim)
	_ = in.Close() // so that the writer ends, whatever was read
	writing.Wait()
	return got, err
}

// writeAgain writes the rows to try once more as CSV. Behind them stand their number in the file that they
// came in and that file, which makes another file of them than it was.
func (u *Uploads) writeAgain(ctx context.Context, b paylink.Bulk, h head, to io.Writer) error {
	out := bufio.NewWriter(to)
	w := csv.NewWriter(out)
	kept := h.kept()
	heading := make([]string, 0, len(kept)+2)
	for _, i := range kept {
		heading = append(heading, harmless(h.Columns[i]))
	}
	err := w.Write(append(heading, ours+"row", ours+"retry_of"))
	found := false
	for after := int64(0); err == nil; {
		var rows []store.BulkRow
		if rows, err = u.Store.Read(ctx).BulkRows(b.Merchant, b.ID, after, readAtOnce); err != nil {
			return err
		}
		for _, row := range rows {
			if after = row.Number; !mayPass(row) {
				continue
			}
			cells, err := u.rowAgain(b, kept, row)
			if err == nil {
				err = w.Write(cells)
			}
			if err != nil {
				return fmt.Errorf("write row %d of %s again: %w", row.Number, b.ID, err)
			}
			found = true
		}
		if len(rows) < readAtOnce {
			break
		}
	}
	if w.Flush(); !found && err == nil {
		return &paylink.Conflict{Code: "nothing_to_retry", Detail: "No row of this bulk upload failed for a reason that may be over. Mend errors.csv and upload it.", Other: string(b.ID)}
	}
	return errors.Join(err, w.Error(), out.Flush())
}

func mayPass(row store.BulkRow) bool {
	return !slices.ContainsFunc(row.Faults, func(f store.BulkFault) bool { return !slices.Contains(passing, f.Code) })
}

func (u *Uploads) rowAgain(b paylink.Bulk, kept []int, row store.BulkRow) ([]string, error) {
	cells, err := u.ownCells(b, kept, row)
	return append(cells, strconv.FormatInt(row.Number, 10), string(b.ID)), err
}
