package store

import (
	"encoding/json"
	"fmt"
	"time"

	"paylink"
)

// InsertBulkPart keeps one part of a file, sealed, numbered from 0.
func (tx *Tx) InsertBulkPart(b paylink.Bulk, number int64, body []byte) {
	const q = `INSERT INTO bulk_parts (merchant_id, bulk_id, number, body) VALUES ($1, $2, $3, $4)`
	tx.put(q, string(b.Merchant), string(b.ID), number, body)
}

// BulkPart reads one part of a file.
func (r Reader) BulkPart(b paylink.Bulk, number int64) (body []byte, err error) {
	const q = `SELECT body FROM bulk_parts WHERE merchant_id = $1 AND bulk_id = $2 AND number = $3`
	if err = r.row(q, []any{string(b.Merchant), string(b.ID), number}, &body); err == errNoRow {
		return nil, &paylink.NotFound{Kind: "bulk_part", ID: string(b.ID)}
	}
	return body, err
}

// The tables that hold what an upload brought of customers.
const (
	BulkParts  = "bulk_parts"
	BulkPieces = "bulk_pieces"
	BulkBodies = "bulk_bodies"
	BulkRows   = "bulk_rows"
)

// DropBulk deletes up to limit rows of an upload in one of those tables, and returns how many.
func (tx *Tx) DropBulk(table string, merchant paylink.MerchantID, id paylink.BulkID, limit int) (int64, error) {
	q := `
		DELETE FROM ` + table + ` WHERE (merchant_id, bulk_id, number) IN (
			SELECT merchant_id, bulk_id, number FROM ` + table + ` WHERE merchant_id = $1 AND bulk_id = $2 LIMIT $3)`
	return tx.exec(q, string(merchant), string(id), int64(limit))
}

// BulkPiece is some of the good rows of an upload.
type BulkPiece struct {
	Number int64  // from 0, in the order of the file
	Size   int64  // rows
	Done   int64  // rows that have come to an end, from the front
	Closed bool   // nothing more becomes of it
	Body   []byte // sealed; empty once it is forgotten
}

// InsertBulkPiece keeps good rows.
func (tx *Tx) InsertBulkPiece(b paylink.Bulk, p BulkPiece) {
	const q = `
		INSERT INTO bulk_pieces (merchant_id, bulk_id, number, size, done, made, failed, skipped, closed, body)
		VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, $5)`
	tx.put(q, string(b.Merchant), string(b.ID), p.Number, p.Size, []byte{})
	tx.put(`INSERT INTO bulk_bodies (merchant_id, bulk_id, number, body) VALUES ($1, $2, $3, $4)`, string(b.Merchant), string(b.ID), p.Number, p.Body)
}

const bulkPieces = `
	SELECT p.number, p.size, p.done, p.closed, COALESCE(q.body, p.body) FROM bulk_pieces p
	LEFT JOIN bulk_bodies q ON q.merchant_id = p.merchant_id AND q.bulk_id = p.bulk_id AND q.number = p.number
	WHERE p.merchant_id = $1 AND p.bulk_id = $2`

// OpenBulkPieces lists the first pieces that have rows left.
func (r Reader) OpenBulkPieces(b paylink.Bulk, limit int) ([]BulkPiece, error) {
	return r.bulkPieces(bulkPieces+` AND p.closed = 0 ORDER BY p.number LIMIT $3`, string(b.Merchant), string(b.ID), int64(limit))
}

// BulkPiecesAfter lists pieces above a number, those that are closed as well.
func (r Reader) BulkPiecesAfter(b paylink.Bulk, number int64, limit int) ([]BulkPiece, error) {
	return r.bulkPieces(bulkPieces+` AND p.number > $3 ORDER BY p.number LIMIT $4`, string(b.Merchant), string(b.ID), number, int64(limit))
}

func (r Reader) bulkPieces(q string, args ...any) (all []BulkPiece, err error) {
	err = r.rows(q, args, func(scan func(...any) error) error {
		var p BulkPiece
		var closed int64
		err := scan(&p.Number, &p.Size, &p.Done, &closed, &p.Body)
		p.Closed = closed == 1
		all = append(all, p)
		return err
	})
	return all, err
}

// AdvanceBulkPiece notes that the next rows of a piece came to an end, so many each way. The guard is how
// far the piece was: if another worker has done them, or the rest was cancelled, the transaction fails
// with ErrBulkChanged.
func (tx *Tx) AdvanceBulkPiece(b paylink.Bulk, p BulkPiece, came paylink.BulkProgress) {
	const q = `
		UPDATE bulk_pieces SET done = $5, made = made + $6, failed = failed + $7, skipped = skipped + $8, told = told + $9, closed = $10
		WHERE merchant_id = $1 AND bulk_id = $2 AND number = $3 AND done = $4 AND closed = 0`
	done := p.Done + came.Made + came.Failed + came.Skipped
	tx.putUnless(ErrBulkChanged, q, string(b.Merchant), string(b.ID), p.Number, p.Done, done, came.Made, came.Failed, came.Skipped, came.Told, bit(done == p.Size))
}

// CloseBulkPieces puts up to limit pieces away whose rows nobody wants any more, and returns how many.
func (tx *Tx) CloseBulkPieces(b paylink.Bulk, limit int) (int64, error) {
	const q = `
		UPDATE bulk_pieces SET closed = 1 WHERE merchant_id = $1 AND bulk_id = $2 AND closed = 0 AND number IN (
			SELECT number FROM bulk_pieces WHERE merchant_id = $1 AND bulk_id = $2 AND closed = 0 ORDER BY number LIMIT $3)`
	return tx.exec(q, string(b.Merchant), string(b.ID), int64(limit))
}

// BulkProgress sums up what became of the good rows so far.
func (r Reader) BulkProgress(merchant paylink.MerchantID, id paylink.BulkID) (p paylink.BulkProgress, err error) {
	const q = `
		SELECT CAST(COALESCE(SUM(made), 0) AS BIGINT), CAST(COALESCE(SUM(failed), 0) AS BIGINT), CAST(COALESCE(SUM(skipped), 0) AS BIGINT),
			CAST(COALESCE(SUM(told), 0) AS BIGINT)
		FROM bulk_pieces WHERE merchant_id = $1 AND bulk_id = $2`
	err = r.row(q, []any{string(merchant), string(id)}, &p.Made, &p.Failed, &p.Skipped, &p.Told)
	return p, err
}

// BulkRow is a row of which no link was made.
type BulkRow struct {
	Number  int64 // as a spreadsheet shows it
	Skipped bool  // a link uses its reference already; otherwise it failed
	Faults  []BulkFault
	Cells   []byte // sealed
}

// BulkFault is one reason, without the value that it is about.
type BulkFault struct {
	Column int    `json:"c"` // its place in the file, from 0; -1: the row as a whole
	Field  string `json:"f"` // what the column means, such as customer.phone; empty: the row as a whole
	Code   string `json:"k"`
	Detail string `json:"d"`
}

// InsertBulkRow notes a row of which no link was made.
func (tx *Tx) InsertBulkRow(b paylink.Bulk, row BulkRow) {
	const q = `INSERT INTO bulk_rows (merchant_id, bulk_id, number, skipped, faults, cells) VALUES ($1, $2, $3, $4, $5, $6)`
	tx.put(q, string(b.Merchant), string(b.ID), row.Number, bit(row.Skipped), toJSON(row.Faults), orEmpty(row.Cells))
}

// BulkRows lists the rows of an upload of which no link was made, above a row's number.
func (r Reader) BulkRows(merchant paylink.MerchantID, id paylink.BulkID, after int64, limit int) ([]BulkRow, error) {
	const q = `
		SELECT number, skipped, faults, cells FROM bulk_rows
		WHERE merchant_id = $1 AND bulk_id = $2 AND number > $3
		ORDER BY number LIMIT $4`
	var all []BulkRow
	err := r.rows(q, []any{string(merchant), string(id), after, int64(limit)}, func(scan func(...any) error) error {
		var row BulkRow
		var skipped int64
		var faults string
		if err := scan(&row.Number, &skipped, &faults, &row.Cells); err != nil {
			return err
		}
		row.Skipped = skipped == 1
		all = append(all, row)
		if err := json.Unmarshal([]byte(faults), &all[len(all)-1].Faults); err != nil {
			return fmt.Errorf("row %d of %s: %w", row.Number, id, err)
		}
		return nil
	})
	return all, err
}

// RemoveBulk takes an upload back that never became one.
func (tx *Tx) RemoveBulk(b paylink.Bulk) {
	tx.putAny(`DELETE FROM bulks WHERE merchant_id = $1 AND id = $2 AND status = 'receiving'`, string(b.Merchant), string(b.ID))
}

// ForgottenBulk finds an upload whose time to be forgotten has come; *paylink.NotFound: there is none.
func (r Reader) ForgottenBulk(now time.Time) (paylink.Bulk, error) {
	const q = `SELECT ` + bulkColumns + ` FROM bulks WHERE forget_at IS NOT NULL AND forget_at < $1 ORDER BY forget_at LIMIT 1`
	b, err := bulkFrom(func(dest ...any) error { return r.row(q, []any{micros(now)}, dest...) })
	if err == errNoRow {
		return b, &paylink.NotFound{Kind: "bulk"}
	}
	return b, err
}
