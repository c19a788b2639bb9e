package bulk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

const (
	// slicePieces is how many pieces a job makes before it looks again whether somebody wants it to stop, and
	// before others of its kind have a turn.
	slicePieces = 16
	// lanes is how many transactions of one upload are under way at once: on SQLite they share commits, on
	// PostgreSQL connections.
	lanes = 8
)

// making is one slice of the making of links.
type making struct {
	*Uploads
	bulk paylink.Bulk
	read *reading
}

// create makes the links of some more rows. sent says how many were made that send messages, more whether
// any are left.
func (u *Uploads) create(ctx context.Context, b paylink.Bulk) (sent int64, more bool, err error) {
	h, err := u.head(b)
	if err != nil {
		return 0, false, err
	}
	by, err := u.actor(ctx, b)
	if err != nil {
		return 0, false, err
	}
	m := &making{Uploads: u, bulk: b, read: newReading(by, h, u.Issuer)}
	pieces, err := u.Store.Read(ctx).OpenBulkPieces(b, slicePieces)
	if err != nil || len(pieces) == 0 {
		return 0, false, err
	}
	if b.PerSecond > 0 {
		sent, err = m.piece(ctx, pieces[0], b.PerSecond)
		return sent, true, err
	}
	next := make(chan store.BulkPiece)
	var running sync.WaitGroup
	var mu sync.Mutex
	var failed error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for range min(lanes, len(pieces)) {
		running.Go(func() {
			for p := range next {
				if _, err := m.piece(ctx, p, 0); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					stop()
				}
			}
		})
	}
	for _, p := range pieces {
		if ctx.Err() == nil {
			next <- p
		}
	}
	close(next)
	running.Wait()
	return 0, true, failed
}

// piece makes the links of a piece, of at most so many rows that send messages; 0: all of them. It stops
// where it is when somebody else goes on with the piece, or wants no more of it.
func (m *making) piece(ctx context.Context, p store.BulkPiece, most int64) (sent int64, err error) {
	rows, err := m.unpacked(m.bulk, p.Number, p.Body)
	if err != nil {
		return 0, err
	}
	if p.Size != int64(len(rows)) || p.Done > p.Size {
		return 0, fmt.Errorf("piece %d of %s has %d rows instead of %d", p.Number, m.bulk.ID, len(rows), p.Size)
	}
	now, err := m.Store.Read(ctx).Bulk(m.bulk.Merchant, m.bulk.Live, m.bulk.ID)
	if err != nil || now.Status != paylink.BulkCreating {
		return 0, err
	}
	good := make([]goodRow, 0, len(rows))
	for _, row := range rows[p.Done:] {
		draft, _ := m.read.draft(row.Cells)
		if row.Phone != "" { // judging one again costs more than all else about a row
			draft.Customer.Phone, draft.Customer.Judged = row.Phone, true
		}
		good = append(good, goodRow{row, draft})
	}
	used, err := m.used(ctx, m.bulk, good)
	if err != nil {
		return 0, err
	}
	var batch []ending
	changes := 0
	for i, row := range good {
		e, err := m.ending(ctx, row, used[row.draft.Reference])
		if err != nil {
			return sent, err
		}
		batch, changes = append(batch, e), changes+e.changes()
		if len(e.link.Messages) > 0 {
			sent++
		}
		last := i == len(good)-1 || most > 0 && sent >= most
		if changes > m.lot()-14 || last {
			if err := m.write(ctx, &p, batch); err != nil {
				return sent, err
			}
			batch, changes = nil, 0
		}
		if last {
			break
		}
	}
	return sent, nil
}

// ending is what one row comes to.
type ending struct {
	row    goodRow
	link   issue.Prepared
	faults []store.BulkFault // none: a link
	skip   bool
}

func (e ending) changes() int {
	if len(e.faults) > 0 {
		return 1
	}
	return e.link.Changes()
}

// ending prepares the link of a row, or notes why there is none: what was good when the file was
// validated may have become bad since, such as an expiry.
func (m *making) ending(ctx context.Context, row goodRow, used bool) (e ending, err error) {
	e = ending{row: row, skip: used}
	if used {
		e.faults = []store.BulkFault{m.read.duplicate(referenceInUse, usedSentence)}
		return e, nil
	}
	if e.link, err = m.Issuer.Prepare(ctx, m.read.by, row.draft); err != nil {
		e.faults, err = m.read.told(err)
	}
	return e, err
}

// write ends some rows in one transaction. When a reference has been taken meanwhile, each row is tried
// by itself: only the one in question is skipped.
func (m *making) write(ctx context.Context, p *store.BulkPiece, batch []ending) error {
	err := m.end(ctx, p, batch)
	var taken *paylink.Conflict
	if !errors.As(err, &taken) || taken.Code != referenceInUse {
		return err
	}
	if len(batch) == 1 {
		batch[0].skip, batch[0].faults = true, []store.BulkFault{m.read.duplicate(referenceInUse, usedSentence)}
		return m.end(ctx, p, batch)
	}
	for i := range batch {
		if err := m.write(ctx, p, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (m *making) end(ctx context.Context, p *store.BulkPiece, batch []ending) error {
	var came paylink.BulkProgress
	var links []store.BulkLink
	for _, e := range batch {
		switch {
		case e.skip:
			came.Skipped++
		case len(e.faults) > 0:
			came.Failed++
		default:
			came.Made++
			links = append(links, store.BulkLink{Row: int64(e.row.Number), Link: e.link.Link.ID})
			if len(e.link.Messages) > 0 {
				came.Told++
			}
		}
	}
	err := m.Store.Write(ctx, func(tx *store.Tx) error {
		tx.AdvanceBulkPiece(m.bulk, *p, came)
		if links != nil {
			tx.InsertBulkMade(m.bulk, *p, links)
		}
		for _, e := range batch {
			if len(e.faults) == 0 {
				e.link.Write(tx)
				continue
			}
			number := int64(e.row.Number)
			tx.InsertBulkRow(m.bulk, store.BulkRow{Number: number, Skipped: e.skip, Faults: e.faults, Cells: m.seal(e.row.Cells, rowOf(m.bulk, number))})
		}
		return nil
	})
	if err == nil {
		p.Done += int64(len(batch))
	}
	return err
}
