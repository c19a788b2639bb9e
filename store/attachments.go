package store

import (
	"fmt"
	"strings"

	"paylink"
)

const attachmentColumns = `merchant_id, id, livemode, name, content_type, size, parts, digest, uses, created_at, created_by`

// Attachment reads one attachment of the merchant in one mode, its name still sealed.
func (r Reader) Attachment(merchant paylink.MerchantID, live bool, id paylink.AttachmentID) (paylink.Attachment, error) {
	const q = `SELECT ` + attachmentColumns + ` FROM attachments WHERE merchant_id = $1 AND livemode = $2 AND id = $3`
	return r.attachment(q, string(id), string(merchant), bit(live), string(id))
}

// AttachmentsOf reads the attachments that a link names, in its order; *paylink.NotFound when one is not there.
func (r Reader) AttachmentsOf(l paylink.Link) ([]paylink.Attachment, error) {
	args, places := []any{string(l.Merchant), bit(l.Live)}, []string{}
	for _, id := range l.Terms.Attachments {
		args = append(args, string(id))
		places = append(places, fmt.Sprintf("$%d", len(args)))
	}
	if len(places) == 0 {
		return nil, nil
	}
	q := `
		SELECT ` + attachmentColumns + ` FROM attachments
		WHERE merchant_id = $1 AND livemode = $2 AND id IN (` + strings.Join(places, ", ") + `)`
	found := map[paylink.AttachmentID]paylink.Attachment{}
	err := r.rowsOf(q, args, func(scan func(...any) error) error {
		a, err := attachmentFrom(scan)
		found[a.ID] = a
		return err
	})
	if err != nil {
		return nil, err
	}
	all := make([]paylink.Attachment, len(l.Terms.Attachments))
	for i, id := range l.Terms.Attachments {
		a, ok := found[id]
		if !ok {
			return nil, &paylink.NotFound{Kind: "attachment", ID: string(id)}
		}
		all[i] = a
	}
	return all, nil
}

// AttachmentByDigest reads the attachment that was made of the same file.
func (r Reader) AttachmentByDigest(merchant paylink.MerchantID, live bool, digest []byte) (paylink.Attachment, error) {
	const q = `SELECT ` + attachmentColumns + ` FROM attachments WHERE merchant_id = $1 AND livemode = $2 AND digest = $3`
	return r.attachment(q, "", string(merchant), bit(live), digest)
}

func (r Reader) attachment(q, id string, args ...any) (paylink.Attachment, error) {
	a, err := attachmentFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return a, &paylink.NotFound{Kind: "attachment", ID: id}
	}
	return a, err
}

// Attachments lists the merchant's attachments in one mode, newest first, below the cursor.
func (r Reader) Attachments(merchant paylink.MerchantID, live bool, before paylink.AttachmentID, limit int) ([]paylink.Attachment, error) {
	const q = `
		SELECT ` + attachmentColumns + ` FROM attachments
		WHERE merchant_id = $1 AND livemode = $2 AND id < $3 ORDER BY id DESC LIMIT $4`
	var all []paylink.Attachment
	err := r.rows(q, []any{string(merchant), bit(live), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		a, err := attachmentFrom(scan)
		all = append(all, a)
		return err
	})
	return all, err
}

// AttachedBytes is how much the merchant's attachments of both modes come to. In a transaction that holds
// the merchant by MerchantToChange it is exact.
func (r Reader) AttachedBytes(merchant paylink.MerchantID) (int64, error) {
	const q = `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE merchant_id = $1`
	return r.count(q, string(merchant))
}

// AttachmentPart reads one sealed part of a file.
func (r Reader) AttachmentPart(a paylink.Attachment, number int64) (sealed []byte, err error) {
	const q = `SELECT body FROM attachment_parts WHERE merchant_id = $1 AND attachment_id = $2 AND number = $3`
	if err = r.row(q, []any{string(a.Merchant), string(a.ID), number}, &sealed); err == errNoRow {
		err = &paylink.NotFound{Kind: "attachment", ID: string(a.ID)}
	}
	return sealed, err
}

// InsertAttachment adds a file with its sealed parts.
func (tx *Tx) InsertAttachment(a paylink.Attachment, parts [][]byte) {
	const q = `
		INSERT INTO attachments (` + attachmentColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	tx.put(q, string(a.Merchant), string(a.ID), bit(a.Live), a.SealedName, a.Type, a.Size, a.Parts, a.Digest, a.Uses, micros(a.CreatedAt), a.CreatedBy)
	for number, body := range parts {
		const q = `INSERT INTO attachment_parts (merchant_id, attachment_id, number, body) VALUES ($1, $2, $3, $4)`
		tx.put(q, string(a.Merchant), string(a.ID), int64(number), body)
	}
}

// UseAttachment notes that a link is made with the file, which keeps it from being deleted. It fails with
// *paylink.Conflict "attachment_gone" when somebody has deleted it.
func (tx *Tx) UseAttachment(l paylink.Link, id paylink.AttachmentID) {
	const q = `UPDATE attachments SET uses = uses + 1 WHERE merchant_id = $1 AND livemode = $2 AND id = $3`
	tx.putUnless(&paylink.Conflict{Code: "attachment_gone", Detail: "The attachment was deleted in the meantime.", Other: string(id)}, q,
		string(l.Merchant), bit(l.Live), string(id))
}

// DeleteAttachment deletes a file that no link was made with. It fails with *paylink.Conflict
// "attachment_in_use" when one was; the caller has seen that there is such a file.
func (tx *Tx) DeleteAttachment(a paylink.Attachment) error {
	const q = `DELETE FROM attachments WHERE merchant_id = $1 AND livemode = $2 AND id = $3 AND uses = 0`
	n, err := tx.exec(q, string(a.Merchant), bit(a.Live), string(a.ID))
	if err == nil && n == 0 {
		return &paylink.Conflict{Code: "attachment_in_use", Detail: "A payment link was made with this attachment.", Other: string(a.ID)}
	}
	if err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM attachment_parts WHERE merchant_id = $1 AND attachment_id = $2`, string(a.Merchant), string(a.ID))
	return err
}

func attachmentFrom(scan func(...any) error) (paylink.Attachment, error) {
	var a paylink.Attachment
	var live, created int64
	err := scan((*string)(&a.Merchant), (*string)(&a.ID), &live, &a.SealedName, &a.Type, &a.Size, &a.Parts, &a.Digest, &a.Uses, &created, &a.CreatedBy)
	a.Live, a.CreatedAt = live == 1, fromMicros(created)
	return a, err
}
