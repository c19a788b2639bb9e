package store

import (
	"fmt"
	"time"

	"paylink"
)

const disputeColumns = `merchant_id, id, livemode, link_id, payment_id, account_id, gateway, gateway_reference, amount, currency, status,
	reason, code, withdrawn, fee, due_at, told_at, answer, evidence, attachment_id, refusal, answered_by, answered_at,
	created_at, updated_at, closed_at, turn`

// Dispute reads one dispute of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Dispute(merchant paylink.MerchantID, live bool, id paylink.DisputeID) (paylink.Dispute, error) {
	return r.dispute(string(id), `WHERE merchant_id = $1 AND id = $2 AND livemode = $3`+r.lock(), string(merchant), string(id), bit(live))
}

// DisputeByGatewayReference reads a dispute by the gateway's own name for it.
func (r Reader) DisputeByGatewayReference(merchant paylink.MerchantID, account paylink.AccountID, reference string) (paylink.Dispute, error) {
	return r.dispute(reference, `WHERE merchant_id = $1 AND account_id = $2 AND gateway_reference = $3`+r.lock(), string(merchant), string(account), reference)
}

func (r Reader) dispute(id, where string, args ...any) (paylink.Dispute, error) {
	q := `SELECT ` + disputeColumns + ` FROM disputes ` + where
	d, err := disputeFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return d, &paylink.NotFound{Kind: "dispute", ID: id}
	}
	return d, err
}

// DisputeFilter says which disputes are listed; its zero value: all.
type DisputeFilter struct {
	Payment paylink.PaymentID
	Status  paylink.DisputeStatus
}

// Disputes lists the merchant's disputes in one mode, newest first, below the cursor.
func (r Reader) Disputes(merchant paylink.MerchantID, live bool, f DisputeFilter, before paylink.DisputeID, limit int) ([]paylink.Dispute, error) {
	args := []any{string(merchant), bit(live), below(string(before)), int64(limit)}
	where := `WHERE merchant_id = $1 AND livemode = $2 AND id < $3`
	for _, c := range []struct{ column, is string }{{"payment_id", string(f.Payment)}, {"status", string(f.Status)}} {
		if c.is != "" {
			args = append(args, c.is)
			where += fmt.Sprintf(` AND %s = $%d`, c.column, len(args))
		}
	}
	return r.disputes(where+` ORDER BY id DESC LIMIT $4`, args...)
}

// DisputesDue lists those that wait for the merchant's answer, the most urgent first.
func (r Reader) DisputesDue(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Dispute, error) {
	const where = `
		WHERE merchant_id = $1 AND livemode = $2 AND status = 'needs_response' AND answer = ''
		ORDER BY COALESCE(due_at, 0), id LIMIT $3`
	return r.disputes(where, string(merchant), bit(live), int64(limit))
}

// LinkDisputed tells whether a customer objects to a payment of the link, and nobody has decided yet.
func (r Reader) LinkDisputed(merchant paylink.MerchantID, link paylink.LinkID) (bool, error) {
	const q = `
		SELECT COUNT(*) FROM payments
		WHERE merchant_id = $1 AND link_id = $2 AND dispute IN ('needs_response', 'under_review')`
	var n int64
	err := r.row(q, []any{string(merchant), string(link)}, &n)
	return n > 0, err
}

func (r Reader) disputes(where string, args ...any) ([]paylink.Dispute, error) {
	var all []paylink.Dispute
	err := r.rows(`SELECT `+disputeColumns+` FROM disputes `+where, args, func(scan func(...any) error) error {
		d, err := disputeFrom(scan)
		all = append(all, d)
		return err
	})
	return all, err
}

// InsertDispute adds a dispute. It fails with *paylink.Conflict "changed" when the account's gateway has told of
// it before: two words about it came together.
func (tx *Tx) InsertDispute(d paylink.Dispute) {
	const q = `
		INSERT INTO disputes (` + disputeColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
		ON CONFLICT DO NOTHING`
	tx.putUnless(changedDispute(d), q,
		string(d.Merchant), string(d.ID), bit(d.Live), string(d.Link), string(d.Payment), string(d.Account), d.Gateway, d.GatewayReference,
		d.Amount.Minor, string(d.Amount.Currency), string(d.Status), d.Reason, d.Code, bit(d.Withdrawn), d.Fee, nullMicros(d.DueAt), micros(d.ToldAt),
		string(d.Answer), d.Evidence, string(d.Attachment), d.Refusal, d.AnsweredBy, nullMicros(d.AnsweredAt),
		micros(d.CreatedAt), micros(d.UpdatedAt), nullMicros(d.ClosedAt), d.Turn)
}

// UpdateDispute writes what the gateway told, guarded by the change that was read.
func (tx *Tx) UpdateDispute(d paylink.Dispute, read time.Time) {
	const q = `
		UPDATE disputes SET status = $3, reason = $4, code = $5, withdrawn = $6, fee = $7, due_at = $8, told_at = $9, answer = $10,
			refusal = $11, updated_at = $12, closed_at = $13, turn = $15
		WHERE merchant_id = $1 AND id = $2 AND updated_at = $14`
	tx.putUnless(changedDispute(d), q, string(d.Merchant), string(d.ID), string(d.Status), d.Reason, d.Code, bit(d.Withdrawn), d.Fee,
		nullMicros(d.DueAt), micros(d.ToldAt), string(d.Answer), d.Refusal, micros(d.UpdatedAt), nullMicros(d.ClosedAt), micros(read), d.Turn)
}

// AnswerDispute notes the merchant's answer, which is told to the gateway from now on. Of several that come
// together one is taken: the others fail with *paylink.Conflict "dispute_answered".
func (tx *Tx) AnswerDispute(d paylink.Dispute) {
	const q = `
		UPDATE disputes SET answer = $3, evidence = $4, attachment_id = $5, refusal = '', answered_by = $6, answered_at = $7, updated_at = $8
		WHERE merchant_id = $1 AND id = $2 AND status = 'needs_response' AND answer = ''`
	answered := &paylink.Conflict{Code: "dispute_answered", Detail: "This dispute takes no answer now: it has one, or is decided.", Other: string(d.ID)}
	tx.putUnless(answered, q, string(d.Merchant), string(d.ID), string(d.Answer), d.Evidence, string(d.Attachment), d.AnsweredBy,
		nullMicros(d.AnsweredAt), micros(d.UpdatedAt))
}

// DisputePayment writes where a payment's latest dispute stands and what the bank took back.
func (tx *Tx) DisputePayment(p paylink.Payment) {
	const q = `UPDATE payments SET dispute = $3, amount_disputed = $4, updated_at = $5 WHERE merchant_id = $1 AND id = $2`
	tx.putUnless(&paylink.NotFound{Kind: "payment", ID: string(p.ID)}, q,
		string(p.Merchant), string(p.ID), string(p.Dispute), p.AmountDisputed, micros(p.UpdatedAt))
	tx.Ring(BellPayments)
}

func changedDispute(d paylink.Dispute) error {
	return &paylink.Conflict{Code: "changed", Detail: "The dispute changed in the meantime.", Other: string(d.ID)}
}

func disputeFrom(scan func(...any) error) (paylink.Dispute, error) {
	var d paylink.Dispute
	var live, withdrawn, told, created, updated int64
	var due, answered, closed *int64
	err := scan((*string)(&d.Merchant), (*string)(&d.ID), &live, (*string)(&d.Link), (*string)(&d.Payment), (*string)(&d.Account), &d.Gateway,
		&d.GatewayReference, &d.Amount.Minor, (*string)(&d.Amount.Currency), (*string)(&d.Status), &d.Reason, &d.Code, &withdrawn, &d.Fee, &due, &told,
		(*string)(&d.Answer), &d.Evidence, (*string)(&d.Attachment), &d.Refusal, &d.AnsweredBy, &answered, &created, &updated, &closed, &d.Turn)
	d.Live, d.Withdrawn = live == 1, withdrawn == 1
	d.DueAt, d.ToldAt, d.AnsweredAt = fromNullMicros(due), fromMicros(told), fromNullMicros(answered)
	d.CreatedAt, d.UpdatedAt, d.ClosedAt = fromMicros(created), fromMicros(updated), fromNullMicros(closed)
	return d, err
}
