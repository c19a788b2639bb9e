package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink"
)

// BellPayments rings when a payment changed, for those who wait for one.
const BellPayments = "payments"

const paymentColumns = `merchant_id, link_id, id, livemode, status, amount, currency, amount_captured, amount_refunded, amount_reversed,
	fee, tax, method, method_details, gateway, account_id, reference, gateway_reference, bank_reference, decline, action,
	abnormal, disposition, device, created_at, updated_at, expires_at, captured_at, items, amount_excess, terms_accepted_at, extras, answers, gateway_order, amount_refunding,
	manual, capture_before, intent, intent_amount, dispute, amount_disputed`

// Payment reads one payment of the merchant in one mode; inside a transaction it is locked.
func (r Reader) Payment(merchant paylink.MerchantID, live bool, id paylink.PaymentID) (paylink.Payment, error) {
	return r.payment(string(id), `WHERE merchant_id = $1 AND id = $2 AND livemode = $3`+r.lock(), string(merchant), string(id), bit(live))
}

// PaymentByReference reads a payment by our reference, as a gateway names it; inside a transaction it
// is locked.
func (r Reader) PaymentByReference(merchant paylink.MerchantID, reference string) (paylink.Payment, error) {
	return r.payment(reference, `WHERE merchant_id = $1 AND reference = $2`+r.lock(), string(merchant), reference)
}

// PaymentWithLink reads a payment by our reference together with its link and the link's customer, nil when it has
// none: all that a gateway's word is held against, in one look. It locks nothing.
func (r Reader) PaymentWithLink(merchant paylink.MerchantID, reference string) (p paylink.Payment, l paylink.Link, c *paylink.Customer, err error) {
	args := []any{string(merchant), reference}
	p, err = paymentFrom(func(ofPayment ...any) error {
		l, c, err = linkAndCustomerFrom(func(ofLink ...any) error { return r.row(paymentWithLink, args, append(ofPayment, ofLink...)...) })
		return err
	})
	if err == errNoRow {
		err = &paylink.NotFound{Kind: "payment", ID: reference}
	}
	return p, l, c, err
}

var paymentWithLink = `
	SELECT ` + of("p", paymentColumns) + `, ` + linkAndCustomer + `
	FROM payments p
	JOIN links l ON l.merchant_id = p.merchant_id AND l.livemode = p.livemode AND l.id = p.link_id
	` + linkCustomer + `
	WHERE p.merchant_id = $1 AND p.reference = $2`

// PaymentByGatewayReference reads a payment by the gateway's own id for it.
func (r Reader) PaymentByGatewayReference(merchant paylink.MerchantID, account paylink.AccountID, reference string) (paylink.Payment, error) {
	return r.payment(reference, `WHERE merchant_id = $1 AND account_id = $2 AND gateway_reference = $3`,
		string(merchant), string(account), reference)
}

func (r Reader) payment(id, where string, args ...any) (paylink.Payment, error) {
	q := `SELECT ` + paymentColumns + ` FROM payments ` + where
	p, err := paymentFrom(func(dest ...any) error { return r.row(q, args, dest...) })
	if err == errNoRow {
		return p, &paylink.NotFound{Kind: "payment", ID: id}
	}
	return p, err
}

// PaymentsOf lists a link's payments, newest first.
func (r Reader) PaymentsOf(merchant paylink.MerchantID, link paylink.LinkID, limit int) ([]paylink.Payment, error) {
	const where = ` WHERE merchant_id = $1 AND link_id = $2 ORDER BY id DESC LIMIT $3`
	return r.payments(where, string(merchant), string(link), int64(limit))
}

// lookAgain bounds how often a link is read that changes while it is being read.
const lookAgain = 5

// LinkAndPayments reads a link with its newest payments, as they stand together. The two reads are no
// transaction: a payment that is younger than the link that was read before it means that the link has
// changed in between, since a change of a payment dates its link no earlier.
func (r Reader) LinkAndPayments(merchant paylink.MerchantID, live bool, id paylink.LinkID, limit int) (l paylink.Link, payments []paylink.Payment, err error) {
	for range lookAgain {
		if l, err = r.Link(merchant, live, id); err != nil {
			return l, nil, err
		}
		if payments, err = r.PaymentsOf(merchant, id, limit); err != nil {
			return l, nil, err
		}
		if !slices.ContainsFunc(payments, func(p paylink.Payment) bool { return p.UpdatedAt.After(l.UpdatedAt) }) {
			break
		}
	}
	return l, payments, nil
}

// PaymentsOfLinks lists the last payments of a page of links, at most limit of each, by link, newest first.
// It takes at most 101 links, one page.
func (r Reader) PaymentsOfLinks(merchant paylink.MerchantID, links []paylink.Link, limit int) (map[paylink.LinkID][]paylink.Payment, error) {
	of := map[paylink.LinkID][]paylink.Payment{}
	args, each := []any{string(merchant), int64(limit)}, []string{}
	for _, l := range links {
		if l.Attempts > 0 || l.PaymentsCount > 0 {
			args = append(args, string(l.ID))
			each = append(each, fmt.Sprintf(`SELECT * FROM (SELECT %s FROM payments WHERE merchant_id = $1 AND link_id = $%d ORDER BY id DESC LIMIT $2) AS of%[2]d`,
				paymentColumns, len(args)))
		}
	}
	if len(each) == 0 {
		return of, nil
	}
	err := r.rows(strings.Join(each, ` UNION ALL `), args, func(scan func(...any) error) error {
		p, err := paymentFrom(scan)
		of[p.Link] = append(of[p.Link], p)
		return err
	})
	for _, some := range of {
		slices.SortFunc(some, func(a, b paylink.Payment) int { return strings.Compare(string(b.ID), string(a.ID)) })
	}
	return of, err
}

// OpenPayments lists payments of a link whose outcome is open and of which no money is reserved, newest first.
func (r Reader) OpenPayments(merchant paylink.MerchantID, link paylink.LinkID, limit int) ([]paylink.Payment, error) {
	const where = `
		WHERE merchant_id = $1 AND link_id = $2 AND status IN ('action_required', 'pending', 'unknown')
		ORDER BY id DESC LIMIT $3`
	return r.payments(where, string(merchant), string(link), int64(limit))
}

// PaymentsByDevice lists the payments of a link that one browser started, newest first.
func (r Reader) PaymentsByDevice(merchant paylink.MerchantID, link paylink.LinkID, device string, limit int) ([]paylink.Payment, error) {
	const where = ` WHERE merchant_id = $1 AND link_id = $2 AND device = $3 ORDER BY id DESC LIMIT $4`
	return r.payments(where, string(merchant), string(link), device, int64(limit))
}

// Payments lists the merchant's payments in one mode, newest first, below the cursor; a status of ""
// lists them all.
func (r Reader) Payments(merchant paylink.MerchantID, live bool, status paylink.PaymentStatus, before paylink.PaymentID, limit int) ([]paylink.Payment, error) {
	const where = `
		WHERE merchant_id = $1 AND livemode = $2 AND ($3 = '' OR status = $3) AND id < $4
		ORDER BY id DESC LIMIT $5`
	return r.payments(where, string(merchant), bit(live), string(status), below(string(before)), int64(limit))
}

// OpenAtAccount tells whether a payment that began after a time is still open at an account.
func (r Reader) OpenAtAccount(merchant paylink.MerchantID, account paylink.AccountID, after time.Time) (bool, error) {
	const q = `
		SELECT id FROM payments
		WHERE merchant_id = $1 AND id > $2 AND account_id = $3
			AND status IN ('created', 'action_required', 'pending', 'unknown', 'authorised')
		LIMIT 1`
	var id string
	err := r.row(q, []any{string(merchant), string(paylink.NewPaymentID(after)), string(account)}, &id)
	if err == errNoRow {
		return false, nil
	}
	return err == nil, err
}

func (r Reader) payments(where string, args ...any) ([]paylink.Payment, error) {
	var all []paylink.Payment
	err := r.rows(`SELECT `+paymentColumns+` FROM payments `+where, args, func(scan func(...any) error) error {
		p, err := paymentFrom(scan)
		all = append(all, p)
		return err
	})
	return all, err
}

// InsertPayment adds a payment. It fails with *paylink.Conflict "payment_known" when the gateway's
// id for it is recorded already.
func (tx *Tx) InsertPayment(p paylink.Payment) {
	const q = `
		INSERT INTO payments (` + paymentColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			$24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "payment_known", Detail: "This payment is recorded already."}, q,
		string(p.Merchant), string(p.Link), string(p.ID), bit(p.Live), string(p.Status), p.Amount.Minor, string(p.Amount.Currency),
		p.AmountCaptured, p.AmountRefunded, p.AmountReversed, p.Fee, p.Tax, string(p.Method), toJSON(p.MethodDetails),
		p.Gateway, string(p.Account), p.Reference, nullText(p.GatewayReference), p.BankReference, toJSON(p.Decline), toJSON(p.Action),
		string(p.Abnormal), string(p.Disposition), p.Device, micros(p.CreatedAt), micros(p.UpdatedAt), nullMicros(p.ExpiresAt), nullMicros(p.CapturedAt),
		nullItems(p.Items), p.AmountExcess, nullMicros(p.TermsAccepted), nullExtras(p.Extras), nullAnswers(p.Answers), p.GatewayOrder, p.AmountRefunding,
		bit(p.Manual), nullMicros(p.CaptureBefore), string(p.Intent), p.IntentAmount, string(p.Dispute), p.AmountDisputed)
}

// UpdatePayment writes what may change in a payment, guarded by the status that was read: the state
// machine was asked about that one.
func (tx *Tx) UpdatePayment(p paylink.Payment, read paylink.PaymentStatus) {
	const q = `
		UPDATE payments SET status = $3, amount_captured = $4, fee = $5, tax = $6, method = $7, method_details = $8,
			gateway_reference = $9, bank_reference = $10, decline = $11, action = $12, abnormal = $13, disposition = $14,
			updated_at = $15, captured_at = $16, amount_excess = $18, gateway_order = $19, capture_before = $20
		WHERE merchant_id = $1 AND id = $2 AND status = $17`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The payment changed in the meantime.", Other: string(p.ID)}, q,
		string(p.Merchant), string(p.ID), string(p.Status), p.AmountCaptured, p.Fee, p.Tax, string(p.Method), toJSON(p.MethodDetails),
		nullText(p.GatewayReference), p.BankReference, toJSON(p.Decline), toJSON(p.Action), string(p.Abnormal), string(p.Disposition),
		micros(p.UpdatedAt), nullMicros(p.CapturedAt), string(read), p.AmountExcess, p.GatewayOrder, nullMicros(p.CaptureBefore))
	tx.countCode(p, read)
	tx.Ring(BellPayments)
}

// MovePayment gives a payment that no gateway has heard of to another account, guarded by the one that was
// read.
func (tx *Tx) MovePayment(p paylink.Payment, from paylink.AccountID) {
	const q = `
		UPDATE payments SET account_id = $3, gateway = $4
		WHERE merchant_id = $1 AND id = $2 AND account_id = $5 AND status = 'created'`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The payment changed in the meantime.", Other: string(p.ID)}, q,
		string(p.Merchant), string(p.ID), string(p.Account), p.Gateway, string(from))
}

// The columns of a payment that say nothing.
var noDetails, noDecline, noAction = toJSON(paylink.MethodDetails{}), toJSON(paylink.Decline{}), toJSON(paylink.Action{})

func paymentFrom(scan func(...any) error) (paylink.Payment, error) {
	var p paylink.Payment
	var live, created, updated, manual int64
	var details, decline, action string
	var gatewayReference, items, extras, answers *string
	var expires, captured, accepted, before *int64
	err := scan((*string)(&p.Merchant), (*string)(&p.Link), (*string)(&p.ID), &live, (*string)(&p.Status), &p.Amount.Minor, (*string)(&p.Amount.Currency),
		&p.AmountCaptured, &p.AmountRefunded, &p.AmountReversed, &p.Fee, &p.Tax, (*string)(&p.Method), &details,
		&p.Gateway, (*string)(&p.Account), &p.Reference, &gatewayReference, &p.BankReference, &decline, &action,
		(*string)(&p.Abnormal), (*string)(&p.Disposition), &p.Device, &created, &updated, &expires, &captured,
		&items, &p.AmountExcess, &accepted, &extras, &answers, &p.GatewayOrder, &p.AmountRefunding,
		&manual, &before, (*string)(&p.Intent), &p.IntentAmount, (*string)(&p.Dispute), &p.AmountDisputed)
	if err != nil {
		return paylink.Payment{}, err
	}
	p.Live, p.GatewayReference = live == 1, textOrEmpty(gatewayReference)
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	p.Manual, p.CaptureBefore = manual == 1, fromNullMicros(before)
	p.ExpiresAt, p.CapturedAt, p.TermsAccepted = fromNullMicros(expires), fromNullMicros(captured), fromNullMicros(accepted)
	if err := errors.Join(fromNullJSON(items, &p.Items), fromNullJSON(extras, &p.Extras)); err != nil {
		return paylink.Payment{}, fmt.Errorf("items and extras of payment %s: %w", p.ID, err)
	}
	if err := fromNullJSON(answers, &p.Answers); err != nil {
		return paylink.Payment{}, fmt.Errorf("answers of payment %s: %w", p.ID, err)
	}
	for _, column := range []struct {
		text, empty string
		into        any
	}{{details, noDetails, &p.MethodDetails}, {decline, noDecline, &p.Decline}, {action, noAction, &p.Action}} {
		if column.text == column.empty {
			continue // as most of them: that needs no parser
		}
		if err := json.Unmarshal([]byte(column.text), column.into); err != nil {
			return paylink.Payment{}, fmt.Errorf("payment %s: %w", p.ID, err)
		}
	}
	return p, nil
}

// SpendNonce uses up a one-time token. It fails with *paylink.Expired "token_spent" when the token was
// used before.
func (tx *Tx) SpendNonce(nonce []byte, expires time.Time) {
	const q = `INSERT INTO nonces (nonce, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Expired{Code: "token_spent", Detail: "This form was sent before."}, q, nonce, micros(expires))
}

// ForgetNonces deletes up to limit nonces whose tokens have expired, and returns how many.
func (tx *Tx) ForgetNonces(now time.Time, limit int) (int64, error) {
	const q = `DELETE FROM nonces WHERE nonce IN (SELECT nonce FROM nonces WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`
	return tx.exec(q, micros(now), int64(limit))
}
