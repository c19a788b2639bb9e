package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paylink"
)

const bulkColumns = `merchant_id, id, livemode, status, format, dry_run, review, per_second, run, size, digest, head,
	total_rows, good, bad, made, failed, skipped, totals, problem, problem_row, created_by, approved_by,
	created_at, updated_at, finished_at, forget_at, schedule, messages, course`

// InsertBulk adds an uploaded file.
func (tx *Tx) InsertBulk(b paylink.Bulk) {
	const q = `
		INSERT INTO bulks (` + bulkColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
			$28, $29, $30)`
	tx.put(q, string(b.Merchant), string(b.ID), bit(b.Live), string(b.Status), b.Format, bit(b.DryRun), bit(b.Review), b.PerSecond, b.Run,
		b.Size, orEmpty(b.Digest), orEmpty(b.Head), b.Rows, b.Good, b.Bad, b.Made, b.Failed, b.Skipped, toJSON(b.Totals), b.Problem, b.ProblemRow,
		b.CreatedBy, b.ApprovedBy, micros(b.CreatedAt), micros(b.UpdatedAt), nullMicros(b.FinishedAt), nullMicros(b.ForgetAt),
		toJSON(b.Schedule), toJSON(b.Messages), toJSON(b.Course))
}

// ErrBulkChanged says that an uploaded file is no longer what it was when it was read: somebody paused
// it, cancelled it, or another worker goes on with it. Nothing of the transaction has happened.
var ErrBulkChanged = errors.New("the bulk upload changed in the meantime")

// UpdateBulk writes what may change in an uploaded file, besides how far its links have come. The guard is the status and the run that were
// read: if either has changed, the transaction fails with ErrBulkChanged.
func (tx *Tx) UpdateBulk(b paylink.Bulk, read paylink.BulkStatus, run int64) {
	const q = `
		UPDATE bulks SET status = $3, review = $4, run = $5, size = $6, digest = $7, head = $8, total_rows = $9, good = $10, bad = $11,
			made = $12, failed = $13, skipped = $14, totals = $15, problem = $16, problem_row = $17, approved_by = $18, updated_at = $19,
			finished_at = $20, forget_at = $21, schedule = $22, messages = $23
		WHERE merchant_id = $1 AND id = $2 AND status = $24 AND run = $25`
	tx.putUnless(ErrBulkChanged, q, string(b.Merchant), string(b.ID), string(b.Status), bit(b.Review), b.Run, b.Size, orEmpty(b.Digest), orEmpty(b.Head),
		b.Rows, b.Good, b.Bad, b.Made, b.Failed, b.Skipped, toJSON(b.Totals), b.Problem, b.ProblemRow, b.ApprovedBy, micros(b.UpdatedAt),
		nullMicros(b.FinishedAt), nullMicros(b.ForgetAt), toJSON(b.Schedule), toJSON(b.Messages), string(read), run)
}

// SetBulkCourse writes how far the links of an uploaded file have come.
func (tx *Tx) SetBulkCourse(b paylink.Bulk) {
	const q = `UPDATE bulks SET course = $3 WHERE merchant_id = $1 AND id = $2`
	tx.put(q, string(b.Merchant), string(b.ID), toJSON(b.Course))
}

// HoldBulk makes sure that an uploaded file still has the status and the run that were read, and keeps
// them so to the end of the transaction; ErrBulkChanged otherwise.
func (tx *Tx) HoldBulk(b paylink.Bulk) {
	const q = `UPDATE bulks SET run = run WHERE merchant_id = $1 AND id = $2 AND status = $3 AND run = $4`
	tx.putUnless(ErrBulkChanged, q, string(b.Merchant), string(b.ID), string(b.Status), b.Run)
}

// Bulk reads one uploaded file of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Bulk(merchant paylink.MerchantID, live bool, id paylink.BulkID) (paylink.Bulk, error) {
	q := `SELECT ` + bulkColumns + ` FROM bulks WHERE merchant_id = $1 AND id = $2 AND livemode = $3` + r.lock()
	b, err := bulkFrom(func(dest ...any) error {
		return r.row(q, []any{string(merchant), string(id), bit(live)}, dest...)
	})
	if err == errNoRow {
		return b, &paylink.NotFound{Kind: "bulk", ID: string(id)}
	}
	return b, err
}

// Bulks lists the merchant's uploaded files in one mode, newest first, below the cursor.
func (r Reader) Bulks(merchant paylink.MerchantID, live bool, before paylink.BulkID, limit int) ([]paylink.Bulk, error) {
	const q = `
		SELECT ` + bulkColumns + ` FROM bulks
		WHERE merchant_id = $1 AND livemode = $2 AND id < $3
		ORDER BY id DESC LIMIT $4`
	var all []paylink.Bulk
	err := r.rows(q, []any{string(merchant), bit(live), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		b, err := bulkFrom(scan)
		all = append(all, b)
		return err
	})
	return all, err
}

func bulkFrom(scan func(...any) error) (paylink.Bulk, error) {
	var b paylink.Bulk
	var live, dry, review, created, updated int64
	var finished, forget *int64
	var totals, schedule, messages, course string
	err := scan((*string)(&b.Merchant), (*string)(&b.ID), &live, (*string)(&b.Status), &b.Format, &dry, &review, &b.PerSecond, &b.Run,
		&b.Size, &b.Digest, &b.Head, &b.Rows, &b.Good, &b.Bad, &b.Made, &b.Failed, &b.Skipped, &totals, &b.Problem, &b.ProblemRow,
		&b.CreatedBy, &b.ApprovedBy, &created, &updated, &finished, &forget, &schedule, &messages, &course)
	if err != nil {
		return b, err
	}
	b.Live, b.DryRun, b.Review = live == 1, dry == 1, review == 1
	b.CreatedAt, b.UpdatedAt, b.FinishedAt, b.ForgetAt = fromMicros(created), fromMicros(updated), fromNullMicros(finished), fromNullMicros(forget)
	err = errors.Join(json.Unmarshal([]byte(totals), &b.Totals), json.Unmarshal([]byte(schedule), &b.Schedule),
		json.Unmarshal([]byte(messages), &b.Messages), json.Unmarshal([]byte(course), &b.Course))
	if err != nil {
		return b, fmt.Errorf("bulk %s: %w", b.ID, err)
	}
	return b, nil
}

// ErrFileKnown says that the same file was uploaded before.
var ErrFileKnown = errors.New("the file is known")

// ClaimBulkFile notes that links are made of a file; ErrFileKnown when that was noted before.
func (tx *Tx) ClaimBulkFile(b paylink.Bulk) {
	const q = `INSERT INTO bulk_files (merchant_id, livemode, digest, bulk_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	tx.putUnless(ErrFileKnown, q, string(b.Merchant), bit(b.Live), b.Digest, string(b.ID))
}

// FreeBulkFile lets a file be uploaded again, of which nothing came.
func (tx *Tx) FreeBulkFile(b paylink.Bulk) {
	const q = `DELETE FROM bulk_files WHERE merchant_id = $1 AND livemode = $2 AND digest = $3 AND bulk_id = $4`
	tx.putAny(q, string(b.Merchant), bit(b.Live), b.Digest, string(b.ID))
}

// BulkOfFile finds the upload that a file was claimed by.
func (r Reader) BulkOfFile(merchant paylink.MerchantID, live bool, digest []byte) (paylink.BulkID, error) {
	const q = `SELECT bulk_id FROM bulk_files WHERE merchant_id = $1 AND livemode = $2 AND digest = $3`
	var id paylink.BulkID
	err := r.row(q, []any{string(merchant), bit(live), digest}, (*string)(&id))
	if err == errNoRow {
		return "", &paylink.NotFound{Kind: "bulk"}
	}
	return id, err
}

// BulkMapping reads what columns meant the last time, sealed; nil: they are new.
func (r Reader) BulkMapping(merchant paylink.MerchantID, heading []byte) (mapping []byte, err error) {
	const q = `SELECT mapping FROM bulk_mappings WHERE merchant_id = $1 AND heading = $2`
	if err = r.row(q, []any{string(merchant), heading}, &mapping); err == errNoRow {
		return nil, nil
	}
	return mapping, err
}

// RememberBulkMapping notes what columns mean.
func (tx *Tx) RememberBulkMapping(merchant paylink.MerchantID, heading, mapping []byte, now time.Time) {
	const q = `
		INSERT INTO bulk_mappings (merchant_id, heading, mapping, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant_id, heading) DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at`
	tx.put(q, string(merchant), heading, mapping, micros(now))
}

// BulkApproval is above how many good rows a second person starts a file; -1: nobody has to.
func (r Reader) BulkApproval(merchant paylink.MerchantID) (int64, error) {
	above := int64(-1)
	err := r.row(`SELECT approve_above FROM bulk_rules WHERE merchant_id = $1`, []any{string(merchant)}, &above)
	if err == errNoRow {
		return -1, nil
	}
	return above, err
}

// SetBulkApproval changes that number.
func (tx *Tx) SetBulkApproval(merchant paylink.MerchantID, above int64, by string, now time.Time) {
	const q = `
		INSERT INTO bulk_rules (merchant_id, approve_above, updated_by, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant_id) DO UPDATE SET approve_above = excluded.approve_above, updated_by = excluded.updated_by,
			updated_at = excluded.updated_at`
	tx.put(q, string(merchant), above, by, micros(now))
}

// orEmpty gives no bytes for none: these columns are never NULL.
func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
