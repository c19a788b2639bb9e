package store

import (
	"fmt"

	"paylink"
)

const refundColumns = `merchant_id, id, livemode, link_id, payment_id, account_id, batch_id, place, status, amount, currency, reason, origin,
	instant, held, reference, gateway_reference, bank_reference, code, message, fee, tax, requested_by, approved_by, send_after, sent_at,
	created_at, updated_at, ended_at`

// Refund reads one refund of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Refund(merchant paylink.MerchantID, live bool, id paylink.RefundID) (paylink.Refund, error) {
	return r.refund(string(id), `WHERE merchant_id = $1 AND id = $2 AND livemode = $3`+r.lock(), string(merchant), string(id), bit(live))
}

// RefundByReference reads a refund by our reference, as a gateway names it.
func (r Reader) RefundByReference(merchant paylink.MerchantID, reference string) (paylink.Refund, error) {
	return r.refund(reference, `WHERE merchant_id = $1 AND reference = $2`, string(merchant), reference)
}

// RefundByGatewayReference reads a refund by the gateway's own id for it.
func (r Reader) RefundByGatewayReference(merchant paylink.MerchantID, account paylink.AccountID, reference string) (paylink.Refund, error) {
	return r.refund(reference, `WHERE merchant_id = $1 AND account_id = $2 AND gateway_reference = $3`, string(merchant), string(account), reference)
}

func (r Reader) refund(id, where string, args ...any) (paylink.Refund, error) {
	q := `SELECT ` + refundColumns + ` FROM refunds ` + where
	f, err := refundFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return f, &paylink.NotFound{Kind: "refund", ID: id}
	}
	return f, err
}

// RefundFilter says which refunds are listed; its zero value: all.
type RefundFilter struct {
	Payment paylink.PaymentID
	Batch   paylink.RefundBatchID
	Status  paylink.RefundStatus
}

// Refunds lists the merchant's refunds in one mode, newest first, below the cursor.
func (r Reader) Refunds(merchant paylink.MerchantID, live bool, f RefundFilter, before paylink.RefundID, limit int) ([]paylink.Refund, error) {
	args := []any{string(merchant), bit(live), below(string(before)), int64(limit)}
	where := `WHERE merchant_id = $1 AND livemode = $2 AND id < $3`
	for _, c := range []struct{ column, is string }{{"payment_id", string(f.Payment)}, {"batch_id", string(f.Batch)}, {"status", string(f.Status)}} {
		if c.is != "" {
			args = append(args, c.is)
			where += fmt.Sprintf(` AND %s = $%d`, c.column, len(args))
		}
	}
	return r.refunds(where+` ORDER BY id DESC LIMIT $4`, args...)
}

// RefundsOfLink lists the refunds of a link's payments, newest first.
func (r Reader) RefundsOfLink(merchant paylink.MerchantID, link paylink.LinkID, limit int) ([]paylink.Refund, error) {
	const where = `
		WHERE merchant_id = $1 AND payment_id IN (SELECT id FROM payments WHERE merchant_id = $1 AND link_id = $2)
		ORDER BY id DESC LIMIT $3`
	return r.refunds(where, string(merchant), string(link), int64(limit))
}

// RefundsWaiting lists those that need a person: a second one to approve, or somebody to see that the customer
// does not have the money, until another refund of the payment was made.
func (r Reader) RefundsWaiting(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Refund, error) {
	const where = `
		WHERE merchant_id = $1 AND livemode = $2 AND status IN ('awaiting_approval', 'failed')
		AND (status = 'awaiting_approval' OR NOT EXISTS (
			SELECT 1 FROM refunds AS later
			WHERE later.merchant_id = refunds.merchant_id AND later.payment_id = refunds.payment_id AND later.id > refunds.id))
		ORDER BY id DESC LIMIT $3`
	return r.refunds(where, string(merchant), bit(live), int64(limit))
}

// PaymentsHeld lists captured money that waits for a person to say what becomes of it, newest first.
func (r Reader) PaymentsHeld(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Payment, error) {
	const where = `
		WHERE merchant_id = $1 AND livemode = $2 AND disposition = 'hold'
		ORDER BY id DESC LIMIT $3`
	return r.payments(where, string(merchant), bit(live), int64(limit))
}

func (r Reader) refunds(where string, args ...any) ([]paylink.Refund, error) {
	var all []paylink.Refund
	err := r.rows(`SELECT `+refundColumns+` FROM refunds `+where, args, func(scan func(...any) error) error {
		f, err := refundFrom(scan)
		all = append(all, f)
		return err
	})
	return all, err
}

// InsertRefund adds a refund. It fails with *paylink.Conflict "refund_known" when the gateway's id for it is
// recorded already, when money that came otherwise than asked went back before, or when the place in its list
// is taken.
func (tx *Tx) InsertRefund(f paylink.Refund) {
	const q = `
		INSERT INTO refunds (` + refundColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "refund_known", Detail: "This refund is recorded already."}, q,
		string(f.Merchant), string(f.ID), bit(f.Live), string(f.Link), string(f.Payment), string(f.Account), nullText(string(f.Batch)), f.Place,
		string(f.Status), f.Amount.Minor, string(f.Amount.Currency), string(f.Reason), string(f.Origin), bit(f.Instant), bit(f.Held), nullText(f.Reference),
		nullText(f.GatewayReference), f.BankReference, f.Code, f.Message, f.Fee, f.Tax, f.RequestedBy, f.ApprovedBy,
		micros(f.SendAfter), nullMicros(f.SentAt), micros(f.CreatedAt), micros(f.UpdatedAt), nullMicros(f.EndedAt))
}

// UpdateRefund writes what may change in a refund, guarded by the status that was read: the state machine was
// asked about that one.
func (tx *Tx) UpdateRefund(f paylink.Refund, read paylink.RefundStatus) {
	const q = `
		UPDATE refunds SET status = $3, gateway_reference = $4, bank_reference = $5, code = $6, message = $7, fee = $8, tax = $9,
			approved_by = $10, send_after = $11, updated_at = $12, ended_at = $13
		WHERE merchant_id = $1 AND id = $2 AND status = $14`
	tx.putUnless(changedRefund(f), q, string(f.Merchant), string(f.ID), string(f.Status), nullText(f.GatewayReference), f.BankReference,
		f.Code, f.Message, f.Fee, f.Tax, f.ApprovedBy, micros(f.SendAfter), micros(f.UpdatedAt), nullMicros(f.EndedAt), string(read))
}

// SendRefund notes that the gateway is being told from now on, so that nobody calls the refund off meanwhile
// and whoever comes after a crash asks before telling again. A zero SentAt takes it back: the gateway has not
// heard. It fails with *paylink.Conflict "changed" when the refund is not to be sent any more.
func (tx *Tx) SendRefund(f paylink.Refund) {
	const q = `
		UPDATE refunds SET sent_at = $3, updated_at = $4
		WHERE merchant_id = $1 AND id = $2 AND status IN ('created', 'unknown') AND (sent_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL)`
	tx.putUnless(changedRefund(f), q, string(f.Merchant), string(f.ID), nullMicros(f.SentAt), micros(f.UpdatedAt))
}

// CancelRefund calls a refund off that nobody has begun to tell the gateway; *paylink.Conflict "refund_sent"
// when somebody has.
func (tx *Tx) CancelRefund(f paylink.Refund) {
	const q = `
		UPDATE refunds SET status = $3, updated_at = $4, ended_at = $5
		WHERE merchant_id = $1 AND id = $2 AND status IN ('awaiting_approval', 'created') AND sent_at IS NULL`
	tx.putUnless(&paylink.Conflict{Code: "refund_sent", Detail: "The gateway has been told; the refund cannot be called off.", Other: string(f.ID)}, q,
		string(f.Merchant), string(f.ID), string(f.Status), micros(f.UpdatedAt), nullMicros(f.EndedAt))
}

// MoveRefunded changes what is reserved for refunds of a payment, and what was given back, as it stood when the
// payment was read. This one statement decides whether there is so much: what refunds take is never more than
// was captured and not reversed. Otherwise the transaction fails with *paylink.Conflict "refund_too_large".
func (tx *Tx) MoveRefunded(p, read paylink.Payment) {
	const q = `
		UPDATE payments SET amount_refunding = amount_refunding + CAST($3 AS BIGINT), amount_refunded = amount_refunded + CAST($4 AS BIGINT), updated_at = $5
		WHERE merchant_id = $1 AND id = $2 AND status = 'captured'
		AND amount_refunding + CAST($3 AS BIGINT) >= 0 AND amount_refunded + CAST($4 AS BIGINT) >= 0
		AND (CAST($3 AS BIGINT) + CAST($4 AS BIGINT) <= 0
			OR amount_captured - amount_reversed - amount_disputed - amount_refunded - amount_refunding >= CAST($3 AS BIGINT) + CAST($4 AS BIGINT))`
	tx.putUnless(&paylink.Conflict{Code: "refund_too_large", Detail: "Less than this is left of the payment to give back.", Other: string(p.ID)}, q,
		string(p.Merchant), string(p.ID), p.AmountRefunding-read.AmountRefunding, p.AmountRefunded-read.AmountRefunded, micros(p.UpdatedAt))
	tx.Ring(BellPayments)
}

func changedRefund(f paylink.Refund) error {
	return &paylink.Conflict{Code: "changed", Detail: "The refund changed in the meantime.", Other: string(f.ID)}
}

func refundFrom(scan func(...any) error) (paylink.Refund, error) {
	var f paylink.Refund
	var live, instant, held, sendAfter, created, updated int64
	var batch, reference, gatewayReference *string
	var sent, ended *int64
	err := scan((*string)(&f.Merchant), (*string)(&f.ID), &live, (*string)(&f.Link), (*string)(&f.Payment), (*string)(&f.Account), &batch, &f.Place,
		(*string)(&f.Status), &f.Amount.Minor, (*string)(&f.Amount.Currency), (*string)(&f.Reason), (*string)(&f.Origin), &instant, &held, &reference,
		&gatewayReference, &f.BankReference, &f.Code, &f.Message, &f.Fee, &f.Tax, &f.RequestedBy, &f.ApprovedBy,
		&sendAfter, &sent, &created, &updated, &ended)
	if err != nil {
		return paylink.Refund{}, err
	}
	f.Live, f.Instant, f.Held, f.Batch = live == 1, instant == 1, held == 1, paylink.RefundBatchID(textOrEmpty(batch))
	f.Reference, f.GatewayReference = textOrEmpty(reference), textOrEmpty(gatewayReference)
	f.SendAfter, f.CreatedAt, f.UpdatedAt = fromMicros(sendAfter), fromMicros(created), fromMicros(updated)
	f.SentAt, f.EndedAt = fromNullMicros(sent), fromNullMicros(ended)
	return f, nil
}
