package store

import (
	"time"

	"paylink"
)

const discountColumns = `merchant_id, id, livemode, code, percent, amount, currency, maximum_discount, minimum_amount, max_uses, uses,
	starts_at, ends_at, active, created_at, updated_at`

// DiscountCode reads one discount code of the merchant in one mode; inside a transaction it is locked.
func (r Reader) DiscountCode(merchant paylink.MerchantID, live bool, id paylink.DiscountCodeID) (paylink.DiscountCode, error) {
	return r.discount(string(id), `id = $3`, merchant, live, string(id))
}

// DiscountCodeNamed reads the discount code that a customer typed, in capitals; inside a transaction it is
// locked.
func (r Reader) DiscountCodeNamed(merchant paylink.MerchantID, live bool, code string) (paylink.DiscountCode, error) {
	return r.discount("", `code = $3`, merchant, live, code)
}

func (r Reader) discount(id, where string, merchant paylink.MerchantID, live bool, what string) (paylink.DiscountCode, error) {
	q := `SELECT ` + discountColumns + ` FROM discount_codes WHERE merchant_id = $1 AND livemode = $2 AND ` + where + r.lock()
	d, err := discountFrom(func(dest ...any) error { return r.row(q, []any{string(merchant), bit(live), what}, dest...) })
	if err == errNoRow {
		return d, &paylink.NotFound{Kind: "discount_code", ID: id}
	}
	return d, err
}

// DiscountCodes lists the merchant's discount codes in one mode, newest first, below the cursor.
func (r Reader) DiscountCodes(merchant paylink.MerchantID, live bool, before paylink.DiscountCodeID, limit int) ([]paylink.DiscountCode, error) {
	const q = `
		SELECT ` + discountColumns + ` FROM discount_codes
		WHERE merchant_id = $1 AND livemode = $2 AND id < $3 ORDER BY id DESC LIMIT $4`
	var all []paylink.DiscountCode
	err := r.rows(q, []any{string(merchant), bit(live), below(string(before)), int64(limit)}, func(scan func(...any) error) error {
		d, err := discountFrom(scan)
		all = append(all, d)
		return err
	})
	return all, err
}

// InsertDiscountCode adds a discount code. It fails with *paylink.Conflict "code_in_use" when the merchant
// has the code in this mode.
func (tx *Tx) InsertDiscountCode(d paylink.DiscountCode) {
	const q = `
		INSERT INTO discount_codes (` + discountColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT DO NOTHING`
	tx.putUnless(&paylink.Conflict{Code: "code_in_use", Detail: "You have this discount code already."}, q,
		string(d.Merchant), string(d.ID), bit(d.Live), d.Code, d.Percent, d.Amount, string(d.Currency), d.Maximum, d.Minimum, d.MaxUses, d.Uses,
		nullMicros(d.StartsAt), nullMicros(d.EndsAt), bit(d.Active), micros(d.CreatedAt), micros(d.UpdatedAt))
}

// UpdateDiscountCode writes what may change in a discount code. The guard is the updated_at that was read;
// uses are counted by the payments alone.
func (tx *Tx) UpdateDiscountCode(d paylink.DiscountCode, read time.Time) {
	const q = `
		UPDATE discount_codes SET max_uses = $3, starts_at = $4, ends_at = $5, active = $6, updated_at = $7
		WHERE merchant_id = $1 AND id = $2 AND updated_at = $8`
	tx.putUnless(&paylink.Conflict{Code: "changed", Detail: "The discount code changed in the meantime.", Other: string(d.ID)}, q,
		string(d.Merchant), string(d.ID), d.MaxUses, nullMicros(d.StartsAt), nullMicros(d.EndsAt), bit(d.Active), micros(d.UpdatedAt), micros(read))
}

// UseDiscountCode counts a payment that starts with a code. The guard decides a race for the last use:
// whoever comes too late fails with refusal.
func (tx *Tx) UseDiscountCode(merchant paylink.MerchantID, id paylink.DiscountCodeID, refusal error) {
	const q = `
		UPDATE discount_codes SET uses = uses + 1
		WHERE merchant_id = $1 AND id = $2 AND active = 1 AND (max_uses = 0 OR uses < max_uses)`
	tx.putUnless(refusal, q, string(merchant), string(id))
}

// countCode gives a use of a discount code back when its payment ends without money, and takes it again
// when the money comes late: then there is no guard, because the money is here.
func (tx *Tx) countCode(p paylink.Payment, before paylink.PaymentStatus) {
	if p.Extras.Discount == nil || before.UsesCode() == p.Status.UsesCode() {
		return
	}
	by := int64(1)
	if before.UsesCode() {
		by = -1
	}
	tx.put(`UPDATE discount_codes SET uses = uses + $3 WHERE merchant_id = $1 AND id = $2`, string(p.Merchant), string(p.Extras.Discount.ID), by)
}

func discountFrom(scan func(...any) error) (paylink.DiscountCode, error) {
	var d paylink.DiscountCode
	var live, active, created, updated int64
	var starts, ends *int64
	err := scan((*string)(&d.Merchant), (*string)(&d.ID), &live, &d.Code, &d.Percent, &d.Amount, (*string)(&d.Currency), &d.Maximum, &d.Minimum,
		&d.MaxUses, &d.Uses, &starts, &ends, &active, &created, &updated)
	d.Live, d.Active = live == 1, active == 1
	d.StartsAt, d.EndsAt = fromNullMicros(starts), fromNullMicros(ends)
	d.CreatedAt, d.UpdatedAt = fromMicros(created), fromMicros(updated)
	return d, err
}
